/// Value and first three derivatives of columns of samples, from a polynomial fitted around each of them.
///
/// Savitzky and Golay's filter ("Smoothing and differentiation of data by simplified least squares procedures", Anal. Chem. 1964) for times that
/// need not be even: a least-squares polynomial over the samples within half a window on either side. Near the ends the window keeps its length
/// and is no longer centred. Derivatives read at a window's end multiply the noise, so there the degree is at most 4, and the second and third
/// derivatives are those of the nearest sample with a centred window.
struct LocalFit {
    /// Row-major, samples × columns.
    var value: [Double]
    var first: [Double]
    var second: [Double]
    var third: [Double]
    /// Standard deviation of the samples about the fit, by column, corrected for the fit's own freedom;
    /// over the samples with a centred window, 0 if there are none.
    var noise: [Double]
    /// Standard deviation of the second derivative for samples with unit white noise, the mean over the samples, 1/s².
    var accelerationGain = 0.0

    /// - Parameters:
    ///   - samples: row-major, times × columns.
    ///   - times: seconds, strictly increasing.
    ///   - window: seconds; widened where it holds too few samples for the degree.
    init(_ samples: [Double], columns: Int, times: [Double], window: Double, degree: Int) {
        let count = times.count
        value = samples
        first = Array(repeating: 0, count: samples.count)
        second = first
        third = first
        noise = Array(repeating: 0, count: columns)
        guard count > 1 else { return }
        let half = 0.5 * max(window, 1e-6)
        let wanted = max(1, min(degree, 7))
        var freedom = 0.0
        var gain = 0.0
        var inner: ClosedRange<Int>?
        for i in 0..<count {
            let t = times[i]
            // The window [t − half, t + half], shifted inwards at the ends.
            var from = t - half
            var to = t + half
            let centred = from >= times[0] - 1e-9 && to <= times[count - 1] + 1e-9
            if from < times[0] { (from, to) = (times[0], times[0] + 2 * half) }
            if to > times[count - 1] { (from, to) = (max(times[0], times[count - 1] - 2 * half), times[count - 1]) }
            var low = i
            var high = i
            while low > 0, times[low - 1] >= from - 1e-9 { low -= 1 }
            while high < count - 1, times[high + 1] <= to + 1e-9 { high += 1 }
            let asked = centred ? wanted : min(wanted, 4)
            while high - low < asked + 1, low > 0 || high < count - 1 {
                if low > 0 { low -= 1 }
                if high < count - 1 { high += 1 }
            }
            let used = min(asked, high - low)
            let weights = Self.weights(times, low...high, at: t, degree: used)
            let span = high - low + 1
            for c in 0..<columns {
                var d = (0.0, 0.0, 0.0, 0.0)
                for k in 0..<span {
                    let x = samples[(low + k) * columns + c]
                    d.0 += weights[k] * x
                    if used > 0 { d.1 += weights[span + k] * x }
                    if used > 1 { d.2 += weights[2 * span + k] * x }
                    if used > 2 { d.3 += weights[3 * span + k] * x }
                }
                value[i * columns + c] = d.0
                first[i * columns + c] = d.1
                second[i * columns + c] = 2 * d.2
                third[i * columns + c] = 6 * d.3
                if centred {
                    let off = samples[i * columns + c] - d.0
                    noise[c] += off * off
                }
            }
            guard centred else { continue }
            inner = (inner?.lowerBound ?? i)...i
            freedom += 1 - min(0.999, weights[i - low])
            if used > 1 {
                var sum = 0.0
                for k in 0..<span { sum += weights[2 * span + k] * weights[2 * span + k] }
                gain += 2 * sum.squareRoot()
            }
        }
        guard let inner else { return }
        accelerationGain = gain / Double(inner.count)
        for c in 0..<columns { noise[c] = (noise[c] / max(freedom, 1e-9)).squareRoot() }
        for i in 0..<count where !inner.contains(i) {
            let nearest = i < inner.lowerBound ? inner.lowerBound : inner.upperBound
            for c in 0..<columns {
                second[i * columns + c] = second[nearest * columns + c]
                third[i * columns + c] = third[nearest * columns + c]
            }
        }
    }

    /// What each sample of the window contributes to each coefficient about `t`: rows of (AᵀA)⁻¹Aᵀ, with times scaled to the window.
    private static func weights(_ times: [Double], _ range: ClosedRange<Int>, at t: Double, degree: Int) -> [Double] {
        let m = degree + 1
        let scale = max(times[range.upperBound] - t, t - times[range.lowerBound], 1e-9)
        var normal = [Double](repeating: 0, count: m * m)
        var powers = [Double](repeating: 0, count: range.count * m)
        for (k, i) in range.enumerated() {
            let x = (times[i] - t) / scale
            var p = 1.0
            for a in 0..<m {
                powers[k * m + a] = p
                p *= x
            }
            for a in 0..<m { for b in 0..<m { normal[a * m + b] += powers[k * m + a] * powers[k * m + b] } }
        }
        let inverse = inverted(normal, m)
        var out = [Double](repeating: 0, count: m * range.count)
        var unit = 1.0
        for a in 0..<m {
            for k in 0..<range.count {
                var sum = 0.0
                for b in 0..<m { sum += inverse[a * m + b] * powers[k * m + b] }
                out[a * range.count + k] = sum * unit
            }
            unit /= scale
        }
        return out
    }

    /// Gauss–Jordan with pivots; a small, well-scaled, symmetric positive definite matrix.
    private static func inverted(_ matrix: [Double], _ m: Int) -> [Double] {
        var a = matrix
        var b = [Double](repeating: 0, count: m * m)
        for i in 0..<m { b[i * m + i] = 1 }
        for c in 0..<m {
            let pivot = (c..<m).max { abs(a[$0 * m + c]) < abs(a[$1 * m + c]) } ?? c
            if pivot != c {
                for k in 0..<m {
                    a.swapAt(c * m + k, pivot * m + k)
                    b.swapAt(c * m + k, pivot * m + k)
                }
            }
            let d = a[c * m + c]
            guard abs(d) > 1e-300 else { continue }
            for k in 0..<m {
                a[c * m + k] /= d
                b[c * m + k] /= d
            }
            for r in 0..<m where r != c && a[r * m + c] != 0 {
                let f = a[r * m + c]
                for k in 0..<m {
                    a[r * m + k] -= f * a[c * m + k]
                    b[r * m + k] -= f * b[c * m + k]
                }
            }
        }
        return b
    }
}
