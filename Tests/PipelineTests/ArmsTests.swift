@testable import Pipeline
import Dataset
import Foundation
import Glibc
import Robot
import Session
import Synchronization
import Testing

/// One session for several arms.
@Suite(.serialized) struct ArmsTests {
    private static let formats: [DatasetFormat] = [.lerobot, .umi]

    private func request(_ small: SmallSession, _ output: URL, from: String? = nil) throws -> ConvertRequest {
        ConvertRequest(
            session: small.session, device: try Device(contentsOf: small.device), deviceFile: small.device, arm: try arm("panda"),
            output: output, formats: Self.formats, poses: small.poses, from: from, jobs: 2)
    }

    private func convert(_ small: SmallSession, _ names: [String], _ output: URL, from: String? = nil) async throws -> ArmsOutcome {
        let requests = try ArmsConverter.requests(try request(small, output, from: from), arms: names.map { try arm($0) })
        return try await ArmsConverter(requests) { _ in }.run()
    }

    /// Rows of a run's `usage.csv` that were made, as `stage/unit`.
    private func made(_ output: URL) throws -> Set<String> {
        let table = try CSVTable(contentsOf: output.appendingPathComponent("work/session/usage.csv"))
        let columns = try table.columns(["unit", "stage", "skipped", "seconds"])
        return Set(table.rows.filter { $0[columns[2]] == "0" && !$0[columns[3]].isEmpty }.map { "\($0[columns[1]])/\($0[columns[0]])" })
    }

    private static let ofArms = Set(StagePlan.all.filter { $0.dependsOnArm }.map { $0.name })

    private func isOfArms(_ name: some StringProtocol) -> Bool { Self.ofArms.contains(String(name.prefix { $0 != "/" })) }

