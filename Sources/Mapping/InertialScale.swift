internal import Estimation
public import Geometry
public import Session

/// The scale of a path that another program made, by what an IMU on the same device measured.
public struct InertialScale: Sendable, Equatable {
    /// Metres for each of the path's units.
    public var scale: Double
    /// Its relative standard deviation.
    public var sigma: Double

    /// Scale, gravity and accelerometer bias at once (`InertialAlignment`), over places `spacing` apart.
    ///
    /// Nil where the two do not say: no accelerometer, too little motion, a path and readings that contradict one another.
    /// - Parameters:
    ///   - path: on the video's clock, camera poses.
    ///   - spacing: seconds between the places that are compared.
    public static func find<Reference>(
        _ path: Trajectory<Reference, Camera>, inertial: InertialRecording, device: Device, spacing: Double = 0.2,
        options: BatchOptions = BatchOptions()
    ) -> InertialScale? {
        guard !inertial.accelerometer.isEmpty, !inertial.gyroscope.isEmpty else { return nil }
        let signal = InertialSignal(inertial, offset: device.clockOffset)
        let densities = InertialDensities(device.inertialNoise)
        var places: [InertialAlignment.Place] = []
        for i in 0..<path.count where path.states[i] == .tracked {
            let seconds = path.times[i].seconds
            if let last = places.last, seconds - last.seconds < spacing - 1e-6 { continue }
            let body = path.poses[i].rotation * device.bodyFromCamera.rotation.inverse
            places.append(InertialAlignment.Place(seconds: seconds, body: body.matrix, camera: path.poses[i].translation))
        }
        var alignment = InertialAlignment(options: options)
        for n in 0..<max(0, places.count - 2) {
            let three = Array(places[n..<n + 3])
            guard three[2].seconds - three[0].seconds < options.maximumBridge,
                signal.longestGap(from: three[0].seconds, to: three[2].seconds, margin: options.maximumInertialGap)
                    <= options.maximumInertialGap
            else { continue }
            func integrated(_ a: Double, _ b: Double) -> Preintegration {
                Preintegration(signal, from: a, to: b, gyroscopeBias: .zero, accelerometerBias: .zero, noise: densities)
            }
            alignment.add(
                three, integrated(three[0].seconds, three[1].seconds), integrated(three[1].seconds, three[2].seconds),
                lever: device.bodyFromCamera.translation)
        }
        guard let found = alignment.solve(), found.scaleSigma < options.maximumScaleSigma else { return nil }
        return InertialScale(scale: found.scale, sigma: found.scaleSigma)
    }
}
