internal import Estimation
internal import Geometry
internal import Session

/// The IMU's readings from the analytic motion, with the biases that were put on them.
struct InertialSynthesis {
    var recording = InertialRecording(gyroscope: [], accelerometer: [])
    /// Per sample: the true biases, rad/s and m/s², at the gyroscope's times.
    var biases: [(time: Double, gyroscope: Vector3, accelerometer: Vector3)] = []

    /// Standard gravity is not taken: 9.81 m/s², as most estimators have it.
    static let gravity = Vector3(0, 0, -9.81)
    /// The accelerometer is read this much after the gyroscope, seconds: the two never share a time.
    static let accelerometerDelay = 0.0012

    /// Samples from inertial time 0 until 0.1 s after the video's end.
    ///
    /// White noise has the standard deviation density · √rate; biases walk by density · √(1/rate) per sample.
    init(_ motion: RecordedMotion, device: Device, model: Scenario.Inertial, seed: UInt64) {
        if let measured = motion.measured {
            recording = measured.readings(offset: device.clockOffset, end: motion.duration + 0.1)
            return
        }
        let cameraFromBody = device.bodyFromCamera.inverse
        let gain = Vector3(model.accelerometerScale[0], model.accelerometerScale[1], model.accelerometerScale[2])
        var random = RandomSource(spreading: seed)
        func normal() -> Vector3 { Vector3(random.gaussian(), random.gaussian(), random.gaussian()) }
        var gyroscopeBias = Vector3(model.gyroscopeBias[0], model.gyroscopeBias[1], model.gyroscopeBias[2])
        var accelerometerBias = Vector3(model.accelerometerBias[0], model.accelerometerBias[1], model.accelerometerBias[2])
        let step = 1 / model.rate
        let end = motion.duration + 0.1 + device.clockOffset.seconds
        let count = max(2, Int((end * model.rate).rounded(.up)))
        for k in 0..<count {
            let time = Timestamp<InertialClock>(seconds: Double(k) * step)
            let later = time + Self.accelerometerDelay
            let turning = motion.body(at: device.clockOffset.video(time).seconds, cameraFromBody: cameraFromBody)
            let pushed = motion.body(at: device.clockOffset.video(later).seconds, cameraFromBody: cameraFromBody)
            let force = gain * (pushed.pose.rotation.inverse * (pushed.acceleration - Self.gravity))
            biases.append((device.clockOffset.video(time).seconds, gyroscopeBias, accelerometerBias))
            let white = model.rate.squareRoot()
            recording.gyroscope.append(
                VectorSample(time: time, value: turning.rate + gyroscopeBias + (model.gyroscopeDensity * white) * normal()))
            recording.accelerometer.append(
                VectorSample(time: later, value: force + accelerometerBias + (model.accelerometerDensity * white) * normal()))
            gyroscopeBias += (model.gyroscopeBiasWalk * step.squareRoot()) * normal()
            accelerometerBias += (model.accelerometerBiasWalk * step.squareRoot()) * normal()
        }
    }
}
