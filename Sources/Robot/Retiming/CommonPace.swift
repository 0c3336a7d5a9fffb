public import Geometry
internal import Session

/// The pace at which several arms go through a recording together.
///
/// Where an arm was given more time than the demonstrator took, the others wait for it: all go at one pace, so that what happened at one moment
/// still does. An arm's own motion keeps its limits at its own pace, but need not at another's, whose changes it did not choose. So the pace is found
/// for all at once: the fastest that all arms' limits allow (`TimeOptimal`), no faster anywhere than the slowest arm's own motion, its acceleration
/// spread as `Retimer` does; where that breaks a limit, the limits are tightened there and the pace found again.
public struct CommonPace {
    /// An arm with the motion that it would make by itself.
    public struct Side {
        let retimer: Retimer
        let motion: Motion
        let offset: Double

        /// - Parameters:
        ///   - feasibility: of the arm that makes the motion: its limits, and the shares of them that are used.
        ///   - tableFromBase: where it stands.
        ///   - offset: its recording's clock less the common one, seconds.
        public init(_ motion: Motion, feasibility: Feasibility, tableFromBase: Transform<Table, Base>, offset: Double) {
            feasibility.kinematics.setTable(tableFromBase)
            (retimer, self.motion, self.offset) = (Retimer(feasibility), motion, offset)
        }
    }

    /// Moments of the recording on the common clock, seconds, at even steps of the time that is played.
    private var moments: [Double]
    private var step: Double

    /// Steps of the played time in a second.
    private static let density = 480.0

    /// - Parameters:
    ///   - start, end: the stretch of the recording, seconds on the common clock; no moments where it is empty.
    public init(_ sides: [Side], from start: Double, to end: Double) {
        guard end > start else {
            (moments, step) = (end == start ? [start] : [], 1)
            return
        }
        (moments, step) = ([start, end], end - start)
        guard sides.contains(where: \.motion.isRetimed), let options = sides.first?.retimer.options else { return }
        let count = 1 + Int(clamped: ((end - start) / options.spacing).rounded(.up), to: 1...Retimer.mostPoints)
        let spacing = (end - start) / Double(count - 1)
        let points = sides.map { side in (0..<count).map { side.point(at: start + spacing * Double($0)) } }
        let plain = Self.limits(sides, points, spacing, share: options.share)
        var share = [Double](repeating: 1, count: count)
        for _ in 0...max(0, options.rounds) {
            var tight = plain.tightened(share)
            for i in 0..<count { tight.fastest[i] *= share[i] }
            guard case .profile(let profile) = TimeOptimal.solve(tight) else { break }
            let total = profile.times[count - 1]
            let steps = Int(clamped: (total * Self.density).rounded(.up), to: 4...4_000_000)
            moments = Retimer.spread(profile, length: end - start, steps: steps, window: options.window).map { start + $0 }
            step = total / Double(steps)
            let ratios = exceeded(sides, from: start, spacing, count: count, window: options.window)
            guard ratios.contains(where: { $0 > Retimer.full }) else { return }
            for i in 0..<count where ratios[i] > Retimer.full { share[i] *= Retimer.share(after: ratios[i]) }
        }
        // What no tightening has mended is played more slowly as a whole: by k, velocities fall by k and accelerations by its square.
        let worst = exceeded(sides, from: start, spacing, count: count, window: options.window).max() ?? 0
        if worst > 1 { step *= worst.squareRoot() }
    }

    /// How long it takes, seconds.
    public var duration: Double { step * Double(max(0, moments.count - 1)) }

    /// The moment of the recording, seconds on the common clock, that is shown after so many seconds.
    /// - Precondition: the stretch is not empty.
    public func moment(at played: Double) -> Double {
        let x = min(max(played / step, 0), Double(moments.count - 1))
        let i = min(Int(x), max(0, moments.count - 2))
        guard moments.count > 1 else { return moments[0] }
        return moments[i] + (moments[i + 1] - moments[i]) * (x - Double(i))
    }

    /// Recorded seconds that pass in a second.
    public func speed(at played: Double) -> Double {
        guard moments.count > 1 else { return 1 }
        let i = Int(clamped: played / step, to: 0...moments.count - 2)
        return (moments[i + 1] - moments[i]) / step
    }

    /// The rows of all arms; nowhere faster than any of their motions.
    private static func limits(_ sides: [Side], _ points: [[Side.Place]], _ spacing: Double, share: Double) -> PathLimits {
        let count = points[0].count
        var out = PathLimits(
            spacing: spacing, rowsPerPoint: sides.map(\.retimer.rowsPerPoint).reduce(0, +), rows: [],
            fastest: [Double](repeating: 1, count: count))
        for i in 0..<count {
            for (side, places) in zip(sides, points) {
                out.fastest[i] = min(out.fastest[i], places[i].speed * places[i].speed, side.retimer.fastestSquare(at: places[i].point))
                out.rows += side.retimer.rows(at: places[i].point)
            }
        }
        return out.tightened([Double](repeating: share, count: count))
    }

    /// By point of the recording, the largest share of a limit that any arm reaches near it.
    private func exceeded(_ sides: [Side], from start: Double, _ spacing: Double, count: Int, window: Double) -> [Double] {
        var out = [Double](repeating: 0, count: count)
        for n in stride(from: 1, to: moments.count - 1, by: 4) {
            let speed = (moments[n + 1] - moments[n - 1]) / (2 * step)
            let acceleration = (moments[n + 1] - 2 * moments[n] + moments[n - 1]) / (step * step)
            let worst = sides.map { $0.share(at: moments[n], speed: speed, acceleration: acceleration) }.max() ?? 0
            let reach = window * max(speed, 0.2)
            let first = Int(clamped: ((moments[n] - reach - start) / spacing).rounded(.down), to: 0...count - 1)
            let last = Int(clamped: ((moments[n] + reach - start) / spacing).rounded(.up), to: 0...count - 1)
            for i in first...max(first, last) { out[i] = max(out[i], worst) }
        }
        return out
    }
}

extension CommonPace.Side {
    /// A posture of the recording, and the speed at which the arm's own motion passes it.
    struct Place {
        var point: Retimer.Point
        var speed: Double
    }

    /// The motion by the recording's clock: q′ = q̇ / ṡ, q″ = (q̈ − q′ s̈) / ṡ².
    func point(at moment: Double) -> Place {
        let time = motion.time(of: Timestamp(seconds: moment + offset))
        let (joints, first, second) = (
            motion.joints(at: time), motion.joints(at: time, derivative: 1), motion.joints(at: time, derivative: 2)
        )
        guard motion.isRetimed else { return Place(point: Retimer.Point(joints: joints, first: first, second: second), speed: 1) }
        let speed = max(motion.speed(at: time), 1e-3)
        let change = motion.acceleration(at: time)
        let along = first.map { $0 / speed }
        return Place(
            point: Retimer.Point(
                joints: joints, first: along, second: zip(second, along).map { ($0 - $1 * change) / (speed * speed) }),
            speed: speed)
    }

    /// The largest share of a limit that is used where the recording is passed at a speed that changes so.
    func share(at moment: Double, speed: Double, acceleration: Double) -> Double {
        let place = point(at: moment)
        var worst = (speed * speed / retimer.fastestSquare(at: place.point)).squareRoot()
        for row in retimer.rows(at: place.point) {
            let value = row.a * acceleration + row.b * speed * speed
            if value > 0, row.high > 0 { worst = max(worst, value / row.high) }
            if value < 0, row.low < 0 { worst = max(worst, value / row.low) }
        }
        return worst
    }
}
