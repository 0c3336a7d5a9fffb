internal import CMuJoCo
public import Geometry
public import Session

/// What was looked at when a place for an arm's foot was sought.
public struct BasePlacementOptions: Codable, Sendable, Equatable {
    public init() {}

    /// Distances of the foot from the middle of the tool path, level, m. Default 0.35 to 0.75.
    public var distances: [Double] = [0.35, 0.45, 0.55, 0.65, 0.75]
    /// Heights of the foot over the table, m. Default 0 alone: a foot on the table.
    public var heights: [Double] = [0]
    /// Directions from the middle of the path to the foot, how many around the circle. Default 16.
    public var directions: Int = 16
    /// Tool poses tried at each place, taken evenly from all paths. Default 40.
    public var samples: Int = 40
    /// Best places that are then solved and checked in full. Default 3.
    public var finalists: Int = 3
}

/// A place for the arm's foot and what share of the recordings is feasible from there.
public struct BasePlacement: Sendable, Equatable {
    public var tableFromBase: Transform<Table, Base>
    /// Share of the sampled poses that are in reach, off the joint limits and free of collision, 0...1.
    public var reachableShare: Double
    /// Share of all frames that are feasible, 0...1; nil where the path was not checked.
    public var feasibleShare: Double?

    /// Tries places on a ring around the tool paths with the arm facing their middle, and gives them best first.
    ///
    /// Each place is first asked for sampled poses (reach, joint limits, collisions), the best few for whole paths through `PathSolver` and
    /// `Feasibility`. Between equal places the one whose postures keep the most margin wins, then the order of the grid. Deterministic.
    public static func search(
        _ paths: [Trajectory<Table, Tool>], arm: Arm, options: BasePlacementOptions = BasePlacementOptions(),
        solve: SolveOptions = SolveOptions(), feasibility: FeasibilityOptions = FeasibilityOptions()
    ) throws(RobotError) -> [BasePlacement] {
        let poses = paths.flatMap(\.poses)
        guard !poses.isEmpty else { throw .input(what: "search for the arm's foot", reason: "there are no tool poses") }
        let count = min(options.samples, poses.count)
        let samples = (0..<count).map { poses[$0 * (poses.count - 1) / max(1, count - 1)] }
        var middle = Vector3.zero
        for pose in samples { middle += pose.translation / Double(count) }

        let kinematics = Kinematics(arm)
        let solver = InverseKinematics(kinematics, options: solve)
        var found: [(placement: BasePlacement, margin: Double)] = []
        for height in options.heights {
            for distance in options.distances {
                for k in 0..<max(1, options.directions) {
                    let yaw = 2 * Double.pi * Double(k) / Double(max(1, options.directions))
                    let facing = Rotation(vector: Vector3(0, 0, yaw))
                    let foot = Vector3(middle.x, middle.y, height) - facing * Vector3(distance, 0, 0)
                    let base = Transform<Table, Base>(rotation: facing, translation: foot)
                    let (share, margin) = score(samples, base, solver, feasibility)
                    found.append((BasePlacement(tableFromBase: base, reachableShare: share, feasibleShare: nil), margin))
                }
            }
        }
        let order = found.indices.sorted {
            (-found[$0].placement.reachableShare, -found[$0].margin, $0) < (-found[$1].placement.reachableShare, -found[$1].margin, $1)
        }
        var out = order.map { found[$0].placement }
        let pathSolver = PathSolver(arm: arm, options: solve)
        let checker = Feasibility(arm: arm, options: feasibility)
        let finalists = min(options.finalists, out.count)
        for i in 0..<finalists {
            var good = 0.0
            for path in paths where path.count > 0 {
                let joints = try pathSolver.solve(path, tableFromBase: out[i].tableFromBase)
                good += try checker.report(joints, tableFromBase: out[i].tableFromBase).feasibleShare * Double(path.count)
            }
            out[i].feasibleShare = good / Double(poses.count)
        }
        let best = out.prefix(finalists).enumerated().sorted {
            (-($0.element.feasibleShare ?? 0), $0.offset) < (-($1.element.feasibleShare ?? 0), $1.offset)
        }
        out.replaceSubrange(0..<finalists, with: best.map(\.element))
        return out
    }

    /// Share of good poses at a place and the mean margin of the good ones.
    private static func score(
        _ samples: [Transform<Table, Tool>], _ base: Transform<Table, Base>, _ solver: InverseKinematics, _ options: FeasibilityOptions
    ) -> (share: Double, margin: Double) {
        let kinematics = solver.kinematics
        let joints = kinematics.arm.joints
        kinematics.setTable(base)
        solver.reseed(solver.options.seed)
        let baseFromTable = base.inverse
        var good = 0
        var margin = 0.0
        var guess = kinematics.arm.home
        for pose in samples {
            let solution = solver.solve(baseFromTable * pose, guess: guess, restarts: 4)
            guard solution.solved, solution.projectedRotation <= solver.options.projectedRotation else { continue }
            guess = solution.positions
            let room = zip(guess, joints).map { min($0 - $1.lower, $1.upper - $0) }.min() ?? 0
            guard room > options.positionMargin, kinematics.selfClearance(guess, reach: 0.01).distance > options.selfClearance,
                kinematics.tableClearance(guess, reach: 0.01).distance > options.tableClearance,
                kinematics.obstacleClearance(guess, reach: 0.01).distance > 0
            else { continue }
            good += 1
            margin += min(room, 0.5) + kinematics.smallestSingularValue(guess)
        }
        return (Double(good) / Double(max(1, samples.count)), good == 0 ? 0 : margin / Double(good))
    }
}
