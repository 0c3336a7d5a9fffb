internal import Geometry
internal import Session

/// Gives a motion the fastest speed that the arm's limits allow along it, no faster than asked.
///
/// The path in joint space stays what it is. Time-optimal parametrisation under velocity, acceleration and torque limits (`TimeOptimal`) gives a
/// speed whose acceleration jumps; averaging it twice over a short window of time limits the jerk (a box average of s(t) bounds s⃛ by the jump over
/// the window's width, and keeps ṡ inside its bounds). Where that, or a jerk or torque rate limit, breaks a limit, the limit is tightened there and
/// the speed found again.
struct Retimer {
    let feasibility: Feasibility
    let options: RetimingOptions
    var kinematics: Kinematics { feasibility.kinematics }
    var arm: Arm { feasibility.arm }

    init(_ feasibility: Feasibility) {
        self.feasibility = feasibility
        options = feasibility.options.retiming
    }

    /// Share of a limit from which it counts as exceeded, and share that tightening aims at: between two looks a little more may pass.
    static let full = 0.998
    private static let aim = 0.9955
    /// A limit is tightened to no less than this share of itself at once: accelerations answer late.
    private static let leastShare = 0.7
    /// Points of a motion at most, whatever distance of them is asked for.
    static let mostPoints = 1_000_000

    /// The share of a force that is left where this ratio to its limit was reached.
    static func share(after ratio: Double) -> Double { max(leastShare, aim / ratio) }

    enum Outcome {
        case motion(Motion)
        /// Times of the motion that no speed mends, s.
        case stuck([ClosedRange<Double>])
    }

    /// - Parameters:
    ///   - fastest: greatest recorded seconds a second.
    func retime(_ motion: Motion, fastest: Double) -> Outcome {
        let count = 1 + Int(clamped: (motion.duration / options.spacing).rounded(.up), to: 1...Self.mostPoints)
        let spacing = motion.duration / Double(count - 1)
        let plain = limits(motion, count: count, fastest: fastest)
        if let stuck = slow(plain, spacing) { return .stuck(stuck) }
        var velocityShare = [Double](repeating: options.share, count: count)
        var forceShare = velocityShare
        var best: Motion?
        for round in 0...max(0, options.rounds) {
            let tight = tightened(plain, velocityShare, forceShare, fastest: fastest)
            guard case .profile(let profile) = TimeOptimal.solve(tight) else {
                if case .blocked(let i) = TimeOptimal.solve(tight) { return .stuck([around(i, spacing, motion)]) }
                return .stuck([0...motion.duration])
            }
            let retimed = spread(motion, profile)
            best = retimed
            let worst = exceeded(retimed, motion, spacing, &velocityShare, &forceShare)
            if worst.isEmpty { return .motion(retimed) }
            if round == options.rounds { return .stuck(worst) }
        }
        return best.map { .motion($0) } ?? .stuck([0...motion.duration])
    }

    private func around(_ i: Int, _ spacing: Double, _ motion: Motion) -> ClosedRange<Double> {
        max(0, Double(i - 1) * spacing)...min(motion.duration, Double(i + 1) * spacing)
    }

    /// Rows for acceleration and torque at even steps of the motion's own time.
    func limits(_ motion: Motion, count: Int, fastest: Double) -> PathLimits {
        var out = PathLimits(
            spacing: motion.duration / Double(count - 1), rowsPerPoint: rowsPerPoint, rows: [],
            fastest: Array(repeating: fastest * fastest, count: count))
        out.rows.reserveCapacity(count * out.rowsPerPoint)
        for i in 0..<count {
            let time = motion.duration * Double(i) / Double(count - 1)
            let point = Point(
                joints: motion.joints(at: time), first: motion.joints(at: time, derivative: 1),
                second: motion.joints(at: time, derivative: 2))
            out.fastest[i] = min(out.fastest[i], fastestSquare(at: point))
            out.rows += rows(at: point)
        }
        // A demonstration's ends stay as fast as they were: an arm starts and ends at rest where the hand did.
        out.fastest[0] = min(out.fastest[0], 1)
        out.fastest[count - 1] = min(out.fastest[count - 1], 1)
        return out
    }

