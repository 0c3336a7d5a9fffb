public import Geometry
public import Session

/// Inverse kinematics of a whole path: which posture to begin in, so that the arm can go through without jumping.
///
/// The family of `SolveOptions.posture` is taken wherever it can follow (`PostureRule`): the same pose then has the same joints in every path. Where
/// it loses frames, the arm's other families are tried in turn, and where none is as good as the best choice, that is taken.
///
/// For the best choice postures are sampled at frames spread over the path and each is followed over all of it (`CandidateSearch`). Dynamic programming over the candidates then
/// picks, frame by frame, the sequence of least cost: first the fewest frames out of reach, then the fewest jumps, then no collision, then joints
/// off their limits and the least joint speed relative to the limits. The layered graph is that of IKLink (Wang et al., ICRA 2024,
/// arXiv:2402.16154), with whole candidates for columns in place of a table of nodes for each waypoint. Frames that no candidate reaches are tried again
/// from many random postures before they are called out of reach. What is chosen is refined as a whole (`PathRefinement`).
public final class PathSolver {
    public let arm: Arm
    public let options: SolveOptions
    private let solver: InverseKinematics
    /// Nil where each path is solved for itself.
    private let rule: PostureRule?
    private lazy var seeds = rule?.seeds() ?? []
    private var kinematics: Kinematics { solver.kinematics }

    public init(arm: Arm, options: SolveOptions = SolveOptions()) {
        self.arm = arm
        self.options = options
        let solver = InverseKinematics(Kinematics(arm), options: options)
        self.solver = solver
        rule = PosturePreference(options.posture, arm: arm)?.reference.map { PostureRule(solver, reference: $0, options: options) }
    }

    /// The joints for a recording whose tool poses are given above the table.
    ///
    /// The states of the frames are not looked at: each pose is taken as it stands, so cut lost frames away before. Throws `RobotError.input` for an empty path, times that do not
    /// increase, a pose that is not finite, naming the frame, or a `SolveOptions.posture` that is none.
    public func solve(
        _ tableFromTool: Trajectory<Table, Tool>, tableFromBase: Transform<Table, Base>
    ) throws(RobotError) -> JointPath {
        guard tableFromTool.count > 0 else { throw .input(what: "path", reason: "has no frames") }
        for i in 0..<tableFromTool.count {
            let pose = tableFromTool.poses[i]
            guard pose.translation.isFinite, (0..<4).allSatisfy({ pose.rotation.xyzw[$0].isFinite }) else {
                throw .input(what: "frame \(i) of the path", reason: "its pose is not finite")
            }
            guard i == 0 || tableFromTool.times[i] > tableFromTool.times[i - 1] else {
                throw .input(what: "frame \(i) of the path", reason: "is not later than the frame before")
            }
        }
        guard PosturePreference(options.posture, arm: arm) != nil else {
            throw .input(what: "solve.posture", reason: "is '\(options.posture)', expected \(PosturePreference.accepted(arm))")
        }
        kinematics.setTable(tableFromBase)
        solver.reseed(options.seed)
        let baseFromTable = tableFromBase.inverse
        let poses = tableFromTool.poses.map { baseFromTable * $0 }
        let times = tableFromTool.times.map(\.seconds)
        let search = CandidateSearch(solver: solver, times: times, poses: poses, options: options, rule: rule)
        var path = choose(search, times: tableFromTool.times)
        if options.refine == "on", arm.jointCount >= 6 {
            PathRefinement(solver: solver, options: options).refine(&path, poses: poses, seconds: times)
        }
        return path
    }

    /// The first family that loses no more than it may against the best choice, or that.
    private func choose(_ search: CandidateSearch, times: [Timestamp<VideoClock>]) -> JointPath {
        var tried: [(path: JointPath, trial: PostureTrial)] = []
        var all: [PostureCandidate] = []
        if let rule {
            // The others are only looked for where the first is not enough.
            for family in 0..<max(1, options.families) {
                guard family == 0 || family < seeds.count else { break }
                let own = followers(search, rule, family: family, seed: family == 0 ? rule.reference : seeds[family])
                guard !own.isEmpty else { continue }
                all += own
                let (path, trial) = assembled(own, family, times: times, seconds: search.times)
                tried.append((path, trial))
                if trial.lostFrames == 0, trial.jumps == 0 { break }
            }
            if let last = tried.last, last.trial.lostFrames == 0, last.trial.jumps == 0 { return taken(tried.count - 1, tried) }
        }
        solver.reseed(options.seed)
        all += firstCandidates(search, beside: all)
        searchGaps(search, &all)
        tried.append(assembled(all, JointPath.noFamily, times: times, seconds: search.times))
        let best = tried[tried.count - 1].trial
        let allowance = Int(options.familyLoss * Double(times.count))
        let first = tried.firstIndex { $0.trial.lostFrames <= best.lostFrames + allowance && $0.trial.jumps <= best.jumps }
        return taken(first ?? tried.count - 1, tried)
    }

