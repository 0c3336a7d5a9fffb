@testable import Pipeline
import Foundation
import Session
import Testing

/// Bad recordings are named in one line each, the good ones are converted, and the exit code says that something failed.
@Suite(.serialized) struct BrokenInputTests {
    private let demo = "demo_pick_place"

    private func arguments(_ session: URL, _ output: URL, device: URL? = nil, poses: URL) -> [String] {
        let device = device ?? fixture.appendingPathComponent("truth/device.yaml")
        return ["convert", session.path, "--device", device.path, "--arm", "panda", "--output", output.path, "--poses", poses.path]
    }

    @Test func badRecordingsAmongGoodOnes() async throws {
        try await withTemporaryFolder { folder in
            let session = folder.appendingPathComponent("session")
            let poses = folder.appendingPathComponent("poses")
            let files = FileManager.default
            try files.createDirectory(at: session, withIntermediateDirectories: true)
            try files.createDirectory(at: poses, withIntermediateDirectories: true)
            let video = try Data(contentsOf: fixture.appendingPathComponent("\(demo).mp4"))
            try video.write(to: session.appendingPathComponent("good.mp4"))
            try Data().write(to: session.appendingPathComponent("empty.mp4"))
            try Data("This is a text.\n".utf8).write(to: session.appendingPathComponent("text.mp4"))
            try video.prefix(video.count * 6 / 10).write(to: session.appendingPathComponent("truncated.mp4"))
            try Data("notes".utf8).write(to: session.appendingPathComponent("notes.txt"))
            let truth = fixture.appendingPathComponent("truth/\(demo)/camera.tum")
            for name in ["good", "empty", "text", "truncated"] {
                try files.copyItem(at: truth, to: poses.appendingPathComponent("\(name).tum"))
            }

            let output = folder.appendingPathComponent("out")
            let finished = try run(program, arguments(session, output, poses: poses))
            #expect(finished.code == 1, "\(finished.lines)")
            let table = try CSVTable(contentsOf: output.appendingPathComponent("rejections.csv"))
            for name in ["empty", "text"] {
                let rows = table.rows.filter { $0[0] == name }
                #expect(rows.count == 1 && rows[0][3].contains("\(name).mp4"), "\(rows)")
                #expect(finished.lines.filter { $0.hasPrefix("error: \(name): failed") }.count == 1)
            }
            // What decodes of the truncated one is used, the rest is accounted for.
            let truncated = table.rows.filter { $0[0] == "truncated" }
            #expect(truncated.contains { $0[2] == "truncated" } || finished.lines.contains { $0.hasPrefix("error: truncated: failed") })
            #expect(finished.lines.contains { $0.hasPrefix("good: converted") || $0.hasPrefix("good: partly") })
            #expect(finished.lines.contains { $0.contains("data set: ") })
            #expect(finished.lines.count { $0.contains("no gripper calibration: widths") } == 1, "\(finished.lines)")
            let report = try String(contentsOf: output.appendingPathComponent("report.html"), encoding: .utf8)
            #expect(report.contains("notes.txt"))
        }
    }

    @Test func aMissingCalibrationIsWrongUsage() async throws {
        try await withTemporaryFolder { folder in
            let poses = fixture.appendingPathComponent("truth/\(demo)/camera.tum")
            for device in ["no_such_device", folder.appendingPathComponent("gone.yaml").path] {
                let finished = try run(
                    program,
                    ["convert", fixture.path, "--device", device, "--arm", "panda", "--output", folder.path, "--poses", poses.path])
                #expect(finished.code == 64)
                #expect(finished.lines.count == 1 && finished.lines[0].contains(device), "\(finished.lines)")
            }
            let noArm = try run(program, ["convert", fixture.path, "--device", "simulator", "--arm", "r2d2", "--output", folder.path])
            #expect(noArm.code == 64 && noArm.lines.count == 1 && noArm.lines[0].contains("panda"))
            let noSession = try run(program, ["convert", "/nowhere", "--device", "simulator", "--arm", "panda", "--output", folder.path])
            #expect(noSession.code == 64 && noSession.lines.count == 1 && noSession.lines[0].contains("/nowhere"))
        }
    }

