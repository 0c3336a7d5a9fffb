public import Calibration
internal import Geometry
public import Session

/// What `griptrace calibrate imu` writes and says.
public struct InertialCalibrationReport: Sendable {
    public var calibration: InertialNoiseCalibration
    public var source: String
    public var inflation: Double

    public init(_ calibration: InertialNoiseCalibration, source: String, inflation: Double) {
        self.calibration = calibration
        self.source = source
        self.inflation = inflation
    }

    /// The device with this noise, and the record of how it was measured.
    public func applied(to device: Device) -> Device {
        var out = device
        out.inertialNoise = calibration.noise(inflation: inflation, unseen: device.inertialNoise)
        out.record(
            CalibrationRecord(
                kind: "imu_noise", holdsFor: "an IMU read at \(calibration.gyroscopeRate.fixed(1)) Hz",
                residual: "densities known to \((100 / calibration.duration.squareRoot()).fixed(1)) %, told \(inflation) times",
                source: "griptrace calibrate imu, \(source), \(calibration.duration.fixed(0)) s still"))
        return out
    }

    /// Lines for people.
    public var lines: [String] {
        func row(_ name: String, _ axes: [AllanDeviation], _ unit: String) -> [String] {
            zip(["x", "y", "z"], axes).map { axis, a in
                let walk = a.walk > 0 ? "bias walk \(a.walk.scientific) \(unit)/s/√Hz" : "no bias walk seen"
                return "\(name) \(axis): \(a.density.scientific) \(unit)/√Hz, \(walk)"
            }
        }
        let c = calibration
        return ["\(c.duration.fixed(1)) s, gyroscope \(c.gyroscopeRate.fixed(1)) Hz, accelerometer \(c.accelerometerRate.fixed(1)) Hz"]
            + row("gyroscope", c.gyroscope, "rad/s") + row("accelerometer", c.accelerometer, "m/s²")
            + [
                "gyroscope bias \(c.gyroscopeBias.length.fixed(4)) rad/s, specific force \(c.gravity.fixed(3)) m/s² (9.81 but for bias and scale)"
            ]
    }
}

extension Double {
    /// Three digits and a power of ten.
    fileprivate var scientific: String {
        guard self > 0 else { return "0" }
        var exponent = 0
        var mantissa = self
        while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        return "\(mantissa.fixed(2))e\(exponent)"
    }
}
