internal import Foundation
internal import Logging
internal import Pipeline
internal import Session
internal import Synchronization

/// One moving line on a terminal, plain lines elsewhere.
final class ProgressDisplay: Sendable {
    private struct State {
        var running: [String: Double] = [:]
        var lineLength = 0
    }

    private let log: Logger
    private let isTerminal: Bool
    private let state = Mutex(State())

    init(log: Logger, isTerminal: Bool) {
        self.log = log
        self.isTerminal = isTerminal
    }

    var sink: ProgressSink { { [self] event in take(event) } }

    func end() { state.withLock { clear(&$0) } }

    private func take(_ event: ProgressEvent) {
        state.withLock { state in
            switch event {
            case .started(let stage, let unit):
                state.running["\(stage) \(unit)"] = 0
            case .advanced(let stage, let unit, let fraction):
                state.running["\(stage) \(unit)"] = fraction
            case .finished(let stage, let unit, let skipped, let seconds):
                state.running["\(stage) \(unit)"] = nil
                clear(&state)
                log.info(
                    "\(stage) \(unit): \(skipped ? "already done" : "done in \(seconds.fixed(1)) s")",
                    metadata: ["stage": "\(stage)", "unit": "\(unit)", "skipped": "\(skipped)", "seconds": "\(seconds.fixed(3))"])
            case .rejected(let r):
                clear(&state)
                log.info(
                    "left out: \(r.unit) frames \(r.firstFrame) to \(max(r.firstFrame, r.endFrame - 1)): \(r.reason): \(r.detail)",
                    metadata: ["unit": "\(r.unit)", "stage": "\(r.stage)", "reason": "\(r.reason)"])
            case .note(let text):
                clear(&state)
                log.notice("\(text)")
            }
            draw(&state)
        }
    }

    private func draw(_ state: inout State) {
        guard isTerminal, !state.running.isEmpty else { return }
        let text = state.running.sorted { $0.key < $1.key }.map { "\($0.key) \((100 * $0.value).fixed(0)) %" }.joined(separator: " | ")
        let line = String(text.prefix(110))
        FileHandle.standardError.write(Data("\r\(line)\(String(repeating: " ", count: max(0, state.lineLength - line.count)))".utf8))
        state.lineLength = line.count
    }

    private func clear(_ state: inout State) {
        guard isTerminal, state.lineLength > 0 else { return }
        FileHandle.standardError.write(Data("\r\(String(repeating: " ", count: state.lineLength))\r".utf8))
        state.lineLength = 0
    }
}
