import Foundation
import Session
import Testing

/// A killed run and the same command again end with the bytes of an undisturbed run.
@Suite(.serialized) struct ResumeTests {
    private func arguments(_ output: URL, poses: URL) -> [String] {
        [
            "convert", fixture.path, "--device", fixture.appendingPathComponent("truth/device.yaml").path, "--arm", "panda", "--output",
            output.path,
            "--poses", poses.path, "--only", "demo_pick_place_2", "--jobs", "2",
        ]
    }

    @Test func killedAnywhereItEndsTheSame() async throws {
        try await withTemporaryFolder { folder in
            let poses = fixture.appendingPathComponent("truth/demo_pick_place_2/camera.tum")
            let undisturbed = folder.appendingPathComponent("a")
            let start = Date()
            let whole = try run(program, arguments(undisturbed, poses: poses))
            let seconds = Date().timeIntervalSince(start)
            #expect(whole.code == 0, "\(whole.lines.suffix(5))")
            try decodes(undisturbed, "demo_pick_place_2")
            let disturbed = folder.appendingPathComponent("b")
            var kills = 0
            // Spread over the whole run: each goes on from where the one before was killed, so the parts add up to more than one run.
            for part in 1...6 {
                let killed = try run(program, arguments(disturbed, poses: poses), killAfter: seconds * Double(part) / 8)
                if killed.code != 0 { kills += 1 }
            }
            #expect(kills >= 2)
            let resumed = try run(program, arguments(disturbed, poses: poses))
            #expect(resumed.code == 0)
            let expected = try result(undisturbed)
            let found = try result(disturbed)
            #expect(Set(expected.keys) == Set(found.keys))
            for (name, bytes) in expected { #expect(found[name] == bytes, "\(name) differs") }
        }
    }

    @Test func nothingIsMadeTwice() async throws {
        try await withTemporaryFolder { folder in
            let poses = fixture.appendingPathComponent("truth/demo_pick_place_2/camera.tum")
            let first = try run(program, arguments(folder, poses: poses))
            let second = try run(program, arguments(folder, poses: poses))
            #expect(first.lines.contains { $0.contains("localize demo_pick_place_2: done in") })
            #expect(second.lines.contains { $0.contains("localize demo_pick_place_2: already done") })
            #expect(!second.lines.contains { $0.contains("done in") })
            // An option that a stage has brings that stage and what hangs on it up again, and nothing before it.
            let third = try run(program, arguments(folder, poses: poses) + ["--set", "episodes.minimum_seconds=1.0"])
            #expect(third.lines.contains { $0.contains("gripper_state demo_pick_place_2: already done") })
            #expect(third.lines.contains { $0.contains("episodes demo_pick_place_2: done in") })
        }
    }

    /// Once for everything that looks, once for the export; opening a file to see its size decodes a picture.
    private func decodes(_ output: URL, _ unit: String) throws {
        let table = try CSVTable(contentsOf: output.appendingPathComponent("work/session/usage.csv"))
        let column = try #require(table.header.firstIndex(of: "decodes"))
        let times = table.rows.filter { $0[0] == unit }.compactMap { Double($0[column]) }.reduce(0, +)
        #expect(times > 0.99 && times < 2.05, "decoded \(times) times")
    }
}
