internal import Estimation
internal import Geometry
internal import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

extension Reconstruction {
    /// A start without the table tag: two keyframes by the essential matrix, propagation, a visual bundle adjustment, then scale, gravity
    /// and biases from the IMU over the whole recording.
    /// - Returns: relative standard deviation of the scale; nil where lengths stay arbitrary (no IMU, or the motion does not excite it).
    mutating func bootstrapWithoutTag(seenTags: Int) throws(MappingError) -> Double? {
        inertial.isUsed = false
        let metric = options
        options = metric.lengths(times: metric.startDistance / metric.usualDistance)
        guard let start = try bestPair() else {
            throw .map(
                "no start: the table tag was usable in \(seenTags) frames, and no two keyframes share \(options.minimumPairTracks) points "
                    + "with \(options.minimumPairParallax / 4) degrees of parallax; show the tag of the device file, or move the camera "
                    + "sideways over a scene with texture")
        }
        let up = specificForceDirection(start.a) ?? Vector3(0, -1, 0)
        let first = Transform<Map, Body>(rotation: Rotation(carrying: up, onto: Vector3(0, 0, 1)), translation: .zero)
        states.poses[start.a] = first
        let mapFromCameraB = (first * device.bodyFromCamera) * start.bFromA.inverse.relabelled(Camera.self, Camera.self)
        states.poses[start.b] = mapFromCameraB * device.bodyFromCamera.inverse
        triangulateTracks(0..<tracks.trackCount, minimumViews: 2)
        propagatePoses()
        for _ in 0..<2 {
            triangulateTracks(0..<tracks.trackCount)
            guard keyframes.count >= 3 else { break }
            try bundle(iterations: options.iterations)
            _ = rejectOutliers()
            propagatePoses()
        }
        guard let (scale, sigma) = alignWithInertial() else { return nil }
        let own = options
        options = metric
        useAccelerometer()
        inertial.isUsed = inertial.isUsed && sigma < options.maximumScaleSigma
        guard inertial.isUsed else {
            // What the IMU says of the scale is not good enough: back to the start's.
            options = own
            scaleLengths(by: 1 / scale)
            return nil
        }
        return sigma
    }

    /// Makes every length so many times as long; the lever between body and camera stays.
    private mutating func scaleLengths(by factor: Double) {
        for f in 0..<frameCount {
            guard let pose = states.poses[f] else { continue }
            let lever = pose.rotation * device.bodyFromCamera.translation
            states.poses[f] = Transform(rotation: pose.rotation, translation: factor * (pose.translation + lever) - lever)
        }
        for t in 0..<tracks.trackCount { points.positions[t] = factor * points.positions[t] }
        differentiateVelocities()
    }

    /// The two keyframes with most points that agree on an essential matrix with enough parallax; the gyroscope, where there is one, must
    /// agree with the rotation.
    private func bestPair() throws(MappingError) -> (a: Int, b: Int, bFromA: Transform<Camera, Camera>)? {
        let keys = (0..<frameCount).filter { tracks.isKeyframe[$0] }
        // Where most of the scene is far away, half or a quarter of the parallax must do.
        var best = [(score: Double, a: Int, b: Int, bFromA: Transform<Camera, Camera>)?](repeating: nil, count: 3)
        for i in stride(from: 0, to: keys.count, by: 2) {
            for step in options.pairSteps where i + step < keys.count {
                let (a, b) = (keys[i], keys[i + step])
                guard let (found, parallax) = try relativePose(a, b) else { continue }
                guard let grade = best.indices.first(where: { parallax > options.minimumPairParallax / Double(1 << $0) }) else { continue }
                let score = Double(found.inliers.count) * min(parallax, options.usefulPairParallax)
                if score > best[grade]?.score ?? 0 {
                    // Lengths are arbitrary so far, and thresholds in metres are taken in proportion.
                    let baseline = options.startDistance * parallax * .pi / 180
                    best[grade] = (score, a, b, Transform(rotation: found.rotation, translation: baseline * found.translation))
                }
            }
        }
        return best.compactMap { $0 }.first.map { ($0.a, $0.b, $0.bFromA) }
    }

