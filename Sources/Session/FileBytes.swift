public import Foundation

/// Whole-file reading and atomic writing with errors that name the file.
public enum FileBytes {
    public static func read(_ url: URL) throws(SessionError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: url.path) else {
            throw .file(path: url.path, reason: FileManager.default.fileExists(atPath: url.path) ? "cannot be read" : "does not exist")
        }
        return [UInt8](data)
    }

    public static func write(_ bytes: [UInt8], to url: URL) throws(SessionError) {
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url, options: .atomic)
        } catch {
            throw .file(path: url.path, reason: "cannot be written: \(error.localizedDescription)")
        }
    }

    public static func write(_ text: String, to url: URL) throws(SessionError) { try write(Array(text.utf8), to: url) }
}
