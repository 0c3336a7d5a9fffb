internal import Foundation
internal import Geometry
internal import Imaging
internal import Robot
internal import Session

/// Poses of one demo from elsewhere: a file of the user's, or what UMI's own pipeline left in the session.
struct OutsidePoses {
    let url: URL
    /// Carries the file's poses into the table's frame.
    private let tableFromWorld: Transform<Table, Frame>

    /// Throws where the request names no file for this demo.
    init(_ at: StageInput) throws {
        if at.request.usesSessionPoses {
            let session = SessionPoses(recording: at.file, mapping: at.run.mapping)
            (url, tableFromWorld) = try session.poses(of: at.file)
            return
        }
        guard let poses = at.request.poses else { preconditionFailure("poses from outside are asked for where there are some") }
        url = try Self.file(poses, unit: at.unit)
        tableFromWorld = try AdaptedPoses.world(at.configuration)
    }

    /// The file itself, or the one in the folder that is named like the demo.
    private static func file(_ poses: URL, unit: String) throws -> URL {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: poses.path, isDirectory: &isFolder), isFolder.boolValue else { return poses }
        for end in RecordingAdaptors.extensions {
            let url = poses.appendingPathComponent("\(unit).\(end)")
            if FileManager.default.fileExists(atPath: url.path) { return url }
        }
        throw UnitFailure(
            reason: "no_poses",
            detail: "\(poses.path) has no file named \(unit) (.\(RecordingAdaptors.extensions.joined(separator: ", .")))")
    }

    /// What is wrong with the request before any work.
    /// - Parameter demos: the units that are converted.
    static func check(_ request: ConvertRequest, demos: [String]) throws(PipelineError) {
        guard let poses = request.poses else { return }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: poses.path, isDirectory: &isFolder) else {
            throw .usage("--poses \(poses.path) does not exist", accepted: "a file of poses, or a folder with one for each demo")
        }
        guard isFolder.boolValue || demos.count == 1 else {
            throw .usage(
                "--poses \(poses.path) is one file, the session has \(demos.count) demos",
                accepted: "a folder with one file for each demo, or --only UNIT")
        }
        guard request.shared != nil else { return }
        for url in demos.compactMap({ try? file(poses, unit: $0) }) where RecordingAdaptors.adaptor(for: url)?.givesJoints ?? false {
            throw .usage("--poses \(url.path) holds the joints of one arm", accepted: "--arm with that arm alone")
        }
    }

    /// What the result depends on beside the file.
    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs: [String: String] = [:]
        if let adaptor = RecordingAdaptors.adaptor(for: url) {
            inputs["adapted"] = try AdaptedPoses.inputs(at, hasJoints: adaptor.givesJoints)
        }
        if tableFromWorld != .identity { inputs["table"] = "\(tableFromWorld.translation) \(tableFromWorld.rotation.xyzw)" }
        return inputs
    }

    func write(_ recording: IngestedRecording, _ at: StageInput, to folder: URL) throws {
        if let (source, adapted) = try RecordingAdaptors.read(url) {
            let poses = try AdaptedPoses.poses(source, adapted, url, recording: recording, at)
            try ScaleCheck.checked(
                poses, file: url.lastPathComponent, isToolPose: adapted.moving == .tool, origin: tableFromWorld.translation, recording, at
            ).write(to: folder, jointNames: at.request.arm.joints.map(\.name))
            return
        }
        var poses = try Self.external(url)
        try PoseChecks.moves(poses.rows.compactMap(\.pose), file: url.lastPathComponent)
        if tableFromWorld != .identity {
            for i in poses.rows.indices {
                poses.rows[i].pose = poses.rows[i].pose.map { tableFromWorld * $0.relabelled(Frame.self, Frame.self) }
            }
        }
        let device = try at.device(recording)
        let known = poses.rows.compactMap { row in row.seconds.flatMap { s in row.pose.map { (seconds: s, rotation: $0.rotation) } } }
        var notes: [String] = []
        // Rows that count frames are on the video's clock.
        if poses.rows.allSatisfy({ $0.frame == nil }),
            let (offset, note) = try AdaptedPoses.clock(known, recording, device, tolerance: PoseChecks.longestGap)
        {
            for i in poses.rows.indices { poses.rows[i].seconds = poses.rows[i].seconds.map { $0 + offset } }
            notes = [note]
        }
        var localized = try matched(poses, to: recording.times, device: device)
        localized.summary.notes += notes
        try ScaleCheck.checked(
            localized, file: url.lastPathComponent, isToolPose: poses.isToolPose, origin: tableFromWorld.translation, recording, at
        ).write(to: folder)
    }

    /// Poses in a form of no particular recorder; what is none is refused with everything that is read.
    private static func external(_ url: URL) throws -> ExternalPoses {
        do throws(SessionError) {
            return try ExternalPoses(contentsOf: url)
        } catch {
            guard case .format(let path, let location, let reason) = error, let end = reason.range(of: "; accepted: ") else { throw error }
            throw SessionError.format(
                path: path, location: location, reason: "\(reason[..<end.lowerBound]); accepted: \(RecordingAdaptors.accepted)")
        }
    }

    /// One pose for each frame: by number where the file counts frames, else by interpolation in time.
    private func matched(_ poses: ExternalPoses, to times: [Timestamp<VideoClock>], device: Device) throws -> LocalizedPoses {
        let toolFromCamera = device.cameraFromTool.inverse
        func camera(_ pose: Transform<Table, Frame>) -> Transform<Table, Camera> {
            poses.isToolPose ? pose.relabelled(Table.self, Tool.self) * toolFromCamera : pose.relabelled(Table.self, Camera.self)
        }
        var trajectory = Trajectory<Table, Camera>()
        var widths = [GripperSample](repeating: GripperSample(width: nil), count: times.count)
        var notes: [String] = []
        if poses.rows.contains(where: { $0.frame != nil }) {
            let last = poses.rows.compactMap(\.frame).max() ?? 0
            guard last < times.count else {
                throw UnitFailure(
                    reason: "poses",
                    detail: "\(url.lastPathComponent) has a pose for frame \(last), the recording has \(times.count) frames")
            }
            var byFrame = [ExternalPoses.Row?](repeating: nil, count: times.count)
            for row in poses.rows { if let frame = row.frame, frame >= 0 { byFrame[frame] = row } }
            for (i, time) in times.enumerated() {
                if let pose = byFrame[i]?.pose {
                    trajectory.append(time, camera(pose))
                } else {
                    trajectory.append(time, .identity, state: .lost)
                }
                widths[i].width = byFrame[i]?.width
            }
            let missing = byFrame.filter { $0 == nil }.count
            if missing > 0 { notes.append("\(missing) frames have no row in \(url.lastPathComponent)") }
        } else {
            let known = poses.rows.compactMap { row in row.seconds.flatMap { s in row.pose.map { (Timestamp<VideoClock>(seconds: s), $0) } }
            }
            let path = Trajectory<Table, Frame>(times: known.map(\.0), poses: known.map(\.1))
            for time in times {
                if let pose = path.interpolated(at: time, maximumGap: PoseChecks.longestGap) {
                    trajectory.append(time, camera(pose))
                } else {
                    trajectory.append(time, .identity, state: .lost)
                }
            }
        }
        try PoseChecks.meets(
            poses.rows.filter { $0.frame == nil && $0.pose != nil }.compactMap(\.seconds), video: times,
            posed: trajectory.states.count { $0 != .lost }, file: url.lastPathComponent)
        let hasWidths = widths.contains { $0.width != nil }
        return LocalizedPoses(
            camera: trajectory, widths: hasWidths ? widths : nil, joints: nil,
            summary: LocalizeSummary(source: poses.form.rawValue, figures: trajectory.figures, notes: notes))
    }
}
