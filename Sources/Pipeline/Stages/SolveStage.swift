internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// Joint paths of a demo's episodes.
struct SolvedEpisodes: Sendable {
    var episodes: [FrameSpan]
    var paths: [JointPath]
}

/// Inverse kinematics over each episode of a demo; paths without joints where nothing says where the arm stands.
struct SolveStage: Stage {
    static let name = "solve"
    static let version = 4
    static let scope = StageScope.recording
    static let dependsOnArm = true

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, LocalizeStage.self, GripperStateStage.self, EpisodesStage.self, PairStage.self, BaseStage.self]
    }
    func options(_ configuration: Configuration) -> any Encodable { configuration.solve }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs = try at.request.arm.inputs()
        inputs["localize"] = at.key(LocalizeStage.self)
        inputs["gripper_state"] = at.key(GripperStateStage.self)
        inputs["episodes"] = at.key(EpisodesStage.self)
        inputs["ingest"] = at.key(IngestStage.self)
        inputs["base"] = try at.base(at.unit).text
        inputs["posture"] = try KeptPostures.settled(at.request, at.run.identity).postureRule(at.request.arm)
        return inputs
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let arm = at.request.arm
        let base = try at.base(at.unit)
        let path = try at.result(GripperStateStage.self)
        let cut = try at.result(EpisodesStage.self)
        let times = try at.result(IngestStage.self).times
        let given = try at.result(LocalizeStage.self).joints
        let solver = PathSolver(arm: arm, options: try KeptPostures.settled(at.request, at.run.identity))
        var trials: [[PostureTrial]] = []
        for (k, span) in cut.episodes.enumerated() {
            guard base.isKnown else {
                try Self.table(JointPath(jointNames: [], times: Array(times[span.first..<span.end]), positions: []))
                    .write(to: folder.appendingPathComponent("joints_\(k).csv"))
                trials.append([])
                continue
            }
            // Joints that the recorder knew are not solved again, only judged.
            let joints =
                try given.map { AdaptedPoses.path($0, span, times, arm: arm) }
                ?? solver.solve(path.tool[span], tableFromBase: base.tableFromBase)
            try Self.table(joints).write(to: folder.appendingPathComponent("joints_\(k).csv"))
            trials.append(joints.trials)
            at.advanced(Double(k + 1) / Double(cut.episodes.count))
        }
        try FileBytes.write(JSONText.encode(trials), to: folder.appendingPathComponent("postures.json"))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> SolvedEpisodes {
        let cut = try at.result(EpisodesStage.self)
        let trials = try JSONText.decode([[PostureTrial]].self, from: artefact.file("postures.json"))
        let paths = try cut.episodes.indices.map { k in
            var path = try Self.read(artefact.file("joints_\(k).csv"))
            if trials.indices.contains(k) { path.trials = trials[k] }
            return path
        }
        return SolvedEpisodes(episodes: cut.episodes, paths: paths)
    }

    private static func table(_ path: JointPath) -> CSVTable {
        var table = CSVTable(
            header: ["time_ns_video"] + path.jointNames + [
                "position_residual_m", "rotation_residual_rad", "reached", "jump", "projected_rotation_rad",
                "posture_family",
            ])
        for i in 0..<path.count {
            table.rows.append(
                ["\(path.times[i].nanoseconds)"] + path[i].map { "\($0)" }
                    + [
                        "\(path.positionResidual[i])", "\(path.rotationResidual[i])", path.reached[i] ? "1" : "0",
                        path.jumps.contains(i) ? "1" : "0", "\(path.projectedRotation[i])", "\(path.family[i])",
                    ])
        }
        return table
    }

    static func read(_ url: URL) throws -> JointPath {
        let table = try CSVTable(contentsOf: url)
        let names = Array(table.header.dropFirst().dropLast(6))
        let n = names.count
        var times: [Timestamp<VideoClock>] = []
        var positions: [Double] = []
        var position: [Double] = []
        var rotation: [Double] = []
        var reached: [Bool] = []
        var jumps: [Int] = []
        var projected: [Double] = []
        var families: [Int] = []
        for (i, row) in table.rows.enumerated() {
            guard row.count == n + 7, let time = Int64(row[0]), let p = Double(row[n + 1]), let r = Double(row[n + 2]),
                let left = Double(row[n + 5]), let family = Int(row[n + 6])
            else {
                throw SessionError.format(
                    path: url.path, location: "row \(i + 1)", reason: "a time, \(n) joints, their residuals and family are expected")
            }
            times.append(Timestamp(nanoseconds: time))
            positions += row[1..<n + 1].compactMap(Double.init)
            position.append(p)
            rotation.append(r)
            projected.append(left)
            families.append(family)
            reached.append(row[n + 3] == "1")
            if row[n + 4] == "1" { jumps.append(i) }
        }
        return JointPath(
            jointNames: names, times: times, positions: positions, positionResidual: position, rotationResidual: rotation,
            reached: reached, jumps: jumps, projectedRotation: projected, family: families)
    }
}
