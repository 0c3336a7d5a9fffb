public import Estimation
internal import Geometry
public import Session

extension InertialSignal {
    /// The recording on the video's clock, in seconds from the video's zero.
    public init(_ recording: InertialRecording, offset: ClockOffset) {
        self.init(
            gyroscopeTimes: recording.gyroscope.map { offset.video($0.time).seconds }, gyroscope: recording.gyroscope.map(\.value),
            accelerometerTimes: recording.accelerometer.map { offset.video($0.time).seconds },
            accelerometer: recording.accelerometer.map(\.value))
    }
}

extension InertialDensities {
    public init(_ noise: InertialNoise) {
        self.init(
            gyroscope: noise.gyroscopeDensity, accelerometer: noise.accelerometerDensity, gyroscopeWalk: noise.gyroscopeBiasWalk,
            accelerometerWalk: noise.accelerometerBiasWalk)
    }
}
