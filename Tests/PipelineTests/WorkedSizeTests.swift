import Foundation
import Geometry
import Imaging
import Session
import Testing

@testable import Pipeline

/// The size at which pictures are worked on.
@Suite struct WorkedSizeTests {
    @Test func widePicturesAreHalvedUntilTheyFit() {
        func reduced(_ width: Int, _ height: Int, least: Int = 0, limit: Int = 1440) -> String {
            PictureSize(width: width, height: height).reduced(to: limit, atLeast: least).description
        }
        #expect(reduced(2704, 2028) == "1352x1014")
        #expect(reduced(1920, 1080) == "960x540")
        #expect(reduced(5312, 2988) == "1328x747")
        #expect(reduced(1440, 1080) == "1440x1080" && reduced(641, 359) == "641x359")
        #expect(reduced(2704, 2028, limit: 0) == "2704x2028")
        // What is exported larger is worked on larger.
        #expect(reduced(2704, 2028, least: 1352) == "1352x1014" && reduced(2704, 2028, least: 1920) == "2704x2028")
        #expect(reduced(5312, 2988, least: 1920) == "2656x1494")
    }

    /// A tag in a wide picture: measured in it, stated in pixels of the picture that is worked on.
    @Test func tagsAreMeasuredAtFullSize() throws {
        var picture = Image(width: 1600, height: 1200, channels: 1, filledWith: 200)
        let tag = try TagDetector.draw(id: 7, side: 240)
        // The black square has the corners 700.0 - 0.5 and 700 + 240 - 0.5 from left and from above.
        for y in 0..<240 { for x in 0..<240 { picture[700 + x, 500 + y] = tag[x, y] } }
        let source = OnePicture(picture)
        let frame = try #require(try source.nextFrame())
        let looked = try LookedFrame(
            frame, index: 0, time: frame.time, size: PictureSize(width: 1600, height: 1200).reduced(to: 1440, atLeast: 0), source: source)
        #expect(looked.gray.width == 800 && looked.gray.height == 600 && looked.full.width == 1600)
        #expect(try looked.rgb().width == 800)
        let observer = TagObserver(TagDetector.Options())
        try observer.see(looked)
        let found = try #require(looked.tags?.first)
        #expect(looked.tags?.count == 1 && found.id == 7)
        let truth = [Vector2(699.5, 499.5), Vector2(939.5, 499.5), Vector2(939.5, 739.5), Vector2(699.5, 739.5)]
        for (corner, expected) in zip(found.corners, truth) {
            #expect((corner - ((expected + 0.5) * 0.5 - 0.5)).length < 0.15, "\(corner) for \(expected)")
        }
    }
}

/// A source of one grey picture.
private final class OnePicture: FrameSource {
    private let picture: Image
    private var isRead = false
    var width: Int { picture.width }
    var height: Int { picture.height }

    init(_ picture: Image) { self.picture = picture }

    func nextFrame() throws(ImagingError) -> VideoFrame? {
        defer { isRead = true }
        return isRead ? nil : VideoFrame(index: 0, time: Timestamp(nanoseconds: 0), image: picture)
    }

    func skipFrame() throws(ImagingError) -> Timestamp<VideoClock>? { try nextFrame()?.time }

    func lastFrame(_ format: VideoReader.Options.Format) throws(ImagingError) -> Image { format == .gray ? picture : picture.rgb }
}
