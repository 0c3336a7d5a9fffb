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
}

/// Follows a path from a posture at one frame.
struct CandidateSearch {
    let solver: InverseKinematics
    let times: [Double]
    let poses: [Transform<Base, Tool>]
    let options: SolveOptions

    var kinematics: Kinematics { solver.kinematics }

    /// Each frame is solved from its neighbour's posture; redundancy drifts towards `home`. Where the pose cannot be had the nearest one is kept.
    func candidate(from anchor: Int, posture: [Double]) -> PostureCandidate {
        let n = solver.n
        let count = poses.count
        var candidate = PostureCandidate(
            positions: Array(repeating: 0, count: count * n), positionResidual: Array(repeating: .infinity, count: count),
            rotationResidual: Array(repeating: .infinity, count: count), projectedRotation: Array(repeating: 0, count: count),
            reached: Array(repeating: false, count: count),
            cost: Array(repeating: 0, count: count))
        var q = posture
        set(&candidate, anchor, solver.descend(poses[anchor], from: &q), q)
        for direction in [1, -1] {
            q = Array(candidate.positions[anchor * n..<(anchor + 1) * n])
            var frame = anchor + direction
            while frame >= 0, frame < count {
                let dt = abs(times[frame] - times[frame - direction])
                if n > 6, options.postureRate > 0 { solver.drift(&q, towards: kinematics.arm.home, by: min(1, options.postureRate * dt)) }
                set(&candidate, frame, solver.descend(poses[frame], from: &q), q)
                frame += direction
            }
        }
        return candidate
    }

    private func set(_ candidate: inout PostureCandidate, _ frame: Int, _ result: InverseKinematics.Descent, _ q: [Double]) {
        let n = solver.n
        for i in 0..<n { candidate.positions[frame * n + i] = q[i] }
        candidate.positionResidual[frame] = result.position
        candidate.rotationResidual[frame] = result.rotation
        candidate.projectedRotation[frame] = result.projected
        let reached = result.isReached(options)
        candidate.reached[frame] = reached
        candidate.cost[frame] =
            reached
            ? cost(q) + options.projectionCost * result.projected
            : options.unreachedCost + 1e3 * min(10, result.position + options.lever * (result.rotation + result.projected))
    }

    /// What a posture costs: collisions, joints near their limits, singularity.
    private func cost(_ q: [Double]) -> Double {
        var cost = 0.0
        q.withUnsafeBufferPointer { q in
            guard let p = q.baseAddress else { return }
            for i in 0..<solver.n {
                let room = min(p[i] - solver.bounds[2 * i], solver.bounds[2 * i + 1] - p[i])
                if room < options.postureMargin { cost += options.limitCost * (1 - max(0, room) / options.postureMargin) }
            }
            kinematics.place(p)
            kinematics.chain.place(p)
        }
        if kinematics.selfClearance(reach: options.clearance).distance < options.clearance { cost += options.collisionCost }
        if kinematics.tableClearance(reach: options.clearance).distance < options.clearance { cost += options.collisionCost }
        if kinematics.obstacleClearance(reach: options.clearance).distance < options.clearance { cost += options.collisionCost }
        if !kinematics.isRegular(over: options.singular, lever: options.lever) {
            cost += options.singularCost * (1 - min(1, kinematics.smallestSingularValue(q, lever: options.lever) / options.singular))
        }
        return cost
    }
}
