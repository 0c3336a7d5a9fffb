import Geometry
import Mapping
import Session
import Testing

struct TrajectoryEvaluationTests {
    static func line(_ scale: Double, _ turn: Rotation, _ shift: Vector3, count: Int = 60) -> Trajectory<Map, Camera> {
        var t = Trajectory<Map, Camera>()
        for i in 0..<count {
            let s = Double(i) / 30
            let p = Vector3(s.truncatingRemainder(dividingBy: 0.7), 0.3 * s * s, 0.1 * s)
            let r = Rotation(vector: Vector3(0.1, 0.4, -0.2) * s)
            t.append(Timestamp(seconds: s), Transform(rotation: turn * r, translation: scale * (turn * p) + shift))
        }
        return t
    }

    @Test func alignsAwayARigidMotion() throws {
        let truth = Self.line(1, .identity, .zero)
        let moved = Self.line(1, Rotation(vector: Vector3(0.4, -1, 0.3)), Vector3(1, 2, 3))
        let e = try TrajectoryEvaluation.compare(moved, truth: truth)
        #expect(e.positionRMSE < 1e-9 && e.rotationRMSEDegrees < 1e-4 && e.completeness == 1)
        #expect(e.positionRMSEUnaligned > 1)
        #expect(e.relativePositionRMSE < 1e-9)
    }

    @Test func findsScaleAndMissingFrames() throws {
        let truth = Self.line(1, .identity, .zero)
        var half = Self.line(0.5, .identity, Vector3(0, 0, 1))
        for i in 0..<15 { half.states[i] = .lost }
        let e = try TrajectoryEvaluation.compare(half, truth: truth)
        #expect(abs(e.scale - 2) < 1e-9 && e.positionRMSESim3 < 1e-9 && e.positionRMSE > 0.05)
        #expect(e.completeness == 0.75 && e.pairs == 45)
    }

    @Test func knownErrorsComeOut() throws {
        let truth = Self.line(1, .identity, .zero)
        var off = truth
        // Every second pose is 3 mm to either side: no alignment removes it.
        for i in 0..<off.count { off.poses[i].translation.z += i % 2 == 0 ? 0.003 : -0.003 }
        for i in 0..<off.count { off.covariances[i] = PoseCovariance(positionSigma: 0.003, rotationSigma: 0.01) }
        let e = try TrajectoryEvaluation.compare(off, truth: truth)
        #expect(abs(e.positionRMSE - 0.003) < 1e-4)
        #expect(abs((e.normalizedPositionError ?? 0) - 1) < 0.05)
        #expect(throws: TrajectoryEvaluation.Incomparable.self) {
            try TrajectoryEvaluation.compare(Trajectory<Map, Camera>(), truth: truth)
        }
    }
}
