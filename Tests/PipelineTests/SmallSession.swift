import Dataset
import Foundation
import Geometry
import Imaging
import Pipeline
import Robot
import Session

/// A session of short clips of the fixture's demos with true poses: everything behind mapping in a second or two.
struct SmallSession {
    let folder: URL
    let session: URL
    let poses: URL
    let device: URL

    static let frames = 45

    /// - Parameters:
    ///   - demos: names in the session with the fixture's demo and the frame that each begins at.
    ///   - size: of the pictures, pixels; another shape than the fixture's needs a device file of its own, which is made.
    init(
        _ folder: URL, name: String = "session",
        demos: [(name: String, of: String, from: Int)] = [("a", "demo_pick_place", 0), ("b", "demo_pick_place_2", 60)],
        size: (width: Int, height: Int) = (480, 360), frames: Int = SmallSession.frames
    ) throws {
        self.folder = folder
        session = folder.appendingPathComponent(name)
        poses = folder.appendingPathComponent("poses")
        device = folder.appendingPathComponent("device.yaml")
        for url in [session, poses] { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        let scale = Vector2(Double(size.width) / 480, Double(size.height) / 360)
        var device = try Device(contentsOf: fixture.appendingPathComponent("truth/device.yaml"))
        let c = device.camera
        device.camera = CameraModel(
            lens: c.lens, width: size.width, height: size.height, focalLength: c.focalLength * scale,
            principalPoint: (c.principalPoint + 0.5) * scale - 0.5, distortion: c.distortion)
        try FileBytes.write(Array(device.yaml().utf8), to: self.device)
        for demo in demos { try add(demo.name, of: demo.of, from: demo.from, size: size, frames: frames) }
    }

    /// Writes a clip and its poses.
    func add(
        _ name: String, of demo: String, from first: Int, size: (width: Int, height: Int) = (480, 360), frames: Int = SmallSession.frames,
        crop: (width: Int, height: Int)? = nil
    ) throws {
        let reader = try VideoReader(fixture.appendingPathComponent("\(demo).mp4"))
        let out = crop ?? size
        let writer = try VideoWriter(
            session.appendingPathComponent("\(name).mp4"), width: out.width, height: out.height, channels: 3,
            options: VideoWriter.Options(.h264, rate: Rational(30), crf: 12))
        let truth = try Trajectory<Table, Camera>(tum: fixture.appendingPathComponent("truth/\(demo)/camera.tum"))
        var lines: [String] = []
        for _ in 0..<first { _ = try reader.skipFrame() }
        for i in 0..<frames {
            guard let frame = try reader.nextFrame() else { break }
            var picture = frame.image
            if size != (480, 360) { picture = try picture.resized(width: size.width, height: size.height) }
            if let crop { picture = picture.cropped(x: 0, y: (picture.height - crop.height) / 2, width: crop.width, height: crop.height) }
            try writer.append(picture)
            let (p, q) = (truth.poses[first + i].translation, truth.poses[first + i].rotation.xyzw)
            lines.append("\(Double(i) / 30) \(p.x) \(p.y) \(p.z) \(q.x) \(q.y) \(q.z) \(q.w)")
        }
        try writer.finish()
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: poses.appendingPathComponent("\(name).tum"))
    }

    /// As on the command line, without the program's name.
    func arguments(_ output: URL, _ more: [String] = []) -> [String] {
        [
            "convert", session.path, "--device", device.path, "--arm", "panda", "--output", output.path, "--poses", poses.path,
        ] + more
    }

    func convert(
        _ output: URL, settings: [String] = [], faults: [StageFault] = [], from: String? = nil,
        formats: [DatasetFormat] = [.lerobot, .umi],
        events: @escaping ProgressSink = { _ in }
    ) async throws -> ConvertOutcome {
        var configuration = Configuration()
        for setting in settings { try configuration.set(setting) }
        var request = ConvertRequest(
            session: session, device: try Device(contentsOf: device), deviceFile: device, arm: try arm("panda"), output: output,
            formats: formats, poses: poses, from: from, jobs: 2, configuration: configuration)
        request.faults = faults
        return try await Converter(request, progress: events).run()
    }
}

/// Rows that a data set holds of its own accord, and the frames of the recordings that they show.
func rows(_ url: URL) throws -> (episodes: [Int], frames: [[Int]]) {
    let set = try DatasetRows(contentsOf: url)
    return (set.episodes.map(\.frames), try set.episodes.indices.map { try set.sourceFrames(episode: $0)?.first ?? [] })
}

/// Every frame of every demo is in the data set or in a row of the rejections, once.
func expectAccount(_ outcome: ConvertOutcome, _ output: URL, file: String = #fileID, line: Int = #line) throws -> Bool {
    let f = outcome.report.frames
    guard f.input == f.output + f.rejected else { return false }
    let demos = Set(outcome.report.recordings.filter { $0.role == .demo }.map(\.unit))
    let rejected = outcome.rejections.filter { demos.contains($0.unit) }.reduce(0) { $0 + $1.frameCount }
    guard rejected == f.rejected else { return false }
    let url = output.appendingPathComponent("lerobot")
    guard FileManager.default.fileExists(atPath: url.path) else { return f.output == 0 }
    // At the recordings' own rate and speed every exported frame has a row of its own.
    return try rows(url).frames.reduce(0) { $0 + Set($1).count } == f.output
}
