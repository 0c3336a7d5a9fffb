import Geometry
import Mapping
import Session
import Testing

/// A device file that is far off, mended from a moving recording.
@Suite struct InertialCameraCalibrationTests {
    @Test func findsClockReadoutAndDirection() throws {
        var m = SyntheticRecording()
        m.duration = 8
        let truth = SyntheticRecording.device
        var device = truth
        device.clockOffset = ClockOffset(seconds: truth.clockOffset.seconds + 0.03)
        device.readout = truth.readout * 0.6
        device.bodyFromCamera = Transform(
            rotation: truth.bodyFromCamera.rotation * Rotation(vector: Vector3(0.03, -0.02, 0.025)),
            translation: truth.bodyFromCamera.translation)
        let scene = SyntheticRecording.Scene(seed: 5)
        var options = InertialCameraOptions()
        options.passes = 2
        let found = try InertialCameraCalibration.estimate(
            tracks: m.tracks(scene), inertial: m.inertial(), device: device, options: options)
        #expect(abs(found.device.clockOffset.seconds - truth.clockOffset.seconds) < 1e-3, "\(found.device.clockOffset.seconds) s")
        #expect(abs(found.device.readout - truth.readout) < 5e-4, "\(found.device.readout) s")
        let angle = found.device.bodyFromCamera.rotation.angle(to: truth.bodyFromCamera.rotation) * 180 / .pi
        #expect(angle < 0.1, "\(angle)°")
        print("figure\tcalibrate.clock\t\((1e3 * abs(found.device.clockOffset.seconds - truth.clockOffset.seconds)).fixed(2))\tms")
        print("figure\tcalibrate.readout\t\((1e3 * abs(found.device.readout - truth.readout)).fixed(2))\tms")
        print("figure\tcalibrate.direction\t\(angle.fixed(2))\t°")
        #expect(found.device.calibrations.map(\.kind) == ["imu_camera"])
    }

    @Test func aRecordingThatHardlyTurnsIsRefused() throws {
        let m = SyntheticRecording()
        var still = m.inertial()
        still.gyroscope = still.gyroscope.map { VectorSample(time: $0.time, value: $0.value * 0.1) }
        let tracks = m.tracks(SyntheticRecording.Scene(seed: 5, count: 200))
        #expect(throws: MappingError.self) {
            try InertialCameraCalibration.estimate(tracks: tracks, inertial: still, device: SyntheticRecording.device)
        }
    }
}