    func counts(_ kind: LimitKind) -> Bool { feasibility.options.assumedLimitsFail || !arm.sources.isAssumed(kind) }

    /// Where the arm could only pass more slowly than is allowed, or could not stop.
    private func slow(_ limits: PathLimits, _ spacing: Double) -> [ClosedRange<Double>]? {
        var out: [ClosedRange<Double>] = []
        for i in 0..<limits.count {
            let speed = TimeOptimal.greatest(limits, at: i) ?? 0
            // Where the motors cannot hold the arm still it could only be thrown through.
            let holds = limits.rows[i * limits.rowsPerPoint..<(i + 1) * limits.rowsPerPoint].allSatisfy { $0.low <= 0 && $0.high >= 0 }
            guard speed < options.slowest * options.slowest || !holds else { continue }
            let time = Double(i) * spacing
            if let last = out.last, time - last.upperBound < 1.5 * spacing {
                out[out.count - 1] = last.lowerBound...time
            } else {
                out.append(time...time)
            }
        }
        return out.isEmpty ? nil : out
    }

    private func tightened(_ limits: PathLimits, _ velocity: [Double], _ force: [Double], fastest: Double) -> PathLimits {
        var out = limits.tightened(force)
        for i in 0..<limits.count where limits.fastest[i] < fastest * fastest || velocity[i] < options.share {
            out.fastest[i] *= velocity[i] * velocity[i]
        }
        return out
    }

    /// The motion at the profile's speed, its acceleration spread over the window.
    func spread(_ motion: Motion, _ profile: SpeedProfile) -> Motion {
        let total = profile.times[profile.times.count - 1]
        let fine = 4
        let knots = Int(clamped: (total / options.knot).rounded(.up), to: 4...Self.mostPoints)
        let step = total / Double(knots * fine)
        let places = Self.spread(profile, length: motion.duration, steps: knots * fine, window: options.window)
        var samples: [Double] = []
        var times: [Double] = []
        for n in 0...knots {
            let s = places[n * fine]
            times.append(Double(n * fine) * step)
            samples += motion.spline(motion.start + s)
        }
        let spline = JointSpline(samples, columns: motion.spline.columns, times: times, cutoff: 0.45 / options.knot, knot: options.knot)
        var out = motion
        out.spline = spline
        out.start = 0
        out.end = total
        out.isRetimed = true
        return out
    }

    /// Where along the path, of a length, the profile is at even times, its acceleration spread over the window.
    static func spread(_ profile: SpeedProfile, length: Double, steps: Int, window: Double) -> [Double] {
        let clock = profile.times
        let total = clock[clock.count - 1]
        let step = total / Double(steps)
        let half = Int(clamped: 0.5 * window / step, to: 1...mostPoints)
        let margin = 2 * half
        // Before the start and after the end, reflected through the end point.
        var path = [Double](repeating: 0, count: steps + 1)
        var k = 0
        for i in path.indices {
            let t = min(Double(i) * step, total)
            while k + 2 < clock.count, clock[k + 1] <= t { k += 1 }
            let speed = profile.squares[k].squareRoot()
            let acceleration = (profile.squares[k + 1] - profile.squares[k]) / (2 * profile.spacing)
            let dt = t - clock[k]
            path[i] = Double(k) * profile.spacing + speed * dt + 0.5 * acceleration * dt * dt
        }
        path[path.count - 1] = length
        var wide = (0..<path.count + 2 * margin).map { i -> Double in
            let at = i - margin
            if at < 0 { return 2 * path[0] - path[min(-at, path.count - 1)] }
            if at >= path.count { return 2 * path[path.count - 1] - path[max(0, 2 * (path.count - 1) - at)] }
            return path[at]
        }
        for _ in 0..<2 { wide = averaged(wide, half) }
        return (0...steps).map { min(max(wide[margin + $0], 0), length) }
    }

