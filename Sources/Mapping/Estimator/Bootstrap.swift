internal import Estimation
internal import Geometry
internal import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

extension Reconstruction {
    /// A start without the table tag: two keyframes by the essential matrix, propagation, a visual bundle adjustment, then scale, gravity and
    /// biases from the IMU over the whole recording.
    /// - Returns: relative standard deviation of the scale; nil where lengths stay arbitrary (no IMU, or the motion does not excite it).
    mutating func bootstrapWithoutTag(seenTags: Int) throws(MappingError) -> Double? {
        useInertial = false
        guard let start = try bestPair() else {
            throw .map(
                "no start: the table tag was usable in \(seenTags) frames, and no two keyframes share \(options.minimumPairTracks) points "
                    + "with \(options.minimumPairParallax / 4) degrees of parallax; show the tag of the device file, or move the camera "
                    + "sideways over a scene with texture")
        }
        let up = specificForceDirection(start.a) ?? Vector3(0, -1, 0)
        let first = Transform<Map, Body>(rotation: Rotation(carrying: up, onto: Vector3(0, 0, 1)), translation: .zero)
        poses[start.a] = first
        let mapFromCameraB = (first * bodyFromCamera) * start.bFromA.inverse.relabelled(Camera.self, Camera.self)
        poses[start.b] = mapFromCameraB * bodyFromCamera.inverse
        triangulateTracks(0..<tracks.trackCount, minimumViews: 2)
        propagatePoses()
        for _ in 0..<2 {
            triangulateTracks(0..<tracks.trackCount)
            guard keyframes.count >= 3 else { break }
            _ = try bundle(iterations: options.iterations)
            _ = rejectOutliers()
            propagatePoses()
        }
        guard signal != nil, let alignment = alignWithInertial(), alignment.scaleSigma < options.maximumScaleSigma else { return nil }
        useInertial = true
        return alignment.scaleSigma
    }

    /// The two keyframes with most points that agree on an essential matrix with enough parallax; the gyroscope, where there is one, must
    /// agree with the rotation.
    private func bestPair() throws(MappingError) -> (a: Int, b: Int, bFromA: Transform<Camera, Camera>)? {
        let keys = (0..<frameCount).filter { tracks.isKeyframe[$0] }
        // Where most of the scene is far away, half or a quarter of the parallax must do.
        var best = [(score: Double, a: Int, b: Int, bFromA: Transform<Camera, Camera>)?](repeating: nil, count: 3)
        var ransac = BearingRansacOptions()
        ransac.thresholdDegrees = 0.4
        for i in stride(from: 0, to: keys.count, by: 2) {
            for step in [2, 3, 4, 6] where i + step < keys.count {
                let (a, b) = (keys[i], keys[i + step])
                var inA: [Int32: Vector2] = [:]
                for k in observations(of: a) { inA[tracks.observations[k].track] = tracks.observations[k].pixel }
                var from: [Vector3] = []
                var to: [Vector3] = []
                for k in observations(of: b) {
                    let o = tracks.observations[k]
                    guard let p = inA[o.track], let u = camera.unproject(p), let v = camera.unproject(o.pixel) else { continue }
                    from.append(u)
                    to.append(v)
                }
                guard from.count >= options.minimumPairTracks else { continue }
                let gyro = bodyFromCamera.rotation.inverse * turned(from: b, to: a) * bodyFromCamera.rotation
                let found: RelativePose?
                do { found = try RelativePose.estimate(from: from, to: to, options: ransac) } catch { throw .numerical("\(error)") }
                guard let found, Double(found.inliers.count) > 0.6 * Double(from.count) else { continue }
                if signal != nil, found.rotation.angle(to: gyro) > 2 * .pi / 180 { continue }
                let angles = found.inliers.map { acos(min(1, (found.rotation * from[$0]).dot(to[$0]))) }.sorted()
                let parallax = angles[angles.count / 2] * 180 / .pi
                guard let grade = best.indices.first(where: { parallax > options.minimumPairParallax / Double(1 << $0) }) else { continue }
                let score = Double(found.inliers.count) * min(parallax, 10)
                if score > best[grade]?.score ?? 0 {
                    best[grade] = (score, a, b, Transform(rotation: found.rotation, translation: 0.1 * found.translation))
                }
            }
        }
        return best.compactMap { $0 }.first.map { ($0.a, $0.b, $0.bFromA) }
    }

