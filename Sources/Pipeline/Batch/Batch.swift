internal import Dataset
public import Foundation
internal import Session
internal import Synchronization

/// News of a batch.
public enum BatchEvent: Sendable {
    case planned(sessions: Int)
    case started(session: String)
    case finished(BatchRow)
    case merging(String)
}

/// What a batch came to.
public struct BatchOutcome: Sendable {
    public var rows: [BatchRow]
    public var failures: [BatchFailure]
    /// Data sets at the output's root, by path, with their sizes.
    public var dataSets: [DataSetReport]
    /// What went wrong with the data sets, in sentences.
    public var faults: [String]

    /// 0 all done, 1 a session failed or a data set could not be merged, 2 a session was done with rejections under `--strict`.
    public var exitCode: Int32 {
        if !faults.isEmpty || rows.contains(where: { $0.status == .failed }) { return 1 }
        return rows.contains { $0.exitCode == 2 } ? 2 : 0
    }

    /// What was not converted, by reason: sessions and frames, the most frames first.
    public var reasons: [(reason: String, stage: String, frames: Int, sessions: [String])] {
        struct Key: Hashable {
            var stage: String
            var reason: String
        }
        var found: [Key: (frames: Int, sessions: [String])] = [:]
        for failure in failures {
            let key = Key(stage: failure.stage, reason: failure.reason)
            var entry = found[key] ?? (0, [])
            entry.frames += failure.frames
            if entry.sessions.last != failure.session { entry.sessions.append(failure.session) }
            found[key] = entry
        }
        return found.map { ($0.key.reason, $0.key.stage, $0.value.frames, $0.value.sessions) }
            .sorted { ($1.frames, $0.stage, $0.reason) < ($0.frames, $1.stage, $1.reason) }
    }
}

/// Converts many sessions, each by a process and into a folder of its own, and puts their data sets together.
///
/// A session that fails, crashes or is killed stops none of the others. What is there already is not made again, so that a batch that was
/// stopped, or whose sessions became more, goes on; the data sets' bytes depend on the sessions and the options alone, neither on the order in
/// which they came through nor on how many processes worked on them.
public struct Batch: Sendable {
    /// Below the output: a folder for each session's conversion, and a log each.
    public static let conversions = "converted"
    static let logs = "logs"

    private let sessions: SessionSet
    private let output: URL
    private let executable: URL
    private let options: [String]
    private let atOnce: Int

    /// - Parameters:
    ///   - source: what the sessions were named by; the output must not lie in it.
    ///   - options: of `convert`, the session and `--output` apart.
    ///   - atOnce: sessions worked on side by side.
    public init(
        _ sessions: SessionSet, source: URL, output: URL, executable: URL, options: [String], atOnce: Int = 1
    ) throws(PipelineError) {
        var found = RequestFaults()
        if case .folder = FileKind(source) { found.look { () throws(PipelineError) in try OutputGuard.check(output, session: source) } }
        for member in sessions.members {
            found.look { () throws(PipelineError) in try OutputGuard.check(output, session: member.folder) }
        }
        found.look { () throws(PipelineError) in try Self.checkNames(sessions) }
        try found.check()
        (self.sessions, self.output, self.executable, self.options, self.atOnce) = (sessions, output, executable, options, atOnce)
    }

    /// A session may not be named like the folder that another one lies in: their conversions would mix.
    private static func checkNames(_ sessions: SessionSet) throws(PipelineError) {
        let names = Set(sessions.members.map { $0.name.lowercased() })
        var seen: Set<String> = []
        for member in sessions.members {
            let name = member.name.lowercased()
            guard seen.insert(name).inserted else {
                throw .usage("two sessions are called \(member.name)", accepted: "names that differ in more than the case of letters")
            }
            var parent = name
            while let end = parent.lastIndex(of: "/") {
                parent = String(parent[..<end])
                guard names.contains(parent) else { continue }
                throw .usage("\(member.folder.path) lies in the session \(parent)", accepted: "sessions beside one another")
            }
        }
    }

    private struct State {
        var rows: [BatchRow]
        var failures: [[BatchFailure]]
        var fault: String?
    }

    public func run(progress: @escaping @Sendable (BatchEvent) -> Void) async throws(PipelineError) -> BatchOutcome {
        let names = [Self.conversions, Self.logs, "merging", BatchMerge.name, BatchTable.sessions, BatchTable.failures]
        let held = try OutputGuard(output, entries: names, session: "\(sessions.members.count) sessions", worksHere: false)
        defer { held.release() }
        // Said now, not after hours.
        try BatchMerge(output).check(DatasetFormat.all.map(\.fileName))
        progress(.planned(sessions: sessions.members.count))
        let start = State(
            rows: sessions.members.map { BatchRow(session: $0.name, folder: $0.folder.path) },
            failures: sessions.members.map { _ in [] })
        let state = Mutex(start)
        try save(start)
        _ = await concurrently(Array(sessions.members.indices), jobs: atOnce) { n in
            let session = session(n)
            state.withLock { state in
                state.rows[n].status = .running
                keep(&state)
            }
            progress(.started(session: session.member.name))
            let (code, seconds) = session.run(executable: executable, options: options)
            let (row, failures) = session.outcome(code: code, seconds: seconds)
            state.withLock { state in
                (state.rows[n], state.failures[n]) = (row, failures)
                keep(&state)
            }
            progress(.finished(row))
        }
        let end = state.withLock { $0 }
        if let fault = end.fault { throw .failed(stage: "output", fault) }
        return try merge(end, progress)
    }

    private func session(_ n: Int) -> BatchSession {
        let member = sessions.members[n]
        return BatchSession(
            member: member, output: output.appendingPathComponent("\(Self.conversions)/\(member.name)"),
            log: output.appendingPathComponent("\(Self.logs)/\(member.name).log"))
    }

    private func merge(_ state: State, _ progress: (BatchEvent) -> Void) throws(PipelineError) -> BatchOutcome {
        var sources: [String: [BatchMerge.Source]] = [:]
        // Of one that was refused or cut off the report is an earlier run's.
        for n in sessions.members.indices where (state.rows[n].exitCode ?? 1) <= 2 {
            for (arm, folder, report) in session(n).reports() {
                for set in report.dataSets {
                    let path = arm.isEmpty ? set.path : "\(arm)/\(set.path)"
                    sources[path, default: []].append(
                        BatchMerge.Source(session: sessions.members[n].name, url: folder.appendingPathComponent(set.path)))
                }
            }
        }
        let faults = try BatchMerge(output).run(sources) { progress(.merging($0)) }
        let sets = sources.keys.sorted().compactMap { path in
            BatchMerge.report(output.appendingPathComponent(path), path: path)
        }
        return BatchOutcome(rows: state.rows, failures: state.failures.flatMap { $0 }, dataSets: sets, faults: faults)
    }

    private func save(_ state: State) throws(PipelineError) {
        do {
            try FileBytes.write(BatchTable.table(state.rows).encoded, to: output.appendingPathComponent(BatchTable.sessions))
            let failures = CSVTable(header: BatchTable.failureHeader, rows: state.failures.flatMap { $0 }.map(\.cells))
            try FileBytes.write(failures.encoded, to: output.appendingPathComponent(BatchTable.failures))
        } catch {
            throw .failed(stage: "output", "\(error)")
        }
    }

    /// Saves where nothing can be thrown: the first thing that went wrong is kept.
    private func keep(_ state: inout State) {
        do { try save(state) } catch { state.fault = state.fault ?? "\(error)" }
    }
}
