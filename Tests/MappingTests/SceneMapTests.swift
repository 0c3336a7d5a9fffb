import Foundation
import Geometry
import Mapping
import Session
import Testing

struct SceneMapTests {
    static func sample() -> SceneMap {
        var map = SceneMap(camera: SyntheticRecording.device.camera)
        map.landmarks = [Vector3(0.1, 0.2, 0.3), Vector3(-1, 2, 0)]
        map.landmarkSigmas = [0.001, 0.25]
        map.descriptors = (0..<384).map { UInt8($0 % 251) }
        map.descriptorLandmark = [0, 0, 1]
        map.keyframeTimes = [0, 0.25]
        map.mapFromCameras = [.identity, Transform(rotation: Rotation(vector: Vector3(0.1, 0.2, 0.3)), translation: Vector3(1, 2, 3))]
        map.observationKeyframe = [0, 1, 1]
        map.observationLandmark = [0, 0, 1]
        map.observationPixel = [Vector2(1, 2), Vector2(3, 4.5), Vector2(5, 6)]
        map.tableFromMap = .identity
        map.tableSigma = Vector2(0.0002, 0.001)
        map.loopPairs = 7
        map.reprojectionRMS = 0.31
        return map
    }

    @Test func roundTrips() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-map-\(UInt64.random(in: 0...UInt64.max)).bin")
        defer { try? FileManager.default.removeItem(at: url) }
        let map = Self.sample()
        try map.write(to: url)
        #expect(try SceneMap(contentsOf: url) == map)
        let bytes = try Data(contentsOf: url)
        #expect(bytes == map.encoded())

        for length in [0, 3, 4, 8, 100, bytes.count - 1] {
            try bytes.prefix(length).write(to: url)
            #expect(throws: MappingError.self, "cut at \(length)") { try SceneMap(contentsOf: url) }
        }
        try Data("GTMPxxxxxxxxxxxx".utf8).write(to: url)
        #expect(throws: MappingError.self) { try SceneMap(contentsOf: url) }
        #expect(throws: MappingError.self) { try SceneMap(contentsOf: url.appendingPathExtension("missing")) }
    }
}

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
