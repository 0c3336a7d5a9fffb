import Foundation
import Geometry
import Imaging
import Mapping
import Session
import Testing

/// The whole chain on the committed session: pictures in, poses out, against the simulator's truth.
struct FixtureMappingTests {
    static let session = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/session")

    static func truth(_ name: String) throws -> Trajectory<Map, Camera> {
        var t = Trajectory<Map, Camera>()
        let text = try String(contentsOf: session.appendingPathComponent("truth/\(name)/camera.csv"), encoding: .utf8)
        for line in text.split(separator: "\n") {
            let v = line.split(separator: ",").compactMap { Double($0) }
            guard v.count >= 8 else { continue }
            t.append(
                Timestamp(seconds: v[0]),
                Transform(rotation: Rotation(xyzw: Vector4(v[4], v[5], v[6], v[7])), translation: Vector3(v[1], v[2], v[3])))
        }
        return t
    }

    // A demo in which the operator's arm enters, the hardest of the feasible ones.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: session.path))) func mapsAndLocalizesTheFixtureSession() throws {
        let device = try Device(contentsOf: Self.session.appendingPathComponent("truth/device.yaml"))
        let mapping = try Recording(Self.session.appendingPathComponent("mapping.mp4"))
        let result = try Mapper.build(try mapping.frames(.gray), inertial: mapping.inertial, device: device)
        let m = try TrajectoryEvaluation.compare(result.trajectory, truth: try Self.truth("mapping"))
        #expect(m.completeness == 1)
        #expect(m.positionRMSE < 3e-3, "map: \(m.positionRMSE * 1e3) mm")
        #expect(m.rotationRMSEDegrees < 0.15)
        // The map's frame is the table tag's: right without alignment.
        #expect(m.positionRMSEUnaligned < 5e-3)

        let demo = try Recording(Self.session.appendingPathComponent("demo_pick_place_2.mp4"))
        let l = try Localizer.localize(try demo.frames(.gray), inertial: demo.inertial, device: device, in: result.map)
        let d = try TrajectoryEvaluation.compare(l.trajectory, truth: try Self.truth("demo_pick_place_2"))
        #expect(l.verdict == .complete)
        #expect(d.completeness == 1)
        #expect(d.positionRMSE < 3e-3, "demo: \(d.positionRMSE * 1e3) mm")
        #expect(d.rotationRMSEDegrees < 0.15)
        #expect(d.positionRMSEUnaligned < 5e-3)
        #expect(l.trajectory.covariances.allSatisfy { $0 != nil })
    }
}
