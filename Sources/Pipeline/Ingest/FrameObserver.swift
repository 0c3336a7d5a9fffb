internal import Foundation
internal import Geometry
internal import Imaging
internal import Mapping
internal import Session

/// A picture of a recording while it is decoded for everything that looks at it.
final class LookedFrame {
    let index: Int
    /// As ingest settles on it, and as the file states it.
    let time: Timestamp<VideoClock>
    let statedTime: Timestamp<VideoClock>
    /// The luma plane as it is worked on, and as it is in the file.
    let gray: Image
    let full: Image
    /// Set by the observer that looks for them, which comes first.
    var tags: [TagDetection]?
    private let source: any FrameSource
    private var colour: Image?

    /// - Parameter size: at which it is worked on.
    init(_ frame: VideoFrame, index: Int, time: Timestamp<VideoClock>, size: PictureSize, source: any FrameSource) throws {
        (self.index, self.time, statedTime, full, self.source) = (index, time, frame.time, frame.image, source)
        gray = try frame.image.resized(width: size.width, height: size.height)
    }

    /// Made when first asked for.
    func rgb() throws -> Image {
        if let colour { return colour }
        let isWhole = gray.width == full.width && gray.height == full.height
        let made = try isWhole ? source.lastFrame(.rgb) : source.lastFrame(width: gray.width, height: gray.height)
        colour = made
        return made
    }
}

/// Looks at every picture of a recording, in order; a new thing to find in the pictures is one type that conforms.
protocol FrameObserver: AnyObject {
    func see(_ frame: LookedFrame) throws
    /// - Parameter problem: why decoding broke off; nil at the end of the file.
    func finish(into folder: URL, problem: String?) throws
}

/// Tags with sub-pixel corners, every frame: `tags.csv`. Corners are measured in the file's pictures and stated in pixels of those that are worked on.
final class TagObserver: FrameObserver {
    private var tracker: TagTracker
    private var table = CSVTable(header: TagTable.header)

    init(_ options: TagDetector.Options) { tracker = TagTracker(options: options) }

    func see(_ frame: LookedFrame) throws {
        var tags = try tracker.detect(in: frame.full, time: frame.time)
        if frame.full.width != frame.gray.width || frame.full.height != frame.gray.height {
            let scale = Vector2(
                Double(frame.gray.width) / Double(frame.full.width), Double(frame.gray.height) / Double(frame.full.height))
            tags = tags.map { TagDetection(id: $0.id, corners: $0.corners.map { ($0 + 0.5) * scale - 0.5 }) }
        }
        for tag in tags { table.rows.append(TagTable.row(tag, frame: frame.index)) }
        frame.tags = tags
    }

    func finish(into folder: URL, problem: String?) throws { try table.write(to: folder.appendingPathComponent(TagTable.name)) }
}

/// The front end of mapping or localisation: points followed from picture to picture, as a file.
final class TrackObserver: FrameObserver {
    /// Of the session's map, and of a recording that is localised in it.
    static let map = "tracks_map.bin"
    static let localize = "tracks.bin"

    private var recorder: TrackRecorder
    private let name: String

    init(_ name: String, _ recorder: TrackRecorder) { (self.name, self.recorder) = (name, recorder) }

    func see(_ frame: LookedFrame) throws {
        try recorder.add(VideoFrame(index: frame.index, time: frame.time, image: frame.gray), tags: frame.tags)
    }

    func finish(into folder: URL, problem: String?) throws {
        try recorder.finish(readProblem: problem).write(to: folder.appendingPathComponent(name))
    }
}

/// Whether the pictures turn as the gyroscope says; footage that was stabilised in the camera has no fixed geometry and is refused.
final class GyroscopeObserver: FrameObserver {
    private var check: RotationConsistencyCheck
    private(set) var verdict: RotationVerdict?

    init(_ check: RotationConsistencyCheck) { self.check = check }

    func see(_ frame: LookedFrame) throws {
        guard !check.isSatisfied else { return }
        try check.add(VideoFrame(index: frame.index, time: frame.statedTime, image: frame.gray))
    }

    func finish(into folder: URL, problem: String?) throws { verdict = try check.finish(readProblem: problem) }
}
