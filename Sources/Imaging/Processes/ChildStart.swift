internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// A shell command just started in a process group of its own, with pipes for its standard streams that do not block.
///
/// Whoever starts one reads and closes its pipes, reaps it and takes it off `ChildProcesses`.
public struct ChildStart: Sendable {
    /// Of the command's leader, and of its group.
    public let process: Int32
    public let input: Int32
    public let output: Int32
    public let errors: Int32

    /// Held from making pipes until the child runs: no other child may inherit their ends.
    private static let starting = Mutex(())

    /// Starts `/bin/sh -c command`; what keeps the system from it is an error.
    public init(command: String) throws(ImagingError) {
        ChildProcesses.holdIfEnding()
        let started = Self.starting.withLock { _ in Result { () throws(ImagingError) in try Self.start(command) } }
        self = try started.get()
        ChildProcesses.add(process)
        for end in [input, output, errors] { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
    }

    /// A word as the shell takes it unchanged.
    public static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }

    private init(process: pid_t, input: Int32, output: Int32, errors: Int32) {
        (self.process, self.input, self.output, self.errors) = (process, input, output, errors)
    }

    private static func start(_ command: String) throws(ImagingError) -> ChildStart {
        var ends: [Int32] = []
        for _ in 0..<3 {
            var pair: [Int32] = [-1, -1]
            guard pipe(&pair) == 0 else {
                let reason = String(cString: strerror(errno))
                for end in ends { _ = close(end) }
                throw .operation("command", reason: "no pipe: \(reason)")
            }
            for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            ends += pair
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[3], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[5], 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        // What this program ignores, the command need not.
        var ignored = none
        sigaddset(&ignored, SIGPIPE)
        sigaddset(&ignored, SIGXFSZ)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &ignored)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var child = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = []
        for text in ["/bin/sh", "-c", command] { arguments.append(strdup(text)) }
        var environment: [UnsafeMutablePointer<CChar>?] = []
        for (name, value) in ProcessInfo.processInfo.environment.sorted(by: { $0.key < $1.key }) {
            environment.append(strdup("\(name)=\(value)"))
        }
        arguments.append(nil)
        environment.append(nil)
        let code = posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environment)
        for text in arguments + environment { free(text) }
        for end in [ends[0], ends[3], ends[5]] { _ = close(end) }
        guard code == 0 else {
            for end in [ends[1], ends[2], ends[4]] { _ = close(end) }
            throw .operation("command", reason: "cannot be started: \(String(cString: strerror(code)))")
        }
        return ChildStart(process: child, input: ends[1], output: ends[2], errors: ends[4])
    }
}
