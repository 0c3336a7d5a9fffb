internal import Foundation
internal import Glibc
internal import Robot
internal import Session
internal import Synchronization

/// The other side of `WorkerPool`: a process that makes one artefact after another as it is told on its standard input.
public enum StageWorker {
    /// Set in the environment of a worker.
    public static let variable = "GRIPTRACE_WORKER"

    public static var isAsked: Bool { ProcessInfo.processInfo.environment[variable] != nil }

    /// Works until its orders end.
    /// - Parameters:
    ///   - requests: one for each arm of the run.
    ///   - onExit: called before the process ends because the one that started it is gone.
    public static func serve(_ requests: [ConvertRequest], onExit: @escaping @Sendable () -> Void) {
        signal(SIGPIPE, SIG_IGN)
        // What a library prints must not get among the answers.
        let answers = dup(1)
        dup2(2, 1)
        watchParent(onExit)
        let reader = LinePipe(input: 0, output: answers)
        let turn = Mutex(LinePipe(input: 0, output: answers))
        @Sendable func say(_ answer: WorkAnswer) { _ = turn.withLock { $0.write(answer) } }
        var cache = ResultCache()
        var session = ""
        while let line = reader.readLine() {
            guard let order = try? JSONDecoder().decode(WorkOrder.self, from: Data(line)) else { return }
            guard let request = requests.first(where: { $0.arm.name == order.arm }) else { return }
            if session != order.root.path { (session, cache) = (order.root.path, ResultCache()) }
            if let unit = order.release { cache.forget(unit) }
            let context = RunContext(
                request: request, store: ArtefactStore(root: order.root, shared: order.shared),
                progress: { event in
                    switch event {
                    case .advanced(let stage, let unit, let fraction): say(.advanced(stage: stage, unit: unit, fraction: fraction))
                    case .note(let text): say(.note(text))
                    default: break
                    }
                }, identity: order.identity, isAlone: order.isAlone, mapping: order.mapping, cache: cache, samples: order.samples)
            say(answer(order, context))
        }
    }

    private static func answer(_ order: WorkOrder, _ context: RunContext) -> WorkAnswer {
        guard let index = StagePlan.index(order.stage) else { return .failed(stage: order.stage, "there is no such stage") }
        do {
            let made = try InProcessExecutor().make(
                StagePlan.all[index], unit: order.unit, board: order.board, inputs: order.inputs, context: context)
            return .made(made.artefact, made.usage)
        } catch let failure as UnitFailure {
            return .stopped(failure.stop(order.stage))
        } catch let failed as RecordingsFailed {
            return .recordingsFailed(failed.stops)
        } catch let error as PipelineError {
            switch error {
            case .usage(let what, let accepted): return .usage(what, accepted: accepted)
            case .failed(let stage, let reason): return .failed(stage: stage, reason)
            case .several: return .failed(stage: order.stage, error.description)
            }
        } catch {
            return .stopped(Stop(stage: order.stage, reason: "failed", detail: "\(error)"))
        }
    }

    /// A worker does not outlive the process that started it.
    private static func watchParent(_ onExit: @escaping @Sendable () -> Void) {
        let parent = getppid()
        Thread.detachNewThread {
            while getppid() == parent { usleep(200_000) }
            onExit()
            _exit(1)
        }
    }
}
