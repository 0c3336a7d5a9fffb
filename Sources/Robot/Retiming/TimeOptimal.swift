/// Limits on going along a path: at point i of an even grid, `low ≤ a·s̈ + b·ṡ² ≤ high` for each row, and ṡ² at most `fastest[i]`.
struct PathLimits: Sendable {
    struct Row: Sendable {
        var a: Double
        var b: Double
        var low: Double
        var high: Double
    }

    /// Distance of the grid's points along the path.
    var spacing: Double
    var rowsPerPoint: Int
    /// Point by point.
    var rows: [Row]
    /// Greatest ṡ², one for each point.
    var fastest: [Double]

    var count: Int { fastest.count }

    /// Only the room on either side of rest shrinks, to a share of it by point: what holds the arm up is always allowed.
    func tightened(_ share: [Double]) -> PathLimits {
        var out = self
        for i in 0..<count {
            for k in i * rowsPerPoint..<(i + 1) * rowsPerPoint {
                if rows[k].low < 0 { out.rows[k].low *= share[i] }
                if rows[k].high > 0 { out.rows[k].high *= share[i] }
            }
        }
        return out
    }
}

/// How fast a path is gone along: ṡ² at the grid's points, ṡ̇ constant between them.
struct SpeedProfile: Sendable {
    var spacing: Double
    var squares: [Double]

    /// When each grid point is passed.
    var times: [Double] {
        var t = 0.0
        var out = [0.0]
        for i in 1..<max(1, squares.count) {
            t += 2 * spacing / max(squares[i - 1].squareRoot() + squares[i].squareRoot(), 1e-9)
            out.append(t)
        }
        return out
    }
}

/// The fastest way along a path inside its limits.
///
/// Time-optimal path parametrisation by reachability analysis (Pham and Pham, "A new approach to time-optimal path parameterization based on
/// reachability analysis", T-RO 2018): a pass backwards finds for each point the speeds from which the end can be reached, a pass forwards goes as
/// fast as these allow. The limits are held at both ends of each step (their interpolation scheme). In place of a linear program solver, s̈ is
/// eliminated from each pair of an upper and a lower bound (Fourier and Motzkin), which is exact and gives the whole interval of ṡ² at once.
/// O(points · rows²).
enum TimeOptimal {
    enum Outcome {
        case profile(SpeedProfile)
        /// No speed at this point lets the rest be gone through.
        case blocked(at: Int)
    }

    /// A bound on s̈ that is linear in x = ṡ²: `value + slope·x`.
    private struct Bound {
        var value: Double
        var slope: Double
    }

    private struct Bounds {
        var upper: [Bound] = []
        var lower: [Bound] = []
        /// Bounds on x alone.
        var least = 0.0
        var most = Double.infinity

        mutating func clear() {
            upper.removeAll(keepingCapacity: true)
            lower.removeAll(keepingCapacity: true)
            least = 0
            most = .infinity
        }

        mutating func add(a: Double, b: Double, low: Double, high: Double) {
            if abs(a) < 1e-12 * (1 + abs(b)) {
                guard abs(b) > 1e-12 else { return }
                most = min(most, (b > 0 ? high : low) / b)
                least = max(least, (b > 0 ? low : high) / b)
            } else {
                upper.append(Bound(value: (a > 0 ? high : low) / a, slope: -b / a))
                lower.append(Bound(value: (a > 0 ? low : high) / a, slope: -b / a))
            }
        }

        /// The x for which some s̈ is inside all bounds; nil if there is none.
        func interval() -> (least: Double, most: Double)? {
            var (a, b) = (least, most)
            for u in upper {
                for l in lower {
                    // l.value + l.slope·x ≤ u.value + u.slope·x
                    let slope = l.slope - u.slope
                    let room = u.value - l.value
                    if slope > 1e-14 {
                        b = min(b, room / slope)
                    } else if slope < -1e-14 {
                        a = max(a, room / slope)
                    } else if room < -1e-9 {
                        return nil
                    }
                }
            }
            return a <= b * (1 + 1e-12) + 1e-15 && b >= 0 ? (max(a, 0), max(a, b)) : nil
        }
    }

    /// The greatest ṡ² that the limits at one point allow by themselves, whatever s̈; nil if there is none.
    static func greatest(_ limits: PathLimits, at i: Int) -> Double? {
        var bounds = Bounds()
        for row in limits.rows[i * limits.rowsPerPoint..<(i + 1) * limits.rowsPerPoint] {
            bounds.add(a: row.a, b: row.b, low: row.low, high: row.high)
        }
        guard let interval = bounds.interval(), interval.least <= limits.fastest[i] else { return nil }
        return min(interval.most, limits.fastest[i])
    }

    static func solve(_ limits: PathLimits) -> Outcome {
        let n = limits.count
        guard n > 1 else { return .profile(SpeedProfile(spacing: limits.spacing, squares: limits.fastest)) }
        let step = 2 * limits.spacing
        var low = [Double](repeating: 0, count: n)
        var high = limits.fastest
        guard let last = greatest(limits, at: n - 1) else { return .blocked(at: n - 1) }
        high[n - 1] = last
        var bounds = Bounds()
        for i in stride(from: n - 2, through: 0, by: -1) {
            fill(&bounds, limits, i, step)
            bounds.add(a: step, b: 1, low: low[i + 1], high: high[i + 1])
            guard let interval = bounds.interval(), interval.least <= limits.fastest[i] else { return .blocked(at: i) }
            low[i] = interval.least
            high[i] = min(interval.most, limits.fastest[i])
        }
        var squares = [Double](repeating: 0, count: n)
        squares[0] = high[0]
        for i in 0..<n - 1 {
            fill(&bounds, limits, i, step)
            bounds.add(a: step, b: 1, low: low[i + 1], high: high[i + 1])
            let x = squares[i]
            var most = Double.infinity
            for u in bounds.upper { most = min(most, u.value + u.slope * x) }
            squares[i + 1] = min(max(x + step * most, low[i + 1]), high[i + 1])
        }
        return .profile(SpeedProfile(spacing: limits.spacing, squares: squares))
    }

    /// The limits of one step: those of its first point, and those of its last with the speed that s̈ leads to.
    private static func fill(_ bounds: inout Bounds, _ limits: PathLimits, _ i: Int, _ step: Double) {
        let m = limits.rowsPerPoint
        bounds.clear()
        for k in 0..<m {
            let here = limits.rows[i * m + k]
            bounds.add(a: here.a, b: here.b, low: here.low, high: here.high)
            let there = limits.rows[(i + 1) * m + k]
            bounds.add(a: there.a + step * there.b, b: there.b, low: there.low, high: there.high)
        }
    }
}
