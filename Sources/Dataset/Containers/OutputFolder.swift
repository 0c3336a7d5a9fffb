internal import Foundation

/// A folder that comes into being whole: written beside its place as `<name>.partial`, then renamed.
struct OutputFolder {
    let destination: URL
    let partial: URL
    /// The folder holds what stood at the destination, to which more is added.
    let isGrowing: Bool

    init(destination: URL, existing: ExistingDataset) throws(DatasetError) {
        self.destination = destination
        partial = Self.beside(destination, "partial")
        let files = FileManager.default
        try Self.recover(destination)
        let exists = files.fileExists(atPath: destination.path)
        isGrowing = exists && existing == .append
        if exists, existing == .refuse { throw Self.refusal(destination) }
        do {
            if files.fileExists(atPath: partial.path) { try files.removeItem(at: partial) }
            try files.createDirectory(at: partial, withIntermediateDirectories: true)
            if isGrowing { try Self.link(destination, into: partial) }
        } catch {
            throw .file(path: partial.path, reason: "cannot be made: \(error.localizedDescription)")
        }
    }

    static func refusal(_ destination: URL) -> DatasetError {
        .file(path: destination.path, reason: "exists already; remove it, choose another place, or allow replacing or appending")
    }

    /// Puts back a data set that a killed run had moved aside and not yet replaced.
    static func recover(_ destination: URL) throws(DatasetError) {
        let files = FileManager.default
        let old = beside(destination, "old")
        guard !files.fileExists(atPath: destination.path), files.fileExists(atPath: old.path) else { return }
        do { try files.moveItem(at: old, to: destination) } catch {
            throw .file(path: old.path, reason: "cannot be put back: \(error.localizedDescription)")
        }
    }

    /// The same tree of files as hard links, which cost no space and no time; copies where the file system has none.
    private static func link(_ source: URL, into target: URL) throws {
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: source.path).sorted() {
            let from = source.appendingPathComponent(name)
            let to = target.appendingPathComponent(name)
            var isFolder: ObjCBool = false
            guard files.fileExists(atPath: from.path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                try files.createDirectory(at: to, withIntermediateDirectories: true)
                try link(from, into: to)
            } else {
                do { try files.linkItem(at: from, to: to) } catch { try files.copyItem(at: from, to: to) }
            }
        }
    }

    /// Makes way for a file that is to be written whole: a linked one must not be written through, it is the old data set's too.
    func clear(_ path: String) throws(DatasetError) {
        let url = partial.appendingPathComponent(path)
        guard FileManager.default.fileExists(atPath: url.path) else { return }
        do { try FileManager.default.removeItem(at: url) } catch {
            throw .file(path: url.path, reason: "cannot be removed: \(error.localizedDescription)")
        }
    }

    /// `<name>.<suffix>` in the same folder.
    static func beside(_ url: URL, _ suffix: String) -> URL {
        url.deletingLastPathComponent().appendingPathComponent("\(url.lastPathComponent).\(suffix)")
    }

    func write(_ json: JSONValue, to path: String) throws(DatasetError) { try write(Array((json.encoded() + "\n").utf8), to: path) }

    func write(_ bytes: [UInt8], to path: String) throws(DatasetError) {
        let url = partial.appendingPathComponent(path)
        try clear(path)
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        } catch {
            throw .file(path: url.path, reason: "cannot be written: \(error.localizedDescription)")
        }
    }

    func discard() throws(DatasetError) {
        do { try FileManager.default.removeItem(at: partial) } catch {
            throw .file(path: partial.path, reason: "cannot be removed: \(error.localizedDescription)")
        }
    }

    func commit() throws(DatasetError) { try Self.commit(partial, to: destination) }

    /// Renames a complete file or folder into place; an old one there steps aside and is removed after.
    static func commit(_ partial: URL, to destination: URL) throws(DatasetError) {
        let files = FileManager.default
        let old = beside(destination, "old")
        do {
            if files.fileExists(atPath: old.path) { try files.removeItem(at: old) }
            if files.fileExists(atPath: destination.path) { try files.moveItem(at: destination, to: old) }
            try files.moveItem(at: partial, to: destination)
            if files.fileExists(atPath: old.path) { try files.removeItem(at: old) }
        } catch {
            throw .file(
                path: destination.path, reason: "\(partial.lastPathComponent) cannot be put in place: \(error.localizedDescription)")
        }
    }
}
