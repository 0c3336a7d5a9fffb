@testable import Pipeline
import Dataset
import Foundation
import Imaging
import Session
import Synchronization
import Testing

/// Runs that can be trusted: nothing stale is believed, nothing of the user's is touched, two runs do not mix.
@Suite(.serialized) struct RunTests {
    /// Files of a run that do not depend on when and how it ran.
    private func expectSame(_ a: [String: Data], _ b: [String: Data], _ what: String) {
        #expect(Set(a.keys) == Set(b.keys), "\(what): \(Set(a.keys).symmetricDifference(b.keys).sorted())")
        for (name, bytes) in a { #expect(b[name] == bytes, "\(what): \(name) differs") }
    }

    /// A flipped byte in any artefact of a finished run is found, said, and made good.
    @Test func aDamagedArtefactIsMadeAgain() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            _ = try await small.convert(output)
            let undisturbed = try result(output)
            let files = undisturbed.keys.filter { $0.hasPrefix("work/") && $0.split(separator: "/").count > 4 }.sorted()
            #expect(files.count > 40)
            var random = SystemSeed(state: 14)
            // A few at once, of different artefacts.
            var groups: [[String]] = []
            func artefact(_ name: String) -> String { name.split(separator: "/").prefix(4).joined(separator: "/") }
            for name in files where try !Data(contentsOf: output.appendingPathComponent(name)).isEmpty {
                let free = groups.firstIndex { group in group.count < 5 && group.allSatisfy { artefact($0) != artefact(name) } }
                if let free { groups[free].append(name) } else { groups.append([name]) }
            }
            for names in groups {
                for name in names {
                    let url = output.appendingPathComponent(name)
                    var bytes = try Data(contentsOf: url)
                    let place = Int(random.next() % UInt64(bytes.count))
                    bytes[place] ^= 1 << UInt8(random.next() % 8)
                    try bytes.write(to: url)
                }
                let said = Mutex<[String]>([])
                let outcome = try await small.convert(output) { event in
                    if case .note(let text) = event { said.withLock { $0.append(text) } }
                }
                #expect(outcome.exitCode(strict: false) == 0)
                // A manifest may be damaged so that it is another key's: then it is made again without a word about damage.
                for name in names where !name.hasSuffix("manifest.json") {
                    let file = (name as NSString).lastPathComponent
                    #expect(said.withLock { $0 }.contains { $0.contains(file) && $0.contains("it is made again") }, "\(name)")
                }
                let now = try result(output)
                if now != undisturbed { expectSame(undisturbed, now, names.joined(separator: ", ")) }
            }
        }
    }

    /// An artefact of another version of its stage is made again, and what hangs on it.
    @Test func anotherVersionIsNotBelieved() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            _ = try await small.convert(output)
            let undisturbed = try result(output)
            let url = output.appendingPathComponent("work/session/mask/a/manifest.json")
            var manifest = try JSONText.decode(ArtefactStore.Manifest.self, from: url)
            manifest.version -= 1
            manifest.key = ArtefactStore.key(
                stage: manifest.stage, version: manifest.version, options: manifest.options, inputs: manifest.inputs)
            try Data(JSONText.encode(manifest)).write(to: url)
            let made = Mutex<[String]>([])
            _ = try await small.convert(output) { event in
                if case .finished(let usage) = event, !usage.isSkipped { made.withLock { $0.append("\(usage.stage)/\(usage.unit)") } }
            }
            #expect(made.withLock { $0 } == ["mask/a"])
            expectSame(undisturbed, try result(output), "mask of version \(manifest.version)")
        }
    }

    /// A video that is replaced while it is read fails by name and does not poison what is kept.
    @Test func anInputThatChangesWhileItIsRead() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let undisturbed = folder.appendingPathComponent("undisturbed")
            #expect(try run(program, small.arguments(undisturbed)).code == 0)
            let output = folder.appendingPathComponent("out")
            let video = small.session.appendingPathComponent("a.mp4")
            let original = try Data(contentsOf: video)
            let held = try Held(small.arguments(output), faults: "ingest/a/stop")
            try await held.waitUntilStopped()
            try Data(contentsOf: small.session.appendingPathComponent("b.mp4")).write(to: video)
            let ended = try await held.goOn()
            #expect(ended.code == 1 && ended.lines.contains { $0.contains("input_changed") && $0.contains("a.mp4") }, "\(ended.lines)")
            try original.write(to: video)
            #expect(try run(program, small.arguments(output)).code == 0)
            expectSame(try result(undisturbed), try result(output), "after the video was put back")
        }
    }

    /// A second run in one output says who holds it; the first goes on undisturbed.
    @Test func twoRunsAtOnce() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            let first = try Held(small.arguments(output), faults: "solve/a/stop")
            try await first.waitUntilStopped()
            let second = try run(program, small.arguments(output))
            #expect(
                second.code == 64 && second.lines.contains { $0.contains("being written by another run: process \(first.process)") },
                "\(second.lines)")
            let ended = try await first.goOn()
            #expect(ended.code == 0, "\(ended.lines)")
            let undisturbed = folder.appendingPathComponent("undisturbed")
            #expect(try run(program, small.arguments(undisturbed)).code == 0)
            expectSame(try result(undisturbed), try result(output), "the first of two runs")
        }
    }

    /// Ctrl-C ends the run and its workers, and the same command goes on.
    @Test func interruptedItGoesOn() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            let first = try Held(small.arguments(output), faults: "mask/b/stop")
            try await first.waitUntilStopped()
            kill(first.process, SIGINT)
            let ended = try await first.end()
            #expect(ended.code == 130 && ended.lines.contains { $0.contains("interrupted") }, "\(ended.code) \(ended.lines)")
            #expect(Held.children(of: first.process).isEmpty)
            #expect(try run(program, small.arguments(output)).code == 0)
            let undisturbed = folder.appendingPathComponent("undisturbed")
            #expect(try run(program, small.arguments(undisturbed)).code == 0)
            expectSame(try result(undisturbed), try result(output), "after Ctrl-C")
        }
    }

    /// Two sessions of one name are two sessions, and one that was renamed is the same.
    @Test func aSessionIsKnownByWhatItHolds() async throws {
        try await withTemporaryFolder { folder in
            let output = folder.appendingPathComponent("out")
            let one = try SmallSession(folder.appendingPathComponent("day1"), demos: [("clip", "demo_pick_place", 0)])
            let two = try SmallSession(folder.appendingPathComponent("day2"), demos: [("clip", "demo_pick_place_2", 0)])
            #expect(try await one.convert(output).exitCode(strict: false) == 0)
            #expect(try await two.convert(output).exitCode(strict: false) == 0)
            let lerobot = output.appendingPathComponent("lerobot")
            #expect(try rows(lerobot).episodes == [SmallSession.frames, SmallSession.frames])
            #expect(DatasetProvenance.read(lerobot)?.sources.count == 2)
            let moved = folder.appendingPathComponent("monday")
            try FileManager.default.moveItem(at: one.session, to: moved)
            var request = ConvertRequest(
                session: moved, device: try Device(contentsOf: one.device), deviceFile: one.device, arm: try arm("panda"), output: output,
                poses: one.poses)
            request.jobs = 1
            _ = try await Converter(request, progress: { _ in }).run()
            #expect(try rows(lerobot).episodes == [SmallSession.frames, SmallSession.frames])
        }
    }

    /// Files of the user's that bear our names are refused, not written over; a backup of a data set stays what it is.
    @Test func theUsersFilesAreNotTouched() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder, demos: [("a", "demo_pick_place", 0)])
            for name in ["report.html", "report.json", "episodes.csv", "rejections.csv", "overview.svg", "work", "masks", "review"] {
                let output = folder.appendingPathComponent("out-\(name)")
                try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
                let url = output.appendingPathComponent(name)
                if name.contains(".") {
                    try Data("mine".utf8).write(to: url)
                } else {
                    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
                }
                await #expect { try await small.convert(output) } throws: {
                    "\($0)".contains(url.path) && "\($0)".contains("another --output")
                }
                #expect(try contents(of: output).allSatisfy { $0.value == Data("mine".utf8) })
            }
            let output = folder.appendingPathComponent("out")
            _ = try await small.convert(output)
            let backup = output.appendingPathComponent("lerobot.old")
            try FileManager.default.moveItem(at: output.appendingPathComponent("lerobot"), to: backup)
            try Data("mine".utf8).write(to: output.appendingPathComponent("dataset.zarr.zip.partial"))
            let before = try contents(of: backup)
            _ = try await small.convert(output)
            #expect(try contents(of: backup) == before)
            #expect(try rows(output.appendingPathComponent("lerobot")).episodes == [SmallSession.frames])
            #expect(try Data(contentsOf: output.appendingPathComponent("dataset.zarr.zip.partial")) == Data("mine".utf8))
            // What we wrote and somebody changed is theirs.
            try Data("changed".utf8).write(to: output.appendingPathComponent("episodes.csv"))
            await #expect { try await small.convert(output) } throws: { "\($0)".contains("episodes.csv") }
        }
    }

    @Test func anOutputInsideTheSessionIsRefused() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder, demos: [("a", "demo_pick_place", 0)])
            let link = folder.appendingPathComponent("link")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: small.session)
            for output in [small.session, small.session.appendingPathComponent("out"), link.appendingPathComponent("deep/out")] {
                await #expect { try await small.convert(output) } throws: { "\($0)".contains("lies in the session") }
            }
            #expect(try contents(of: small.session).keys.sorted() == ["a.mp4"])
        }
    }

    @Test func theOrderOfStagesIsHeldAgainstWhatTheyNeed() throws {
        let request = ConvertRequest(
            session: fixture, device: try Device(contentsOf: fixture.appendingPathComponent("truth/device.yaml")), deviceFile: fixture,
            arm: try arm("panda"), output: fixture)
        #expect(StagePlan.fault(StagePlan.all, request) == nil)
        #expect(StagePlan.fault(StagePlan.all.reversed(), request) != nil)
        let swapped = StagePlan.all.filter { $0 != LocalizeStage.self } + [LocalizeStage.self]
        #expect(StagePlan.fault(swapped, request)?.contains("needs localize") == true)
    }
}

