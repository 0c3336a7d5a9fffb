public import Foundation

/// How a run into an output folder stands, seen from outside: by its lock and the log of its events.
public struct RunStatus: Sendable {
    public enum State: Sendable, Equatable {
        /// With what the lock says of the process that holds the folder.
        case running(String)
        case ended
        /// Neither running nor at its end: it was killed, or the machine went down.
        case brokenOff
    }

    public var session: String
    public var state: State
    public var started: Date
    /// Of the last event.
    public var last: Date
    public var progress: RunProgress
    /// Recordings that stopped, in order: unit, stage, reason, detail.
    public var stops: [RunEvent]
    public var rejections: Int
    /// What is being worked on, as stage and unit.
    public var running: [String]

    /// The runs of an output folder, one for each session (and arm, where there are several), the last begun last.
    public static func read(_ output: URL) throws(PipelineError) -> [RunStatus] {
        func folders(_ path: String) -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: output.appendingPathComponent(path).path)) ?? []).sorted()
        }
        let arms = folders("").filter { FileManager.default.fileExists(atPath: output.appendingPathComponent("\($0)/work").path) }
        let sessions = ([""] + arms.map { "\($0)/" }).flatMap { arm in folders("\(arm)work").map { (arm: arm, name: $0) } }
        let logs = sessions.map { session in
            (
                "\(session.arm)\(session.name)",
                RunEvent.read(output.appendingPathComponent("\(session.arm)work/\(session.name)/\(EventLog.name)"))
            )
        }.filter { !$0.1.isEmpty }.sorted { $0.1[0].time < $1.1[0].time }
        guard !logs.isEmpty else {
            throw .usage(
                "\(output.path) holds no log of a run (work/SESSION/\(EventLog.name))", accepted: "a folder given to convert as --output")
        }
        let holder = OutputGuard.holder(of: output)
        return logs.enumerated().map { n, log in
            RunStatus(session: log.0, events: log.1, holder: n == logs.count - 1 ? holder : nil)
        }
    }

    private init(session: String, events: [RunEvent], holder: String?) {
        self.session = session
        (started, last) = (events[0].time, events[events.count - 1].time)
        state = events.last?.event == "ended" ? .ended : holder.map { State.running($0) } ?? .brokenOff
        progress = RunProgress()
        var open: [String] = []
        for event in events {
            guard let news = event.progress else { continue }
            progress.take(news, now: event.time.timeIntervalSince1970)
            let name = "\(event.stage ?? "") \(event.unit ?? "")"
            if event.event == "started" { open.append(name) } else { open.removeAll { $0 == name } }
        }
        running = state == .ended ? [] : open
        stops = events.filter { $0.event == "stopped" }
        rejections = events.count { $0.event == "rejected" }
    }

    /// In sentences, a line each.
    public func lines(now: Date = Date()) -> [String] {
        var out: [String] = []
        switch state {
        case .running(let who): out.append("\(session): running (\(who))")
        case .ended: out.append("\(session): ended after \(RunProgress.text(seconds: last.timeIntervalSince(started)))")
        case .brokenOff:
            out.append(
                "\(session): broken off after \(RunProgress.text(seconds: last.timeIntervalSince(started))): the same command goes on from there"
            )
        }
        let stopped = progress.demosStopped > 0 ? ", \(progress.demosStopped) stopped" : ""
        var line = "demos: \(progress.demosThrough) of \(progress.demos) through\(stopped)"
        if case .running = state, let seconds = progress.secondsLeft(now: now.timeIntervalSince1970) {
            line += ", \(RunProgress.text(seconds: seconds)) left"
        }
        out.append(line)
        if !running.isEmpty { out.append("\(state == .brokenOff ? "broken off in" : "now"): \(running.joined(separator: ", "))") }
        out += stops.map { "stopped: \($0.unit ?? "") in \($0.stage ?? ""): \($0.reason ?? ""): \($0.detail ?? "")" }
        if state == .ended, rejections > 0 { out.append("left out: \(rejections) spans, see rejections.csv") }
        return out
    }
}
