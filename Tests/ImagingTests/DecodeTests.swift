import Foundation
import Imaging
import Session
import Testing

/// One decode gives both formats, and every decode is counted.
@Suite struct DecodeTests {
    typealias Format = VideoReader.Options.Format

    private func video(_ url: URL, frames: Int, channels: Int, _ options: VideoWriter.Options) throws {
        let writer = try VideoWriter(url, width: 96, height: 64, channels: channels, options: options)
        for i in 0..<frames { try writer.append(Picture.moving(i, channels: channels)) }
        try writer.finish()
    }

    /// Walks through a source, every third frame skipped, and asks for both formats of every frame; then of the last again.
    private func check(_ source: any FrameSource, against truth: [Format: [VideoFrame]]) throws {
        #expect(throws: ImagingError.self) { try source.lastFrame(.gray) }
        let count = try #require(truth[.gray]?.count)
        for i in 0..<count {
            if i % 3 == 1 { _ = try #require(try source.skipFrame()) } else { _ = try #require(try source.nextFrame()) }
            for format in i % 2 == 0 ? [Format.gray, .rgb] : [.rgb, .gray] {
                #expect(try source.lastFrame(format) == truth[format]?[i].image, "frame \(i) as \(format)")
            }
        }
        #expect(try source.nextFrame() == nil)
        for format in [Format.rgb, .gray] { #expect(try source.lastFrame(format) == truth[format]?.last?.image) }
    }

    @Test(arguments: [VideoWriter.Codec.h264, .ffv1, .av1], [1, 3])
    func theOtherFormatIsWhatAReaderOfItGives(codec: VideoWriter.Codec, channels: Int) throws {
        let scratch = try Scratch()
        for rotation in [0, 90] {
            let url = scratch.file(codec == .ffv1 ? "\(rotation).mov" : "\(rotation).mp4")
            var options = VideoWriter.Options(codec, rate: Rational(30))
            options.rotation = rotation
            options.bFrames = codec == .h264 ? 2 : 0
            try video(url, frames: 7, channels: channels, options)
            func all(_ format: Format) throws -> [VideoFrame] { try VideoReader(url, options: VideoReader.Options(format)).allFrames() }
            let truth = [Format.gray: try all(.gray), .rgb: try all(.rgb)]
            for format in [Format.gray, .rgb] {
                let before = DecodeLog.shared.frames(of: url)
                try check(try VideoReader(url, options: VideoReader.Options(format)), against: truth)
                #expect(DecodeLog.shared.frames(of: url) - before == 7)
            }
        }
    }

    /// Colours made at a smaller size at once are the means of those at full size, turned the same way; read again they are the same bytes.
    @Test(arguments: [0, 90, 180], [1, 3]) func smallerPicturesAreMeans(rotation: Int, channels: Int) throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        var options = VideoWriter.Options(.h264, rate: Rational(30))
        options.rotation = rotation
        try video(url, frames: 4, channels: channels, options)
        let whole = try VideoReader(url)
        let (width, height) = (whole.width / 2, whole.height / 2)
        let small = ResizedFrames(try VideoReader(url, options: VideoReader.Options(.gray)), .rgb, width: width, height: height)
        let gray = ResizedFrames(try VideoReader(url, options: VideoReader.Options(.gray)), .gray, width: width, height: height)
        for i in 0..<4 {
            let truth = try #require(try whole.nextFrame())
            let frame = try #require(try small.nextFrame())
            #expect(frame.index == i && frame.time == truth.time && frame.image.width == width && frame.image.height == height)
            let means = try truth.image.resized(width: width, height: height)
            let apart = zip(frame.image.pixels, means.pixels).map { abs(Int($0) - Int($1)) }
            #expect(Double(apart.reduce(0, +)) < 2.5 * Double(apart.count), "frame \(i): \(apart.max() ?? 0)")
            #expect(try whole.lastFrame(width: width, height: height) == frame.image)
            let dark = try #require(try gray.nextFrame())
            #expect(dark.image == (try whole.lastFrame(.gray).resized(width: width, height: height)))
            #expect(try gray.lastFrame(.rgb) == frame.image)
        }
        #expect(try small.nextFrame() == nil && small.skipFrame() == nil)
        #expect(DecodeLog.shared.frames(of: url) == 12)
    }

    @Test(arguments: [1, 3]) func aFolderReadsEachPictureOnce(channels: Int) throws {
        let scratch = try Scratch()
        let folder = scratch.file("euroc")
        let pictures = folder.appendingPathComponent("mav0/cam0/data")
        try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
        let images = (0..<5).map { Picture.moving($0, channels: channels) }
        for (i, image) in images.enumerated() {
            try Data(image.pngBytes()).write(to: pictures.appendingPathComponent("\(i).png"))
        }
        let table = (0..<5).map { "\($0 * 50_000_000),\($0).png\n" }.joined()
        try Data(table.utf8).write(to: folder.appendingPathComponent("mav0/cam0/data.csv"))
        let truth = [
            Format.gray: images.map { VideoFrame(index: 0, time: Timestamp(nanoseconds: 0), image: $0.gray) },
            .rgb: images.map { VideoFrame(index: 0, time: Timestamp(nanoseconds: 0), image: $0.rgb) },
        ]
        for (turn, format) in [Format.gray, .rgb].enumerated() {
            try check(try PictureFolder(folder, format: format), against: truth)
            #expect(DecodeLog.shared.frames(of: folder.path) == 5 * (turn + 1))
        }
        // What is skipped and not asked for is not read.
        let source = try PictureFolder(folder)
        while try source.skipFrame() != nil {}
        #expect(DecodeLog.shared.frames(of: folder.path) == 11)
    }

    @Test func everyOpeningAndEveryFrameCounts() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        try video(url, frames: 6, channels: 3, VideoWriter.Options())
        #expect(DecodeLog.shared.frames(of: url) == 0)
        _ = try VideoInfo(contentsOf: url)
        #expect(DecodeLog.shared.frames(of: url) == 1)
        let reader = try VideoReader(url)
        _ = try reader.nextFrame()
        #expect(DecodeLog.shared.frames(of: url) == 2)
        _ = try reader.skipFrame()
        _ = try reader.lastFrame(.gray)
        _ = try reader.lastFrame(.rgb)
        #expect(DecodeLog.shared.frames(of: url) == 3)
        while try reader.nextFrame() != nil {}
        #expect(DecodeLog.shared.frames(of: scratch.file("./x/../a.mp4")) == 7)
    }
}
