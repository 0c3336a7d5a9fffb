internal import Session

/// Columns of numbers as smooth functions of time: a uniform B-spline of degree 5, fitted to samples with a penalty on the third derivative.
///
/// Minimises Σ wᵢ|q(tᵢ) − qᵢ|² + λ∫|q‴|² dt over the control points (Eilers and Marx, "Flexible smoothing with B-splines and penalties",
/// Statist. Sci. 1996, with the exact integral for a penalty). For even samples this is a low-pass filter with the response 1 / (1 + (f / f_c)⁶)
/// and no phase, which is how the strength is given here. Value and derivatives up to the third are continuous and belong to one function, so
/// what is checked, written and played back is the same motion. O(n) by a banded Cholesky factorisation.
public struct JointSpline: Sendable, Equatable {
    static let degree = 5
    static let order = 6

    public let columns: Int
    /// Time of the first knot and distance of the knots, seconds.
    public let start: Double
    public let knot: Double
    public let intervals: Int
    /// Control points, row-major, (intervals + 5) × columns.
    public var control: [Double]

    init(columns: Int, start: Double, knot: Double, control: [Double]) {
        precondition(
            columns > 0 && control.count % columns == 0 && control.count / columns > Self.degree && knot > 0, "a spline has control points")
        self.columns = columns
        self.start = start
        self.knot = knot
        intervals = control.count / columns - Self.degree
        self.control = control
    }

    public var end: Double { start + knot * Double(intervals) }

    /// Fits samples (row-major, times × columns).
    /// - Parameters:
    ///   - times: seconds, increasing, at least one.
    ///   - weights: one for each sample; nil for all 1.
    ///   - cutoff: Hz, where half of a motion gets through.
    ///   - knot: distance of the knots asked for, s; made a little shorter so that a whole number fills the span, longer where samples are fewer.
    init(_ samples: [Double], columns: Int, times: [Double], weights: [Double]? = nil, cutoff: Double, knot: Double) {
        let count = times.count
        precondition(count > 0 && samples.count == count * columns && cutoff > 0 && knot > 0, "a spline needs samples")
        let span = max(times[count - 1] - times[0], 0)
        let intervals = Int(clamped: (span / knot - 1e-6).rounded(.up), to: 1...max(1, count - 1))
        let h = span > 0 ? span / Double(intervals) : knot
        self.columns = columns
        self.start = times[0]
        self.knot = h
        self.intervals = intervals
        let n = intervals + Self.degree
        var band = [Double](repeating: 0, count: n * Self.order)
        control = Array(repeating: 0, count: n * columns)
        // Normal equations: lower band, band[i * 6 + d] = A[i, i − d].
        var basis = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for i in 0..<count {
            let place = Self.place(times[i], start, h, intervals)
            Self.basis(place.u, 0, into: &basis)
            let w = weights?[i] ?? 1
            withUnsafeBytes(of: &basis) { raw in
                let b = raw.bindMemory(to: Double.self)
                for a in 0..<Self.order {
                    let row = place.interval + a
                    for c in 0...a { band[row * Self.order + a - c] += w * b[a] * b[c] }
                    for c in 0..<columns { control[row * columns + c] += w * b[a] * samples[i * columns + c] }
                }
            }
        }
        let spacing = count > 1 ? span / Double(count - 1) : h
        let rate = 2 * Double.pi * cutoff
        let strength = 1 / (spacing * rate * rate * rate * rate * rate * rate) / (h * h * h * h * h)
        for k in 0..<intervals {
            for a in 0..<Self.order { for c in 0...a { band[(k + a) * Self.order + a - c] += strength * Self.penalty[a * Self.order + c] } }
        }
        // Where there are fewer than three samples the penalty leaves slopes free: these hold them.
        for i in 1..<n {
            band[i * Self.order] += 1e-12
            band[(i - 1) * Self.order] += 1e-12
            band[i * Self.order + 1] -= 1e-12
        }
        Self.solve(&band, n, &control, columns)
    }

    /// Value (`derivative` 0) or a derivative (1 to 5) of all columns at a time; outside the span the end polynomials go on.
    @inlinable public func evaluate(_ time: Double, derivative: Int = 0, into out: inout [Double]) {
        let place = JointSpline.place(time, start, knot, intervals)
        var basis = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        JointSpline.basis(place.u, derivative, into: &basis)
        var scale = 1.0
        for _ in 0..<derivative { scale /= knot }
        control.withUnsafeBufferPointer { p in
            let base = place.interval * columns
            for c in 0..<columns {
                var sum = basis.0 * p[base + c] + basis.1 * p[base + columns + c] + basis.2 * p[base + 2 * columns + c]
                sum += basis.3 * p[base + 3 * columns + c] + basis.4 * p[base + 4 * columns + c] + basis.5 * p[base + 5 * columns + c]
                out[c] = sum * scale
            }
        }
    }