    /// The motion between two frames from the points that both see, with the median parallax of its inliers, degrees; nil where too few
    /// points agree, or the gyroscope does not.
    private func relativePose(_ a: Int, _ b: Int) throws(MappingError) -> (pose: RelativePose, parallax: Double)? {
        var inA: [Int32: Vector2] = [:]
        for k in observed.indices(ofFrame: a) { inA[tracks.observations[k].track] = tracks.observations[k].pixel }
        var from: [Vector3] = []
        var to: [Vector3] = []
        for k in observed.indices(ofFrame: b) {
            let o = tracks.observations[k]
            guard let p = inA[o.track], let u = device.camera.unproject(p), let v = device.camera.unproject(o.pixel) else { continue }
            from.append(u)
            to.append(v)
        }
        guard from.count >= options.minimumPairTracks else { return nil }
        var ransac = BearingRansacOptions()
        ransac.thresholdDegrees = options.pairThreshold
        let found: RelativePose?
        do { found = try RelativePose.estimate(from: from, to: to, options: ransac) } catch { throw .numerical("\(error)") }
        guard let found, Double(found.inliers.count) > options.pairInlierShare * Double(from.count) else { return nil }
        let axes = device.bodyFromCamera.rotation
        let gyro = axes.inverse * turned(from: b, to: a) * axes
        if inertial.signal != nil, found.rotation.angle(to: gyro) > options.pairAngle * .pi / 180 { return nil }
        let angles = found.inliers.map { acos(min(1, (found.rotation * from[$0]).dot(to[$0]))) }.sorted()
        return (found, angles[angles.count / 2] * 180 / .pi)
    }

    /// Scale, gravity and biases from the IMU over all keyframes (`InertialAlignment`); scales and turns the reconstruction.
    /// - Returns: how many times as long every length became, and the relative standard deviation of that.
    private mutating func alignWithInertial() -> (scale: Double, sigma: Double)? {
        guard inertial.hasAccelerometer, let signal = inertial.signal else { return nil }
        let keys = keyframes
        let bias = gyroscopeBiasFromRotations(keys, signal)
        for f in 0..<frameCount { states.gyroscopeBias[f] = bias }
        var alignment = InertialAlignment(options: options)
        for n in stride(from: 0, to: keys.count - 2, by: 1) { add(keys[n], keys[n + 1], keys[n + 2], bias, signal, to: &alignment) }
        guard let found = alignment.solve() else { return nil }
        let upright = Rotation(carrying: -found.gravity, onto: Vector3(0, 0, 1))
        for f in 0..<frameCount {
            guard let pose = states.poses[f] else { continue }
            states.poses[f] = Transform(rotation: upright * pose.rotation, translation: upright * pose.translation)
            states.accelerometerBias[f] = found.accelerometerBias
        }
        for t in 0..<tracks.trackCount { points.positions[t] = upright * points.positions[t] }
        states.tilt = .zero
        scaleLengths(by: found.scale)
        return (found.scale, found.scaleSigma)
    }

    /// Adds what three keyframes and the IMU between them say of scale, gravity and bias; velocities are eliminated.
    private func add(_ i: Int, _ j: Int, _ k: Int, _ bias: Vector3, _ signal: InertialSignal, to alignment: inout InertialAlignment) {
        let (t1, t2) = (seconds[j] - seconds[i], seconds[k] - seconds[j])
        guard t1 < options.maximumBridge, t2 < options.maximumBridge, inertial.covers(seconds[i], seconds[k]) else { return }
        func integrated(_ f: Int, _ g: Int) -> Preintegration {
            Preintegration(
                signal, from: seconds[f], to: seconds[g], gyroscopeBias: bias, accelerometerBias: .zero, noise: inertial.densities)
        }
        func camera(_ f: Int) -> Vector3 { ((states.poses[f] ?? .identity) * device.bodyFromCamera).translation }
        func rotation(_ f: Int) -> Matrix3 { (states.poses[f] ?? .identity).rotation.matrix }
        alignment.add(
            [i, j, k].map { InertialAlignment.Place(seconds: seconds[$0], body: rotation($0), camera: camera($0)) }, integrated(i, j),
            integrated(j, k), lever: device.bodyFromCamera.translation)
    }

    /// The gyroscope's bias that best explains the rotations between keyframes, by Gauss-Newton.
    private func gyroscopeBiasFromRotations(_ keys: [Int], _ signal: InertialSignal) -> Vector3 {
        var bias = Vector3.zero
        for _ in 0..<4 {
            var h = Matrix3(diagonal: Vector3(repeating: 1e-6))
            var g = Vector3.zero
            for (f, k) in zip(keys, keys.dropFirst())
            where seconds[k] - seconds[f] < options.maximumBridge && inertial.covers(seconds[f], seconds[k]) {
                guard let a = states.poses[f], let b = states.poses[k] else { continue }
                let d = Preintegration(
                    signal, from: seconds[f], to: seconds[k], gyroscopeBias: bias, accelerometerBias: .zero, noise: inertial.densities)
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
