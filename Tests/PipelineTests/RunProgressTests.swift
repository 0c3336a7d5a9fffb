import Foundation
import Glibc
import Testing

@testable import Pipeline

/// What a run says of itself while it runs, and of the time that is left.
@Suite struct RunProgressTests {
    private static func usage(_ stage: String, _ unit: String, skipped: Bool = false) -> ProgressEvent {
        .finished(
            StageUsage(stage: stage, unit: unit, isSkipped: skipped, seconds: 1, coreSeconds: 1, peakMemory: 0, decodedFrames: [:]))
    }

    private static func planned(_ demos: Int) -> ProgressEvent {
        .planned(
            (0..<demos).map { PlannedUnit(unit: "demo_\($0)", isDemo: true, stages: ["ingest", "mask"], bytes: 1e6) }
                + [PlannedUnit(unit: "session", isDemo: false, stages: ["map", "export"], bytes: 1e6 * Double(demos))])
    }

    /// Ten demos of one size, a hundred seconds for each `ingest`: when half of the work is done, as much time is left as has passed.
    @Test func timeLeftGoesByTheWorkThatIsLeft() throws {
        var progress = RunProgress()
        progress.take(Self.planned(10), now: 50)
        #expect(progress.secondsLeft(now: 51) == nil)
        for n in 0..<10 {
            progress.take(.started(stage: "ingest", unit: "demo_\(n)"), now: 50)
            progress.take(Self.usage("ingest", "demo_\(n)"), now: 50 + 100 * Double(n + 1))
        }
        let afterIngest = try #require(progress.secondsLeft(now: 1050))
        // Of 10 · (1 + 0.33 + 0.09 + 0.31) parts 10 are done.
        #expect(abs(afterIngest - 1000 * 0.73) < 1)
        progress.take(.started(stage: "mask", unit: "demo_0"), now: 1050)
        progress.take(.advanced(stage: "mask", unit: "demo_0", fraction: 0.5), now: 1050)
        #expect(try #require(progress.secondsLeft(now: 1050)) < afterIngest)
        #expect(progress.line(now: 1050).hasPrefix("0 of 10 demos | 12 min left | mask demo_0 50 %"))
    }

    @Test func whatIsThereAlreadyAndWhatStopsIsNoWork() throws {
        var progress = RunProgress()
        progress.take(Self.planned(4), now: 0)
        for n in 0..<4 {
            progress.take(.started(stage: "ingest", unit: "demo_\(n)"), now: 1)
            progress.take(Self.usage("ingest", "demo_\(n)", skipped: true), now: 1)
        }
        #expect(progress.secondsLeft(now: 1) == nil)
        progress.take(.started(stage: "mask", unit: "demo_0"), now: 1)
        progress.take(.stopped(unit: "demo_0", stage: "mask", reason: "crashed", detail: ""), now: 1)
        progress.take(.started(stage: "mask", unit: "demo_1"), now: 1)
        progress.take(Self.usage("mask", "demo_1"), now: 34)
        #expect(progress.demosThrough == 1 && progress.demosStopped == 1 && progress.demos == 4)
        // One mask of 0.33 parts took 33 s: two more, and the session's 4 · (0.09 + 0.31).
        let left = try #require(progress.secondsLeft(now: 34))
        let expected: Double = 34 * (0.66 + 1.6) / 0.33
        #expect(abs(left - expected) < 1)
        #expect(progress.line(now: 34).hasPrefix("1 of 4 demos, 1 stopped | 4 min left"))
        // A stage of the session that fails takes none of the others with it.
        progress.take(.stopped(unit: "session", stage: "map", reason: "lost", detail: ""), now: 34)
        let after = try #require(progress.secondsLeft(now: 34))
        let withoutMap: Double = 34 * (0.66 + 1.24) / 0.33
        #expect(abs(after - withoutMap) < 1)
    }

    /// The log of a real run, read from outside: whole, broken off, and while the folder is held.
    @Test func statusIsReadFromTheLog() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: PipelineError.self) { try RunStatus.read(folder) }
            let log = EventLog(folder: folder.appendingPathComponent("work/monday"))
            log.add(Self.planned(3))
            log.add(.started(stage: "ingest", unit: "demo_0"))
            log.add(.advanced(stage: "ingest", unit: "demo_0", fraction: 0.5))
            log.add(Self.usage("ingest", "demo_0"))
            log.add(.started(stage: "ingest", unit: "demo_1"))
            log.add(.stopped(unit: "demo_1", stage: "ingest", reason: "unreadable", detail: "a detail"))
            log.add(.started(stage: "mask", unit: "demo_0"))
            let cut = folder.appendingPathComponent("work/monday/events.jsonl")
            let whole = try Data(contentsOf: cut)
            #expect(whole.split(separator: 10).count == 6)

            // Killed in the middle of a line.
            try (whole + Data(#"{"event":"fini"#.utf8)).write(to: cut)
            let broken = try #require(try RunStatus.read(folder).first)
            #expect(broken.state == .brokenOff && broken.session == "monday" && broken.running == ["mask demo_0"])
            #expect(broken.lines().contains("stopped: demo_1 in ingest: unreadable: a detail"))
            #expect(broken.lines().contains("demos: 0 of 3 through, 1 stopped"))

            // Held by a process.
            let lock = open(folder.appendingPathComponent(".griptrace-lock").path, O_RDWR | O_CREAT, 0o644)
            defer { close(lock) }
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
            _ = "process 7".withCString { write(lock, $0, 9) }
            #expect(try RunStatus.read(folder).first?.state == .running("process 7"))

            let again = EventLog(folder: folder.appendingPathComponent("work/monday"))
            again.add(Self.planned(3))
            again.end()
            let ended = try #require(try RunStatus.read(folder).first)
            #expect(ended.state == .ended && ended.progress.demosThrough == 0 && ended.stops.isEmpty)

            // An arm of several has its own.
            EventLog(folder: folder.appendingPathComponent("panda/work/monday")).add(Self.planned(3))
            #expect(try RunStatus.read(folder).map(\.session).sorted() == ["monday", "panda/monday"])
        }
    }
}
