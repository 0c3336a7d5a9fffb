@testable import Pipeline
import Dataset
import Foundation
import Session
import Synchronization
import Testing

/// Many sessions as one batch.
@Suite(.serialized) struct BatchTests {
    private func touch(_ root: URL, _ paths: [String]) throws {
        for path in paths {
            let url = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: url)
        }
    }

    @Test func sessionsAreFoundByWhatTheyHoldAndNamedByTheirPlace() async throws {
        try await withTemporaryFolder { root in
            try touch(
                root,
                [
                    "b/mapping.mp4", "b/demo.mp4", "b/more/demo.mp4", "a/2/raw_videos/GX01.MP4", "a/10/demos/d/raw_video.mp4",
                    "c/notes.txt",
                    "c/d/device.yaml", "e/mapping/x.mp4", ".hidden/demo.mp4", "out/work/x.mp4",
                ])
            try FileBytes.write(
                JSONText.encode(OutputMarker(entries: [])), to: root.appendingPathComponent("out/\(OutputMarker.fileName)"))
            try FileManager.default.createSymbolicLink(
                at: root.appendingPathComponent("z"), withDestinationURL: root.appendingPathComponent("b"))
            try FileManager.default.createSymbolicLink(at: root.appendingPathComponent("c/circle"), withDestinationURL: root)
            // A circle's folders are looked into once, from where they are met first; each session stands there once.
            let found = try SessionSet(root)
            #expect(found.members.map(\.name) == ["a/10", "a/2", "b", "c/d", "e"])
            #expect(try SessionSet(root.appendingPathComponent("b")).members.map(\.name) == ["b"])
            #expect(try SessionSet(root, excluding: [root.appendingPathComponent("a")]).members.map(\.name) == ["b", "c/d", "e"])
            #expect(throws: PipelineError.self) { try SessionSet(root.appendingPathComponent("c/notes.txt")) }
            #expect(throws: PipelineError.self) { try SessionSet(root.appendingPathComponent("nowhere")) }
        }
    }

    @Test func aListIsReadAndItsFaultsAreSaidTogether() async throws {
        try await withTemporaryFolder { root in
            try touch(root, ["x/s/1/a.mp4", "x/s/2/a.mp4", "x/t/a.mp4"])
            let list = root.appendingPathComponent("list.txt")
            try FileBytes.write(Array("\u{FEFF}# two\r\nx/s/2\r\n\r\n  x/t \n".utf8), to: list)
            #expect(try SessionSet(list).members.map(\.name) == ["s/2", "t"])
            try FileBytes.write(Array("x/s/2\nx/u\nx/s/../s/2\nx/v\n".utf8), to: list)
            let error = try #require(throws: PipelineError.self) { try SessionSet(list) }
            let said = error.description
            #expect(error.faults.count == 3)
            #expect(said.contains("line 2: \"x/u\" is no folder"), "\(said)")
            #expect(said.contains("line 3: \"x/s/../s/2\" stands in line 1 too"), "\(said)")
        }
    }

    /// Parts follow one another, hold every session once and differ in size by one at most.
    @Test func partsAreAllOfTheSessions() throws {
        for n in [0, 1, 2, 7, 30] {
            let all = SessionSet(members: (0..<n).map { SessionSet.Member(folder: URL(fileURLWithPath: "/s/\($0)"), name: "\($0)") })
            for count in [1, 2, 3, 8] {
                let parts = try (1...count).map { all.part(try Shard("\($0)/\(count)")).members }
                #expect(parts.flatMap { $0 } == all.members)
                let sizes = parts.map(\.count)
                #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
            }
        }
        for wrong in ["", "0/2", "3/2", "1/0", "1", "1/2/3", "-1/2", "a/b", "1/99999999999999999999"] {
            #expect(throws: PipelineError.self, "\(wrong)") { try Shard(wrong) }
        }
    }

    // MARK: Conversions

    /// Three sessions of a demo each, one of them cut short to a file that is no video.
    private func sessions(_ root: URL) throws -> (URL, options: [String]) {
        let a = try SmallSession(root, name: "sessions/mon/a", demos: [("one", "demo_pick_place", 0)], frames: 36)
        _ = try SmallSession(root, name: "sessions/tue/a", demos: [("two", "demo_pick_place_2", 60)], frames: 36)
        _ = try SmallSession(root, name: "sessions/wed", demos: [("three", "demo_pick_place", 30)], frames: 36)
        let broken = root.appendingPathComponent("sessions/tue/broken")
        try FileManager.default.createDirectory(at: broken, withIntermediateDirectories: true)
        try Data("no video".utf8).write(to: broken.appendingPathComponent("demo.mp4"))
        try FileManager.default.copyItem(at: a.poses.appendingPathComponent("one.tum"), to: a.poses.appendingPathComponent("demo.tum"))
        return (root.appendingPathComponent("sessions"), ["--device", a.device.path, "--arm", "panda", "--poses", a.poses.path])
    }

    private func batch(_ source: URL, _ options: [String], _ output: URL, shard: String? = nil) async throws -> BatchOutcome {
        let all = try SessionSet(source, excluding: [output])
        let chosen = try shard.map { all.part(try Shard($0)) } ?? all
        return try await Batch(chosen, source: source, output: output, executable: program, options: options, atOnce: 2).run { _ in }
    }

    /// Every file below a folder, or the file.
    private func bytes(_ url: URL) throws -> [String: [UInt8]] {
        guard case .folder = FileKind(url) else { return ["": try FileBytes.read(url)] }
        var out: [String: [UInt8]] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: url.path) ?? FileManager.DirectoryEnumerator() {
            guard case .file = FileKind(url.appendingPathComponent(name)) else { continue }
            out[name] = try FileBytes.read(url.appendingPathComponent(name))
        }
        return out
    }

    @Test func aBatchIsItsSessionsAndPartsMergeToItsBytes() async throws {
        try await withTemporaryFolder { root in
            let (source, options) = try sessions(root)
            let output = root.appendingPathComponent("all")
            let outcome = try await batch(source, options, output)
            #expect(outcome.exitCode == 1)
            #expect(outcome.rows.map(\.session) == ["mon/a", "tue/a", "tue/broken", "wed"])
            #expect(outcome.rows.map(\.status) == [.done, .done, .failed, .done])
            #expect(outcome.rows.map(\.exported) == [1, 1, 0, 1])
            #expect(outcome.failures.contains { $0.session == "tue/broken" && !$0.detail.isEmpty })
            #expect(outcome.reasons.contains { $0.sessions == ["tue/broken"] })
            #expect(outcome.dataSets.map(\.path) == ["dataset.zarr.zip", "lerobot"])
            #expect(outcome.dataSets.allSatisfy { $0.episodes == 3 && $0.frames == outcome.rows.reduce(0) { $0 + $1.framesOut } })
            for set in outcome.dataSets {
                let problems = try DatasetValidator.validate(output.appendingPathComponent(set.path), options: ValidationOptions())
                #expect(problems.filter { $0.severity == .error }.isEmpty, "\(problems)")
            }
            let rows = try BatchTable.rows(try CSVTable(contentsOf: output.appendingPathComponent("sessions.csv")))
            #expect(rows.map(\.verdict) == outcome.rows.map(\.verdict) && rows.map(\.framesOut) == outcome.rows.map(\.framesOut))
            #expect(rows.map(\.status) == outcome.rows.map(\.status) && rows.map(\.exitCode) == outcome.rows.map(\.exitCode))
            let said = try #require(try BatchStatus.read(output)).lines()
            #expect(said.first == "4 of 4 sessions through, 1 failed" && said.contains { $0.hasPrefix("failed: tue/broken: ") }, "\(said)")

            // Two machines, each a part, and their data sets merged.
            let parts = [root.appendingPathComponent("part1"), root.appendingPathComponent("part2")]
            for (n, part) in parts.enumerated() { _ = try await batch(source, options, part, shard: "\(n + 1)/2") }
            for set in outcome.dataSets {
                let merged = root.appendingPathComponent("merged-\(set.path)")
                try DatasetMerger.merge(parts.map { $0.appendingPathComponent(set.path) }, into: merged)
                let (one, two) = (try bytes(output.appendingPathComponent(set.path)), try bytes(merged))
                #expect(one.keys.sorted() == two.keys.sorted())
                let other = one.keys.sorted().filter { one[$0] != two[$0] }
                #expect(other.isEmpty, "\(set.path): \(other) differ")
            }

            // Once more: nothing is made again, and a session that came in between joins.
            let before = try bytes(output.appendingPathComponent("lerobot"))
            _ = try await batch(source, options, output)
            #expect(try bytes(output.appendingPathComponent("lerobot")) == before)
            try FileManager.default.removeItem(at: source.appendingPathComponent("tue/broken"))
            let later = try await batch(source, options, output)
            #expect(later.exitCode == 0 && later.rows.count == 3)
            #expect(try bytes(output.appendingPathComponent("lerobot")) == before)
        }
    }

    @Test func aUsersDataSetIsNotWrittenOver() async throws {
        try await withTemporaryFolder { root in
            let small = try SmallSession(root, name: "sessions/a", demos: [("one", "demo_pick_place", 0)], frames: 30)
            let output = root.appendingPathComponent("all")
            try touch(output, ["lerobot/mine.txt"])
            let options = ["--device", small.device.path, "--arm", "panda", "--poses", small.poses.path]
            await #expect(throws: PipelineError.self) { try await batch(root.appendingPathComponent("sessions"), options, output) }
            #expect(try bytes(output.appendingPathComponent("lerobot")).keys.sorted() == ["mine.txt"])
            // Nor does an output lie among the sessions.
            #expect(throws: PipelineError.self) {
                let source = root.appendingPathComponent("sessions")
                _ = try Batch(
                    try SessionSet(source), source: source, output: source.appendingPathComponent("out"), executable: program,
                    options: options)
            }
        }
    }
}
