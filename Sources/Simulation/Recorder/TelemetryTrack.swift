internal import Imaging
internal import Session

/// Packs the IMU's readings into the video's `gpmd` track, as a GoPro does.
enum TelemetryTrack {
    static func write(_ inertial: InertialRecording, frames: [Double], exposure: Double, to video: VideoWriter) throws(ImagingError) {
        var options = GPMFWriter.Options()
        options.deviceName = "Simulated camera"
        let times = frames.map { Timestamp<VideoClock>(seconds: $0) }
        let payloads = try GPMFWriter.payloads(inertial, frames: times, exposure: exposure, options: options)
        for payload in payloads {
            try video.append(telemetry: payload.bytes, milliseconds: payload.milliseconds, duration: payload.duration)
        }
    }
}
