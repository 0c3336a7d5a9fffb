internal import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// What ingest found out about a recording; its artefact's `recording.json`.
struct IngestSummary: Codable, Equatable, Sendable {
    /// Frames that decode; what the index states beyond that is rejected as truncated.
    var frames: Int
    var statedFrames: Int
    /// Of the pictures as they are worked on, pixels.
    var width: Int
    var height: Int
    /// Of the pictures in the file.
    var recorded: PictureSize
    var rate: Double
    var description: String
    var hasInertial: Bool
    var problems: [String]
    /// Agreement of picture motion with the gyroscope, in words; empty when not checked.
    var consistency: String
    /// What is left out of the recording before anything else: the part that does not decode.
    var truncation: String?
    /// Of a bag: the topic that the pictures are read from.
    var imageTopic: String?
    var fileHash: String
}

extension IngestSummary {
    /// The pictures of the file at the size at which they are worked on.
    func pictures(of file: RecordingFile, _ format: VideoReader.Options.Format) throws -> any FrameSource {
        let source = try Recording.frames(of: file.urls, format, imageTopic: imageTopic ?? "")
        guard source.width != width || source.height != height else { return source }
        return ResizedFrames(source, format, width: width, height: height)
    }
}

/// A recording as later stages take it up: frame times, IMU, tags and tracks from ingest's tables, pictures from the file.
struct IngestedRecording: Sendable {
    var file: RecordingFile
    var artefact: Artefact
    var summary: IngestSummary
    var times: [Timestamp<VideoClock>]

    /// The pictures from the video, with the times that ingest settled on, up to the last frame that decodes.
    func frames(_ format: VideoReader.Options.Format) throws -> StampedFrames {
        StampedFrames(try summary.pictures(of: file, format), times: times)
    }

    func inertial() throws -> InertialRecording? {
        guard summary.hasInertial else { return nil }
        return InertialRecording(
            gyroscope: try InertialTable.read(artefact.file("gyroscope.csv")),
            accelerometer: try InertialTable.read(artefact.file("accelerometer.csv")))
    }

    /// The tags of every frame.
    func tags() throws -> [[TagDetection]] { try TagTable.read(artefact.file(TagTable.name), frameCount: times.count) }

    /// The device with its intrinsics for this recording's picture size and the tags of the gripper that recorded it.
    func device(_ device: Device, gripper: Int) throws -> Device {
        try Self.device(device.gripper(gripper), width: summary.width, height: summary.height)
    }

    /// The device with its intrinsics for pictures of another size and the same shape.
    static func device(_ device: Device, width: Int, height: Int) throws -> Device {
        var scaled = device
        guard let camera = device.camera.rescaled(width: width, height: height) else {
            throw UnitFailure(
                reason: "picture_size",
                detail: "the pictures are \(width)x\(height), the intrinsics of \(device.name) hold for "
                    + "\(device.camera.width)x\(device.camera.height) and its scalings; accepted: --device with a file for this picture size"
            )
        }
        let scale = Vector2(Double(camera.width) / Double(device.camera.width), Double(camera.height) / Double(device.camera.height))
        scaled.camera = camera
        scaled.maskHints = device.maskHints.map { MaskHint(kind: $0.kind, polygon: $0.polygon.map { ($0 + 0.5) * scale - 0.5 }) }
        return scaled
    }

    var size: PictureSize { PictureSize(width: summary.width, height: summary.height) }
}

/// Width and height of pictures, pixels.
struct PictureSize: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    var width: Int
    var height: Int

    var description: String { "\(width)x\(height)" }

    static func < (a: PictureSize, b: PictureSize) -> Bool { (a.width, a.height) < (b.width, b.height) }

    /// A half, a third … of a size, so that it is no wider than a limit (0: none) and no narrower than what is to come of it.
    func reduced(to limit: Int, atLeast least: Int) -> PictureSize {
        guard limit > 0 else { return self }
        var divisor = max(1, (width + limit - 1) / limit)
        while divisor > 1, width / divisor < least { divisor -= 1 }
        return PictureSize(width: width / divisor, height: max(1, height / divisor))
    }
}

extension StageInput {
    /// The recording's device: its lens for the pictures' size, the tags of its gripper.
    func device(_ recording: IngestedRecording) throws -> Device {
        try recording.device(request.device, gripper: gripper(recording.file.unit))
    }

    /// Which gripper made a recording. Not an input by itself: a stage that depends on it names its value.
    func gripper(_ unit: String) throws -> Int { try part(GripperStage.self).grippers[unit] ?? 0 }
}

/// Frames of another source, with times from a table and no further than it goes.
final class StampedFrames: FrameSource {
    private let source: any FrameSource
    private let times: [Timestamp<VideoClock>]
    private var next = 0

    init(_ source: any FrameSource, times: [Timestamp<VideoClock>]) {
        self.source = source
        self.times = times
    }

    var width: Int { source.width }
    var height: Int { source.height }

    func nextFrame() throws(ImagingError) -> VideoFrame? {
        guard next < times.count, var frame = try source.nextFrame() else { return nil }
        frame.index = next
        frame.time = times[next]
        next += 1
        return frame
    }

    func skipFrame() throws(ImagingError) -> Timestamp<VideoClock>? {
        guard next < times.count, try source.skipFrame() != nil else { return nil }
        next += 1
        return times[next - 1]
    }

    func lastFrame(_ format: VideoReader.Options.Format) throws(ImagingError) -> Image { try source.lastFrame(format) }

    func lastFrame(width: Int, height: Int) throws(ImagingError) -> Image { try source.lastFrame(width: width, height: height) }
}

/// Samples of a sensor as a table: nanoseconds on the inertial clock, three axes.
enum InertialTable {
    static func write(_ samples: [VectorSample], unit: String, to url: URL) throws {
        let table = CSVTable(
            header: ["time_ns_inertial", "x_\(unit)", "y_\(unit)", "z_\(unit)"],
            rows: samples.map { ["\($0.time.nanoseconds)", "\($0.value.x)", "\($0.value.y)", "\($0.value.z)"] })
        try table.write(to: url)
    }

    static func read(_ url: URL) throws -> [VectorSample] {
        let table = try CSVTable(contentsOf: url)
        return try table.rows.enumerated().map { n, row in
            guard row.count == 4, let t = Int64(row[0]), let x = Double(row[1]), let y = Double(row[2]), let z = Double(row[3]) else {
                throw SessionError.format(path: url.path, location: "row \(n + 1)", reason: "a time and three numbers are expected")
            }
            return VectorSample(time: Timestamp(nanoseconds: t), value: Vector3(x, y, z))
        }
    }
}
