internal import Foundation
internal import Glibc
internal import Logging
internal import Pipeline
internal import Session
internal import Synchronization

/// One moving line on a terminal, redrawn ten times a second at most; elsewhere a line for each finished stage and nothing between.
final class ProgressDisplay: Sendable {
    private struct State {
        var running: [String: Double] = [:]
        var drawn: ContinuousClock.Instant?
        var isShown = false
    }

    private static let interval = Duration.milliseconds(100)
    /// Columns where the terminal does not say.
    private static let columns = 80

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
            case .finished(let usage):
                let (stage, unit) = (usage.stage, usage.unit)
                state.running["\(stage) \(unit)"] = nil
                clear(&state)
                log.info(
                    "\(stage) \(unit): \(usage.isSkipped ? "already done" : "done in \(usage.seconds.fixed(1)) s")",
                    metadata: [
                        "stage": "\(stage)", "unit": "\(unit)", "skipped": "\(usage.isSkipped)", "seconds": "\(usage.seconds.fixed(3))",
                        "core_seconds": "\(usage.coreSeconds.fixed(3))", "peak_memory_mb": "\((Double(usage.peakMemory) / 1e6).fixed(1))",
                        "decoded_frames": "\(usage.decodedFrames.values.reduce(0, +))",
                    ])
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
        let now = ContinuousClock.now
        guard isTerminal, !state.running.isEmpty, state.drawn.map({ now - $0 >= Self.interval }) ?? true else { return }
        let text = state.running.sorted { $0.key < $1.key }.map { "\($0.key) \((100 * $0.value).fixed(0)) %" }.joined(separator: " | ")
        // The last column stays free: some terminals go to the next line there.
        Console.raw("\r\u{1B}[K\(text.prefix((Console.columns(STDERR_FILENO) ?? Self.columns) - 1))")
        (state.drawn, state.isShown) = (now, true)
    }

    private func clear(_ state: inout State) {
        guard isTerminal, state.isShown else { return }
        Console.raw("\r\u{1B}[K")
        (state.drawn, state.isShown) = (nil, false)
    }
}
