internal import Foundation
internal import Logging
internal import Pipeline
internal import Session
internal import Synchronization

/// One moving line on a terminal, redrawn ten times a second at most; elsewhere a line for each finished stage and nothing between.
final class ProgressDisplay: Sendable {
    private struct State {
        var progress = RunProgress()
        var drawn: ContinuousClock.Instant?
        var isShown = false
    }

    private static let interval = Duration.milliseconds(100)

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
            state.progress.take(event, now: Self.seconds)
            switch event {
            case .planned, .started, .advanced: break
            case .finished(let usage):
                let (stage, unit) = (usage.stage, usage.unit)
                clear(&state)
                log.info(
                    "\(stage) \(unit): \(usage.isSkipped ? "already done" : "done in \(usage.seconds.fixed(1)) s")",
                    metadata: [
                        "stage": "\(stage)", "unit": "\(unit)", "skipped": "\(usage.isSkipped)", "seconds": "\(usage.seconds.fixed(3))",
                        "core_seconds": "\(usage.coreSeconds.fixed(3))", "peak_memory_mb": "\((Double(usage.peakMemory) / 1e6).fixed(1))",
                        "decoded_frames": "\(usage.decodedFrames.values.reduce(0, +))",
                    ])
            case .stopped(let unit, let stage, let reason, _):
                clear(&state)
                // In full at the end, with what the others came to.
                log.info(
                    "\(unit) stops at \(stage): \(reason)",
                    metadata: ["unit": "\(unit)", "stage": "\(stage)", "reason": "\(reason)"])
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
        guard isTerminal, !state.progress.isIdle, state.drawn.map({ now - $0 >= Self.interval }) ?? true else { return }
        let text = state.progress.line(now: Self.seconds)
        Console.redraw(text)
        (state.drawn, state.isShown) = (now, true)
    }

    private static let start = ContinuousClock.now
    private static var seconds: Double {
        let passed = (ContinuousClock.now - start).components
        return Double(passed.seconds) + 1e-18 * Double(passed.attoseconds)
    }

    private func clear(_ state: inout State) {
        guard isTerminal, state.isShown else { return }
        Console.redraw("")
        (state.drawn, state.isShown) = (nil, false)
    }
}
