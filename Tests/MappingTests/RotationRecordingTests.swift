import Foundation
import Geometry
import Imaging
import Mapping
import Session
import Testing

/// Real recordings outside this repository; the tests are skipped where they are missing.
private let recordings: URL = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let shared = ProcessInfo.processInfo.environment["GRIPTRACE_SHARED"].map { URL(fileURLWithPath: $0) }
    return (shared ?? root.deletingLastPathComponent().appendingPathComponent("shared")).appendingPathComponent("recordings")
}()
private let areRecordingsPresent = FileManager.default.fileExists(atPath: recordings.appendingPathComponent("gopro-max-handheld.mp4").path)

@Suite(.enabled(if: areRecordingsPresent, "needs the shared recordings")) struct RotationRecordingTests {
    @Test func theHero7ClipIsRefusedAsStabilised() throws {
        let url = recordings.appendingPathComponent("gopro-hero7-stabilised.mp4")
        let telemetry = try #require(try Telemetry(contentsOf: url))
        let verdict = try RotationConsistency.check(video: url, inertial: try telemetry.inertialRecording(), camera: nil)
        #expect(verdict.stabilised)
        #expect(verdict.shakeGain < 0.3, "\(verdict.reason)")
    }

    /// Honest recordings with a gripper in view, over a bare table and over a desk.
    @Test(arguments: ["bare/demo1", "desk/demo0", "desk/mapping"]) func whatIsNotStabilisedIsNotRefused(name: String) throws {
        let folder = recordings.appendingPathComponent("second-simulator")
        let device = try Device(contentsOf: folder.appendingPathComponent("device.yaml"))
        let url = folder.appendingPathComponent(name + ".mp4")
        let telemetry = try #require(try Telemetry(contentsOf: url))
        let verdict = try RotationConsistency.check(
            video: url, inertial: try telemetry.inertialRecording(), camera: device.camera,
            bodyFromCamera: device.bodyFromCamera.rotation, clockOffset: device.clockOffset)
        #expect(!verdict.stabilised, "\(verdict.reason)")
    }

    /// The camera wrote `EISE` Y, `EISA` "HS HLevel" and turns of its pictures of up to ten degrees (IORI): the pictures do not follow its
    /// gyroscope. With IORI undone, pictures and gyroscope together give the camera's own CORI.
    @Test func theMaxClipIsStabilisedTooAndItsRotationIsRecoveredWithTheCamerasRecord() throws {
        let url = recordings.appendingPathComponent("gopro-max-handheld.mp4")
        let telemetry = try #require(try Telemetry(contentsOf: url))
        let inertial = try telemetry.inertialRecording()
        let device = try #require(telemetry.inertialDevice)
        // CORI and IORI come once a frame, at the frame's time.
        let truth = device.orientations("CORI").map { (time: $0.time.seconds, rotation: $0.rotation) }
        let record = device.orientations("IORI").map {
            (time: Timestamp<VideoClock>(nanoseconds: $0.time.nanoseconds), bodyFromPicture: $0.rotation)
        }
        let estimate = try RotationEstimate.estimate(video: url, inertial: inertial, camera: nil, stabilisation: record)
        #expect(estimate.contradiction == nil)
        func rmse(_ startFromCamera: [Rotation]) throws -> Double {
            var off: [Rotation] = []
            for (time, camera) in zip(estimate.times.map(\.seconds), startFromCamera) {
                let above = try #require(truth.firstIndex { $0.time >= time - 1e-6 })
                let fraction = above == 0 ? 1 : (time - truth[above - 1].time) / (truth[above].time - truth[above - 1].time)
                let body = truth[max(above - 1, 0)].rotation.interpolated(to: truth[above].rotation, fraction: fraction)
                off.append(body * (camera * estimate.bodyFromCamera.inverse).inverse)
            }
            var mean = off[off.count / 2]
            for _ in 0..<10 {
                mean = mean * Rotation(vector: off.reduce(Vector3.zero) { $0 + (mean.inverse * $1).vector } / Double(off.count))
            }
            return (off.reduce(0) { $0 + pow(mean.angle(to: $1), 2) } / Double(off.count)).squareRoot() * 180 / .pi
        }
        let fused = try rmse(estimate.startFromCamera)
        let pictures = try rmse(estimate.picturesOnly)
        let recorded = try rmse(try RotationEstimate.estimate(video: url, inertial: nil, camera: estimate.camera).picturesOnly)
        print(
            "gopro-max-handheld: rotation RMSE against CORI: pictures and gyroscope \(fused) deg, pictures alone \(pictures) deg "
                + "(as recorded, stabilised: \(recorded) deg), "
                + "offset \(estimate.clockOffset.seconds * 1000) ms, focal length \(estimate.camera.focalLength.x) px "
                + "(\(estimate.camera.lens))"
        )
        #expect(fused < 1)
        #expect(pictures < 2)
        #expect(recorded > 2)
        #expect(abs(estimate.clockOffset.seconds - 0.013) < 0.005)

        let verdict = try RotationConsistency.check(video: url, inertial: inertial, camera: estimate.camera, stabilisation: record)
        #expect(verdict.stabilised, "\(verdict.reason)")
        #expect((verdict.undoneExplainedShare ?? 0) > verdict.explainedShare)
    }
}
