internal import Estimation
internal import Geometry
internal import Session

extension Reconstruction {
    /// Widens the IMU's noise where its readings do not fit what pictures alone say, beyond what pictures can be wrong by.
    ///
    /// A sheet's densities hold for a chip at rest; on a moving hand vibration, scale and alignment errors come on top. An IMU that is
    /// trusted too far pulls every pose off the pictures and makes their covariances too small. Poses from pictures alone, `noiseSpan`
    /// apart: their turns against the gyroscope's, their second differences of position against the accelerometer's. The densities are
    /// never made smaller than stated.
    mutating func findInertialNoise() {
        guard let signal = inertial.signal, inertial.isUsed, options.maximumNoiseGain > 1, frameCount > 2, let last = seconds.last,
            last > seconds[0]
        else { return }
        let rate = Double(frameCount - 1) / (last - seconds[0])
        let step = max(1, Int((options.noiseSpan * rate).rounded()) / 2)
        let alone = posesAlone(every: step)
        var errors = InertialMisfit()
        for f in stride(from: 2 * step, to: frameCount - 2 * step, by: step) { compare(f, 2 * step, alone, signal, &errors) }
        guard errors.turns.count >= options.spreadSamples else { return }
        let (margin, largest) = (options.visionMargin, options.maximumNoiseGain)
        inertial.widenNoise(
            gyroscope: errors.turns.gain(visionMargin: margin, largest: largest),
            accelerometer: errors.ways.gain(visionMargin: margin, largest: largest))
        noteNoise()
    }

    /// Says which sensor is much noisier than stated.
    private mutating func noteNoise() {
        sensors.removeAll { $0.fault == .noise }
        let gains = [(SensorJudgement.Sensor.gyroscope, inertial.noiseGain.x), (.accelerometer, inertial.noiseGain.y)]
        for (sensor, gain) in gains where gain >= options.sensors.reportedNoise {
            sensors.append(
                SensorJudgement(
                    sensor: sensor, use: .corrected, fault: .noise,
                    reason: "it misses the pictures as if its noise were \(gain.fixed(1)) times what the device file states; weighted so"))
        }
    }

    /// Every so many frames a pose from pictures alone, where they hold one well.
    func posesAlone(every step: Int) -> [RefinedPose?] {
        let ofLandmarks = landmarkSightings()
        var alone = [RefinedPose?](repeating: nil, count: frameCount)
        for f in stride(from: 0, to: frameCount, by: step) {
            guard let pose = states.poses[f] else { continue }
            let seen = sightings(f) + ofLandmarks[f]
            guard let r = refine(pose, frame: f, sightings: seen), r.inliers >= 2 * options.minimumInliers else { continue }
            alone[f] = r
        }
        return alone
    }

    /// Adds what a frame and those `reach` before and after it say of the IMU.
    private func compare(_ f: Int, _ reach: Int, _ alone: [RefinedPose?], _ signal: InertialSignal, _ errors: inout InertialMisfit) {
        let (a, b) = (f - reach, f + reach)
        guard let before = alone[a], let here = alone[f], let after = alone[b], let ca = before.covariance, let ch = here.covariance,
            let cb = after.covariance, inertial.covers(seconds[a], seconds[b])
        else { return }
        let (t, u) = (seconds[f] - seconds[a], seconds[b] - seconds[f])
        // The second difference below wants equal spans.
        guard abs(t - u) < 0.02 * u else { return }
        func integrated(_ from: Int, _ to: Int) -> Preintegration {
            Preintegration(
                signal, from: seconds[from], to: seconds[to], gyroscopeBias: states.gyroscopeBias[from],
                accelerometerBias: states.accelerometerBias[from], noise: inertial.statedDensities,
                accelerometerGain: device.accelerometerGain)
        }
        let (first, second) = (integrated(a, f), integrated(f, b))
        func trace(_ m: DenseMatrix, _ at: Int) -> Double { m[at, at] + m[at + 1, at + 1] + m[at + 2, at + 2] }
        let gravity = InertialResidual.gravityVector(tilt: states.tilt, gravity: options.gravity)
        let turn = (second.rotation.inverse * (here.pose.rotation.inverse * after.pose.rotation)).vector
        // p₊ − 2 p₀ + p₋ = g T² + R₀ Δp₊ − R₋ Δp₋ + T R₋ Δv₋: no velocity is needed.
        let way =
            after.pose.translation - 2 * here.pose.translation + before.pose.translation - gravity * (t * u)
            - here.pose.rotation * second.position + before.pose.rotation * (first.position - first.velocity * u)
        let stated = inertial.statedDensities
        errors.turns.add(turn, vision: trace(ch, 3) + trace(cb, 3), stated: 3 * stated.gyroscope * stated.gyroscope * u)
        errors.ways.add(
            way, vision: trace(ca, 0) + 4 * trace(ch, 0) + trace(cb, 0),
            stated: 3 * stated.accelerometer * stated.accelerometer * (2.0 / 3) * u * u * u)
    }
}

/// How the IMU's readings differ from what pictures alone say, and by how much they may.
private struct InertialMisfit {
    struct Errors {
        private var magnitudes: [Double] = []
        /// Sums of the variances that pictures and the IMU's stated noise explain.
        private var vision = 0.0
        private var stated = 0.0

        var count: Int { magnitudes.count }

        mutating func add(_ error: Vector3, vision v: Double, stated s: Double) {
            for k in 0..<3 { magnitudes.append(abs(error[k])) }
            vision += v
            stated += s
        }

        /// By how much the stated noise must be widened, 1 to `largest`, for what pictures do not explain.
        mutating func gain(visionMargin: Double, largest: Double) -> Double {
            magnitudes.sort()
            let sigma = 1.4826 * magnitudes[magnitudes.count / 2]
            let n = Double(magnitudes.count)
            let beyond = sigma * sigma - visionMargin * vision / n
            return min(max((max(beyond, 0) / (stated / n)).squareRoot(), 1), largest)
        }
    }

    var turns = Errors()
    var ways = Errors()
}