    /// Scale, gravity and accelerometer bias by linear least squares over triples of keyframes (velocities eliminated), with |g| held.
    ///
    /// After Mur-Artal and Tardós, "Visual-inertial monocular SLAM with map reuse" (2017), section V. Scales and turns the
    /// reconstruction.
    private mutating func alignWithInertial() -> (scale: Double, scaleSigma: Double)? {
        guard let signal else { return nil }
        let keys = keyframes
        let bias = gyroscopeBiasFromRotations(keys, signal)
        for f in 0..<frameCount { gyroscopeBias[f] = bias }
        var rows: [(a: [Double], b: Double)] = []
        func camera(_ f: Int) -> Vector3 { ((poses[f] ?? .identity) * bodyFromCamera).translation }
        func rotation(_ f: Int) -> Matrix3 { (poses[f] ?? .identity).rotation.matrix }
        let lever = bodyFromCamera.translation
        for n in stride(from: 0, to: keys.count - 2, by: 1) {
            let (i, j, k) = (keys[n], keys[n + 1], keys[n + 2])
            let (t1, t2) = (seconds[j] - seconds[i], seconds[k] - seconds[j])
            guard t1 < options.maximumBridge, t2 < options.maximumBridge, covered(seconds[i], seconds[k]) else { continue }
            let d1 = Preintegration(
                signal, from: seconds[i], to: seconds[j], gyroscopeBias: bias, accelerometerBias: .zero, noise: densities)
            let d2 = Preintegration(
                signal, from: seconds[j], to: seconds[k], gyroscopeBias: bias, accelerometerBias: .zero, noise: densities)
            let (ri, rj, rk) = (rotation(i), rotation(j), rotation(k))
            // Body positions are s c − R l.
            let byScale = (camera(k) - camera(j)) / t2 - (camera(j) - camera(i)) / t1
            let known = -(rk * lever - rj * lever) / t2 + (rj * lever - ri * lever) / t1
            let byGravity = -0.5 * (t1 + t2)
            let byBias =
                -(1 / t2) * (rj * d2.positionByAccelerometer) + (1 / t1) * (ri * d1.positionByAccelerometer)
                - ri * d1.velocityByAccelerometer
            let right = (rj * d2.position) / t2 - (ri * d1.position) / t1 + ri * d1.velocity - known
            for r in 0..<3 {
                var a = [Double](repeating: 0, count: 7)
                a[0] = byScale[r]
                a[1 + r] = byGravity
                for c in 0..<3 { a[4 + c] = byBias[r, c] }
                rows.append((a, right[r]))
            }
        }
        guard rows.count >= 12 else { return nil }
        // Rows are velocities, m/s; the biases are held by what is known of them.
        var sigma = 0.05
        var x = [Double](repeating: 0, count: 7)
        var scaleVariance = Double.infinity
        for round in 0..<6 {
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
            if round > 0 {
                // |g| linearised about the last solution.
                let gravity = Vector3(x[1], x[2], x[3])
                let n = gravity.normalized
                add([0, n.x, n.y, n.z, 0, 0, 0], options.gravity, 0.01)
            }
            guard let inverse = h.symmetricInverse else { return nil }
            x = (inverse * g).values
            scaleVariance = inverse[0, 0]
            let rss = rows.reduce(0.0) { s, row in
                let e = zip(row.a, x).reduce(-row.b) { $0 + $1.0 * $1.1 }
                return s + e * e
            }
            sigma = max((rss / Double(rows.count)).squareRoot(), 1e-4)
        }
        let scale = x[0]
        guard scale > 0, scale.isFinite else { return nil }
        let gravity = Vector3(x[1], x[2], x[3])
        let upright = Rotation(carrying: -gravity, onto: Vector3(0, 0, 1))
        for f in 0..<frameCount {
            guard let pose = poses[f] else { continue }
            let c = (pose * bodyFromCamera).translation
            let r = upright * pose.rotation
            poses[f] = Transform(rotation: r, translation: upright * (scale * c) - r * lever)
            accelerometerBias[f] = Vector3(x[4], x[5], x[6])
        }
        for t in 0..<tracks.trackCount { points[t] = upright * (scale * points[t]) }
        tilt = .zero
        differentiateVelocities()
        return (scale, scaleVariance.squareRoot() / scale)
    }

    /// The gyroscope's bias that best explains the rotations between keyframes, by Gauss-Newton.
    private func gyroscopeBiasFromRotations(_ keys: [Int], _ signal: InertialSignal) -> Vector3 {
        var bias = Vector3.zero
        for _ in 0..<4 {
            var h = Matrix3(diagonal: Vector3(repeating: 1e-6))
            var g = Vector3.zero
            for (f, k) in zip(keys, keys.dropFirst())
            where seconds[k] - seconds[f] < options.maximumBridge && covered(seconds[f], seconds[k]) {
                guard let a = poses[f], let b = poses[k] else { continue }
                let d = Preintegration(
                    signal, from: seconds[f], to: seconds[k], gyroscopeBias: bias, accelerometerBias: .zero, noise: densities)
                let e = (d.rotation.inverse * (a.rotation.inverse * b.rotation)).vector
                if e.length > 0.2 { continue }
                let j = d.rotationByGyroscope
                h = h + j.transposed * j
                g += j.transposed * e
            }
            bias += h.inverse * g
        }
        return bias
    }
}
