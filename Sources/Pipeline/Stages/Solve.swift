internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// Joint paths of a demo's episodes.
struct SolvedEpisodes: Sendable {
    var artefact: Artefact
    var episodes: [FrameSpan]
    var paths: [JointPath]
}

/// Where the arm's foot stands for the whole session.
struct BasePose: Sendable, Codable, Equatable {
    /// `arm`, `given` or `search`.
    var origin: String
    var rotationXYZW: [Double]
    var translation: [Double]
    var note: String

    var tableFromBase: Transform<Table, Base> {
        Transform(
            rotation: Rotation(xyzw: Vector4(rotationXYZW[0], rotationXYZW[1], rotationXYZW[2], rotationXYZW[3])),
            translation: Vector3(translation[0], translation[1], translation[2]))
    }

    init(_ pose: Transform<Table, Base>, origin: String, note: String) {
        let q = pose.rotation.xyzw
        self.origin = origin
        rotationXYZW = [q.x, q.y, q.z, q.w]
        translation = [pose.translation.x, pose.translation.y, pose.translation.z]
        self.note = note
    }
}

enum Solve {
    /// The base pose that `solve.base` asks for: `default` (the arm file's), `x y z yaw_deg`, or `search` over all episodes.
    static func base(_ demos: [(path: (artefact: Artefact, path: ToolPath), cut: CutEpisodes)], context: StageContext) throws -> (
        Artefact, BasePose
    ) {
        let options = context.configuration.solve
        let arm = context.request.arm
        var inputs = try arm.inputs()
        if options.base == "search" { inputs["feasibility"] = try JSONText.line(context.configuration.feasibility) }
        if options.base == "search" { for demo in demos { inputs[demo.cut.artefact.folder.lastPathComponent] = demo.cut.artefact.key } }
        let artefact = try context.make(.solve, unit: "session", options: options, inputs: inputs) { folder in
            try FileBytes.write(
                JSONText.encode(find(demos, arm: arm, options: options, feasibility: context.configuration.feasibility)),
                to: folder.appendingPathComponent("base.json"))
        }
        return (artefact, try JSONText.decode(BasePose.self, from: artefact.file("base.json")))
    }

    private static func find(
        _ demos: [(path: (artefact: Artefact, path: ToolPath), cut: CutEpisodes)], arm: Arm, options: SolveOptions,
        feasibility: FeasibilityOptions
    ) throws -> BasePose {
        let numbers = options.base.split(whereSeparator: { $0 == " " || $0 == "," }).compactMap { Double($0) }
        if numbers.count == 4 {
            let yaw = Rotation(axis: Vector3(0, 0, 1), angle: numbers[3] * .pi / 180)
            return BasePose(Transform(rotation: yaw, translation: Vector3(numbers[0], numbers[1], numbers[2])), origin: "given", note: "")
        }
        switch options.base {
        case "default":
            guard let pose = arm.tableFromBase else {
                throw PipelineError.usage(
                    "the arm \(arm.name) states no table_from_base", accepted: "--set solve.base='x y z yaw_deg' or --set solve.base=search"
                )
            }
            return BasePose(pose, origin: "arm", note: "")
        case "search":
            let paths = demos.flatMap { demo in demo.cut.episodes.map { demo.path.path.tool[$0] } }
            // Nothing was left to place the arm for: the report says why of each recording.
            guard !paths.isEmpty else { return BasePose(arm.tableFromBase ?? .identity, origin: "arm", note: "no episode to search with") }
            let found = try BasePlacement.search(paths, arm: arm, solve: options, feasibility: feasibility)
            guard let best = found.first else { throw PipelineError.failed(stage: "solve", "no base pose was found") }
            let share = 100 * (best.feasibleShare ?? best.reachableShare)
            return BasePose(best.tableFromBase, origin: "search", note: "\(share.fixed(1)) % of the frames are feasible from there")
        default:
            throw PipelineError.usage(
                "solve.base=\(options.base)", accepted: "default, search, or four numbers: x y z (m) and yaw (degrees)")
        }
    }

    static func run(
        _ recording: IngestedRecording, path: (artefact: Artefact, path: ToolPath), cut: CutEpisodes,
        base: (artefact: Artefact, pose: BasePose),
        given: [[Double]]? = nil, context: StageContext
    ) throws -> SolvedEpisodes {
        let unit = recording.file.unit
        let arm = context.request.arm
        var inputs = try arm.inputs()
        inputs["episodes"] = cut.artefact.key
        inputs["base"] = base.artefact.key
        if given != nil { inputs["joints"] = "given" }
        let artefact = try context.make(.solve, unit: unit, options: context.configuration.solve, inputs: inputs) { folder in
            let solver = PathSolver(arm: arm, options: context.configuration.solve)
            for (k, span) in cut.episodes.enumerated() {
                // Joints that the recorder knew are not solved again, only judged.
                let joints =
                    try given.map { AdaptedPoses.path($0, span, recording.times, arm: arm) }
                    ?? solver.solve(path.path.tool[span], tableFromBase: base.pose.tableFromBase)
                try table(joints).write(to: folder.appendingPathComponent("joints_\(k).csv"))
                context.progress(.advanced(stage: .solve, unit: unit, fraction: Double(k + 1) / Double(cut.episodes.count)))
            }
        }
        var paths: [JointPath] = []
        for k in cut.episodes.indices { paths.append(try read(artefact.file("joints_\(k).csv"), arm: arm)) }
        return SolvedEpisodes(artefact: artefact, episodes: cut.episodes, paths: paths)
    }

    private static func table(_ path: JointPath) -> CSVTable {
        var table = CSVTable(
            header: ["time_ns_video"] + path.jointNames + [
                "position_residual_m", "rotation_residual_rad", "reached", "jump", "projected_rotation_rad",
            ])
        for i in 0..<path.count {
            table.rows.append(
                ["\(path.times[i].nanoseconds)"] + path[i].map { "\($0)" }
                    + [
                        "\(path.positionResidual[i])", "\(path.rotationResidual[i])", path.reached[i] ? "1" : "0",
                        path.jumps.contains(i) ? "1" : "0", "\(path.projectedRotation[i])",
                    ])
        }
        return table
    }

    static func read(_ url: URL, arm: Arm) throws -> JointPath {
        let table = try CSVTable(contentsOf: url)
        let n = arm.jointCount
        var times: [Timestamp<VideoClock>] = []
        var positions: [Double] = []
        var position: [Double] = []
        var rotation: [Double] = []
        var reached: [Bool] = []
        var jumps: [Int] = []
        var projected: [Double] = []
        for (i, row) in table.rows.enumerated() {
            guard row.count == n + 6, let time = Int64(row[0]), let p = Double(row[n + 1]), let r = Double(row[n + 2]),
                let left = Double(row[n + 5])
            else {
                throw SessionError.format(
                    path: url.path, location: "row \(i + 1)", reason: "a time, \(n) joints and their residuals are expected")
            }
            times.append(Timestamp(nanoseconds: time))
            positions += row[1...n].compactMap(Double.init)
            position.append(p)
            rotation.append(r)
            projected.append(left)
            reached.append(row[n + 3] == "1")
            if row[n + 4] == "1" { jumps.append(i) }
        }
        return JointPath(
            jointNames: arm.joints.map(\.name), times: times, positions: positions, positionResidual: position, rotationResidual: rotation,
            reached: reached, jumps: jumps, projectedRotation: projected)
    }
}