/// SplitMix64, for tests.
struct SystemSeed {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A run of the program whose worker stops itself in the middle of a stage.
final class Held {
    private let task = Process()
    private let log = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-\(UUID().uuidString).log")
    var process: Int32 { task.processIdentifier }

    init(_ arguments: [String], faults: String) throws {
        try Data().write(to: log)
        let handle = try FileHandle(forWritingTo: log)
        task.executableURL = program
        task.arguments = arguments
        task.environment = ProcessInfo.processInfo.environment.merging(["GRIPTRACE_FAULTS": faults]) { $1 }
        task.standardOutput = handle
        task.standardError = handle
        task.currentDirectoryURL = package
        try task.run()
    }

    deinit { try? FileManager.default.removeItem(at: log) }

    static func children(of process: Int32) -> [Int32] {
        let text = (try? String(contentsOf: URL(fileURLWithPath: "/proc/\(process)/task/\(process)/children"), encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { Int32($0) }
    }

    private static func isStopped(_ process: Int32) -> Bool {
        let stat = (try? String(contentsOf: URL(fileURLWithPath: "/proc/\(process)/stat"), encoding: .utf8)) ?? ""
        return stat.split(separator: ")").last?.trimmingCharacters(in: .whitespaces).hasPrefix("T") ?? false
    }

    /// Its workers, whichever of its threads started them.
    var workers: [Int32] {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        return threads.flatMap { thread in
            let file = URL(fileURLWithPath: "/proc/\(process)/task/\(thread)/children")
            return ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: " ").compactMap { Int32($0) }
        }
    }

    func waitUntilStopped() async throws {
        let deadline = Date().addingTimeInterval(120)
        while !workers.contains(where: Self.isStopped) {
            guard task.isRunning, Date() < deadline else { throw HeldError() }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func goOn() async throws -> Finished {
        for worker in workers { kill(worker, SIGCONT) }
        return try await end()
    }

    func end() async throws -> Finished {
        while task.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return Finished(code: task.terminationStatus, lines: text.split(separator: "\n").map(String.init))
    }

    struct HeldError: Error {}
}
