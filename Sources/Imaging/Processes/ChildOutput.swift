internal import Foundation
internal import Session

#if canImport(Glibc)
    internal import Glibc
#endif

/// What a command writes to its standard output, read as it is asked for; nothing is written to it.
///
/// What it writes to standard error is kept in part, for messages. It is killed and reaped at the latest when this object goes.
final class ChildOutput {
    /// Of the file that the command reads, for messages.
    private let path: String
    private let timeout: Double
    private let process: Int32
    private var output: Int32
    private var errors: Int32
    private var isReaped = false
    private var errorBytes: [UInt8] = []
    private var buffer: [UInt8] = []
    private var next = 0

    /// - Parameter timeout: longest silence before it is taken to hang and killed, seconds.
    init(command: String, path: String, timeout: Double) throws(ImagingError) {
        let started: ChildStart
        do { started = try ChildStart(command: command) } catch { throw .file(path: path, reason: "\(error)") }
        (self.path, self.timeout) = (path, timeout)
        (process, output, errors) = (started.process, started.output, started.errors)
        _ = close(started.input)
    }

    deinit { end() }

    /// The next bytes; fewer where the command ends before.
    func read(_ count: Int) throws(ImagingError) -> [UInt8] {
        var out = [UInt8](buffer[next..<min(buffer.count, next + count)])
        next += out.count
        out.reserveCapacity(count)
        while out.count < count, try fill() {
            let taken = min(count - out.count, buffer.count)
            out += buffer[..<taken]
            next = taken
        }
        return out
    }

    /// Bytes up to the next line end, without it; nil where there is none within `limit` bytes.
    func line(limit: Int = 1 << 20) throws(ImagingError) -> [UInt8]? {
        var out: [UInt8] = []
        while out.count <= limit {
            if next == buffer.count { guard try fill() else { return nil } }
            if let end = buffer[next...].firstIndex(of: 10) {
                out += buffer[next..<end]
                next = end + 1
                return out
            }
            out += buffer[next...]
            next = buffer.count
        }
        return nil
    }

    /// What it said last, for a message; empty if nothing.
    var lastWords: String {
        let text = String(decoding: errorBytes, as: UTF8.self).split(whereSeparator: \.isNewline).joined(separator: " | ")
        return text.isEmpty ? "" : "; it said: \(text.suffix(300))"
    }

    /// Kills the command's whole group and reaps it.
    func end() {
        for descriptor in [output, errors] where descriptor >= 0 { _ = close(descriptor) }
        (output, errors) = (-1, -1)
        guard !isReaped else { return }
        isReaped = true
        kill(-process, SIGKILL)
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        ChildProcesses.holdIfEnding()
        ChildProcesses.remove(process)
    }

    /// Reads more into the buffer, all of which was handed out; false at the end.
    private func fill() throws(ImagingError) -> Bool {
        let deadline = ContinuousClock.now + .seconds(timeout)
        while output >= 0 {
            var polled = [
                pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
            ]
            poll(&polled, 2, 100)
            ChildProcesses.holdIfEnding()
            if polled[1].revents != 0 { readErrors() }
            guard polled[0].revents != 0 else {
                guard ContinuousClock.now < deadline else {
                    let words = lastWords
                    end()
                    throw .file(
                        path: path, reason: "its reader gave nothing for \(min(max(timeout, 0), 1e6).fixed(0)) s and was ended\(words)")
                }
                continue
            }
            if buffer.count != Self.size { buffer = [UInt8](repeating: 0, count: Self.size) }
            let count = buffer.withUnsafeMutableBytes { Glibc.read(output, $0.baseAddress, $0.count) }
            if count > 0 {
                buffer.removeSubrange(count...)
                next = 0
                return true
            }
            if count == 0 || errno != EAGAIN && errno != EINTR {
                _ = close(output)
                output = -1
            }
        }
        readErrors()
        (buffer, next) = ([], 0)
        return false
    }

    private static let size = 1 << 16

    private func readErrors() {
        while errors >= 0 {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = Glibc.read(errors, &bytes, bytes.count)
            if count > 0 {
                errorBytes += bytes[..<count]
                if errorBytes.count > 4096 { errorBytes.removeFirst(errorBytes.count - 4096) }
            } else {
                if count == 0 || errno != EAGAIN && errno != EINTR {
                    _ = close(errors)
                    errors = -1
                }
                return
            }
        }
    }
}
