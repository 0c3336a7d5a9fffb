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

    /// What recorders write where they saw nothing is a row without a pose; half a pose, and numbers no recording can hold, are named.
    @Test func lostRowsAndWrongNumbers() async throws {
        try await withTemporaryFolder { folder in
            let header = "Timestamp,Pos X,Pos Y,Pos Z,Q_X,Q_Y,Q_Z,Q_W"
            let csv = try text(
                folder, "a.csv",
                ["\u{FEFF}" + header, "7,0,0,0,0,0,0,1\r", "7.1,nan,nan,nan,nan,nan,nan,nan", "7.2,,,,,,,", "7.3,0,0,0,0,0,0,0"])
            let lost = try read(csv, "fastumi")
            #expect(lost.rows.map { $0.pose == nil } == [false, true, true, true])
            #expect(lost.notes.contains { $0.contains("first row") })
            let log = try read(try text(folder, "j.csv", ["time_s,joint_1,gripper", "0,0.5,0", "0.1,nan,nan", "0.2,0.6,1"]), "joint-log")
            #expect(log.rows.map(\.joints) == [[0.5], nil, [0.6]])
            let h5 = folder.appendingPathComponent("n.hdf5")
            let file = try HDF5File.creating(h5)
            try file.put("/observations/qpos", [0.1, 0.2, .nan, .nan], shape: [2, 2])
            try file.close()
            #expect(try read(h5, "aloha").rows.map(\.joints) == [[0.1], nil])
            let keypoints = (0..<21).map { "x\($0)_m,y\($0)_m,z\($0)_m" }.joined(separator: ",")
            let far = (0..<63).map { _ in "7e40" }.joined(separator: ",")
            let near = (0..<63).map { _ in "0.1" }.joined(separator: ",")
            let broken: [(String, [String], String)] = [
                ("k", [header, "0,0,0,0,0,0,0,1", "33,0,0,1,0,0,0,1", "67,0,0,1,0,0,0,1", "100,0,0,1,0,0,0,1"], "milliseconds"),
                ("b", [header, "0,0,0,0,0,0,0,1", "-4,0,0,1,0,0,0,1"], "before"),
                ("p", [header, "0,nan,0,0,0,0,0,1"], "Pos X"), ("i", [header, "0,8e99,0,0,0,0,0,1"], "metres"),
                ("t", [header, "inf,0,0,0,0,0,0,1"], "Timestamp"), ("e", [header], "no pose"),
                ("hand", ["frame," + keypoints, "0," + far], "metres"), ("frames", ["frame," + keypoints, "3e25," + near], "3e25"),
                ("whole", ["frame," + keypoints, "1.5," + near], "1.5"),
                ("j2", ["time_s,joint_1,gripper", "0,5e77,0"], "joint position"),
                ("j3", ["time_s,joint_1,gripper", "0,1,9e200"], "opening"),
                (
                    "w",
                    ["frame,hand,global_orient_x,global_orient_y,global_orient_z,wrist_x_m,wrist_y_m,wrist_z_m", "0,left,9e250,0,0,0,0,0"],
                    "rotation vector"
                ),
            ]
            for (name, lines, word) in broken {
                let url = try text(folder, "\(name).csv", lines)
                #expect { try RecordingAdaptors.read(url) } throws: {
                    "\($0)".contains(word) && "\($0)".contains("\(name).csv") && "\($0)".count < 300
                }
            }
            // JSON is known by what it is, not by its name.
            let bare = try text(folder, "metadata", ["{\"poses\": [[0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0]]}"])
            #expect(try read(bare, "record3d").rows.map { $0.pose == nil } == [false, true])
            #expect(RecordingAdaptors.accepted.contains("Record3D") && RecordingAdaptors.accepted.contains("TUM"))
        }
    }

    /// Damage of every kind to a file of every recorder: read or refused in words.
    @Test func damagedFilesAreReadOrRefused() async throws {
        try await withTemporaryFolder { folder in
            var state: UInt64 = 17
            func dice(_ n: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int((state >> 33) % UInt64(n))
            }
            let keypoints = (0..<21).map { "x\($0)_m,y\($0)_m,z\($0)_m" }.joined(separator: ",")
            let good: [(String, String)] = [
                ("a.csv", "Timestamp,Pos X,Pos Y,Pos Z,Q_X,Q_Y,Q_Z,Q_W\n0,0,0,0,0,0,0,1\n0.1,0.1,0,0,0,0,0.6,0.8\n"),
                ("b.csv", "time_s,joint_1,joint_2,gripper\n0,0.1,0.2,0\n0.05,0.2,0.3,1\n"),
                ("c.csv", "frame,\(keypoints)\n0,\((0..<63).map { "\(Double($0) / 100)" }.joined(separator: ","))\n"),
                (
                    "d.csv",
                    "frame,hand,global_orient_x,global_orient_y,global_orient_z,wrist_x_m,wrist_y_m,wrist_z_m\n0,left,1,0,0,0,0.1,0\n"
                ),
                ("e.json", "{\"poses\": [[0,0,0,1,0,0,0],[0,0,0.6,0.8,0,0,1]], \"frameTimestamps\": [3.5, 3.6]}"),
                ("f.json", "{\"0\": {\"xyz\": [0,0,1], \"quats\": [0,0,0,1], \"gripper\": 0.5}}"),
                ("g.txt", "0.1 T20 POSE 0 0 0 1 0 0 0\n0.2 T20 POSE 0 0 1 0.8 0 0 0.6\n"),
            ]
            let scraps = [
                "1e308", "-1e308", "nan", "inf", "9223372036854775808", "1e-320", "\u{FEFF}", "\"", ",", "\r", "#", "[", "}", "null", "-",
            ]
            var (readable, refused) = (0, 0)
            for turn in 0..<700 {
                let (name, text) = good[turn % good.count]
                var bytes = Array(text.utf8)
                for _ in 0..<(1 + dice(2)) {
                    let at = text.utf8.count / 3 + dice(bytes.count - text.utf8.count / 3)
                    bytes.replaceSubrange(at..<min(bytes.count, at + dice(5)), with: Array(scraps[dice(scraps.count)].utf8))
                }
                let url = folder.appendingPathComponent(name)
                try Data(bytes).write(to: url)
                do { if try RecordingAdaptors.read(url) != nil { readable += 1 } } catch is SessionError { refused += 1 }
            }
            #expect(readable > 50 && refused > 100, "\(readable) read, \(refused) refused")
        }
    }

    /// The wrist joint and the model's translation say the same; the palm looks where the model's does, on either hand.
    @Test func aManoWristIsAGrip() async throws {
        try await withTemporaryFolder { folder in
            let orient = Vector3(0.4, -0.7, 1.1)
            let turn = Rotation(vector: orient)
            let wrist = Vector3(0.2, -0.1, 0.5)
            // The root joint of the right hand is not turned with the hand; the left hand's is its mirror image.
            let roots = ["right": Vector3(0.0957, 0.0064, 0.0062), "left": Vector3(-0.0957, 0.0064, 0.0062)]
            func line(_ frame: Int, _ hand: String, _ p: Vector3) -> String {
                "\(frame),\(hand),\(orient.x),\(orient.y),\(orient.z),\(p.x),\(p.y),\(p.z)"
            }
            let orients = "frame,hand,global_orient_x,global_orient_y,global_orient_z,"
            for (hand, side) in [("right", -1.0), ("left", 1.0)] {
                let root = try #require(roots[hand])
                let joint = try read(
                    try text(
                        folder, "w_\(hand).csv", [orients + "wrist_x_m,wrist_y_m,wrist_z_m", line(0, hand, wrist), "1,\(hand),,,,,,"]),
                    "mano")
                let model = try read(
                    try text(folder, "t_\(hand).csv", [orients + "transl_x_m,transl_y_m,transl_z_m", line(0, hand, wrist - root)]), "mano")
                let pose = try #require(joint.rows[0].pose)
                let same = try #require(model.rows[0].pose)
                #expect((pose.translation - same.translation).length < 1e-9 && (pose.rotation.inverse * same.rotation).vector.length < 1e-9)
                #expect(joint.rows[1].pose == nil && joint.rows[1].frame == 1 && joint.rows[0].width == nil)
                // A hand's length before the wrist, along the fingers and off the palm; fingers along −x (left: +x), palm −y.
                let tip = turn.inverse * (pose.translation - wrist)
                #expect((0.09...0.13).contains(tip.length) && tip.x * side > 0.08 && tip.y < -0.02 && tip.z > 0)
                let axes = [Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)].map { turn.inverse * (pose.rotation * $0) }
                #expect(axes[2].x * side > 0.7 && axes[2].y < -0.4, "it points along the fingers and down from the palm: \(axes[2])")
                #expect(axes[0].y > 0.7, "from the thumb to the index finger is towards the back of the hand")
                #expect((axes[0].cross(axes[1]) - axes[2]).length < 1e-9)
                #expect(joint.positionSigma >= 0.02 && joint.rotationSigma >= 0.14 && joint.moving == .tool)
            }
            let both = [
                orients + "wrist_x_m,wrist_y_m,wrist_z_m,width_m", line(0, "right", wrist) + ",0.03", line(0, "left", -wrist) + ",0.05",
            ]
            #expect(try read(try text(folder, "both.csv", both), "mano").rows.map(\.width) == [0.03])
            #expect(try read(try text(folder, "demo_left.csv", both), "mano").rows.map(\.width) == [0.05])
            for (name, lines, says) in [
                ("neither", [orients + "x_m,y_m,z_m", line(0, "right", wrist)], "one of both"),
                ("third", [orients + "wrist_x_m,wrist_y_m,wrist_z_m", line(0, "third", wrist)], "\"third\" is not right or left"),
                (
                    "twice", [orients + "wrist_x_m,wrist_y_m,wrist_z_m", line(3, "right", wrist), line(3, "right", wrist)],
                    "frame 3 has a right hand already"
                ),
            ] {
                #expect { try read(try text(folder, "\(name).csv", lines), "mano") } throws: {
                    "\($0)".contains(says) && "\($0)".contains(name)
                }
            }
        }
    }
}
