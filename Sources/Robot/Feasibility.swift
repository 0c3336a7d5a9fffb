internal import CMuJoCo
public import Geometry
internal import Session

/// Judges a joint path against everything that is known of an arm.
///
/// The path is split where it is out of reach or jumps; in each piece the joints are smoothed by a local polynomial fit (`LocalFit`), so that pose
/// noise does not read as acceleration, and its derivatives are held against the limits; torque is inverse dynamics of the smoothed motion with
/// tool and payload; collisions are distances of the posture as solved. Every check gives a margin for each frame.
/// What an arm does while it stretches towards a point it cannot reach is put down to the reach: see `FeasibilityOptions.reachShadow`.
public struct Feasibility {
    public let arm: Arm
    public let options: FeasibilityOptions
    private let kinematics: Kinematics

    public init(arm: Arm, options: FeasibilityOptions = FeasibilityOptions()) {
        self.arm = arm
        self.options = options
        kinematics = Kinematics(arm)
    }

    /// The verdict. Throws `RobotError.input` when the path is not of this arm or its times do not increase.
    public func judge(_ path: JointPath, tableFromBase: Transform<Table, Base>) throws(RobotError) -> FeasibilityReport {
        guard path.jointNames == arm.joints.map(\.name) else {
            throw .input(what: "joint path", reason: "is of joints \(path.jointNames), the arm has \(arm.joints.map(\.name))")
        }
        for i in 1..<max(1, path.count) where path.times[i] <= path.times[i - 1] {
            throw .input(what: "frame \(i) of the joint path", reason: "is not later than the frame before")
        }
        if let bad = path.positions.firstIndex(where: { !$0.isFinite }) {
            throw .input(what: "frame \(bad / max(1, path.jointCount)) of the joint path", reason: "is not finite")
        }
        kinematics.setTable(tableFromBase)
        var judgement = Judgement(arm: arm, options: options, path: path)
        let reached = (0..<path.count).map { i in
            path.reached[i] && path.positionResidual[i] <= options.reachPosition && path.rotationResidual[i] <= options.reachRotation
        }
        reach(path, reached, &judgement)
        var noise = 0.0
        let isNoisy = Self.pieces(reached, jumps: path.jumps).contains { noisy(path, $0) }
        for piece in Self.pieces(reached, jumps: path.jumps) {
            postures(path, piece, &judgement)
            noise = max(noise, motion(path, piece, isNoisy ? options.noisyDegree : options.degree, &judgement))
        }
        judgement.shadowReach()
        let degree = isNoisy ? options.noisyDegree : options.degree
        return judgement.report(noise: noise, smoothing: "degree \(degree) over \(shortest(options.window)) s")
    }

    /// Runs of frames that are one motion.
    static func pieces(_ reached: [Bool], jumps: [Int]) -> [Range<Int>] {
        var out: [Range<Int>] = []
        var start: Int?
        for i in 0...reached.count {
            let ends = i == reached.count || !reached[i] || jumps.contains(i)
            if ends, let s = start {
                out.append(s..<i)
                start = nil
            }
            if i < reached.count, reached[i], start == nil { start = i }
        }
        return out
    }

    private func reach(_ path: JointPath, _ reached: [Bool], _ judgement: inout Judgement) {
        for i in 0..<path.count {
            let position = path.positionResidual[i] / options.reachPosition
            let rotation = path.rotationResidual[i] / options.reachRotation
            let worse = max(position, rotation)
            let isPosition = position >= rotation
            judgement.add(
                .outOfReach, frame: i, margin: reached[i] ? max(0, 1 - worse) : min(-1e-9, 1 - worse), element: nil,
                value: isPosition ? path.positionResidual[i] * 1000 : path.rotationResidual[i] * 180 / .pi,
                limit: isPosition ? options.reachPosition * 1000 : options.reachRotation * 180 / .pi, unit: isPosition ? "mm" : "deg",
                source: "inverse kinematics residual", assumed: false, joint: nil)
        }
        for i in path.jumps where path.count > 1 && i > 0 && i < path.count {
            let step = (0..<path.jointCount).max {
                abs(path[i][path[i].startIndex + $0] - path[i - 1][path[i - 1].startIndex + $0])
                    < abs(path[i][path[i].startIndex + $1] - path[i - 1][path[i - 1].startIndex + $1])
            }
            guard let j = step else { continue }
            let move = abs(path.positions[i * path.jointCount + j] - path.positions[(i - 1) * path.jointCount + j])
            judgement.add(
                .pathJump, frame: i, margin: -1, element: arm.joints[j].name, value: move, limit: 0,
                unit: LimitKind.position.unit(arm.joints[j].kind),
                source: "no continuous posture", assumed: false, joint: j)
        }
    }

