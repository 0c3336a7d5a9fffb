internal import Foundation
internal import Geometry
internal import Imaging
public import Mapping
internal import Session

/// How recordings are read.
public struct IngestOptions: Codable, Sendable, Equatable {
    /// The true frame rate where a file states a wrong one, frames a second: frame i is then put at i / rate. Default 0: the file is right.
    public var frameRate = 0.0
    /// Where the world of poses from another recorder stands in the table's frame: `x y z yaw_deg` or `x y z q_x q_y q_z q_w`, metres; default
    /// empty: they are in the table's frame already.
    public var tableFromWorld = ""
    /// Whether picture motion is checked against the gyroscope, and footage stabilised in the camera refused. Default true.
    public var checksStabilisation = true
    /// The check's own thresholds.
    public var consistency = RotationConsistencyOptions()

    public init() {}
}

/// What ingest found out about a recording; its artefact's `recording.json`.
struct IngestSummary: Codable, Equatable {
    /// Frames that decode; what the index states beyond that is rejected as truncated.
    var frames: Int
    var statedFrames: Int
    var width: Int
    var height: Int
    var rate: Double
    var description: String
    var hasInertial: Bool
    var problems: [String]
    /// Agreement of picture motion with the gyroscope, in words; empty when not checked.
    var consistency: String
    /// What is left out of the recording before anything else: the part that does not decode.
    var truncation: String?
    var fileHash: String
}

/// A recording as later stages take it up: frame times and IMU from ingest's tables, pictures from the file.
struct IngestedRecording: Sendable {
    var file: RecordingFile
    var artefact: Artefact
    var summary: IngestSummary
    var times: [Timestamp<VideoClock>]
    /// The gripper whose tags the device carries here, see `GripperIdentity`.
    var gripper = 0

    /// The pictures, with the times that ingest settled on, up to the last frame that decodes.
    func frames(_ format: VideoReader.Options.Format) throws -> StampedFrames {
        StampedFrames(try Recording(file.url).frames(format), times: times)
    }

    func inertial() throws -> InertialRecording? {
        guard summary.hasInertial else { return nil }
        return InertialRecording(
            gyroscope: try Ingest.readSamples(artefact.file("gyroscope.csv")),
            accelerometer: try Ingest.readSamples(artefact.file("accelerometer.csv")))
    }

    /// The device with its intrinsics for this recording's picture size and its gripper's tags.
    func device(_ device: Device) throws -> Device {
        var scaled = device.gripper(gripper)
        guard let camera = device.camera.rescaled(width: summary.width, height: summary.height) else {
            throw UnitFailure(
                reason: "picture_size",
                detail: "the pictures are \(summary.width)x\(summary.height), the intrinsics of \(device.name) hold for "
                    + "\(device.camera.width)x\(device.camera.height) and its scalings")
        }
        let scale = Vector2(Double(camera.width) / Double(device.camera.width), Double(camera.height) / Double(device.camera.height))
        scaled.camera = camera
        scaled.maskHints = device.maskHints.map { MaskHint(kind: $0.kind, polygon: $0.polygon.map { ($0 + 0.5) * scale - 0.5 }) }
        return scaled
    }
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
}

/// Demux, decode once, telemetry, clocks, and whether the pictures can be trusted.
enum Ingest {
    static func run(_ file: RecordingFile, needsInertial: Bool, context: StageContext) throws -> IngestedRecording {
        let options = context.configuration.ingest
        let hash = try hash(of: file.url)
        let inputs = [
            "recording": hash, "device": SHA256.hex(of: try context.request.device.yaml()), "needs_inertial": needsInertial ? "yes" : "no",
        ]
        let artefact = try context.make(.ingest, unit: file.unit, options: options, inputs: inputs) { folder in
            try make(file, hash: hash, needsInertial: needsInertial, into: folder, context: context)
        }
        let summary = try JSONText.decode(IngestSummary.self, from: artefact.file("recording.json"))
        let table = try CSVTable(contentsOf: artefact.file("frames.csv"))
        let times = table.rows.compactMap { Int64($0[1]) }.map { Timestamp<VideoClock>(nanoseconds: $0) }
        return IngestedRecording(file: file, artefact: artefact, summary: summary, times: times)
    }

