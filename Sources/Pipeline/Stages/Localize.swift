internal import Foundation
internal import Geometry
internal import Imaging
internal import Mapping
internal import Session

/// The camera's pose in the table's frame for every frame of a demo, and where it came from.
struct LocalizedPoses: Sendable {
    var artefact: Artefact
    var camera: Trajectory<Table, Camera>
    /// Gripper widths that came with poses from outside.
    var widths: [GripperSample]?
    /// By frame, where the recorder knew the arm's joints; nil where it did not.
    var joints: [[Double]]?
    var summary: LocalizeSummary
}

/// The artefact's `localization.json`.
struct LocalizeSummary: Codable, Equatable {
    /// `slam`, or the form of the file that the poses came from.
    var source: String
    var figures: [Figure]
    /// What limits the poses, in sentences.
    var notes: [String]
}

/// Poses by our own mapping, or from a file.
enum Localize {
    /// Localises a demo in the session's map.
    static func run(_ recording: IngestedRecording, map: SessionMap, context: StageContext) throws -> LocalizedPoses {
        let options = context.configuration.localize
        let unit = recording.file.unit
        let inputs = ["ingest": recording.artefact.key, "map": map.artefact.key]
        let artefact = try context.make(.localize, unit: unit, options: options, inputs: inputs) { folder in
            guard let tableFromMap = map.map.tableFromMap else { preconditionFailure("a stored map knows the table") }
            let result = try Localizer.localize(
                recording.frames(.gray), inertial: recording.inertial(), device: recording.device(context.request.device), in: map.map,
                options: options, frameCount: recording.times.count, progress: context.advanced(.localize, unit))
            if case .lost(let why) = result.verdict { throw UnitFailure(reason: "not_localized", detail: why, isFinding: true) }
            let camera = result.trajectory.seen(from: tableFromMap)
            let summary = LocalizeSummary(
                source: "slam", figures: result.statistics.figures + figures(camera),
                notes: [result.statistics.readProblem, result.statistics.fallback].compactMap { $0 })
            try write(camera, widths: nil, summary: summary, to: folder)
        }
        return try read(artefact)
    }

    /// Takes poses from outside.
    /// - Parameter tableFromMap: carries the file's poses into the table's frame; the identity where they are in it.
    static func external(
        _ recording: IngestedRecording, poses url: URL, tableFromMap: Transform<Table, Frame> = .identity, context: StageContext
    ) throws -> LocalizedPoses {
        let unit = recording.file.unit
        var inputs = ["ingest": recording.artefact.key, "poses": try SHA256.hex(ofFile: url)]
        let adaptor = RecordingAdaptors.adaptor(for: url)
        if adaptor != nil { inputs["adapted"] = try AdaptedPoses.inputs(context) }
        if tableFromMap != .identity { inputs["table"] = "\(tableFromMap.translation) \(tableFromMap.rotation.xyzw)" }
        let artefact = try context.make(.localize, unit: unit, options: context.configuration.localize, inputs: inputs) { folder in
            if let adaptor {
                try AdaptedPoses.write(adaptor, url, recording: recording, to: folder, context: context)
                return
            }
            var poses = try ExternalPoses(contentsOf: url)
            if tableFromMap != .identity {
                for i in poses.rows.indices {
                    poses.rows[i].pose = poses.rows[i].pose.map { tableFromMap * $0.relabelled(Frame.self, Frame.self) }
                }
            }
            let device = try recording.device(context.request.device)
            let (camera, widths, notes) = try matched(poses, to: recording.times, device: device, file: url)
            let summary = LocalizeSummary(source: poses.form.rawValue, figures: figures(camera), notes: notes)
            try write(camera, widths: widths, summary: summary, to: folder)
        }
        return try read(artefact)
    }

    /// One pose for each frame: by number where the file counts frames, else by interpolation in time.
    private static func matched(
        _ poses: ExternalPoses, to times: [Timestamp<VideoClock>], device: Device, file: URL
    ) throws -> (Trajectory<Table, Camera>, [GripperSample]?, [String]) {
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
                    detail: "\(file.lastPathComponent) has a pose for frame \(last), the recording has \(times.count) frames")
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
            if missing > 0 { notes.append("\(missing) frames have no row in \(file.lastPathComponent)") }
        } else {
            let known = poses.rows.compactMap { row in row.seconds.flatMap { s in row.pose.map { (Timestamp<VideoClock>(seconds: s), $0) } }
            }
            let path = Trajectory<Table, Frame>(times: known.map(\.0), poses: known.map(\.1))
            for time in times {
                if let pose = path.interpolated(at: time, maximumGap: 0.1) {
                    trajectory.append(time, camera(pose))
                } else {
                    trajectory.append(time, .identity, state: .lost)
                }
            }
        }
        let hasWidths = widths.contains { $0.width != nil }
        return (trajectory, hasWidths ? widths : nil, notes)
    }

    static func figures(_ camera: Trajectory<Table, Camera>) -> [Figure] {
        let sigmas = camera.covariances.compactMap { $0?.positionSigma }.sorted()
        let turns = camera.covariances.compactMap { $0?.rotationSigma }.sorted()
        var figures = FrameState.allCases.map { state in
            Figure("frames_\(state.rawValue)", Double(camera.states.filter { $0 == state }.count), "")
        }
        if let median = sigmas.dropFirst(sigmas.count / 2).first, let worst = sigmas.last, let turn = turns.dropFirst(turns.count / 2).first
        {
            figures.append(Figure("position_sigma_median", 1000 * median, "mm"))
            figures.append(Figure("position_sigma_worst", 1000 * worst, "mm"))
            figures.append(Figure("rotation_sigma_median", turn * 180 / .pi, "°"))
        }
        return figures
    }

    static func write(_ camera: Trajectory<Table, Camera>, widths: [GripperSample]?, summary: LocalizeSummary, to folder: URL) throws {
        try camera.csv.write(to: folder.appendingPathComponent("camera.csv"))
        if let widths {
            try CSVTable(
                header: ["frame", "width_m"], rows: widths.enumerated().map { ["\($0.offset)", $0.element.width?.fixed(9) ?? ""] }
            )
            .write(to: folder.appendingPathComponent("widths.csv"))
        }
        try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("localization.json"))
    }

    private static func read(_ artefact: Artefact) throws -> LocalizedPoses {
        let widths = artefact.file("widths.csv")
        var samples: [GripperSample]?
        if FileManager.default.fileExists(atPath: widths.path) {
            samples = try CSVTable(contentsOf: widths).rows.map { GripperSample(width: Double($0[1])) }
        }
        return LocalizedPoses(
            artefact: artefact, camera: try Trajectory(csv: artefact.file("camera.csv")), widths: samples,
            joints: try AdaptedPoses.joints(artefact),
            summary: try JSONText.decode(LocalizeSummary.self, from: artefact.file("localization.json")))
    }
}
