import Estimation
import Geometry
import Testing

struct PreintegrationTests {
    let motion = AnalyticMotion()
    let gravity = Vector3(0, 0, -AnalyticMotion.gravity)

    @Test(arguments: [(0.5, 0.8), (1.0031, 2.0127), (0.2, 4.2)])
    func agreesWithTheAnalyticMotion(_ span: (Double, Double)) {
        let (a, b) = span
        let bg = Vector3(0.01, -0.02, 0.015)
        let ba = Vector3(0.1, 0.05, -0.08)
        let signal = motion.signal(duration: 6, gyroscopeBias: bg, accelerometerBias: ba)
        let d = Preintegration(signal, from: a, to: b, gyroscopeBias: bg, accelerometerBias: ba, noise: AnalyticMotion.noise)
        let dt = b - a
        let r = motion.rotation(a)
        let p = motion.position(a) + motion.velocity(a) * dt + 0.5 * dt * dt * gravity + r * d.position
        let v = motion.velocity(a) + dt * gravity + r * d.velocity
        // Straight interpolation at 200 Hz: below 0.1 mm per second squared, and 0.003 degrees.
        #expect((p - motion.position(b)).length < 1e-4 * max(dt * dt, 0.1))
        #expect((v - motion.velocity(b)).length < 2e-4 * max(dt, 0.3))
        #expect((r * d.rotation).angle(to: motion.rotation(b)) < 5e-5)
    }

    @Test func correctsForAChangedBiasToFirstOrder() {
        let signal = motion.signal(duration: 3)
        let bg = Vector3(0.003, -0.002, 0.004)
        let ba = Vector3(0.05, -0.03, 0.02)
        let noise = AnalyticMotion.noise
        let base = Preintegration(signal, from: 0.3, to: 0.9, gyroscopeBias: .zero, accelerometerBias: .zero, noise: noise)
        let moved = Preintegration(signal, from: 0.3, to: 0.9, gyroscopeBias: bg, accelerometerBias: ba, noise: noise)
        let r = base.rotation * Rotation(vector: base.rotationByGyroscope * bg)
        let v = base.velocity + base.velocityByGyroscope * bg + base.velocityByAccelerometer * ba
        let p = base.position + base.positionByGyroscope * bg + base.positionByAccelerometer * ba
        #expect(r.angle(to: moved.rotation) < 2e-6)
        #expect((v - moved.velocity).length < 1e-4)
        #expect((p - moved.position).length < 3e-5)
        // Without the correction the error is a hundred times larger.
        #expect((base.position - moved.position).length > 3e-3)
    }

    /// The stated covariance against the scatter of 400 noisy integrations.
    @Test func covarianceMatchesMonteCarlo() {
        let noise = AnalyticMotion.noise
        let rateHz = 200.0
        let exact = Preintegration(
            motion.signal(duration: 1.2), from: 0.1, to: 1.1, gyroscopeBias: .zero, accelerometerBias: .zero, noise: noise)
        var sums = [Double](repeating: 0, count: 9)
        let runs = 400
        for run in 0..<runs {
            let noisy = motion.signal(
                duration: 1.2, gyroscopeSigma: noise.gyroscope * rateHz.squareRoot(),
                accelerometerSigma: noise.accelerometer * rateHz.squareRoot(), seed: UInt64(run + 10))
            let d = Preintegration(noisy, from: 0.1, to: 1.1, gyroscopeBias: .zero, accelerometerBias: .zero, noise: noise)
            let e = (exact.rotation.inverse * d.rotation).vector
            let v = d.velocity - exact.velocity
            let p = d.position - exact.position
            for k in 0..<3 {
                sums[k] += e[k] * e[k]
                sums[3 + k] += v[k] * v[k]
                sums[6 + k] += p[k] * p[k]
            }
        }
        for k in 0..<9 {
            let ratio = (sums[k] / Double(runs) / exact.covariance[k, k]).squareRoot()
            #expect(ratio > 0.85 && ratio < 1.15, "component \(k): scatter over stated sigma is \(ratio)")
        }
    }

    @Test func reportsGaps() {
        var signal = motion.signal(duration: 2)
        signal.gyroscopeTimes.removeSubrange(100..<140)
        signal.gyroscope.removeSubrange(100..<140)
        #expect(signal.longestGap(from: 0.1, to: 0.3, margin: 0.01) < 0.006)
        #expect(abs(signal.longestGap(from: 0.4, to: 0.6, margin: 0.01) - 0.205) < 1e-6)
        #expect(signal.longestGap(from: 1.9, to: 2.5, margin: 0.01) == .infinity)
    }
}
