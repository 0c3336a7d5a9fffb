public import Foundation
#if canImport(Glibc)
    internal import Glibc
#endif

/// Whole-file reading and atomic writing with errors that name the file.
public enum FileBytes {
    /// Largest file that is read whole, bytes: 2 GiB, a table of some ten million rows.
    public static let largest = 1 << 31

    /// A file's bytes. A folder, a pipe that nobody may ever write to, and a file too large to be read whole are errors.
    public static func read(_ url: URL) throws(SessionError) -> [UInt8] {
        try check(url)
        guard let data = FileManager.default.contents(atPath: url.path) else {
            throw .file(path: url.path, reason: FileManager.default.fileExists(atPath: url.path) ? "cannot be read" : "does not exist")
        }
        return [UInt8](data)
    }

    /// The first bytes of a file, for telling what it is; none where it cannot be read.
    public static func prefix(_ url: URL, count: Int) -> [UInt8] {
        guard (try? check(url)) != nil, let file = try? FileHandle(forReadingFrom: url) else { return [] }
        defer { try? file.close() }
        return [UInt8]((try? file.read(upToCount: count)) ?? Data())
    }

    private static func check(_ url: URL) throws(SessionError) {
        var found = stat()
        guard stat(url.path, &found) == 0 else { return }
        switch found.st_mode & S_IFMT {
        case S_IFREG where Int(found.st_size) > largest:
            throw .file(path: url.path, reason: "has \(found.st_size) bytes; up to \(largest) are read")
        case S_IFREG, S_IFCHR: return
        case S_IFDIR: throw .file(path: url.path, reason: "is a folder, a file is expected")
        // A shell's `<(command)` is a pipe too, with a writer.
        case S_IFIFO where url.path.hasPrefix("/dev/fd/") || url.path.hasPrefix("/proc/"): return
        default: throw .file(path: url.path, reason: "is no regular file (a pipe, a socket or a device)")
        }
    }

    /// A text file's bytes as UTF-8, without the byte-order mark that Windows programs put first; UTF-16 is refused by name.
    public static func readText(_ url: URL) throws(SessionError) -> [UInt8] { try text(read(url), path: url.path) }

    /// Bytes of a text file without its byte-order mark.
    public static func text(_ bytes: [UInt8], path: String) throws(SessionError) -> [UInt8] {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(bytes.dropFirst(3)) }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw .format(path: path, location: "byte 0", reason: "the text is UTF-16; save it as UTF-8")
        }
        return bytes
    }

    /// Makes the folder too. The file is there whole or not at all.
    public static func write(_ bytes: [UInt8], to url: URL) throws(SessionError) {
        let folder = url.deletingLastPathComponent()
        // Always under one name: what a killed run leaves there goes when the file is written after all.
        let partial = folder.appendingPathComponent(".\(url.lastPathComponent).partial")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: partial)
        } catch {
            unlink(partial.path)
            throw .file(path: url.path, reason: "cannot be written: \(error.localizedDescription)")
        }
        guard rename(partial.path, url.path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(partial.path)
            throw .file(path: url.path, reason: "cannot be written: \(reason)")
        }
    }

    public static func write(_ text: String, to url: URL) throws(SessionError) { try write(Array(text.utf8), to: url) }
}
