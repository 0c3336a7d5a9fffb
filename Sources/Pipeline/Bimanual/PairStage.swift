internal import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// Clocks and relative motion of one pair: its artefact holds `pair.json` and `inter_gripper.csv`.
enum PairStage {
    static let header = ["time_s_video", "x_m", "y_m", "z_m", "qx", "qy", "qz", "qw", "position_sigma_m", "rotation_sigma_rad"]

    static func run(right: DemoState, left: DemoState, offset: Double, resolution: Double, context: StageContext) throws -> DemoPair {
        guard let r = side(right), let l = side(left) else { preconditionFailure("a side that has not stopped was calibrated") }
        let options = context.configuration.pair
        let inputs = [
            "right": r.path.artefact.key, "left": l.path.artefact.key, "right_tags": r.tags.key, "left_tags": l.tags.key,
            "right_poses": r.poses.artefact.key, "left_poses": l.poses.artefact.key, "stated": "\(offset)", "resolution": "\(resolution)",
        ]
        let name = "\(right.file.unit)+\(left.file.unit)"
        let artefact = try context.make(.pair, unit: name, options: options, inputs: inputs) { folder in
            let device = context.request.device
            let refinement = ClockRefinement(
                right: ClockSide(
                    camera: r.poses.camera, device: try r.recording.device(device), times: r.recording.times,
                    tags: try Tags.read(r.tags, frameCount: r.recording.times.count)),
                left: ClockSide(
                    camera: l.poses.camera, device: try l.recording.device(device), times: l.recording.times,
                    tags: try Tags.read(l.tags, frameCount: l.recording.times.count)),
                options: options)
            let window = options.searchWindow + resolution
            // A time code is cut to whole frames on either side.
            let cut = resolution / 6.0.squareRoot()
            var pair = DemoPair(
                name: name, right: right.file.unit, left: left.file.unit, offset: offset, offsetSigma: cut, statedOffset: offset,
                method: "clock",
                sightings: 0, residual: 0, notes: [])
            if let found = refinement.byTags(around: offset, window: window) {
                (pair.method, pair.offset, pair.offsetSigma) = ("tags", found.offset, found.sigma)
                (pair.sightings, pair.residual) = (found.sightings, found.residual)
                pair.notes.append(
                    "clocks set by \(found.sightings) sightings of one gripper's tags by the other, \((1000 * (found.offset - offset)).fixed(1)) ms "
                        + "from what the time codes say, ± \((1000 * found.sigma).fixed(1)) ms")
            } else if let found = refinement.byMotion(around: offset, window: window) {
                (pair.method, pair.offset, pair.offsetSigma) = ("motion", found.offset, found.sigma)
                pair.notes.append(
                    "clocks set by both grippers' equal turning, \((1000 * (found.offset - offset)).fixed(1)) ms from what the time codes say"
                )
            } else {
                pair.notes.append(
                    "clocks as the time codes say, ± \((1000 * cut).fixed(0)) ms: neither gripper saw enough of the other's tags")
            }
            try FileBytes.write(JSONText.encode(pair), to: folder.appendingPathComponent("pair.json"))
            try relative(r.path.path.tool, l.path.path.tool, pair).write(to: folder.appendingPathComponent("inter_gripper.csv"))
        }
        return try JSONText.decode(DemoPair.self, from: artefact.file("pair.json"))
    }

    private static func side(
        _ s: DemoState
    ) -> (recording: IngestedRecording, tags: Artefact, poses: LocalizedPoses, path: (artefact: Artefact, path: ToolPath))? {
        guard let recording = s.recording, let tags = s.tags, let poses = s.poses, let path = s.path else { return nil }
        return (recording, tags, poses, path)
    }

    /// The left tool in the right tool's frame at each of the right's frames, with its uncertainty: of both poses and of the clocks.
    private static func relative(_ right: Trajectory<Table, Tool>, _ left: Trajectory<Table, Tool>, _ pair: DemoPair) -> CSVTable {
        var table = CSVTable(header: header, comments: ["right_tool_from_left_tool at the right recording's frames"])
        for i in 0..<right.count where right.states[i] != .lost {
            let time = right.times[i] + pair.offset
            guard let other = left.interpolated(at: time, maximumGap: 0.1), let near = left.nearestIndex(to: time, tolerance: 0.1) else {
                continue
            }
            guard left.states[near] != .lost else { continue }
            let pose = right.poses[i].inverse * other
            let (p, q) = (pose.translation, pose.rotation.xyzw)
            let before = left.interpolated(at: time + -0.02, maximumGap: 0.1) ?? other
            let after = left.interpolated(at: time + 0.02, maximumGap: 0.1) ?? other
            let speed = (after.translation - before.translation).length / 0.04
            let turn = (before.rotation.inverse * after.rotation).vector.length / 0.04
            func root(_ a: Double?, _ b: Double?, _ c: Double) -> String {
                guard let a, let b else { return "" }
                return (a * a + b * b + c * c).squareRoot().fixed(7)
            }
            let (a, b) = (right.covariances[i], left.covariances[near])
            table.rows.append(
                [right.times[i].seconds.fixed(6), p.x.fixed(7), p.y.fixed(7), p.z.fixed(7)] + [q.x, q.y, q.z, q.w].map { $0.fixed(9) } + [
                    root(a?.positionSigma, b?.positionSigma, speed * pair.offsetSigma),
                    root(a?.rotationSigma, b?.rotationSigma, turn * pair.offsetSigma),
                ])
        }
        return table
    }
}
