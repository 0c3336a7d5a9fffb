internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// Puts what another recorder left on the video's frames: poses with their stated noise, widths, joints.
enum AdaptedPoses {
    /// - Parameters:
    ///   - source: the recorder's name.
    ///   - adapted: what its file holds.
    static func poses(
        _ source: String, _ adapted: AdaptedRecording, _ url: URL, recording: IngestedRecording, _ at: StageInput
    ) throws -> LocalizedPoses {
        let times = recording.times
        let file = url.lastPathComponent
        try PoseChecks.moves(adapted.rows.compactMap(\.pose), file: file)
        let device = try at.device(recording)
        let (clocked, clock) = try onVideoClock(adapted, recording, device)
        let rows = try byFrame(clocked, times: times, url: url)
        try PoseChecks.meets(
            clocked.rows.filter(\.isPosed).compactMap(\.seconds), video: times, posed: rows.count { $0?.isPosed ?? false }, file: file)
        let toolFromCamera = device.cameraFromTool.inverse
        let tableFromWorld = try world(at.configuration)
        let arm = at.request.arm
        var camera = Trajectory<Table, Camera>()
        let covariance = PoseCovariance(
            positionSigma: adapted.positionSigma / 3.0.squareRoot(), rotationSigma: adapted.rotationSigma / 3.0.squareRoot())
        let tableFromBase = adapted.moving == .joints ? try BasePose.known(at.request).tableFromBase : .identity
        for (i, time) in times.enumerated() {
            var pose = rows[i]?.pose.map { tableFromWorld * $0.relabelled(Frame.self, Frame.self) }
            if adapted.moving == .joints, let joints = rows[i]?.joints {
                if let problem = arm.problem(ofPosture: joints) {
                    throw UnitFailure(reason: "joints", detail: "\(file): frame \(i): \(problem)")
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
        let notes = adapted.notes + clock + (missing > 0 ? ["\(missing) frames have no pose in \(url.lastPathComponent)"] : [])
        let joints = rows.map { $0?.joints ?? [Double](repeating: 0, count: arm.jointCount) }
        return LocalizedPoses(
            camera: camera, widths: widths.contains { $0.width != nil } ? widths : nil, joints: adapted.moving == .joints ? joints : nil,
            summary: LocalizeSummary(source: source, figures: camera.figures, notes: notes))
    }

    /// Times that count from the file's first row, moved to where the camera's gyroscope turns as the poses do; with what was found.
    private static func onVideoClock(
        _ adapted: AdaptedRecording, _ recording: IngestedRecording, _ device: Device
    ) throws -> (AdaptedRecording, notes: [String]) {
        let known = adapted.rows.compactMap { row in row.seconds.flatMap { s in row.pose.map { (seconds: s, rotation: $0.rotation) } } }
        guard let rate = recording.times.dropFirst().first.map({ $0 - recording.times[0] }),
            let (offset, note) = try clock(known, recording, device, tolerance: rate)
        else { return (adapted, []) }
        var moved = adapted
        for i in moved.rows.indices { moved.rows[i].seconds = moved.rows[i].seconds.map { $0 + offset } }
        return (moved, [note])
    }

    /// What is to be added to a file's times by the camera's gyroscope, seconds, with a note; nil where it is less than a tolerance, or where
    /// nothing says.
    static func clock(
        _ poses: [(seconds: Double, rotation: Rotation)], _ recording: IngestedRecording, _ device: Device, tolerance: Double
    ) throws -> (offset: Double, note: String)? {
        guard !poses.isEmpty, let inertial = try recording.inertial() else { return nil }
        let found = GyroscopeClock.find(
            poses, gyroscope: inertial.gyroscope.map { (device.clockOffset.video($0.time).seconds, $0.value) })
        guard let found, abs(found.offset) > tolerance else { return nil }
        let side = found.offset < 0 ? "before" : "after"
        return (
            found.offset,
            "its first row is \(abs(found.offset).fixed(3)) s \(side) the video's first frame, by the camera's gyroscope "
                + "(correlation \(found.correlation.fixed(2))): its times are moved so"
        )
    }

    /// What a demo's poses depend on beside the file.
    /// - Parameter hasJoints: the file says where an arm was, else where the tool or the camera was, whatever the arm.
    static func inputs(_ at: StageInput, hasJoints: Bool) throws -> String {
        guard hasJoints else { return at.configuration.ingest.tableFromWorld }
        let arm = try at.request.arm.inputs().sorted { $0.key < $1.key }
        return "\(at.configuration.ingest.tableFromWorld) \(at.configuration.solve.base) \(arm)"
    }

    /// A stretch of given joints as a solved path is.
    static func path(_ joints: [[Double]], _ span: FrameSpan, _ times: [Timestamp<VideoClock>], arm: Arm) -> JointPath {
        JointPath(
            jointNames: arm.joints.map(\.name), times: Array(times[span.first..<span.end]),
            positions: joints[span.first..<span.end].flatMap { $0 },
            positionResidual: [Double](repeating: 0, count: span.count), rotationResidual: [Double](repeating: 0, count: span.count),
            reached: [Bool](repeating: true, count: span.count), jumps: [])
    }

    /// Where the world of poses from elsewhere stands.
    static func world(_ configuration: Configuration) throws -> Transform<Table, Frame> {
        let text = configuration.ingest.tableFromWorld
        guard !text.isEmpty else { return .identity }
        guard let placed = Transform<Table, Frame>(text: text) else {
            throw PipelineError.usage("ingest.table_from_world=\(text)", accepted: PoseText.accepted)
        }
        return placed
    }

    /// One row a frame: by number, or interpolated in time between rows no more than `PoseChecks.longestGap` apart.
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
            guard k + 1 < adapted.rows.count, let e = adapted.rows[k + 1].seconds, e > s, e - s <= PoseChecks.longestGap, time.seconds >= s
            else {
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