    /// Each arm's folder holds what a conversion for that arm alone writes, byte for byte; the rest of its work is made once.
    @Test func everyArmHasWhatItHasAlone() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("both")
            let outcome = try await convert(small, ["panda", "xarm7"], output)
            #expect(outcome.exitCode(strict: false) == 0 && outcome.comparison.arms.map(\.arm) == ["panda", "xarm7"])
            let both = try result(output)
            for name in ["panda", "xarm7"] {
                let alone = folder.appendingPathComponent(name)
                var single = try request(small, alone)
                single.arm = try arm(name)
                _ = try await Converter(single) { _ in }.run()
                var compared = 0
                for (file, bytes) in try result(alone) where file != "work/session/session.json" {
                    let stage = file.split(separator: "/").dropFirst(2).first ?? ""
                    let isShared = file.hasPrefix("work/") && !isOfArms(stage)
                    #expect(both[isShared ? file : "\(name)/\(file)"] == bytes, "\(name): \(file) differs")
                    compared += 1
                }
                #expect(compared > 60)
            }
            // Nothing that is the same for both lies in an arm's folder, and nothing of an arm's in the common one.
            for file in both.keys where file.contains("work/session/") && file.split(separator: "/").count > 4 {
                let parts = file.split(separator: "/")
                let stage = parts[0] == "work" ? parts[2] : parts[3]
                #expect(isOfArms(stage) == (parts[0] != "work"), "\(file)")
            }
            let (first, second) = (try made(output.appendingPathComponent("panda")), try made(output.appendingPathComponent("xarm7")))
            #expect(first.contains("ingest/a") && first.contains("mask/b") && first.contains("solve/a") && first.contains("export/session"))
            #expect(second.allSatisfy(isOfArms) && second.contains("solve/a") && second.contains("export/session"), "\(second)")
        }
    }

    /// The table says what the data sets and the reports of the arms hold.
    @Test func theTableIsThatOfTheReports() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(
                folder, demos: [("a", "demo_pick_place", 0), ("far", "demo_out_of_reach", 60)], frames: 60)
            let output = folder.appendingPathComponent("out")
            let outcome = try await convert(small, ["panda", "vx300s"], output)
            let table = try CSVTable(contentsOf: output.appendingPathComponent("arms.csv"))
            #expect(table.rows.count == 2)
            for (row, (name, one)) in zip(table.rows, outcome.outcomes) {
                let f = one.report.frames
                func cell(_ name: String) throws -> String { row[try table.columns([name])[0]] }
                #expect(try cell("arm") == name && cell("fault").isEmpty)
                #expect(try cell("frames_in") == "\(f.input)" && cell("frames_exported") == "\(f.output)")
                #expect(try cell("frames_rejected") == "\(f.rejected)" && f.input == f.output + f.rejected)
                let reasons = table.header.indices.filter { table.header[$0].hasPrefix("rejected_") }
                #expect(reasons.compactMap { Int(row[$0]) }.reduce(0, +) == f.rejected)
                let set = output.appendingPathComponent("\(name)/lerobot")
                let episodes = FileManager.default.fileExists(atPath: set.path) ? try rows(set).episodes.count : 0
                #expect(try cell("episodes") == "\(episodes)")
                guard episodes > 0 else { continue }
                // Within what the motion may leave the recorded tool by: 2 mm, 0.5 degrees.
                #expect(try Double(cell("tool_error_worst_mm")).map { $0 > 0 && $0 < 2.01 } == true, "\(row)")
                #expect(try Double(cell("tool_error_worst_deg")).map { $0 < 0.51 } == true, "\(row)")
                let least = try #require(try Double(cell("least_margin")))
                let margins = table.header.indices.filter { table.header[$0].hasPrefix("margin_") }.compactMap { Double(row[$0]) }
                #expect(margins.min() == least && least >= -1e-6, "\(row)")
                let families = ["home_family", "other_family", "own_posture"]
                #expect(try families.compactMap { Int(try cell("episodes_\($0)")) }.reduce(0, +) >= episodes)
            }
            #expect(outcome.comparison.arms.allSatisfy { $0.frames.input == 120 && $0.frames.output > 0 })
            let lines = outcome.comparison.lines
            #expect(lines[0].contains("panda") && lines[0].contains("vx300s") && lines.contains { $0.hasPrefix("exported") }, "\(lines)")
            #expect(lines.contains { $0.hasPrefix("left out: out_of_reach") }, "\(lines)")
            let page = try String(contentsOf: outcome.reportPage, encoding: .utf8)
            #expect(page.contains("<a href=\"panda/report.html\">") && page.contains("least margin: joint position"))
            let kept = try JSONText.decode(ArmComparison.self, from: output.appendingPathComponent("report.json"))
            #expect(kept.arms.map(\.frames) == outcome.outcomes.map(\.outcome.report.frames))
        }
    }

    /// A conversion for one arm and one for several take up each other's work in one output, and keep each other's data sets and reports.
    @Test func oneAndSeveralShareTheirWork() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            _ = try await Converter(try request(small, output)) { _ in }.run()
            let single = try result(output).filter { $0.key.hasPrefix("lerobot/") || $0.key == "report.html" }
            _ = try await convert(small, ["panda", "ur5e"], output)
            #expect(try made(output.appendingPathComponent("panda")).allSatisfy(isOfArms))
            var now = try result(output)
            for (name, bytes) in single {
                #expect(now[name == "report.html" ? "sessions/session/report.html" : name] == bytes, "\(name) differs")
            }
            let comparison = try #require(now["report.html"])
            _ = try await Converter(try request(small, output)) { _ in }.run()
            now = try result(output)
            for (name, bytes) in single { #expect(now[name] == bytes, "\(name) differs") }
            #expect(now["sessions/session+arms/report.html"] == comparison && now["sessions/session+arms/arms.csv"] != nil)
            #expect(now["arms.csv"] == nil && now["ur5e/report.html"] != nil)
            // What is made again on demand is made again once.
            _ = try await convert(small, ["panda", "ur5e"], output, from: "ingest")
            let (first, second) = (try made(output.appendingPathComponent("panda")), try made(output.appendingPathComponent("ur5e")))
            #expect(first.contains("ingest/a") && first.contains("mask/a") && !second.contains("ingest/a") && second.contains("solve/a"))
            #expect(second.allSatisfy(isOfArms), "\(second)")
        }
    }

    /// Killed in the first arm's work and run again it ends with the bytes of an undisturbed run; worker processes serve every arm.
    @Test func killedItGoesOn() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            func arguments(_ output: URL) -> [String] {
                small.arguments(output).map { $0 == "panda" ? "panda,ur5e" : $0 }
            }
            let undisturbed = folder.appendingPathComponent("a")
            let whole = try run(program, arguments(undisturbed))
            #expect(whole.code == 0 && whole.lines.contains { $0.contains("demo frames") }, "\(whole.lines.suffix(20))")
            let output = folder.appendingPathComponent("b")
            let held = try Held(arguments(output), faults: "export/session/stop")
            try await held.waitUntilStopped()
            let second = try run(program, arguments(output))
            #expect(second.code == 64 && second.lines.contains { $0.contains("being written by another run") }, "\(second.lines)")
            let workers = held.workers
            kill(held.process, SIGKILL)
            for worker in workers { kill(worker, SIGCONT) }
            _ = try await held.end()
            #expect(try run(program, arguments(output)).code == 0)
            let (expected, found) = (try result(undisturbed), try result(output))
            #expect(Set(expected.keys) == Set(found.keys), "\(Set(expected.keys).symmetricDifference(found.keys).sorted())")
            for (name, bytes) in expected { #expect(found[name] == bytes, "\(name) differs") }
            let again = try run(program, arguments(output))
            #expect(again.code == 0 && !again.lines.contains { $0.contains("done in") })
        }
    }

    /// One arm that fails as a whole is said and costs no other.
    @Test func anArmThatFailsCostsNoOther() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder, demos: [("a", "demo_pick_place", 0)])
            let output = folder.appendingPathComponent("out")
            let taken = output.appendingPathComponent("panda")
            try FileManager.default.createDirectory(at: taken, withIntermediateDirectories: true)
            let lock = open(taken.appendingPathComponent(".griptrace-lock").path, O_RDWR | O_CREAT, 0o644)
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
            defer { close(lock) }
            let outcome = try await convert(small, ["panda", "xarm7"], output)
            #expect(outcome.exitCode(strict: false) == 1 && outcome.outcomes.map(\.arm) == ["xarm7"])
            #expect(outcome.comparison.arms[0].fault.contains("being written by another run"))
            #expect(outcome.comparison.arms[1].fault.isEmpty && outcome.comparison.arms[1].frames.output > 0)
            #expect(outcome.comparison.lines.last?.hasPrefix("panda: ") == true)
        }
    }

    /// What cannot be is said before any work.
    @Test func aWrongRequestIsAFaultOfTheRequest() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder, demos: [("a", "demo_pick_place", 0)], frames: 4)
            let output = folder.appendingPathComponent("out")
            for (names, said) in [
                ("panda,xarm8", "xarm8 is neither a file nor a shipped arm (did you mean xarm"), ("panda,", "--arm 'panda,'"),
                ("panda,panda", "two of the arms are called panda"),
            ] {
                let refused = try run(program, small.arguments(output).map { $0 == "panda" ? names : $0 })
                #expect(refused.code == 64 && refused.lines.contains { $0.contains(said) }, "\(names): \(refused.lines)")
                #expect(!FileManager.default.fileExists(atPath: output.path))
            }
            let log = ["time_s,joint_1,joint_2,joint_3,joint_4,joint_5,joint_6,joint_7,gripper", "0,0,0,0,-1.5,0,1.5,0,0"]
            try Data((log.joined(separator: "\n") + "\n").utf8).write(to: small.poses.appendingPathComponent("a.csv"))
            await #expect(throws: PipelineError.self) { try await self.convert(small, ["panda", "xarm7"], output) }
        }
    }
}