    private func taken(_ index: Int, _ tried: [(path: JointPath, trial: PostureTrial)]) -> JointPath {
        var path = tried[index].path
        guard tried[0].trial.lostFrames > 0 || tried[0].trial.jumps > 0 || index > 0, rule != nil else { return path }
        path.trials = tried.map(\.trial)
        path.trials[index].isTaken = true
        return path
    }

    /// A family's ways through the path: where it takes another posture at an anchor than the way there came to, there is one more.
    private func followers(_ search: CandidateSearch, _ rule: PostureRule, family: Int, seed: [Double]) -> [PostureCandidate] {
        var candidates: [PostureCandidate] = []
        for frame in anchors(search.poses.count) {
            guard let q = rule.posture(at: search.poses[frame], from: seed), isNew(q, at: frame, among: candidates) else { continue }
            candidates.append(search.candidate(from: frame, posture: q, family: family, seed: seed))
        }
        return candidates
    }

    private func anchors(_ count: Int) -> [Int] {
        let anchors = max(1, min(options.anchors, count))
        return (0..<anchors).map { anchors == 1 ? 0 : $0 * (count - 1) / (anchors - 1) }
    }

    /// Candidates from the home posture and from random postures at the anchors.
    private func firstCandidates(_ search: CandidateSearch, beside known: [PostureCandidate]) -> [PostureCandidate] {
        var candidates: [PostureCandidate] = []
        for frame in anchors(search.poses.count) {
            for sample in 0...max(1, options.samples) {
                var q = sample == 0 ? arm.home : solver.randomPosture()
                let result = solver.descend(search.poses[frame], from: &q)
                unwind(&q)
                if result.solved, isNew(q, at: frame, among: candidates), isNew(q, at: frame, among: known) { candidates.append(search.candidate(from: frame, posture: q)) }
            }
        }
        if candidates.isEmpty, known.isEmpty {
            let best = solver.solve(search.poses[0])
            candidates.append(search.candidate(from: 0, posture: best.positions))
        }
        return candidates
    }

    /// Looks harder where no candidate gets to: the ends and the middle of each gap, and every tenth frame.
    private func searchGaps(_ search: CandidateSearch, _ candidates: inout [PostureCandidate]) {
        let count = search.poses.count
        for _ in 0..<4 {
            let open = (0..<count).filter { frame in !candidates.contains { $0.reached[frame] } }
            var tried: [Int] = []
            for (k, frame) in open.enumerated() {
                let edge = k == 0 || k == open.count - 1 || open[k - 1] != frame - 1 || open[k + 1] != frame + 1
                if edge || frame % 10 == 0 { tried.append(frame) }
            }
            var found = false
            for frame in tried where !candidates.contains(where: { $0.reached[frame] }) {
                var solution = solver.solve(search.poses[frame])
                guard solution.isReached(options) else { continue }
                unwind(&solution.positions)
                candidates.append(search.candidate(from: frame, posture: solution.positions))
                found = true
            }
            if !found { return }
        }
    }

    /// Takes whole turns off joints that have more than one turn, towards the middle of their range.
    private func unwind(_ q: inout [Double]) {
        for (i, joint) in arm.joints.enumerated() where joint.kind == .revolute && joint.range > 2 * Double.pi {
            let turns = ((q[i] - arm.home[i]) / (2 * Double.pi)).rounded()
            let other = q[i] - turns * 2 * Double.pi
            if other > joint.lower, other < joint.upper { q[i] = other }
        }
    }

    private func isNew(_ q: [Double], at frame: Int, among candidates: [PostureCandidate]) -> Bool {
        let n = q.count
        return !candidates.contains { candidate in
            (0..<n).allSatisfy { abs(candidate.positions[frame * n + $0] - q[$0]) < options.distinct }
        }
    }

    /// The cheapest way through the candidates, and what it loses.
    private func assembled(
        _ candidates: [PostureCandidate], _ family: Int, times: [Timestamp<VideoClock>], seconds: [Double]
    ) -> (path: JointPath, trial: PostureTrial) {
        let n = arm.jointCount
        let count = times.count
        let choice = CandidateChoice(candidates: candidates, jointCount: n, seconds: seconds, joints: arm.joints, options: options).best()
        var lost = 0
        var path = JointPath(jointNames: arm.joints.map(\.name), times: times, positions: Array(repeating: 0, count: count * n))
        for frame in 0..<count {
            let candidate = candidates[choice.candidate[frame]]
            for i in 0..<n { path.positions[frame * n + i] = candidate.positions[frame * n + i] }
            path.positionResidual[frame] = candidate.positionResidual[frame]
            path.rotationResidual[frame] = candidate.rotationResidual[frame]
            path.projectedRotation[frame] = candidate.projectedRotation[frame]
            path.reached[frame] = candidate.reached[frame]
            path.family[frame] = candidate.family
            if candidate.lost[frame] { lost += 1 }
        }
        path.jumps = choice.jumps
        return (path, PostureTrial(family: family, lostFrames: lost, jumps: choice.jumps.count, isTaken: false))
    }
}