    /// One column alone.
    public func value(_ time: Double, column: Int, derivative: Int = 0) -> Double {
        let place = JointSpline.place(time, start, knot, intervals)
        var basis = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        JointSpline.basis(place.u, derivative, into: &basis)
        var scale = 1.0
        for _ in 0..<derivative { scale /= knot }
        return control.withUnsafeBufferPointer { p in
            let base = place.interval * columns + column
            let sum = basis.0 * p[base] + basis.1 * p[base + columns] + basis.2 * p[base + 2 * columns]
            return (sum + basis.3 * p[base + 3 * columns] + basis.4 * p[base + 4 * columns] + basis.5 * p[base + 5 * columns]) * scale
        }
    }

    public func callAsFunction(_ time: Double, derivative: Int = 0) -> [Double] {
        var out = [Double](repeating: 0, count: columns)
        evaluate(time, derivative: derivative, into: &out)
        return out
    }

    @inlinable static func place(_ time: Double, _ start: Double, _ knot: Double, _ intervals: Int) -> (interval: Int, u: Double) {
        let x = (time - start) / knot
        let k = Int(min(max(x.rounded(.down), 0), Double(intervals - 1)))
        return (k, x - Double(k))
    }

    /// The six basis functions that are not zero on an interval, times 120: rows are the functions, columns the powers of u.
    @usableFromInline static let polynomials: [Double] = [
        1, -5, 10, -10, 5, -1,
        26, -50, 20, 20, -20, 5,
        66, 0, -60, 0, 30, -10,
        26, 50, 20, -20, -20, 10,
        1, 5, 10, 10, 5, -5,
        0, 0, 0, 0, 0, 1,
    ].map { $0 / 120 }

    /// Values (or derivatives with respect to u) of the six basis functions.
    @inlinable static func basis(_ u: Double, _ derivative: Int, into out: inout (Double, Double, Double, Double, Double, Double)) {
        polynomials.withUnsafeBufferPointer { p in
            @inline(__always) func value(_ row: Int) -> Double {
                var sum = 0.0
                var power = 5
                while power >= derivative {
                    var factor = 1.0
                    for k in 0..<derivative { factor *= Double(power - k) }
                    sum = sum * u + factor * p[row * 6 + power]
                    power -= 1
                }
                return sum
            }
            out = (value(0), value(1), value(2), value(3), value(4), value(5))
        }
    }

    /// ∫₀¹ bₐ‴ b_c‴ du.
    private static let penalty: [Double] = {
        var out = [Double](repeating: 0, count: 36)
        // Third derivatives are quadratics: p₀ + p₁u + p₂u².
        let factors: [Double] = [6, 24, 60]
        for a in 0..<6 {
            for c in 0..<6 {
                for i in 0..<3 {
                    for j in 0..<3 {
                        let product: Double = factors[i] * polynomials[a * 6 + 3 + i] * factors[j] * polynomials[c * 6 + 3 + j]
                        out[a * 6 + c] += product / Double(i + j + 1)
                    }
                }
            }
        }
        return out
    }()

    /// Banded Cholesky; `right` becomes the solution.
    private static func solve(_ band: inout [Double], _ n: Int, _ right: inout [Double], _ columns: Int) {
        band.withUnsafeMutableBufferPointer { a in
            right.withUnsafeMutableBufferPointer { b in
                for i in 0..<n {
                    for d in stride(from: min(i, degree), through: 0, by: -1) {
                        let j = i - d
                        var sum = a[i * order + d]
                        var k = max(0, i - degree)
                        while k < j {
                            sum -= a[i * order + i - k] * a[j * order + j - k]
                            k += 1
                        }
                        a[i * order + d] = d == 0 ? max(sum, 1e-300).squareRoot() : sum / a[j * order]
                    }
                    for c in 0..<columns {
                        var sum = b[i * columns + c]
                        for k in max(0, i - degree)..<max(i, max(0, i - degree)) { sum -= a[i * order + i - k] * b[k * columns + c] }
                        b[i * columns + c] = sum / a[i * order]
                    }
                }
                for i in stride(from: n - 1, through: 0, by: -1) {
                    for c in 0..<columns {
                        var sum = b[i * columns + c]
                        for k in (i + 1)..<max(i + 1, min(n, i + order)) { sum -= a[k * order + k - i] * b[k * columns + c] }
                        b[i * columns + c] = sum / a[i * order]
                    }
                }
            }
        }
    }
}