    private static func make(_ file: RecordingFile, hash: String, needsInertial: Bool, into folder: URL, context: StageContext) throws {
        let options = context.configuration.ingest
        let recording = try Recording(file.url)
        var problems = recording.problems.map { "\($0)" }
        var times: [Timestamp<VideoClock>] = []
        var truncation: String?
        let source = try recording.frames(.gray)
        let stated = max(recording.video?.statedFrameCount ?? 0, recording.frameTimes.count)
        do {
            while let time = try source.skipFrame() {
                times.append(options.frameRate > 0 ? Timestamp(seconds: Double(times.count) / options.frameRate) : time)
                if times.count % 60 == 0, stated > 0 {
                    context.progress(.advanced(stage: .ingest, unit: file.unit, fraction: Double(times.count) / Double(stated)))
                }
            }
        } catch {
            truncation = "\(error)"
        }
        guard times.count >= 2 else {
            throw UnitFailure(reason: "unreadable", detail: truncation ?? "\(file.url.lastPathComponent): fewer than two frames decode")
        }
        if let backwards = zip(times, times.dropFirst()).enumerated().first(where: { $0.element.0 >= $0.element.1 }) {
            throw UnitFailure(
                reason: "frame_times",
                detail: "\(file.url.lastPathComponent): the time of frame \(backwards.offset + 1) does not come after the one before")
        }
        let inertial = recording.inertial
        if inertial?.isEmpty ?? true, needsInertial {
            problems.append("no IMU: poses rest on the pictures and the table tag alone")
        }
        var consistency = ""
        if options.checksStabilisation, let inertial, !inertial.isEmpty {
            consistency = try check(file, recording: recording, inertial: inertial, options: options, context: context)
        }
        let rate = Double(times.count - 1) / (times[times.count - 1] - times[0])
        let summary = IngestSummary(
            frames: times.count, statedFrames: max(stated, times.count), width: recording.width, height: recording.height, rate: rate,
            description: recording.headline + ", \(times.count) frames at \(rate.fixed(2)) Hz", hasInertial: !(inertial?.isEmpty ?? true),
            problems: problems, consistency: consistency, truncation: truncation, fileHash: hash)
        try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("recording.json"))
        try CSVTable(header: ["frame", "time_ns_video"], rows: times.enumerated().map { ["\($0.offset)", "\($0.element.nanoseconds)"] })
            .write(to: folder.appendingPathComponent("frames.csv"))
        if let inertial {
            try writeSamples(inertial.gyroscope, unit: "rad_s", to: folder.appendingPathComponent("gyroscope.csv"))
            try writeSamples(inertial.accelerometer, unit: "m_s2", to: folder.appendingPathComponent("accelerometer.csv"))
        }
    }

    /// Footage that was stabilised in the camera has no fixed geometry: it is refused by name.
    private static func check(
        _ file: RecordingFile, recording: Recording, inertial: InertialRecording, options: IngestOptions, context: StageContext
    ) throws -> String {
        let device = context.request.device
        let camera = device.camera.rescaled(width: recording.width, height: recording.height)
        let verdict = try RotationConsistency.check(
            recording.frames(.gray), inertial: inertial, camera: camera, bodyFromCamera: device.bodyFromCamera.rotation,
            clockOffset: device.clockOffset, options: options.consistency)
        if verdict.stabilised { throw UnitFailure(reason: "stabilised", detail: "\(file.url.lastPathComponent): \(verdict.reason)") }
        return verdict.reason
    }

    /// SHA-256 of a video file, or over the names and hashes of all files of a folder.
    static func hash(of url: URL) throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
            return try SHA256.hex(ofFile: url)
        }
        var lines: [String] = []
        for name in (FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []).sorted() {
            let file = url.appendingPathComponent(name)
            var isInner: ObjCBool = false
            if FileManager.default.fileExists(atPath: file.path, isDirectory: &isInner), !isInner.boolValue {
                lines.append("\(name) \(try SHA256.hex(ofFile: file))")
            }
        }
        return SHA256.hex(of: lines.joined(separator: "\n"))
    }

    private static func writeSamples(_ samples: [VectorSample], unit: String, to url: URL) throws {
        let table = CSVTable(
            header: ["time_ns_inertial", "x_\(unit)", "y_\(unit)", "z_\(unit)"],
            rows: samples.map { ["\($0.time.nanoseconds)", "\($0.value.x)", "\($0.value.y)", "\($0.value.z)"] })
        try table.write(to: url)
    }

    static func readSamples(_ url: URL) throws -> [VectorSample] {
        let table = try CSVTable(contentsOf: url)
        return try table.rows.enumerated().map { n, row in
            guard let t = Int64(row[0]), let x = Double(row[1]), let y = Double(row[2]), let z = Double(row[3]) else {
                throw SessionError.format(path: url.path, location: "row \(n + 1)", reason: "a time and three numbers are expected")
            }
            return VectorSample(time: Timestamp(nanoseconds: t), value: Vector3(x, y, z))
        }
    }
}
