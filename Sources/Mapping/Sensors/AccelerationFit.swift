internal import Estimation
internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// Second differences of position against the accelerometer's double integrals: gravity, bias and, if asked, what its axes and gains are.
struct AccelerationFit {
    /// One second difference over two spans of about equal length, map axes.
    struct Row {
        /// p₊ − 2 p₀ + p₋, metres.
        var way: Vector3
        /// The product of the spans, s².
        var squaredSpan: Double
        /// What bias and each of the nine numbers of the sensor's map add to it; `byMap[r]` is for the sensor's reading r.
        var byBias: Matrix3
        var byMap: [Matrix3]
    }

    /// True specific force from readings, in the body's axes; identity for a sensor that is as stated.
    private(set) var map = Matrix3.identity
    /// Root mean square of the errors on an axis, by their median, metres.
    private(set) var error = 0.0

    /// Least squares with Cauchy weights; nil where the equations are singular.
    /// - Parameters:
    ///   - gravity: as expected, map axes, m/s².
    ///   - findsMap: whether axes and gains are free.
    init?(_ rows: [Row], gravity: Vector3, findsMap: Bool, biasSigma: Double) {
        let n = findsMap ? 15 : 6
        var weights = [Double](repeating: 1, count: rows.count)
        var scale = 0.05
        var found = gravity
        for _ in 0..<6 {
            var h = DenseMatrix(rows: n, columns: n)
            var g = DenseMatrix(rows: n, columns: 1)
            func hold(_ at: Int, _ value: Double, _ sigma: Double) {
                h[at, at] += 1 / (sigma * sigma)
                g.values[at] += value / (sigma * sigma)
            }
            // A table may be tilted by ten degrees or so; gravity's length is known, linearised about the last solution.
            for k in 0..<3 { hold(k, gravity[k], 0.17 * gravity.length) }
            let down = found.normalized
            let firm = 1 / (0.003 * gravity.length * 0.003 * gravity.length)
            for r in 0..<3 {
                g.values[r] += firm * down[r] * gravity.length
                for c in 0..<3 { h[r, c] += firm * down[r] * down[c] }
            }
            for k in 3..<6 { hold(k, 0, biasSigma) }
            if findsMap { for r in 0..<3 { for c in 0..<3 { hold(6 + 3 * c + r, r == c ? 1 : 0, 1) } } }
            for (row, w) in zip(rows, weights) {
                for axis in 0..<3 {
                    let (a, b) = Self.equation(row, axis, findsMap: findsMap)
                    let weight = w / (scale * scale)
                    for r in 0..<n {
                        g.values[r] += weight * a[r] * b
                        for c in 0..<n { h[r, c] += weight * a[r] * a[c] }
                    }
                }
            }
            guard let l = h.cholesky() else { return nil }
            let x = l.choleskySolve(g).values
            found = Vector3(x[0], x[1], x[2])
            var magnitudes: [Double] = []
            for (i, row) in rows.enumerated() {
                var squared = 0.0
                for axis in 0..<3 {
                    let (a, b) = Self.equation(row, axis, findsMap: findsMap)
                    let e = zip(a, x).reduce(-b) { $0 + $1.0 * $1.1 }
                    magnitudes.append(abs(e))
                    squared += e * e
                }
                weights[i] = 1 / (1 + squared / (12 * scale * scale))
            }
            magnitudes.sort()
            error = 1.4826 * magnitudes[magnitudes.count / 2]
            scale = max(error, 1e-5)
            if findsMap {
                map = Matrix3(columns: Vector3(x[6], x[7], x[8]), Vector3(x[9], x[10], x[11]), Vector3(x[12], x[13], x[14]))
            }
        }
    }

    /// One axis of a row: factors of gravity, bias and the map (its columns), and what their sum is.
    private static func equation(_ row: Row, _ axis: Int, findsMap: Bool) -> (a: [Double], b: Double) {
        var a = [0.0, 0, 0, row.byBias[axis, 0], row.byBias[axis, 1], row.byBias[axis, 2]]
        a[axis] = row.squaredSpan
        guard findsMap else {
            // Every axis reads itself.
            let known = (0..<3).reduce(0.0) { $0 + row.byMap[$1][axis, $1] }
            return (a, row.way[axis] - known)
        }
        for reading in 0..<3 { for body in 0..<3 { a.append(row.byMap[reading][axis, body]) } }
        return (a, row.way[axis])
    }
}
