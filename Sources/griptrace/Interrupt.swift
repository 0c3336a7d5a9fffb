internal import Foundation
internal import Glibc
internal import Imaging
internal import Pipeline
internal import Synchronization

/// What Ctrl-C, `kill` and a closed terminal do: one line, the end of every child, exit code 128 + signal (130, 143, 129).
///
/// The handler only writes a byte into a pipe; a thread that reads it does the rest. A second signal ends the program at once.
enum Interrupt {
    /// Said on the way out; commands whose work goes on where it was say so.
    static let message = Mutex("interrupted")
    /// How that line is written: as the command's log is.
    static let say = Mutex<@Sendable (String) -> String>({ $0 })

    // Only plain memory is touched in the handler: set before it is installed, each written by one party.
    nonisolated(unsafe) private static var wire: (read: Int32, write: Int32) = (-1, -1)
    nonisolated(unsafe) private static var signals: Int32 = 0

    /// Installs the handlers. A hang-up that is ignored already (`nohup`) stays ignored.
    static func watch() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wire = (ends[0], ends[1])
        signals = 0
        Thread.detachNewThread { wait() }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            if number == SIGHUP, sigaction(number, nil, &action) == 0, unsafe(action.__sigaction_handler.sa_handler, is: SIG_IGN) {
                continue
            }
            action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                if Interrupt.signals > 0 { _exit(128 + number) }
                Interrupt.signals += 1
                let before = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = Glibc.write(Interrupt.wire.write, &byte, 1)
                errno = before
            }
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
        }
    }

    private static func unsafe(_ handler: __sighandler_t?, is other: __sighandler_t?) -> Bool {
        unsafeBitCast(handler, to: Int.self) == unsafeBitCast(other, to: Int.self)
    }

    private static func wait() {
        var byte: UInt8 = 0
        while read(wire.read, &byte, 1) != 1 { if errno != EINTR { return } }
        let text = say.withLock { $0 }(message.withLock { $0 })
        Console.lastWord(isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[K\(text)" : text)
        // A worker ends its own commands before the program that started it stops waiting for it.
        ChildProcesses.endAll(grace: StageWorker.isAsked ? 0.5 : 3)
        _exit(128 + Int32(byte))
    }
}
