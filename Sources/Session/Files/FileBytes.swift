public import Foundation
#if canImport(Glibc)
    internal import Glibc
#endif

/// Whole-file reading and atomic writing with errors that name the file.
public enum FileBytes {
    public static func read(_ url: URL) throws(SessionError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: url.path) else {
            throw .file(path: url.path, reason: FileManager.default.fileExists(atPath: url.path) ? "cannot be read" : "does not exist")
        }
        return [UInt8](data)
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
