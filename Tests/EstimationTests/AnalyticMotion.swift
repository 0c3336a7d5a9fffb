import Estimation
import Geometry

#if canImport(Glibc)
    import Glibc
#endif

/// A smooth motion with exact derivatives, and what an ideal or noisy IMU reads along it.
struct AnalyticMotion {
    static let gravity = 9.81

    func position(_ t: Double) -> Vector3 {
        Vector3(0.3 * sin(1.3 * t), 0.2 * cos(1.7 * t + 0.3), 0.4 + 0.1 * sin(2.1 * t + 1))
    }

    func velocity(_ t: Double) -> Vector3 {
        Vector3(0.39 * cos(1.3 * t), -0.34 * sin(1.7 * t + 0.3), 0.21 * cos(2.1 * t + 1))
    }

    func acceleration(_ t: Double) -> Vector3 {
        Vector3(-0.507 * sin(1.3 * t), -0.578 * cos(1.7 * t + 0.3), -0.441 * sin(2.1 * t + 1))
    }

    func vector(_ t: Double) -> Vector3 { Vector3(0.5 * sin(0.9 * t), 0.4 * sin(1.4 * t + 0.5), 0.8 * sin(0.7 * t + 2)) }
    func vectorRate(_ t: Double) -> Vector3 { Vector3(0.45 * cos(0.9 * t), 0.56 * cos(1.4 * t + 0.5), 0.56 * cos(0.7 * t + 2)) }

    func rotation(_ t: Double) -> Rotation { Rotation(vector: vector(t)) }
    func rate(_ t: Double) -> Vector3 { Rotation.rightJacobian(vector(t)) * vectorRate(t) }
    func force(_ t: Double) -> Vector3 { rotation(t).inverse * (acceleration(t) + Vector3(0, 0, Self.gravity)) }

    /// Gyroscope at 200 Hz and accelerometer at 200 Hz but 1.7 ms later: the two never share times.
    func signal(
        duration: Double, rateHz: Double = 200, gyroscopeBias: Vector3 = .zero, accelerometerBias: Vector3 = .zero,
        gyroscopeSigma: Double = 0, accelerometerSigma: Double = 0, seed: UInt64 = 1
    ) -> InertialSignal {
        var random = RandomSource(seed: seed)
        func noise(_ s: Double) -> Vector3 { Vector3(random.normal(), random.normal(), random.normal()) * s }
        let n = Int(duration * rateHz) + 1
        let tg = (0..<n).map { Double($0) / rateHz }
        let ta = tg.map { $0 + 0.0017 }
        let g = tg.map { rate($0) + gyroscopeBias + noise(gyroscopeSigma) }
        let a = ta.map { force($0) + accelerometerBias + noise(accelerometerSigma) }
        return InertialSignal(gyroscopeTimes: tg, gyroscope: g, accelerometerTimes: ta, accelerometer: a)
    }

    static let noise = InertialDensities(gyroscope: 2e-4, accelerometer: 2e-3, gyroscopeWalk: 2e-5, accelerometerWalk: 2e-4)
}