    /// Mean over `2·half + 1` values; at the ends over those there are, evenly on either side.
    private static func averaged(_ values: [Double], _ half: Int) -> [Double] {
        var sums = [0.0]
        sums.reserveCapacity(values.count + 1)
        for v in values { sums.append(sums[sums.count - 1] + v) }
        return values.indices.map { i in
            let reach = min(half, i, values.count - 1 - i)
            return (sums[i + reach + 1] - sums[i - reach]) / Double(2 * reach + 1)
        }
    }

    /// Tightens the shares where a limit is exceeded, and says where that is on the motion's own clock; empty when none is.
    private func exceeded(
        _ retimed: Motion, _ motion: Motion, _ spacing: Double, _ velocityShare: inout [Double], _ forceShare: inout [Double]
    ) -> [ClosedRange<Double>] {
        let settings = feasibility.options
        let steps = Int(clamped: (2 * retimed.duration / options.knot).rounded(.up), to: 2...Self.mostPoints)
        var velocityRatio = [Double](repeating: 0, count: velocityShare.count)
        var forceRatio = velocityRatio
        let zero = [Double](repeating: 0, count: arm.jointCount)
        var out: [ClosedRange<Double>] = []
        for n in 0...steps {
            let time = retimed.duration * Double(n) / Double(steps)
            let velocity = retimed.joints(at: time, derivative: 1)
            let acceleration = retimed.joints(at: time, derivative: 2)
            let jerk = retimed.joints(at: time, derivative: 3)
            let q = retimed.joints(at: time)
            let torque = kinematics.inverseDynamics(q, velocity: velocity, acceleration: acceleration)
            let weight = kinematics.inverseDynamics(q, velocity: zero, acceleration: zero)
            let rate = feasibility.torqueRate(retimed, time)
            var fast = 0.0
            var strong = 0.0
            for (j, joint) in arm.joints.enumerated() {
                if let v = joint.velocityLimit(at: q[j], moving: velocity[j]), counts(.velocity) {
                    fast = max(fast, abs(velocity[j]) / max(v * settings.velocityFraction, 1e-9))
                }
                if let a = joint.acceleration, counts(.acceleration) {
                    strong = max(strong, abs(acceleration[j]) / (a * settings.accelerationFraction))
                }
                if let l = joint.jerk, counts(.jerk) { strong = max(strong, abs(jerk[j]) / (l * settings.jerkFraction)) }
                if let t = joint.torque, counts(.torque), abs(torque[j]) > Self.full * t * settings.torqueFraction {
                    // Of what is left beside the arm's weight, which is what tightening takes from.
                    let room = max(
                        (torque[j] > weight[j] ? t * settings.torqueFraction - weight[j] : t * settings.torqueFraction + weight[j]), 1e-6)
                    strong = max(strong, abs(torque[j] - weight[j]) / room)
                }
                if let r = joint.torqueRate, let rate, counts(.torqueRate) {
                    strong = max(strong, abs(rate[j]) / (r * settings.torqueRateFraction))
                }
            }
            guard fast > Self.full || strong > Self.full else { continue }
            let source = retimed.source(at: time) - motion.origin - (motion.source(at: 0) - motion.origin)
            let near = options.window * max(retimed.speed(at: time), 0.2)
            let end = velocityShare.count - 1
            let first = Int(clamped: ((source - near) / spacing).rounded(.down), to: 0...end + 1)
            let last = Int(clamped: ((source + near) / spacing).rounded(.up), to: -1...end)
            guard first <= last else { continue }
            for i in first...last {
                if fast > Self.full { velocityRatio[i] = max(velocityRatio[i], fast) }
                if strong > Self.full { forceRatio[i] = max(forceRatio[i], strong) }
            }
            let at = min(max(source, 0), motion.duration)
            if let end = out.last, at - end.upperBound < 2 * spacing, at >= end.lowerBound {
                out[out.count - 1] = end.lowerBound...max(end.upperBound, at)
            } else {
                out.append(at...at)
            }
        }
        for i in velocityShare.indices {
            if velocityRatio[i] > 0 { velocityShare[i] *= Self.aim / velocityRatio[i] }
            if forceRatio[i] > 0 { forceShare[i] *= Self.share(after: forceRatio[i]) }
        }
        return out
    }
}
