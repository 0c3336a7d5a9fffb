import Foundation
import Geometry
import Session
import Testing

/// A folder that is gone when the test ends.
func withTemporaryFolder<T>(_ body: (URL) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}

@Suite struct CSVTests {
    @Test func roundTripWithQuotes() throws {
        let table = CSVTable(header: ["a", "b"], rows: [["1", "x, \"y\"\nz"], ["", "é"]], comments: ["units: m"])
        #expect(try CSVTable(bytes: table.encoded, path: "t") == table)
    }

    @Test func namesTheLineThatIsWrong() throws {
        let error = try #require(throws: SessionError.self) { try CSVTable(bytes: Array("a,b\n1,2\n3\n".utf8), path: "poses.csv") }
        #expect(error.description.contains("poses.csv: line 3"))
        #expect(throws: SessionError.self) { try CSVTable(bytes: [], path: "empty.csv") }
    }

    @Test func fixedDecimals() {
        #expect(1.0.fixed(3) == "1.000")
        #expect((-0.0004).fixed(3) == "0.000" || (-0.0004).fixed(3) == "-0.000")
        #expect(12.3456.fixed(2) == "12.35")
        #expect((-0.05).fixed(1) == "-0.1")
        #expect(7.0.fixed(0) == "7")
    }
}

@Suite struct TrajectoryTests {
    static func example() -> Trajectory<Table, Camera> {
        var t = Trajectory<Table, Camera>()
        for i in 0..<10 {
            let s = Double(i)
            t.append(
                Timestamp(nanoseconds: Int64(i) * 33_366_667),
                Transform(rotation: Rotation(vector: Vector3(0.1 * s, -0.05 * s, 0.2)), translation: Vector3(0.1 * s, 0.2, -0.01 * s)),
                covariance: i % 3 == 0 ? nil : PoseCovariance(positionSigma: 1e-3 * (s + 1), rotationSigma: 1e-4),
                state: i == 4 ? .lost : i == 5 ? .bridged : .tracked)
        }
        return t
    }

    @Test func csvRoundTrip() throws {
        try withTemporaryFolder { folder in
            let t = Self.example()
            let url = folder.appendingPathComponent("t.csv")
            try t.csv.write(to: url)
            let back = try Trajectory<Table, Camera>(csv: url)
            #expect(back.times == t.times && back.states == t.states && back.covariances == t.covariances)
            for (a, b) in zip(t.poses, back.poses) {
                #expect((a.translation - b.translation).length < 2e-9 && a.rotation.angle(to: b.rotation) < 1e-8)
            }
        }
    }

    @Test func tumLeavesLostFramesOut() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("t.tum")
            try FileBytes.write(Self.example().tum, to: url)
            #expect(try Trajectory<Table, Camera>(tum: url).count == 9)
            try FileBytes.write("0 1 2 3\n", to: url)
            let error = try #require(throws: SessionError.self) { try Trajectory<Table, Camera>(tum: url) }
            #expect(error.description.contains("line 1"))
        }
    }

    @Test func interpolatesBetweenAndNotBeyond() throws {
        let t = Self.example()
        let middle = try #require(t.interpolated(at: Timestamp(nanoseconds: 16_683_333)))
        #expect((middle.translation - Vector3(0.05, 0.2, -0.005)).length < 1e-6)
        #expect(t.interpolated(at: Timestamp(seconds: 5)) == nil)
        #expect(t.interpolated(at: Timestamp(nanoseconds: 16_683_333), maximumGap: 0.01) == nil)
    }
}

@Suite struct ExternalPosesTests {
    private func read(_ text: String) throws -> ExternalPoses {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("poses.csv")
            try FileBytes.write(text, to: url)
            return try ExternalPoses(contentsOf: url)
        }
    }

    @Test func umiTrajectoryKeepsLostFramesAsLost() throws {
        let poses = try read(
            "frame_idx,timestamp,state,is_lost,is_keyframe,x,y,z,q_x,q_y,q_z,q_w\n0,0.000000,1,true,false,0,0,0,0,0,0,0\n"
                + "1,0.016683,2,false,true,0.1,0.2,0.3,0,0,0.6,0.8\n")
        #expect(poses.form == .umiTrajectory && !poses.isToolPose)
        #expect(poses.rows[0].pose == nil && poses.rows[1].pose?.translation == Vector3(0.1, 0.2, 0.3))
    }

    @Test func umiStateHasWidths() throws {
        let poses = try read("frame,x,y,z,rx,ry,rz,gripper_width\n0,0.1,0,0,0,0,1.5707963267948966,0.08\n")
        #expect(poses.isToolPose && poses.rows[0].width == 0.08)
        let turned = try #require(poses.rows[0].pose).rotation * Vector3(1, 0, 0)
        #expect((turned - Vector3(0, 1, 0)).length < 1e-12)
    }

    @Test func unknownFormsAreRefusedWithWhatIsAccepted() throws {
        let error = try #require(throws: SessionError.self) { try read("a,b,c\n1,2,3\n") }
        #expect(error.description.contains("TUM"))
        let missing = try #require(throws: SessionError.self) { try read("frame,x,y,z,rx,ry,rz,gripper_width\n0,0.1,nan,0,0,0,0,0\n") }
        #expect(missing.description.contains("line 2, y"))
    }
}

@Suite struct ClockTests {
    @Test func offsetsGoBothWays() {
        let offset = ClockOffset(seconds: 0.046)
        let t = Timestamp<VideoClock>(seconds: 1.5)
        #expect(offset.inertial(t).nanoseconds == 1_546_000_000)
        #expect(offset.video(offset.inertial(t)) == t)
    }
}
