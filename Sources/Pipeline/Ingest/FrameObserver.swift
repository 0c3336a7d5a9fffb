internal import Foundation
internal import Imaging
internal import Mapping
internal import Session

/// A picture of a recording while it is decoded for everything that looks at it.
final class LookedFrame {
    let index: Int
    /// As ingest settles on it, and as the file states it.
    let time: Timestamp<VideoClock>
    let statedTime: Timestamp<VideoClock>
    /// The luma plane.
    let gray: Image
    /// Set by the observer that looks for them, which comes first.
    var tags: [TagDetection]?
    private let source: any FrameSource
    private var colour: Image?

    init(index: Int, time: Timestamp<VideoClock>, statedTime: Timestamp<VideoClock>, gray: Image, source: any FrameSource) {
        (self.index, self.time, self.statedTime, self.gray, self.source) = (index, time, statedTime, gray, source)
    }

    /// Made when first asked for.
    func rgb() throws -> Image {
        if let colour { return colour }
        let made = try source.lastFrame(.rgb)
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

/// Tags with sub-pixel corners, every frame: `tags.csv`.
final class TagObserver: FrameObserver {
    private var tracker: TagTracker
    private var table = CSVTable(header: TagTable.header)

    init(_ options: TagDetector.Options) { tracker = TagTracker(options: options) }

    func see(_ frame: LookedFrame) throws {
        let tags = try tracker.detect(in: frame.gray, time: frame.time)
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
