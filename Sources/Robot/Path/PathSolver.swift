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
        var tried: [Trial] = []
        var all: [PostureCandidate] = []
        // The others are only looked for where the first is not enough.
        for family in 0..<(rule == nil ? 0 : max(1, options.families)) {
            guard let rule, family == 0 || family < seeds.count else { break }
            let own = followers(search, rule, family: family, seed: family == 0 ? rule.reference : seeds[family])
            all += own
            tried.append(assembled(own, family, times: times, seconds: search.times))
            let isWhole = tried[family].loss.lostFrames == 0 && tried[family].loss.jumps == 0
            if isWhole || family == 0 && isAsGoodAsAny(tried[0], search) { return taken(family, tried) }
        }
        solver.reseed(options.seed)
        all += firstCandidates(search, beside: all)
        searchGaps(search, &all)
        tried.append(assembled(all, JointPath.noFamily, times: times, seconds: search.times))
        let best = tried[tried.count - 1].loss
        let allowance = Int(options.familyLoss * Double(times.count))
        // A jump cuts an episode in two: no family may have more of them than the best choice.
        let first = tried.firstIndex {
            $0.path != nil && $0.loss.lostFrames <= best.lostFrames + allowance && $0.loss.jumps <= best.jumps
        }
        return taken(first ?? tried.count - 1, tried)
    }

    /// A way through the path in one family; nil where none of its postures holds the tool at an anchor.
    private struct Trial {
        var path: JointPath?
        var loss: PostureTrial
    }

    private func taken(_ index: Int, _ tried: [Trial]) -> JointPath {
        guard var path = tried[index].path else { preconditionFailure("the best choice has a way through every path") }
        let isPlain = index == 0 && tried[0].loss.lostFrames == 0 && tried[0].loss.jumps == 0
        if rule == nil || isPlain { return path }
        path.trials = tried.map(\.loss)
        path.trials[index].isTaken = true
        return path
    }

    /// Whether what the first family loses is out of every posture's reach.
    private func isAsGoodAsAny(_ first: Trial, _ search: CandidateSearch) -> Bool {
        guard let path = first.path, first.loss.jumps == 0 else { return false }
        let open = path.reached.indices.filter { !path.reached[$0] }
        guard first.loss.lostFrames == open.count else { return false }
        solver.reseed(options.seed)
        return Self.spread(open).allSatisfy { !solver.solve(search.poses[$0]).isReached(options) }
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
                if result.solved, isNew(q, at: frame, among: candidates), isNew(q, at: frame, among: known) {
                    candidates.append(search.candidate(from: frame, posture: q))
                }
            }
        }
        if candidates.isEmpty, known.isEmpty {
            let best = solver.solve(search.poses[0])
            candidates.append(search.candidate(from: 0, posture: best.positions))
        }
        return candidates
    }

    /// Of ascending frames the ends of each run and every tenth.
    private static func spread(_ open: [Int]) -> [Int] {
        open.enumerated().filter { k, frame in
            let isEdge = k == 0 || k == open.count - 1 || open[k - 1] != frame - 1 || open[k + 1] != frame + 1
            return isEdge || frame % 10 == 0
        }.map(\.element)
    }

    /// Looks harder where no candidate gets to: the ends and the middle of each gap, and every tenth frame.
    private func searchGaps(_ search: CandidateSearch, _ candidates: inout [PostureCandidate]) {
        let count = search.poses.count
        for _ in 0..<4 {
            let open = (0..<count).filter { frame in !candidates.contains { $0.reached[frame] } }
            var found = false
            for frame in Self.spread(open) where !candidates.contains(where: { $0.reached[frame] }) {
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
    ) -> Trial {
        guard !candidates.isEmpty else {
            return Trial(path: nil, loss: PostureTrial(family: family, lostFrames: times.count, jumps: 0, isTaken: false))
        }
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
        return Trial(
            path: path, loss: PostureTrial(family: family, lostFrames: lost, jumps: choice.jumps.count, isTaken: false))
    }
}
