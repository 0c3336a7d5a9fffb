internal import Estimation
internal import Geometry

extension Reconstruction {
    /// Widens the IMU's noise where its readings do not fit what pictures alone say, beyond what pictures can be wrong by.
    ///
    /// A sheet's densities hold for a chip at rest; on a moving hand vibration, scale and alignment errors come on top. An IMU that is
    /// trusted too far pulls every pose off the pictures and makes their covariances too small. Poses from pictures alone, `noiseSpan`
    /// apart: their turns against the gyroscope's, their second differences of position against the accelerometer's. The densities are
    /// never made smaller than stated.
    mutating func findInertialNoise() {
        guard useInertial, let signal, options.maximumNoiseGain > 1, frameCount > 2, let last = seconds.last, last > seconds[0] else {
            return
        }
        let rate = Double(frameCount - 1) / (last - seconds[0])
        let span = max(1, Int((options.noiseSpan * rate).rounded()))
        let ofLandmarks = landmarkSightings()
        var alone = [RefinedPose?](repeating: nil, count: frameCount)
        for f in stride(from: 0, to: frameCount, by: max(1, span / 2)) {
            guard let pose = poses[f] else { continue }
            let seen = sightings(f) + ofLandmarks[f]
            guard let r = refine(pose, frame: f, sightings: seen), r.inliers >= 2 * options.minimumInliers else { continue }
            alone[f] = r
        }
        let step = max(1, span / 2)
        var turns: [Double] = []
        var ways: [Double] = []
        var (turnVision, turnSheet, wayVision, waySheet) = (0.0, 0.0, 0.0, 0.0)
        let gravity = InertialResidual.gravityVector(tilt: tilt, gravity: options.gravity)
        for f in stride(from: 2 * step, to: frameCount - 2 * step, by: step) {
            let (a, b) = (f - 2 * step, f + 2 * step)
            guard let before = alone[a], let here = alone[f], let after = alone[b], let ca = before.covariance, let ch = here.covariance,
                let cb = after.covariance, covered(seconds[a], seconds[b])
            else { continue }
            let (t, u) = (seconds[f] - seconds[a], seconds[b] - seconds[f])
            guard abs(t - u) < 0.02 * u else { continue }
            func integrated(_ from: Int, _ to: Int) -> Preintegration {
                Preintegration(
                    signal, from: seconds[from], to: seconds[to], gyroscopeBias: gyroscopeBias[from],
                    accelerometerBias: accelerometerBias[from], noise: statedDensities, accelerometerGain: accelerometerGain)
            }
            let (first, second) = (integrated(a, f), integrated(f, b))
            func trace(_ m: DenseMatrix, _ at: Int) -> Double { m[at, at] + m[at + 1, at + 1] + m[at + 2, at + 2] }
            let turn = (second.rotation.inverse * (here.pose.rotation.inverse * after.pose.rotation)).vector
            // p₊ − 2 p₀ + p₋ = g T² + R₀ Δp₊ − R₋ Δp₋ + T R₋ Δv₋: no velocity is needed.
            let way =
                after.pose.translation - 2 * here.pose.translation + before.pose.translation - gravity * (t * u)
                - here.pose.rotation * second.position + before.pose.rotation * (first.position - first.velocity * u)
            for k in 0..<3 {
                turns.append(abs(turn[k]))
                ways.append(abs(way[k]))
            }
            turnVision += trace(ch, 3) + trace(cb, 3)
            turnSheet += 3 * statedDensities.gyroscope * statedDensities.gyroscope * u
            wayVision += trace(ca, 0) + 4 * trace(ch, 0) + trace(cb, 0)
            waySheet += 3 * statedDensities.accelerometer * statedDensities.accelerometer * (2.0 / 3) * u * u * u
        }
        guard turns.count >= options.spreadSamples else { return }
        func gain(_ errors: inout [Double], _ vision: Double, _ sheet: Double) -> Double {
            errors.sort()
            let sigma = 1.4826 * errors[errors.count / 2]
            let n = Double(errors.count)
            let beyond = sigma * sigma - options.visionMargin * vision / n
            return min(max((max(beyond, 0) / (sheet / n)).squareRoot(), 1), options.maximumNoiseGain)
        }
        let (g, a) = (gain(&turns, turnVision, turnSheet), gain(&ways, wayVision, waySheet))
        densities = statedDensities
        densities.gyroscope *= g
        densities.accelerometer *= a
        noiseGain = Vector2(g, a)
    }
}
