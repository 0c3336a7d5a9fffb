internal import Estimation
internal import Geometry

/// What the IMU measured, on the video's clock, and how far it is trusted.
struct InertialReadings: Sendable {
    private(set) var signal: InertialSignal?
    /// Whether the IMU's factors are used; its gyroscope predicts rotations in any case.
    var isUsed = true
    /// Gyroscope readings at the frames' times, biases included; without an IMU from the poses themselves.
    var rates: [Vector3]
    /// Derivatives of the rates, and the accelerometer's readings, at the frames' times; zero without an IMU.
    private(set) var rateSlopes: [Vector3]
    private(set) var forces: [Vector3]
    /// The IMU's noise as stated, and as it is taken since `findInertialNoise`; by how much gyroscope and accelerometer were widened.
    let statedDensities: InertialDensities
    private(set) var densities: InertialDensities
    private(set) var noiseGain = Vector2(1, 1)
    /// Longest pause between samples that is integrated across, seconds.
    let maximumGap: Double

    init(_ signal: InertialSignal?, densities: InertialDensities, maximumGap: Double, seconds: [Double], readout: Double) {
        self.signal = signal
        statedDensities = densities
        self.densities = densities
        self.maximumGap = maximumGap
        rates = Array(repeating: .zero, count: seconds.count)
        rateSlopes = rates
        forces = rates
        sample(at: seconds, readout: readout)
    }

    /// Whether there are factors.
    var hasFactors: Bool { isUsed && hasAccelerometer }

    /// Whether there is anything to integrate twice.
    var hasAccelerometer: Bool { signal.map { !$0.accelerometer.isEmpty } ?? false }

    /// Takes other readings.
    mutating func replace(_ other: InertialSignal?, seconds: [Double], readout: Double) {
        signal = other
        for f in rates.indices { (rates[f], rateSlopes[f], forces[f]) = (.zero, .zero, .zero) }
        sample(at: seconds, readout: readout)
    }

    /// Goes on with the gyroscope alone.
    mutating func leaveOutAccelerometer(seconds: [Double], readout: Double) {
        guard var s = signal else { return }
        (s.accelerometerTimes, s.accelerometer) = ([], [])
        replace(s, seconds: seconds, readout: readout)
        isUsed = false
    }

    /// Takes the readings at the frames' times.
    private mutating func sample(at seconds: [Double], readout: Double) {
        guard let signal else { return }
        let h = max(0.5 * readout, 0.004)
        for (f, t) in seconds.enumerated() {
            rates[f] = signal.rate(at: t)
            rateSlopes[f] = (signal.rate(at: t + h) - signal.rate(at: t - h)) / (2 * h)
            forces[f] = 0.5 * signal.force(at: t) + 0.25 * (signal.force(at: t - h) + signal.force(at: t + h))
        }
    }

    /// Pictures were taken so much later on the IMU's clock than was thought.
    mutating func shiftClock(by offset: Double, seconds: [Double], readout: Double) {
        guard offset != 0, var s = signal else { return }
        for i in s.gyroscopeTimes.indices { s.gyroscopeTimes[i] -= offset }
        for i in s.accelerometerTimes.indices { s.accelerometerTimes[i] -= offset }
        signal = s
        sample(at: seconds, readout: readout)
    }

    /// Takes the noise for so many times what was stated.
    mutating func widenNoise(gyroscope: Double, accelerometer: Double) {
        densities = statedDensities
        densities.gyroscope *= gyroscope
        densities.accelerometer *= accelerometer
        noiseGain = Vector2(gyroscope, accelerometer)
    }

    /// Whether the IMU can be integrated between two times.
    func covers(_ a: Double, _ b: Double) -> Bool {
        guard let signal else { return false }
        return signal.longestGap(from: a, to: b, margin: maximumGap) <= maximumGap
    }

    /// Body at time `from` from body at time `to`, in either order, by the gyroscope; identity without one.
    func turn(from: Double, to: Double, bias: Vector3) -> Rotation {
        let (a, b) = (min(from, to), max(from, to))
        guard let signal, b > a else { return .identity }
        let d = Preintegration(signal, from: a, to: b, gyroscopeBias: bias, accelerometerBias: .zero, noise: densities)
        return from < to ? d.rotation : d.rotation.inverse
    }

    /// How the body moves around a frame's time, for a pose that it may have.
    func motion(
        _ f: Int, pose: Transform<Map, Body>, states: FrameStates, accelerometerGain: Vector3, gravity: Double
    ) -> RowMotion {
        let back = pose.rotation.inverse
        let velocity = back * states.velocities[f]
        let rate = rates[f] - states.gyroscopeBias[f]
        guard hasFactors else { return RowMotion(rate: rate, rateSlope: rateSlopes[f], velocity: velocity) }
        let down = InertialResidual.gravityVector(tilt: states.tilt, gravity: gravity)
        let acceleration = accelerometerGain * forces[f] - states.accelerometerBias[f] + back * down
        return RowMotion(rate: rate, rateSlope: rateSlopes[f], velocity: velocity, acceleration: acceleration)
    }
}
