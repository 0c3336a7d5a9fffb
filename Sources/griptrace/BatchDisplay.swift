internal import Foundation
internal import Logging
internal import Pipeline
internal import Session
internal import Synchronization

/// A line for each session of a batch that ended, and on a terminal one moving line with what is left.
final class BatchDisplay: Sendable {
    private struct State {
        var sessions = 0
        var ended = 0
        var failed = 0
        var running: [String] = []
        var isShown = false
    }

    private let log: Logger
    private let isTerminal: Bool
    private let output: URL
    private let start = Date()
    private let state = Mutex(State())

    init(log: Logger, isTerminal: Bool, output: URL) { (self.log, self.isTerminal, self.output) = (log, isTerminal, output) }

    var sink: @Sendable (BatchEvent) -> Void { { [self] event in take(event) } }

    func end() { state.withLock { clear(&$0) } }

    private func take(_ event: BatchEvent) {
        state.withLock { state in
            clear(&state)
            switch event {
            case .planned(let sessions):
                state.sessions = sessions
                log.info("\(sessions) session\(sessions == 1 ? "" : "s")")
            case .started(let session): state.running.append(session)
            case .finished(let row):
                state.running.removeAll { $0 == row.session }
                state.ended += 1
                if row.status == .failed { state.failed += 1 }
                let level: Logger.Level = row.status == .failed ? .error : .info
                let seconds = row.seconds.map { " in \($0.fixed(0)) s" } ?? ""
                let demos = row.demos > 0 ? ": \(row.exported) of \(row.demos) demos, \(row.framesOut) of \(row.framesIn) frames" : ""
                log.log(
                    level: level,
                    "\(state.ended) of \(state.sessions): \(row.session) \(row.status.rawValue)\(seconds)\(demos)\(row.verdict.isEmpty ? "" : ": \(row.verdict)")",
                    metadata: ["session": "\(row.session)", "status": "\(row.status.rawValue)"])
            case .merging(let path): log.info("merging \(path)")
            }
            draw(&state)
        }
    }

    private func draw(_ state: inout State) {
        guard isTerminal, state.ended < state.sessions else { return }
        let text = BatchStatus.line(
            sessions: state.sessions, ended: state.ended, failed: state.failed, seconds: Date().timeIntervalSince(start),
            running: state.running)
        Console.redraw(text)
        state.isShown = true
    }

    private func clear(_ state: inout State) {
        guard isTerminal, state.isShown else { return }
        Console.redraw("")
        state.isShown = false
    }
}
