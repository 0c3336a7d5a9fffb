public import Foundation
internal import Glibc
internal import Imaging
internal import Robot
internal import Session
internal import Synchronization

/// How the stages of a run are kept from ending one another.
public enum StageIsolation: Sendable, Equatable {
    /// All in this process: a trap ends the run.
    case inProcess
    /// In processes of this program, started with these arguments (the request's own): a trap ends one recording.
    case workers(executable: URL, arguments: [String])
}

/// Makes artefacts in processes beside this one, as many as work is done side by side.
///
/// A process for each recording's work rather than guards in every function: nobody can promise that no index is out of range in any of the
/// libraries, and the memory of a recording is bounded and measured along with it.
final class WorkerPool: StageExecutor, Sendable {
    private let executable: URL
    private let arguments: [String]
    private let logs: URL
    private let idle = Mutex<[Worker]>([])
    private let all = Mutex<Set<Int32>>([])

    /// - Parameter logs: where what workers print is kept.
    init(executable: URL, arguments: [String], logs: URL) {
        (self.executable, self.arguments, self.logs) = (executable, arguments, logs)
    }

    func make(
        _ stage: any Stage.Type, unit: String, board: Board, inputs: [String: String], context: RunContext
    ) throws -> (artefact: Artefact, usage: StageUsage) {
        var worker = try take(unit)
        let order = WorkOrder(
            stage: stage.name, unit: unit, board: board, inputs: inputs, root: context.store.root, shared: context.store.shared,
            arm: context.request.arm.name, identity: context.identity, isAlone: context.isAlone, mapping: context.mapping,
            samples: context.samples,
            release: worker.unit == unit || worker.unit == Board.session ? nil : worker.unit)
        worker.unit = unit
        guard worker.pipe.write(order) else { throw crash(worker, stage.name, unit) }
        while let line = worker.pipe.readLine() {
            guard let answer = try? JSONDecoder().decode(WorkAnswer.self, from: Data(line)) else { break }
            switch answer {
            case .advanced(let stage, let unit, let fraction): context.progress(.advanced(stage: stage, unit: unit, fraction: fraction))
            case .note(let text): context.progress(.note(text))
            default:
                idle.withLock { $0.append(worker) }
                switch answer {
                case .made(let artefact, let usage): return (artefact, usage)
                case .stopped(let stop):
                    throw UnitFailure(
                        reason: stop.reason, detail: stop.detail, isFinding: stop.isFinding, frames: stop.frames, seconds: stop.seconds)
                case .recordingsFailed(let stops): throw RecordingsFailed(stops: stops)
                case .usage(let what, let accepted): throw PipelineError.usage(what, accepted: accepted)
                case .failed(let stage, let reason): throw PipelineError.failed(stage: stage, reason)
                case .advanced, .note: break
                }
            }
        }
        throw crash(worker, stage.name, unit)
    }

    func release(_ unit: String, context: RunContext) { context.cache.forget(unit) }

    /// Ends all workers.
    func close() {
        for worker in idle.withLock({ workers in
            defer { workers = [] }
            return workers
        }) {
            worker.end()
            forget(worker)
        }
    }

    private func take(_ unit: String) throws -> Worker {
        let known: Worker? = idle.withLock { workers in
            let index = workers.firstIndex { $0.unit == unit } ?? workers.indices.last
            return index.map { workers.remove(at: $0) }
        }
        if let known { return known }
        let worker = try Worker(executable: executable, arguments: arguments, logs: logs)
        all.withLock { _ = $0.insert(worker.process) }
        ChildProcesses.add(worker.process)
        return worker
    }

    private func forget(_ worker: Worker) {
        all.withLock { _ = $0.remove(worker.process) }
        ChildProcesses.remove(worker.process)
    }

    /// What a worker's end means for the recording it worked on.
    private func crash(_ worker: Worker, _ stage: String, _ unit: String) -> UnitFailure {
        let status = worker.wait()
        // A worker that this program's own end has ended has not crashed.
        ChildProcesses.holdIfEnding()
        forget(worker)
        let how =
            status & 0x7f == 0 ? "with code \((status >> 8) & 0xff)" : "by signal \(status & 0x7f) (\(Self.signalName(status & 0x7f)))"
        return UnitFailure(
            reason: "crashed",
            detail: "the process that worked on it ended \(how) in \(stage): a fault of GripTrace, not of the recording's owner; "
                + "what it printed is in \(worker.log.path), please report it with that; the other recordings go on")
    }

    static func signalName(_ signal: Int32) -> String {
        switch signal {
        case SIGILL, SIGTRAP: "a check failed"
        case SIGSEGV, SIGBUS: "memory"
        case SIGKILL: "killed, perhaps for memory"
        case SIGABRT: "aborted"
        case SIGFPE: "arithmetic"
        default: String(cString: strsignal(signal))
        }
    }
}

/// One process.
private struct Worker {
    let process: Int32
    let pipe: LinePipe
    let log: URL
    private let input: Int32
    private let output: Int32
    /// The unit it worked on last.
    var unit = ""

    init(executable: URL, arguments: [String], logs: URL) throws {
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        log = logs.appendingPathComponent("worker-\(UUID().uuidString.prefix(8)).log")
        var (toWorker, fromWorker): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard Glibc.pipe(&toWorker) == 0, Glibc.pipe(&fromWorker) == 0 else {
            throw UnitFailure(reason: "failed", detail: "no pipe to a worker: \(String(cString: strerror(errno)))")
        }
        for end in toWorker + fromWorker { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toWorker[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromWorker[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, log.path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
        // A group of its own: Ctrl-C is for the program that started it, which ends its workers itself.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var environment = ProcessInfo.processInfo.environment
        environment[StageWorker.variable] = "1"
        var words: [UnsafeMutablePointer<CChar>?] = ([executable.path] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, executable.path, &actions, &attributes, &words, &variables)
        Glibc.close(toWorker[0])
        Glibc.close(fromWorker[1])
        guard code == 0 else {
            Glibc.close(toWorker[1])
            Glibc.close(fromWorker[0])
            throw UnitFailure(reason: "failed", detail: "\(executable.path) cannot be started: \(String(cString: strerror(code)))")
        }
        process = child
        (input, output) = (toWorker[1], fromWorker[0])
        pipe = LinePipe(input: output, output: input)
    }

    /// Waits for the process; its pipes are closed.
    func wait() -> Int32 {
        Glibc.close(input)
        Glibc.close(output)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    /// Lets the process end as its orders do; what it printed is of no interest then.
    func end() {
        _ = wait()
        try? FileManager.default.removeItem(at: log)
    }
}
