internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// Puts what another recorder left on the video's frames: poses with their stated noise, widths, joints.
enum AdaptedPoses {
    static func write(
        _ adaptor: any RecordingAdaptor.Type, _ url: URL, recording: IngestedRecording, to folder: URL, context: StageContext
    ) throws {
        let adapted = try adaptor.read(url)
        let times = recording.times
        let rows = try byFrame(adapted, times: times, url: url)
        let toolFromCamera = try recording.device(context.request.device).cameraFromTool.inverse
        let tableFromWorld = try world(context)
        let arm = context.request.arm
        var camera = Trajectory<Table, Camera>()
        let covariance = PoseCovariance(
            positionSigma: adapted.positionSigma / 3.0.squareRoot(), rotationSigma: adapted.rotationSigma / 3.0.squareRoot())
        let tableFromBase = adapted.moving == .joints ? try Solve.base([], context: context).1.tableFromBase : .identity
        for (i, time) in times.enumerated() {
            var pose = rows[i]?.pose.map { tableFromWorld * $0.relabelled(Frame.self, Frame.self) }
            if adapted.moving == .joints, let joints = rows[i]?.joints {
                guard joints.count == arm.jointCount else {
                    throw UnitFailure(
                        reason: "joints",
                        detail: "\(url.lastPathComponent): frame \(i): \(joints.count) joints, \(arm.name) has \(arm.jointCount)")
                }
                pose = (tableFromBase * Kinematics(arm).forward(joints)).relabelled(Table.self, Frame.self)
            }
            let placed = pose.map {
                adapted.moving == .camera
                    ? $0.relabelled(Table.self, Camera.self) : $0.relabelled(Table.self, Tool.self) * toolFromCamera
            }
            camera.append(time, placed ?? .identity, covariance: placed == nil ? nil : covariance, state: placed == nil ? .lost : .tracked)
        }
        let widths = rows.map { GripperSample(width: $0?.width) }
        let missing = camera.states.filter { $0 == .lost }.count
        let notes = adapted.notes + (missing > 0 ? ["\(missing) frames have no pose in \(url.lastPathComponent)"] : [])
        let summary = LocalizeSummary(source: adaptor.name, figures: Localize.figures(camera), notes: notes)
        try Localize.write(camera, widths: widths.contains { $0.width != nil } ? widths : nil, summary: summary, to: folder)
        guard adapted.moving == .joints else { return }
        try CSVTable(
            header: ["frame"] + arm.joints.map(\.name),
            rows: rows.enumerated().map { i, row in
                ["\(i)"] + (row?.joints ?? [Double](repeating: 0, count: arm.jointCount)).map { "\($0)" }
            }
        ).write(to: folder.appendingPathComponent("joints.csv"))
    }

    /// What a demo's poses depend on beside the file.
    static func inputs(_ context: StageContext) throws -> String {
        "\(context.configuration.ingest.tableFromWorld) \(context.configuration.solve.base) \(try context.request.arm.inputs().sorted { $0.key < $1.key })"
    }

    static func joints(_ artefact: Artefact) throws -> [[Double]]? {
        let url = artefact.file("joints.csv")
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        return try CSVTable(contentsOf: url).rows.map { $0.dropFirst().compactMap(Double.init) }
    }

    /// A stretch of given joints as a solved path is.
    static func path(_ joints: [[Double]], _ span: FrameSpan, _ times: [Timestamp<VideoClock>], arm: Arm) -> JointPath {
        JointPath(
            jointNames: arm.joints.map(\.name), times: Array(times[span.first..<span.end]),
            positions: joints[span.first..<span.end].flatMap { $0 },
            positionResidual: [Double](repeating: 0, count: span.count), rotationResidual: [Double](repeating: 0, count: span.count),
            reached: [Bool](repeating: true, count: span.count), jumps: [])
    }

    private static func world(_ context: StageContext) throws -> Transform<Table, Frame> {
        let text = context.configuration.ingest.tableFromWorld
        guard !text.isEmpty else { return .identity }
        let v = text.split(whereSeparator: { $0 == " " || $0 == "," }).compactMap { Double($0) }
        if v.count == 4 {
            return Transform(rotation: Rotation(axis: Vector3(0, 0, 1), angle: v[3] * .pi / 180), translation: Vector3(v[0], v[1], v[2]))
        }
        guard v.count == 7, v[3...].contains(where: { $0 != 0 }) else {
            throw PipelineError.usage("ingest.tableFromWorld=\(text)", accepted: "x y z yaw_deg, or x y z q_x q_y q_z q_w")
        }
        return Transform(rotation: Rotation(xyzw: Vector4(v[3], v[4], v[5], v[6])), translation: Vector3(v[0], v[1], v[2]))
    }

    /// One row a frame: by number, or interpolated in time between rows no more than 0.1 s apart.
    private static func byFrame(_ adapted: AdaptedRecording, times: [Timestamp<VideoClock>], url: URL) throws -> [AdaptedRecording.Row?] {
        var out = [AdaptedRecording.Row?](repeating: nil, count: times.count)
        guard adapted.rows.contains(where: { $0.frame == nil }) else {
            for row in adapted.rows {
                guard let frame = row.frame, out.indices.contains(frame) else {
                    throw UnitFailure(
                        reason: "poses",
                        detail: "\(url.lastPathComponent) has a row for frame \(row.frame ?? -1), the recording has \(times.count) frames")
                }
                out[frame] = row
            }
            return out
        }
        var k = 0
        for (i, time) in times.enumerated() {
            while k + 1 < adapted.rows.count, (adapted.rows[k + 1].seconds ?? 0) <= time.seconds { k += 1 }
            guard k < adapted.rows.count, let s = adapted.rows[k].seconds else { continue }
            let a = adapted.rows[k]
            guard k + 1 < adapted.rows.count, let e = adapted.rows[k + 1].seconds, e > s, e - s <= 0.1, time.seconds >= s else {
                if abs(time.seconds - s) < 1e-3 { out[i] = a }
                continue
            }
            let b = adapted.rows[k + 1]
            let f = (time.seconds - s) / (e - s)
            var row = AdaptedRecording.Row(frame: i)
            if let p = a.pose, let q = b.pose { row.pose = p.interpolated(to: q, fraction: f) }
            if let p = a.width, let q = b.width { row.width = p + (q - p) * f }
            if let p = a.joints, let q = b.joints { row.joints = zip(p, q).map { $0 + ($1 - $0) * f } }
            out[i] = row
        }
        return out
    }
}