    @Test func aVideoWithoutTelemetryIsConvertedAndSaysSo() async throws {
        try await withTemporaryFolder { folder in
            let session = folder.appendingPathComponent("session")
            try FileManager.default.createDirectory(at: session, withIntermediateDirectories: true)
            // The simulator's clean video is the demo without a telemetry track.
            let clean = fixture.appendingPathComponent("truth/demo_pick_place_2/clean.mp4")
            try FileManager.default.copyItem(at: clean, to: session.appendingPathComponent("silent.mp4"))
            let output = folder.appendingPathComponent("out")
            let poses = fixture.appendingPathComponent("truth/demo_pick_place_2/camera.tum")
            let finished = try run(program, arguments(session, output, poses: poses))
            #expect(finished.code == 0)
            let report = try String(contentsOf: output.appendingPathComponent("report.json"), encoding: .utf8)
            #expect(report.contains("telemetry"))
        }
    }

    /// A slip in the labels costs no work and says once what would be accepted.
    @Test func aWrongLabelIsWrongUsage() async throws {
        try await withTemporaryFolder { folder in
            let labels = folder.appendingPathComponent("labels.csv")
            try Data("recording,start,end,label,note\ndemo_pick_place,0,1,oops,\n".utf8).write(to: labels)
            let poses = fixture.appendingPathComponent("truth/\(demo)/camera.tum")
            let finished = try run(
                program, arguments(fixture, folder.appendingPathComponent("out"), poses: poses) + ["--labels", labels.path, "--only", demo])
            #expect(finished.code == 64 && finished.lines.count == 1, "\(finished.lines)")
            let line = finished.lines.first ?? ""
            #expect(line.contains("labels.csv: row 1: \"oops\" is no label; accepted: mistake, recovery"), "\(line)")
            #expect(line.components(separatedBy: "accepted:").count == 2, "\(line)")
        }
    }
}

/// What a lab mixes up between cameras and grippers, in one line each.
struct MixedUpCameraTests {
    private let tags = FingerTags(leftID: 0, rightID: 1, size: 0.016, nominalDepth: 0.072, depthTolerance: 0.008)

    @Test func aCameraOnTheOtherGripperIsNamed() {
        var notes: [String] = []
        let seen = [("a", "C1", 0), ("b", "C1", 0), ("c", "C1", 1), ("d", "C2", 1), ("e", "C2", 1), ("f", "C2", nil)].map {
            GripperIdentity.Seen(unit: $0.0, serial: $0.1, gripper: $0.2 as Int?)
        }
        #expect(GripperIdentity.choose(seen, tags: tags, notes: &notes) == [0, 0, 0, 1, 1, 1])
        #expect(
            notes.count == 1
                && notes[0].hasPrefix("c: shows the finger tags 6 and 7 of gripper 1, the other recordings of camera C1 0 and 1"),
            "\(notes)")
        notes = []
        #expect(
            GripperIdentity.choose([seen[3], .init(unit: "x", serial: "C9", gripper: nil)], tags: tags, notes: &notes) == [1, 1]
                && notes.isEmpty)
    }

    @Test func aGripperWithoutCalibrationIsNamed() {
        let demos = [(gripper: 0, serial: Optional("C1")), (1, "C2"), (1, "C2")]
        #expect(GripperIdentity.uncalibrated(demos, calibrated: [0, 1]).isEmpty)
        let one = GripperIdentity.uncalibrated(demos, calibrated: [0])
        #expect(one.count == 1 && one[0].hasPrefix("gripper 1 (camera C2) has no gripper calibration"), "\(one)")
        #expect(GripperIdentity.uncalibrated(demos, calibrated: []).count == 1)
        // A lone gripper takes any camera's calibration.
        #expect(GripperIdentity.uncalibrated([(0, "C1")], calibrated: [1]).isEmpty)
    }
}
