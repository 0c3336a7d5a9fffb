internal import Estimation
internal import Geometry

/// What an arm would have to do to follow the tool, frame by frame, from the analytic motion.
struct FeasibilityTruth: Sendable {
    struct FrameFlags: Sendable {
        /// Least distance and angle at which the tool pose was reached, metres and radians.
        var position: Double
        var rotation: Double
        /// Largest joint rate over its limit, along the path of least joint motion.
        var velocityRatio: Double
        /// The same for the best of many postures and every self-motion: a bound that no clever choice of posture gets below by much.
        var leastVelocityRatio: Double
        var accelerationRatio: Double
        var worstJoint: Int
        /// Distance of the nearest joint to its stop, radians.
        var margin: Double
        var reasons: [String]
    }

    /// Reached means within these, metres and radians.
    static let positionTolerance = 0.001
    static let rotationTolerance = 0.00873

    let arm: SerialArm
    let frames: [FrameFlags]

    /// - Parameters:
    ///   - state: the tool's motion in the base frame at a time.
    ///   - times: of the frames, seconds, evenly spaced.
    init(arm: SerialArm, times: [Double], state: (Double) -> MotionState<Base, Tool>) {
        self.arm = arm
        var random = RandomSource(spreading: 4242)
        let first = state(times.first ?? 0).pose
        var starts: [SerialArm.Joints] = []
        for k in 0..<40 where starts.count < 6 {
            let seed = k == 0 ? arm.home : arm.home + Self.scatter(&random, k < 12 ? 0.8 : 1.8)
            let found = arm.solve(first, from: seed)
            let isNew = !starts.contains { (($0 - found.q) * ($0 - found.q)).sum() < 0.01 }
            if found.position < Self.positionTolerance, found.rotation < Self.rotationTolerance, isNew { starts.append(found.q) }
        }
        if starts.isEmpty { starts = [arm.home] }
        let paths = starts.map { Self.follow(arm, from: $0, times: times, state: state) }
        func badness(_ path: [FrameFlags]) -> Double {
            path.reduce(0) { $0 + ($1.reasons.isEmpty ? 0 : 1) } + 0.1 * (path.map(\.velocityRatio).max() ?? 0)
        }
        var best = paths.min { badness($0) < badness($1) } ?? []
        for i in best.indices where best[i].velocityRatio > 0.85 && !best[i].reasons.contains("out_of_reach") {
            best[i].leastVelocityRatio = min(best[i].velocityRatio, Self.leastRatio(arm, state(times[i]), &random))
        }
        frames = Self.attributed(best)
    }

    /// Next to a pose that cannot be reached the arm is nearly straight, and no joint rate suffices: those frames are out of reach too.
    private static func attributed(_ path: [FrameFlags]) -> [FrameFlags] {
        var out = path
        for order in [Array(out.indices), out.indices.reversed()] {
            for (a, b) in zip(order, order.dropFirst()) where out[a].reasons == ["out_of_reach"] && !out[b].reasons.isEmpty {
                out[b].reasons = ["out_of_reach"]
            }
        }
        return out
    }

    private static func scatter(_ random: inout RandomSource, _ scale: Double) -> SerialArm.Joints {
        var q = SerialArm.Joints.zero
        for j in 0..<7 { q[j] = random.uniform(-scale, scale) }
        return q
    }

    /// Follows the tool from a posture, each frame from the one before.
    private static func follow(
        _ arm: SerialArm, from start: SerialArm.Joints, times: [Double], state: (Double) -> MotionState<Base, Tool>
    ) -> [FrameFlags] {
        var q = start
        var frames: [FrameFlags] = []
        var rates: [SerialArm.Joints] = []
        for time in times {
            let s = state(time)
            let found = arm.solve(s.pose, from: q)
            q = found.q
            let isReached = found.position < positionTolerance && found.rotation < rotationTolerance
            let rate = arm.rates(q, linear: s.velocity, angular: s.pose.rotation * s.rate)
            rates.append(rate)
            var margin = Double.infinity
            for j in 0..<7 { margin = min(margin, q[j] - arm.lower[j], arm.upper[j] - q[j]) }
            let ratio = worst(rate, arm.velocity)
            frames.append(
                FrameFlags(
                    position: found.position, rotation: found.rotation, velocityRatio: ratio.value, leastVelocityRatio: ratio.value,
                    accelerationRatio: 0, worstJoint: ratio.joint, margin: margin, reasons: isReached ? [] : ["out_of_reach"]))
        }
        for i in frames.indices where frames.count > 2 {
            let (a, b) = (max(i - 1, 0), min(i + 1, frames.count - 1))
            frames[i].accelerationRatio = worst((rates[b] - rates[a]) / (times[b] - times[a]), arm.acceleration).value
            guard frames[i].reasons.isEmpty else { continue }
            if frames[i].velocityRatio > 1 { frames[i].reasons.append("joint_velocity") }
            let isInside = frames[a].reasons != ["out_of_reach"] && frames[b].reasons != ["out_of_reach"]
            if frames[i].accelerationRatio > 1, isInside { frames[i].reasons.append("joint_acceleration") }
        }
        return frames
    }

    static func worst(_ values: SerialArm.Joints, _ limits: SerialArm.Joints) -> (value: Double, joint: Int) {
        var best = (value: 0.0, joint: 0)
        for j in 0..<7 where abs(values[j]) / limits[j] > best.value { best = (abs(values[j]) / limits[j], j) }
        return best
    }

    /// The least ratio over many postures that reach the pose, each with its best self-motion.
    private static func leastRatio(_ arm: SerialArm, _ s: MotionState<Base, Tool>, _ random: inout RandomSource) -> Double {
        var least = Double.infinity
        for _ in 0..<24 {
            let found = arm.solve(s.pose, from: arm.home + scatter(&random, 1.8), iterations: 40)
            guard found.position < positionTolerance, found.rotation < rotationTolerance else { continue }
            let rate = arm.rates(found.q, linear: s.velocity, angular: s.pose.rotation * s.rate)
            // Self-motion: any posture change less what moves the tool.
            let f = arm.forward(found.q)
            var probe = SerialArm.Joints.zero
            for j in 0..<7 { probe[j] = random.uniform(-1, 1) }
            var linear = Vector3.zero
            var angular = Vector3.zero
            for j in 0..<7 {
                linear += f.linear[j] * probe[j]
                angular += f.angular[j] * probe[j]
            }
            let idle = probe - arm.step(f.linear, f.angular, linear, angular, 1e-9)
            let length = (idle * idle).sum().squareRoot()
            guard length > 1e-6 else { continue }
            var (low, high) = (-20.0, 20.0)
            func ratio(_ x: Double) -> Double { worst(rate + (x / length) * idle, arm.velocity).value }
            for _ in 0..<60 {
                let a = low + (high - low) / 3
                let b = high - (high - low) / 3
                if ratio(a) < ratio(b) { high = b } else { low = a }
            }
            least = min(least, ratio((low + high) / 2))
        }
        return least
    }
}
