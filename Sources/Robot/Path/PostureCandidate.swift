internal import Geometry
internal import Session

/// One continuous way for the arm to follow a whole path, from a posture at one frame forwards and backwards.
struct PostureCandidate {
    /// Row-major, frames × joints.
    var positions: [Double]
    var positionResidual: [Double]
    var rotationResidual: [Double]
    /// See `JointPath.projectedRotation`.
    var projectedRotation: [Double]
    var reached: [Bool]
    /// What it costs to be here, by frame (see `SolveOptions`).
    var cost: [Double]
    /// Frames that no repair would keep: out of reach, in collision, on a joint's limit, singular.
    var lost: [Bool]
    /// See `JointPath.family`.
    var family: Int
}

/// Follows a path from a posture at one frame.
struct CandidateSearch {
    let solver: InverseKinematics
    let times: [Double]
    let poses: [Transform<Base, Tool>]
    let options: SolveOptions
    /// Nil where each path is solved for itself.
    var rule: PostureRule?

    var kinematics: Kinematics { solver.kinematics }

    /// Each frame is solved from its neighbour's posture; redundancy is where the rule's strain is least, or drifts towards `home` without a rule.
    /// Where the pose cannot be had the nearest one is kept, and the family's `seed` says where to go on after it.
    func candidate(from anchor: Int, posture: [Double], family: Int = JointPath.noFamily, seed: [Double]? = nil) -> PostureCandidate {
        let n = solver.n
        let count = poses.count
        var candidate = PostureCandidate(
            positions: Array(repeating: 0, count: count * n), positionResidual: Array(repeating: .infinity, count: count),
            rotationResidual: Array(repeating: .infinity, count: count), projectedRotation: Array(repeating: 0, count: count),
            reached: Array(repeating: false, count: count),
            cost: Array(repeating: 0, count: count), lost: Array(repeating: true, count: count), family: family)
        var q = posture
        set(&candidate, anchor, step(&q, anchor, after: anchor), q)
        for direction in [1, -1] {
            q = Array(candidate.positions[anchor * n..<(anchor + 1) * n])
            var frame = anchor + direction
            while frame >= 0, frame < count {
                let dt = abs(times[frame] - times[frame - direction])
                if let rule, let seed, !candidate.reached[frame - direction], let back = rule.posture(at: poses[frame], from: seed) {
                    q = back
                } else if rule == nil, n > 6, options.postureRate > 0 {
                    solver.drift(&q, towards: kinematics.arm.home, by: min(1, options.postureRate * dt))
                }
                set(&candidate, frame, step(&q, frame, after: frame - direction), q)
                frame += direction
            }
        }
        return candidate
    }

    private func step(_ q: inout [Double], _ frame: Int, after other: Int) -> InverseKinematics.Descent {
        rule?.follow(&q, from: poses[other], to: poses[frame]) ?? solver.descend(poses[frame], from: &q)
    }

    private func set(_ candidate: inout PostureCandidate, _ frame: Int, _ result: InverseKinematics.Descent, _ q: [Double]) {
        let n = solver.n
        for i in 0..<n { candidate.positions[frame * n + i] = q[i] }
        candidate.positionResidual[frame] = result.position
        candidate.rotationResidual[frame] = result.rotation
        candidate.projectedRotation[frame] = result.projected
        let reached = result.isReached(options)
        candidate.reached[frame] = reached
        guard reached else {
            candidate.cost[frame] =
                options.unreachedCost + 1e3 * min(10, result.position + options.lever * (result.rotation + result.projected))
            return
        }
        let (cost, isLost) = cost(q)
        candidate.cost[frame] = cost + options.projectionCost * result.projected
        candidate.lost[frame] = isLost
    }

    /// What a posture costs: collisions, joints near their limits, singularity; and whether it is none to be in, by the thresholds at which
    /// `Feasibility` fails a frame.
    private func cost(_ q: [Double]) -> (cost: Double, isLost: Bool) {
        let limits = FeasibilityOptions()
        var cost = 0.0
        var isLost = false
        q.withUnsafeBufferPointer { q in
            guard let p = q.baseAddress else { return }
            for i in 0..<solver.n {
                let room = min(p[i] - solver.bounds[2 * i], solver.bounds[2 * i + 1] - p[i])
                if room < limits.positionMargin { isLost = true }
                if room < options.postureMargin { cost += options.limitCost * (1 - max(0, room) / options.postureMargin) }
            }
            kinematics.place(p)
            kinematics.chain.place(p)
        }
        for (distance, least) in [
            (kinematics.selfClearance(reach: options.clearance).distance, limits.selfClearance),
            (kinematics.tableClearance(reach: options.clearance).distance, limits.tableClearance),
            (kinematics.obstacleClearance(reach: options.clearance).distance, limits.obstacleClearance),
        ] {
            if distance < options.clearance { cost += options.collisionCost }
            if distance < least { isLost = true }
        }
        if !kinematics.isRegular(over: options.singular, lever: options.lever) {
            let smallest = kinematics.smallestSingularValue(q, lever: options.lever)
            cost += options.singularCost * (1 - min(1, smallest / options.singular))
            if smallest < limits.singular { isLost = true }
        }
        return (cost, isLost)
    }
}
