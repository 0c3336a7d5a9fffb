internal import Estimation
internal import Geometry

/// Scale, gravity and accelerometer bias by linear least squares, with |g| held.
///
/// After Mur-Artal and Tardós, "Visual-inertial monocular SLAM with map reuse" (2017), section V.
struct InertialAlignment {
    let options: BatchOptions
    /// Seven factors (scale, gravity, accelerometer bias) and what their sum is, m/s.
    var rows: [(a: [Double], b: Double)] = []

    struct Solution {
        var scale: Double
        /// Relative standard deviation of the scale.
        var scaleSigma: Double
        /// m/s², in the frame of the poses.
        var gravity: Vector3
        var accelerometerBias: Vector3
    }

    /// Where a camera is at a time, and how the body that carries it is turned.
    struct Place {
        var seconds: Double
        var body: Matrix3
        var camera: Vector3
    }

    /// Adds what three places one after another and the IMU between them say of scale, gravity and bias; velocities are eliminated.
    /// - Parameters:
    ///   - first, second: the IMU from the first place to the second, and on to the third.
    ///   - lever: of the camera in the body's frame, metres.
    mutating func add(_ places: [Place], _ first: Preintegration, _ second: Preintegration, lever: Vector3) {
        let (i, j, k) = (places[0], places[1], places[2])
        let (t1, t2) = (j.seconds - i.seconds, k.seconds - j.seconds)
        // Body positions are s c − R l.
        let byScale = (k.camera - j.camera) / t2 - (j.camera - i.camera) / t1
        let known = -(k.body * lever - j.body * lever) / t2 + (j.body * lever - i.body * lever) / t1
        let byGravity = -0.5 * (t1 + t2)
        let byBias =
            -(1 / t2) * (j.body * second.positionByAccelerometer) + (1 / t1) * (i.body * first.positionByAccelerometer) - i.body
            * first.velocityByAccelerometer
        let right = (j.body * second.position) / t2 - (i.body * first.position) / t1 + i.body * first.velocity - known
        for r in 0..<3 {
            var a = [Double](repeating: 0, count: 7)
            a[0] = byScale[r]
            a[1 + r] = byGravity
            for c in 0..<3 { a[4 + c] = byBias[r, c] }
            rows.append((a, right[r]))
        }
    }

    /// The rows' own error is found along the way; nil where they are too few or do not determine a positive scale.
    func solve() -> Solution? {
        guard rows.count >= 12 else { return nil }
        var sigma = 0.05
        var x = [Double](repeating: 0, count: 7)
        var scaleVariance = Double.infinity
        for round in 0..<6 {
            guard let inverse = information(sigma, around: round > 0 ? Vector3(x[1], x[2], x[3]) : nil, &x) else { return nil }
            scaleVariance = inverse[0, 0]
            let rss = rows.reduce(0.0) { s, row in
                let e = zip(row.a, x).reduce(-row.b) { $0 + $1.0 * $1.1 }
                return s + e * e
            }
            sigma = max((rss / Double(rows.count)).squareRoot(), 1e-4)
        }
        let scale = x[0]
        guard scale > 0, scale.isFinite else { return nil }
        return Solution(
            scale: scale, scaleSigma: scaleVariance.squareRoot() / scale, gravity: Vector3(x[1], x[2], x[3]),
            accelerometerBias: Vector3(x[4], x[5], x[6]))
    }

    /// Solves for `x`; the covariance. Rows are velocities, m/s; the biases are held by what is known of them.
    private func information(_ sigma: Double, around gravity: Vector3?, _ x: inout [Double]) -> DenseMatrix? {
        var h = DenseMatrix(rows: 7, columns: 7)
        var g = DenseMatrix(rows: 7, columns: 1)
        func add(_ a: [Double], _ b: Double, _ s: Double) {
            let w = 1 / (s * s)
            for r in 0..<7 {
                g.values[r] += w * a[r] * b
                for c in 0..<7 { h[r, c] += w * a[r] * a[c] }
            }
        }
        for row in rows { add(row.a, row.b, sigma) }
        for c in 4..<7 {
            var a = [Double](repeating: 0, count: 7)
            a[c] = 1
            add(a, 0, options.accelerometerBiasSigma)
        }
        if let gravity {
            // |g| linearised about the last solution.
            let n = gravity.normalized
            add([0, n.x, n.y, n.z, 0, 0, 0], options.gravity, 0.01)
        }
        guard let inverse = h.symmetricInverse else { return nil }
        x = (inverse * g).values
        return inverse
    }
}
