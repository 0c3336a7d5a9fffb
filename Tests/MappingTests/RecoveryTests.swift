import Geometry
import Session
import Testing

@testable import Mapping

/// A batch that begins far from the truth.
struct RecoveryTests {
    /// Propagation that went astray over the last two seconds, by a metre and more: the rounds of the batch bring the frames back.
    @Test func framesThatWentAstrayComeBack() throws {
        var m = SyntheticRecording()
        (m.duration, m.seed, m.showsTag) = (5, 3, false)
        let scene = SyntheticRecording.Scene(seed: 5, count: 800)
        let device = SyntheticRecording.device
        let tracks = m.tracks(scene)
        var r = Reconstruction(
            tracks: tracks, camera: device.camera, device: device, signal: Mapper.inertialSignal(m.inertial(), device),
            options: BatchOptions())
        r.anchors.usesTags = false
        for f in 0..<r.frameCount {
            let pose = m.mapFromBody(r.seconds[f])
            let astray = Double(max(0, f - 90)) * Vector3(0.03, 0.02, 0)
            r.states.poses[f] = Transform(rotation: pose.rotation, translation: pose.translation + astray)
        }
        r.differentiateVelocities()
        for _ in 0..<3 {
            r.triangulateTracks(0..<tracks.trackCount)
            try r.bundle(iterations: 20)
            _ = r.rejectOutliers()
        }
        r.triangulateTracks(r.points.unadjusted)
        let smoothed = r.smooth()
        #expect(smoothed.states.allSatisfy { $0 == .tracked })
        let found = Trajectory<Map, Camera>(
            times: tracks.times, poses: smoothed.poses.map { ($0 ?? .identity) * device.bodyFromCamera })
        let e = try TrajectoryEvaluation.compare(found, truth: m.truth())
        #expect(e.positionMaximum < 8e-3, "\(e.positionMaximum * 1e3) mm")
    }

    /// A recording without an IMU knows less of where it was, and says so.
    @Test func withoutAnInertialUnitTheStatedErrorIsNoSmaller() throws {
        var m = SyntheticRecording()
        (m.duration, m.seed) = (4, 3)
        let tracks = m.tracks(SyntheticRecording.Scene(seed: 5, count: 800))
        let device = SyntheticRecording.device
        func sigma(_ inertial: InertialRecording?) throws -> Double {
            let t = try Mapper.build(tracks: tracks, inertial: inertial, device: device).trajectory
            let all = t.covariances.compactMap { $0?.positionSigma }.sorted()
            return try #require(all.isEmpty ? nil : all[all.count / 2])
        }
        #expect(try sigma(nil) > 0.95 * sigma(m.inertial()))
    }
}
