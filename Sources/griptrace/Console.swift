internal import Foundation
internal import Glibc
internal import Imaging
internal import Synchronization

/// Standard output and error, written so that a full, closed or vanished stream neither crashes the program nor costs a run.
///
/// What goes to standard error is news: where it cannot be written, it is lost. What goes to standard output is a command's result: a reader that
/// has gone (`griptrace options | head`) ends the command quietly, any other failure ends it with exit code 1.
enum Console {
    /// Held while standard error is written; whether the last word has been said.
    private static let isOver = Mutex(false)

    /// Before anything else: closed standard streams are opened on `/dev/null`, lest a file that is opened later takes their number and receives
    /// messages; the signals for broken pipes and full quotas become error codes.
    static func prepare() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 { _ = open("/dev/null", O_RDWR) }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Writes a line to standard output.
    static func line(_ text: String) {
        guard let code = write(text + "\n", to: STDOUT_FILENO) else { return }
        if code == EPIPE { end(0) }
        error("error: standard output: \(String(cString: strerror(code)))")
        end(1)
    }

    /// Writes a line to standard error, at most once at a time; a failure is passed over.
    static func error(_ text: String) { raw(text + "\n") }

    /// Writes to standard error as it is.
    static func raw(_ text: String) { isOver.withLock { isOver in if !isOver { _ = write(text, to: STDERR_FILENO) } } }

    /// Columns where the terminal does not say.
    private static let assumedColumns = 80

    /// Draws a moving line on standard error over the one before; an empty text takes it away.
    static func redraw(_ text: String) {
        // The last column stays free: some terminals go to the next line there.
        raw("\r\u{1B}[K\(text.prefix((columns(STDERR_FILENO) ?? assumedColumns) - 1))")
    }

    /// As `error`, for a program that is being ended: waits no longer than a second for a thread that is writing. Nothing is written after it.
    static func lastWord(_ text: String) {
        for _ in 0..<20 {
            let said: Void? = isOver.withLockIfAvailable { isOver in
                _ = write(text + "\n", to: STDERR_FILENO)
                isOver = true
            }
            if said != nil { return }
            usleep(50_000)
        }
    }

    /// Ends the program. Exit handlers of libraries are passed over: threads of theirs may still run, and their clean-up writes noise.
    /// A program that a signal is ending ends with that signal's code, whatever its work has come to meanwhile.
    static func end(_ code: Int32) -> Never {
        ChildProcesses.holdIfEnding()
        fflush(nil)
        _exit(code)
    }

    /// Columns of the terminal on a descriptor, nil where it is none.
    static func columns(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// - Returns: nil when all of it was written, else the system's error.
    private static func write(_ text: String, to descriptor: Int32) -> Int32? {
        var text = text
        return text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
                if count > 0 {
                    sent += count
                } else if count < 0, errno == EAGAIN {
                    // A stream that somebody else made non-blocking.
                    var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&polled, 1, 1000)
                } else if !(count < 0 && errno == EINTR) {
                    return count < 0 ? errno : EIO
                }
            }
            return nil
        }
    }
}
