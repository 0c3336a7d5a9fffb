internal import Foundation
internal import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

/// A shell command with its standard streams as pipes that cannot block each other, in a process group of its own.
///
/// Reading, writing and errors go through one `poll`, so that neither side waits for the other with a full pipe. Whatever happens the whole
/// group is killed and the child reaped: at the latest when this object goes, or when the program is ended by a signal (`ChildProcesses`).
final class ChildProcess {
    /// How the child ended.
    enum Ending: Equatable {
        case exited(Int32)
        case killed(signal: Int32)

        var text: String {
            switch self {
            case .exited(let code): "it exited with code \(code)"
            case .killed(let signal): "signal \(signal) ended it"
            }
        }
    }

    private let pid: pid_t
    private var input: Int32
    private var output: Int32
    private var errors: Int32
    private var errorBytes: [UInt8] = []
    private var ending: Ending?
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    /// Starts `/bin/sh -c command`.
    init(command: String) throws(HumanError) {
        let started: ChildStart
        do { started = try ChildStart(command: command) } catch { throw .source(reason: "mask \(error)") }
        (pid, input, output, errors) = (started.process, started.input, started.output, started.errors)
    }

    deinit { end() }

    /// What it wrote to standard error last, on one line; empty if nothing.
    var lastWords: String {
        let text = String(decoding: errorBytes, as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " | ").trimmingCharacters(in: .whitespaces)
        return line.isEmpty ? "" : "; it said: \(line.suffix(400))"
    }

    /// Writes bytes while answers are read.
    /// - Returns: false where the child reads no more.
    /// Throws `silent` after `timeout` seconds in which nothing moved.
    func send(_ bytes: [UInt8], timeout: Double, receive: (UnsafeRawBufferPointer) throws(HumanError) -> Void) throws(HumanError) -> Bool {
        var sent = 0
        while sent < bytes.count {
            guard input >= 0 else { return false }
            let ready = try wait(writing: true, timeout: timeout)
            try read(ready, receive)
            if ready.input {
                let (count, code) = bytes.withUnsafeBytes { buffer in
                    Self.write(input, UnsafeRawBufferPointer(rebasing: buffer[sent...]))
                }
                if count >= 0 {
                    sent += count
                } else if code != EAGAIN && code != EINTR {
                    Self.close(&input)
                }
            }
        }
        return true
    }

    /// Says that nothing more comes, reads the rest of the answers and waits for the end.
    func finish(timeout: Double, receive: (UnsafeRawBufferPointer) throws(HumanError) -> Void) throws(HumanError) -> Ending {
        Self.close(&input)
        while output >= 0 { try read(try wait(writing: false, timeout: timeout), receive) }
        let deadline = ContinuousClock.now + .seconds(timeout)
        while ending == nil {
            reap(WNOHANG)
            if ending != nil { break }
            guard ContinuousClock.now < deadline else { throw silence(timeout, "has closed its output and does not end") }
            // Errors are read on, so that a child with much to say can end.
            var polled = [pollfd(fd: errors, events: Int16(POLLIN), revents: 0)]
            poll(&polled, 1, 10)
            readErrors()
        }
        readErrors()
        return ending ?? .exited(0)
    }

    /// Kills the child's whole group and reaps the child; nothing where it has ended.
    func end() {
        Self.close(&input)
        Self.close(&output)
        if ending == nil {
            kill(-pid, SIGKILL)
            kill(pid, SIGKILL)
            reap(0)
        }
        Self.close(&errors)
    }

    private struct Ready {
        var input = false
        var output = false
        var errors = false
    }

    private func wait(writing: Bool, timeout: Double) throws(HumanError) -> Ready {
        let deadline = ContinuousClock.now + .seconds(timeout)
        while true {
            // A descriptor below 0 is passed over.
            var polled = [
                pollfd(fd: writing ? input : -1, events: Int16(POLLOUT), revents: 0), pollfd(fd: output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&polled, 3, 100)
            ChildProcesses.holdIfEnding()
            let ready = polled.map { $0.revents != 0 }
            if ready[2] { readErrors() }
            if count > 0, ready[0] || ready[1] { return Ready(input: ready[0], output: ready[1], errors: ready[2]) }
            guard ContinuousClock.now < deadline else {
                throw silence(timeout, writing ? "takes no frame and answers none" : "answers nothing")
            }
        }
    }

    private func silence(_ timeout: Double, _ what: String) -> HumanError {
        let words = lastWords
        end()
        return .source(
            reason:
                "mask command: \(what) for \(timeout.formatted(.number.grouping(.never))) s and was killed (mask.models.command_timeout)\(words)"
        )
    }

    private func read(_ ready: Ready, _ receive: (UnsafeRawBufferPointer) throws(HumanError) -> Void) throws(HumanError) {
        guard ready.output, output >= 0 else { return }
        let count = buffer.withUnsafeMutableBytes { Glibc.read(output, $0.baseAddress, $0.count) }
        if count > 0 {
            let received = Array(buffer[..<count])
            var failure: HumanError?
            received.withUnsafeBytes { bytes in
                do throws(HumanError) { try receive(bytes) } catch { failure = error }
            }
            if let failure { throw failure }
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
            Self.close(&output)
        }
    }

    private func readErrors() {
        while errors >= 0 {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = Glibc.read(errors, &bytes, bytes.count)
            if count > 0 {
                errorBytes += bytes[..<count]
                if errorBytes.count > 4096 { errorBytes.removeFirst(errorBytes.count - 4096) }
            } else {
                if count == 0 || errno != EAGAIN && errno != EINTR { Self.close(&errors) }
                return
            }
        }
    }

    private func reap(_ flags: Int32) {
        var status: Int32 = 0
        var result = waitpid(pid, &status, flags)
        while result < 0, errno == EINTR { result = waitpid(pid, &status, flags) }
        ChildProcesses.holdIfEnding()
        if result != 0 { ChildProcesses.remove(pid) }
        if result == pid {
            let signal = status & 0x7F
            ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
        } else if result < 0 {
            // Somebody else reaped it; how it ended is not known.
            ending = .exited(-1)
        }
    }

    /// One write; a reader that is gone is an error code here, not the signal that would end this program.
    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> (count: Int, code: Int32) {
        var pipeSignal = sigset_t()
        sigemptyset(&pipeSignal)
        sigaddset(&pipeSignal, SIGPIPE)
        var pending = sigset_t()
        sigpending(&pending)
        let wasPending = sigismember(&pending, SIGPIPE) == 1
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &pipeSignal, &before)
        let count = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        let code = errno
        if count < 0, code == EPIPE, !wasPending {
            var now = timespec(tv_sec: 0, tv_nsec: 0)
            while sigtimedwait(&pipeSignal, nil, &now) < 0, errno == EINTR {}
        }
        pthread_sigmask(SIG_SETMASK, &before, nil)
        return (count, code)
    }

    private static func close(_ descriptor: inout Int32) {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }
}
