internal import Foundation

/// A folder that comes into being whole: written beside its place as `<name>.partial`, then renamed.
struct OutputFolder {
    let destination: URL
    let partial: URL
    private let replaces: Bool

    init(destination: URL, replaces: Bool) throws(DatasetError) {
        self.destination = destination
        self.replaces = replaces
        partial = Self.beside(destination, "partial")
        if FileManager.default.fileExists(atPath: destination.path), !replaces {
            throw .file(path: destination.path, reason: "exists already; remove it, choose another place, or allow replacing")
        }
        do {
            if FileManager.default.fileExists(atPath: partial.path) { try FileManager.default.removeItem(at: partial) }
            try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
        } catch {
            throw .file(path: partial.path, reason: "cannot be made: \(error.localizedDescription)")
        }
    }

    /// `<name>.<suffix>` in the same folder.
    static func beside(_ url: URL, _ suffix: String) -> URL {
        url.deletingLastPathComponent().appendingPathComponent("\(url.lastPathComponent).\(suffix)")
    }

    func write(_ json: JSONValue, to path: String) throws(DatasetError) {
        let url = partial.appendingPathComponent(path)
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((json.encoded() + "\n").utf8).write(to: url)
        } catch {
            throw .file(path: url.path, reason: "cannot be written: \(error.localizedDescription)")
        }
    }

    func commit() throws(DatasetError) { try Self.commit(partial, to: destination, replaces: replaces) }

    /// Renames a complete file or folder into place; an old one there steps aside and is removed after.
    static func commit(_ partial: URL, to destination: URL, replaces: Bool) throws(DatasetError) {
        let files = FileManager.default
        let old = beside(destination, "old")
        do {
            if files.fileExists(atPath: old.path) { try files.removeItem(at: old) }
            if replaces, files.fileExists(atPath: destination.path) { try files.moveItem(at: destination, to: old) }
            try files.moveItem(at: partial, to: destination)
            if files.fileExists(atPath: old.path) { try files.removeItem(at: old) }
        } catch {
            throw .file(
                path: destination.path, reason: "\(partial.lastPathComponent) cannot be put in place: \(error.localizedDescription)")
        }
    }
}
