internal import Estimation
internal import Geometry
public import Imaging
public import Session

/// How clock offset, readout and the camera's direction in the IMU's frame are found from a moving recording.
public struct InertialCameraOptions: Codable, Sendable, Equatable {
    public var map = MapOptions()
    /// What is expected of the base device's clock offset (seconds), readout (share of it) and camera direction (degrees), 1 σ; defaults
    /// 0.02, 0.5 and 3: wide, so that the recording decides.
    public var clockSigma = 0.02
    public var readoutSigma = 0.5
    public var cameraTurnSigmaDegrees = 3.0
    /// Passes at most, each beginning from what the one before found; default 4.
    public var passes = 4
    /// A pass that changes less than this ends the search: seconds and degrees; defaults 0.0001 and 0.02.
    public var clockTolerance = 0.0001
    public var turnToleranceDegrees = 0.02
    /// Least root mean square rate of turn, rad/s; default 0.3: below it neither clock nor direction leaves a trace.
    public var minimumRate = 0.3

    public init() {}
}

/// A device whose clock offset, readout time and camera direction were found from a moving recording.
public struct InertialCameraCalibration: Sendable {
    public var device: Device
    /// Passes it took, and what the last one still changed: seconds, seconds, degrees.
    public var passes: Int
    public var lastClockChange: Double
    public var lastReadoutChange: Double
    public var lastTurnDegrees: Double
    /// Root mean square rate of turn in the recording, rad/s.
    public var rate: Double
    /// Of the last pass's map.
    public var statistics: MappingStatistics

    /// Finds them by visual-inertial bundle adjustment over the whole recording, repeated from its own result.
    ///
    /// The scene is what is in view: a table tag helps, no board is needed. The camera's place in the IMU's frame (the lever arm) is kept.
    /// Throws without an IMU, when the recording turns too little, or when no map can be made.
    public static func estimate(
        _ frames: any FrameSource, inertial: InertialRecording?, device: Device, options: InertialCameraOptions = InertialCameraOptions(),
        progress: (Double) -> Void = { _ in }
    ) throws(MappingError) -> InertialCameraCalibration {
        let tracks = try FeatureTracks.extract(frames, inertial: inertial, device: device, options: options.map.frontEnd) { n in
            progress(Double(n))
        }
        return try estimate(tracks: tracks, inertial: inertial, device: device, options: options)
    }

    /// The same from tracks that exist already.
    public static func estimate(
        tracks: FeatureTracks, inertial: InertialRecording?, device: Device, options: InertialCameraOptions = InertialCameraOptions()
    ) throws(MappingError) -> InertialCameraCalibration {
        guard let inertial, !inertial.isEmpty else {
            throw .map("the recording has no inertial data; a video with telemetry or a folder in EuRoC's layout is needed")
        }
        let squares = inertial.gyroscope.reduce(0.0) { $0 + $1.value.squaredLength }
        let rate = (squares / Double(inertial.gyroscope.count)).squareRoot()
        guard rate >= options.minimumRate else {
            throw .map(
                "the recording turns at \(rate.fixed(2)) rad/s RMS; at least \(options.minimumRate) are needed, about all three axes, "
                    + "over a scene "
                    + "with texture")
        }
        var settings = options.map
        settings.batch.calibrates = true
        settings.batch.clockSigma = options.clockSigma
        settings.batch.readoutSigma = options.readoutSigma
        settings.batch.cameraTurnSigmaDegrees = options.cameraTurnSigmaDegrees
        var result = InertialCameraCalibration(
            device: device, passes: 0, lastClockChange: 0, lastReadoutChange: 0, lastTurnDegrees: 0, rate: rate,
            statistics: MappingStatistics())
        for pass in 1...max(1, options.passes) {
            let made = try Mapper.build(tracks: tracks, inertial: inertial, device: result.device, options: settings)
            guard let corrections = made.map.refinement.map({ CameraCorrection(values: $0.corrections) }) else {
                throw .map("the batch could not use the IMU: \(made.statistics.scaleSource) gave the scale")
            }
            let before = result.device
            result.statistics = made.statistics
            result.passes = pass
            result.lastClockChange = made.statistics.clockCorrection
            result.lastReadoutChange = made.statistics.readout - before.readout
            result.lastTurnDegrees = corrections.rotation.angle * 180 / .pi
            result.device.clockOffset = ClockOffset(seconds: before.clockOffset.seconds + made.statistics.clockCorrection)
            result.device.readout = made.statistics.readout
            result.device.bodyFromCamera = Transform(
                rotation: before.bodyFromCamera.rotation * corrections.rotation, translation: before.bodyFromCamera.translation)
            if abs(result.lastClockChange) < options.clockTolerance, abs(result.lastReadoutChange) < options.clockTolerance,
                result.lastTurnDegrees < options.turnToleranceDegrees
            {
                break
            }
        }
        let s = result.statistics
        result.device.record(
            CalibrationRecord(
                kind: "imu_camera",
                holdsFor: "\(tracks.width)x\(tracks.height) pictures, \(tracks.frameCount) frames turning at \(rate.fixed(2)) rad/s RMS",
                residual:
                    "\(s.reprojectionRMS.fixed(3)) px RMS; the last of \(result.passes) passes changed "
                    + "\((1e3 * result.lastClockChange).fixed(3)) ms, "
                    + "\((1e3 * result.lastReadoutChange).fixed(3)) ms of readout, \(result.lastTurnDegrees.fixed(3))°",
                source: "griptrace calibrate imu-camera"))
        return result
    }
}