    /// What depends on the posture alone.
    private func postures(_ path: JointPath, _ piece: Range<Int>, _ judgement: inout Judgement) {
        let far = max(options.farClearance, 1e-6)
        for i in piece {
            let q = Array(path[i])
            for (j, joint) in arm.joints.enumerated() {
                let low = q[j] - joint.lower
                let high = joint.upper - q[j]
                let room = min(low, high) - options.positionMargin
                judgement.add(
                    .jointPosition, frame: i, margin: min(1, room / max(1e-9, 0.5 * joint.range - options.positionMargin)),
                    element: joint.name,
                    value: q[j], limit: low < high ? joint.lower + options.positionMargin : joint.upper - options.positionMargin,
                    unit: LimitKind.position.unit(joint.kind), source: arm.sources.position, assumed: arm.sources.isAssumed(.position),
                    joint: j)
            }
            let own = kinematics.selfClearance(q, reach: far + options.selfClearance)
            judgement.addClearance(.selfCollision, frame: i, own, least: options.selfClearance, source: "collision shapes of the model")
            let table = kinematics.tableClearance(q, reach: far + options.tableClearance)
            judgement.addClearance(.tableCollision, frame: i, table, least: options.tableClearance, source: "table plane z = 0")
            let value = kinematics.smallestSingularValue(q, lever: options.lever)
            judgement.stretch[i] = value
            judgement.add(
                .singularity, frame: i, margin: min(1, value / options.singular - 1), element: nil, value: value, limit: options.singular,
                unit: "m",
                source: "smallest singular value of the Jacobian", assumed: false, joint: nil)
        }
    }

    private func fitted(_ path: JointPath, _ piece: Range<Int>, _ degree: Int) -> LocalFit {
        let n = path.jointCount
        return LocalFit(
            Array(path.positions[piece.lowerBound * n..<piece.upperBound * n]), columns: n,
            times: piece.map { path.times[$0] - path.times[piece.lowerBound] }, window: options.window, degree: degree)
    }

    /// Whether pose noise would read as acceleration if the joints were smoothed no further than `degree`.
    private func noisy(_ path: JointPath, _ piece: Range<Int>) -> Bool {
        guard piece.count > 2 else { return false }
        let fit = fitted(path, piece, options.degree)
        return arm.joints.indices.contains { j in
            guard let limit = arm.joints[j].acceleration else { return false }
            return 4 * fit.noise[j] * fit.accelerationGain > options.noiseShare * limit
        }
    }

    /// What depends on how fast the posture changes; gives the noise of the joints about the smoothed motion.
    private func motion(_ path: JointPath, _ piece: Range<Int>, _ degree: Int, _ judgement: inout Judgement) -> Double {
        let n = path.jointCount
        guard piece.count > 2 else { return 0 }
        let times = piece.map { path.times[$0] - path.times[piece.lowerBound] }
        let fit = fitted(path, piece, degree)
        var torques = [Double](repeating: 0, count: piece.count * n)
        for (k, i) in piece.enumerated() {
            let row = k * n..<(k + 1) * n
            let torque = kinematics.inverseDynamics(
                Array(fit.value[row]), velocity: Array(fit.first[row]), acceleration: Array(fit.second[row]))
            torques.replaceSubrange(row, with: torque)
            for j in 0..<n {
                judgement.addLimit(
                    .jointVelocity, .velocity, frame: i, joint: j, value: fit.first[k * n + j], fraction: options.velocityFraction)
                judgement.addLimit(
                    .jointAcceleration, .acceleration, frame: i, joint: j, value: fit.second[k * n + j],
                    fraction: options.accelerationFraction)
                judgement.addLimit(.jointJerk, .jerk, frame: i, joint: j, value: fit.third[k * n + j], fraction: options.jerkFraction)
                judgement.addLimit(.jointTorque, .torque, frame: i, joint: j, value: torque[j], fraction: options.torqueFraction)
            }
        }
        if arm.joints.contains(where: { $0.torqueRate != nil }) {
            let rates = LocalFit(torques, columns: n, times: times, window: options.window, degree: degree)
            for (k, i) in piece.enumerated() {
                for j in 0..<n {
                    judgement.addLimit(
                        .jointTorqueRate, .torqueRate, frame: i, joint: j, value: rates.first[k * n + j],
                        fraction: options.torqueRateFraction)
                }
            }
        }
        return fit.noise.max() ?? 0
    }
}
