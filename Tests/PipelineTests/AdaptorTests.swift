import Foundation
import Geometry
import Imaging
import Pipeline
import Session
import Testing

/// Each recorder's file, made here from a known motion, read back.
@Suite struct AdaptorTests {
    /// A camera that moves and turns, in the picture's axes.
    private func pose(_ t: Double) -> Transform<Table, Frame> {
        Transform(rotation: Rotation(vector: Vector3(0.3 * t, 2.8, -0.2 * t)), translation: Vector3(0.1 * t, 0.2 - 0.05 * t, 0.4))
    }

    /// The same in ARKit's axes (and the T265's): y up, z backwards.
    private func apple(_ t: Double) -> Transform<Table, Frame> {
        Transform(rotation: pose(t).rotation * Rotation(vector: Vector3(Double.pi, 0, 0)), translation: pose(t).translation)
    }

    private func read(_ url: URL, _ name: String) throws -> AdaptedRecording {
        let adaptor = try #require(RecordingAdaptors.adaptor(for: url), "\(url.lastPathComponent) is recognised")
        #expect(adaptor.name == name)
        return try adaptor.read(url)
    }

    private func expectPoses(_ recording: AdaptedRecording, times: [Double]) throws {
        #expect(
            recording.rows.count == times.count && recording.positionSigma > 0 && recording.rotationSigma > 0 && !recording.notes.isEmpty)
        for (row, t) in zip(recording.rows, times) {
            let p = try #require(row.pose)
            #expect((p.translation - pose(t).translation).length < 1e-6)
            #expect((p.rotation.inverse * pose(t).rotation).vector.length < 1e-6)
        }
    }

    private func text(_ folder: URL, _ name: String, _ lines: [String]) throws -> URL {
        let url = folder.appendingPathComponent(name)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: url)
        return url
    }

    private let times = (0..<8).map { Double($0) / 30 }

    @Test func fastUMI() async throws {
        try await withTemporaryFolder { folder in
            let lines = times.map { t -> String in
                let (p, q) = (apple(t).translation, apple(t).rotation.xyzw)
                return "\(1_700_000_000 + t),\(p.x),\(p.y),\(p.z),\(q.x),\(q.y),\(q.z),\(q.w)"
            }
            let csv = try text(folder, "a.csv", ["Timestamp,Pos X,Pos Y,Pos Z,Q_X,Q_Y,Q_Z,Q_W"] + lines)
            try expectPoses(try read(csv, "fastumi"), times: times)
            let h5 = folder.appendingPathComponent("episode_0.hdf5")
            let file = try HDF5File.creating(h5)
            let numbers = times.flatMap { t -> [Double] in
                let (p, q) = (apple(t).translation, apple(t).rotation.xyzw)
                return [p.x, p.y, p.z, q.x, q.y, q.z, q.w]
            }
            try file.put("/observations/qpos", numbers, shape: [times.count, 7])
            try file.close()
            try expectPoses(try read(h5, "fastumi"), times: times)
            let broken = try text(folder, "b.csv", ["Timestamp,Pos X,Pos Y,Pos Z,Q_X,Q_Y,Q_Z,Q_W", "0,0,0,0,0,0,0,3"])
            #expect(throws: SessionError.self) { try read(broken, "fastumi") }
        }
    }

    @Test func record3DAndDobbE() async throws {
        try await withTemporaryFolder { folder in
            let poses = times.map { t -> String in
                let (p, q) = (apple(t).translation, apple(t).rotation.xyzw)
                return "[\(q.x), \(q.y), \(q.z), \(q.w), \(p.x), \(p.y), \(p.z)]"
            }
            let r3d = try text(folder, "metadata.json", ["{\"fps\": 30, \"poses\": [\(poses.joined(separator: ","))]}"])
            try expectPoses(try read(r3d, "record3d"), times: times)
            let labels = times.enumerated().map { n, t -> String in
                let (p, q) = (apple(t).translation, apple(t).rotation.xyzw)
                return "\"\(n)\": {\"xyz\": [\(p.x), \(p.y), \(p.z)], \"quats\": [\(q.x), \(q.y), \(q.z), \(q.w)], \"gripper\": 0.5}"
            }
            let dobbe = try read(try text(folder, "labels.json", ["{\(labels.joined(separator: ","))}"]), "dobb-e")
            try expectPoses(dobbe, times: times)
            #expect(dobbe.rows.allSatisfy { abs(($0.width ?? 0) - 0.05) < 1e-9 } && dobbe.rows.map(\.frame) == Array(0..<8))
        }
    }

    @Test func viveTracker() async throws {
        try await withTemporaryFolder { folder in
            let lines = times.flatMap { t -> [String] in
                let (p, q) = (pose(t).translation, pose(t).rotation.xyzw)
                return ["\(5 + t) T20 POSE \(p.x) \(p.y) \(p.z) \(q.w) \(q.x) \(q.y) \(q.z)", "\(5 + t) WM0 POSE 0 0 0 1 0 0 0"]
            }
            let recording = try read(try text(folder, "v.txt", lines), "vive")
            try expectPoses(recording, times: times)
            #expect(recording.moving == .tool && recording.notes.contains { $0.contains("WM0") })
        }
    }

    @Test func armsWhoseJointsAreKnown() async throws {
        try await withTemporaryFolder { folder in
            let h5 = folder.appendingPathComponent("demo_right.hdf5")
            let file = try HDF5File.creating(h5)
            try file.put("/observations/qpos", (0..<28).map { Double($0) / 100 }, shape: [2, 14])
            try file.close()
            let aloha = try read(h5, "aloha")
            #expect(aloha.moving == .joints && aloha.rows.count == 2)
            #expect(aloha.rows[1].joints == [0.21, 0.22, 0.23, 0.24, 0.25, 0.26])
            #expect(abs((aloha.rows[1].width ?? 0) - 0.27 * 0.084) < 1e-9)
            let log = try read(
                try text(folder, "g.csv", ["time_s,joint_1,joint_2,gripper", "0,0.1,0.2,0", "0.05,0.2,0.3,1"]), "joint-log")
            #expect(log.rows.map(\.joints) == [[0.1, 0.2], [0.2, 0.3]] && log.rows[1].width == 0)
            let late = try text(folder, "h.csv", ["time_s,joint_1,joint_2,gripper", "0.05,0.1,0.2,0", "0.05,0.2,0.3,1"])
            #expect(throws: SessionError.self) { try read(late, "joint-log") }
        }
    }

    @Test func aHandsPinchIsAGripper() async throws {
        try await withTemporaryFolder { folder in
            // A hand that points down, thumb at −x and index at +x, 60 mm apart at the tips.
            var points = [Vector3](repeating: Vector3(0, 0, 0.3), count: 21)
            (points[4], points[8]) = (Vector3(-0.03, 0.1, 0.2), Vector3(0.03, 0.1, 0.2))
            (points[2], points[5]) = (Vector3(-0.03, 0.1, 0.28), Vector3(0.03, 0.1, 0.28))
            let header = "frame," + (0..<21).map { "x\($0)_m,y\($0)_m,z\($0)_m" }.joined(separator: ",")
            let row = "0," + points.map { "\($0.x),\($0.y),\($0.z)" }.joined(separator: ",")
            let none = "1" + String(repeating: ",", count: 63)
            let track = try read(try text(folder, "hand.csv", [header, row, none]), "hand-track")
            let pose = try #require(track.rows[0].pose)
            #expect((pose.translation - Vector3(0, 0.1, 0.2)).length < 1e-9)
            #expect((pose.rotation * Vector3(0, 0, 1) - Vector3(0, 0, -1)).length < 1e-9)
            #expect((pose.rotation * Vector3(1, 0, 0) - Vector3(1, 0, 0)).length < 1e-9)
            #expect(abs((track.rows[0].width ?? 0) - 0.044) < 1e-9 && track.rows[1].pose == nil)
            #expect(track.positionSigma >= 0.01)
        }
    }
}
