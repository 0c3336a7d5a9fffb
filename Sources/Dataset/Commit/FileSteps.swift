internal import CNative
internal import Foundation
internal import Glibc
internal import Synchronization

/// The changes to the file system that put a data set in its place: each is one system call, and a kill falls between two of them.
enum FileSteps {
    /// Stops a test's run before a step; nil elsewhere.
    @TaskLocal static var limit: StepLimit?
    /// Whether a test plays a file system that cannot exchange two names.
    @TaskLocal static var cannotExchange = false

    private static func step(_ path: String, _ what: String, _ call: () -> Int32) throws(DatasetError) {
        try limit?.take(path)
        guard call() == 0 else { throw .file(path: path, reason: "\(what): \(String(cString: strerror(errno)))") }
    }

    // MARK: What is there

    /// A link that leads nowhere is something too.
    static func exists(_ url: URL) -> Bool { mode(url) != nil }

    static func isFolder(_ url: URL) -> Bool { mode(url).map { $0 & S_IFMT == S_IFDIR } ?? false }

    static func isRegularFile(_ url: URL) -> Bool { mode(url).map { $0 & S_IFMT == S_IFREG } ?? false }

    static func isLink(_ url: URL) -> Bool { mode(url).map { $0 & S_IFMT == S_IFLNK } ?? false }

    /// Of what stands at the path itself: links are not followed.
    private static func mode(_ url: URL) -> mode_t? {
        var found = stat()
        return lstat(url.path, &found) == 0 ? found.st_mode : nil
    }

    /// Names in a folder, sorted.
    static func names(in folder: URL) throws(DatasetError) -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() } catch {
            throw .file(path: folder.path, reason: "cannot be listed: \(error.localizedDescription)")
        }
    }

    // MARK: Steps

    /// Makes a folder; one that is there already is taken.
    static func makeFolder(_ url: URL) throws(DatasetError) {
        try step(url.path, "cannot be made") { mkdir(url.path, 0o777) == 0 || errno == EEXIST && isFolder(url) ? 0 : -1 }
    }

    /// Renames; with `.new` and `.exchange` see `gt_rename`. A file system that cannot exchange gives false, and nothing has changed.
    @discardableResult
    static func rename(_ from: URL, to target: URL, _ mode: RenameMode = .new) throws(DatasetError) -> Bool {
        try limit?.take(target.path)
        var status = gt_status()
        if mode == .exchange, cannotExchange {
            status.code = Int32(GT_UNSUPPORTED)
        } else {
            status = gt_rename(from.path, target.path, mode.rawValue)
        }
        if status.code == Int32(GT_UNSUPPORTED) {
            guard mode == .new else { return false }
            // Without that mode: look first. Whoever writes here holds the lock of the staging folder.
            guard !exists(target) else { throw .file(path: target.path, reason: "exists already") }
            status = gt_rename(from.path, target.path, RenameMode.replace.rawValue)
        }
        guard status.code == Int32(GT_OK) else {
            throw .file(path: target.path, reason: "\(from.path) cannot be put here: \(message(of: status))")
        }
        return true
    }

    enum RenameMode: Int32 {
        case replace = 0
        case new = 1
        case exchange = 2
    }

    /// Writes a small file and makes it last.
    static func write(_ bytes: [UInt8], to url: URL) throws(DatasetError) {
        try step(url.path, "cannot be written") {
            let file = open(url.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
            guard file >= 0 else { return -1 }
            defer { close(file) }
            return Glibc.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0 ? 0 : -1
        }
    }

    static func removeFile(_ url: URL) throws(DatasetError) { try step(url.path, "cannot be removed") { unlink(url.path) } }

    static func removeFolder(_ url: URL) throws(DatasetError) { try step(url.path, "cannot be removed") { rmdir(url.path) } }

    /// Removes a file, a link or a folder with all that is in it; links are not followed.
    static func removeTree(_ url: URL) throws(DatasetError) {
        guard isFolder(url) else { return try removeFile(url) }
        for name in try names(in: url) { try removeTree(url.appendingPathComponent(name)) }
        try removeFolder(url)
    }

    /// The same tree of files as hard links, which cost no space and no time; copies where the file system has none. `target` must not
    /// exist.
    ///
    /// A data set that is written on must hold its files itself: a link in it would be written through, so it is refused.
    static func linkTree(_ source: URL, to target: URL) throws(DatasetError) {
        if isFolder(source) {
            try makeFolder(target)
            for name in try names(in: source) {
                try linkTree(source.appendingPathComponent(name), to: target.appendingPathComponent(name))
            }
            return
        }
        guard isRegularFile(source) else {
            throw .file(
                path: source.path, reason: "is \(isLink(source) ? "a link" : "no file"): a data set that grows holds its files itself")
        }
        try limit?.take(target.path)
        guard link(source.path, target.path) != 0 else { return }
        do { try FileManager.default.copyItem(at: source, to: target) } catch {
            throw .file(path: target.path, reason: "\(source.path) cannot be copied here: \(error.localizedDescription)")
        }
    }

    /// Makes the tree's new files and folders last through a loss of power; what is linked from elsewhere has been made so before.
    static func sync(_ url: URL) throws(DatasetError) {
        if isFolder(url) { for name in try names(in: url) { try sync(url.appendingPathComponent(name)) } }
        var found = stat()
        guard lstat(url.path, &found) == 0, found.st_mode & S_IFMT == S_IFDIR || found.st_mode & S_IFMT == S_IFREG && found.st_nlink == 1
        else { return }
        try syncOne(url)
    }

    /// Makes a file, or which names a folder holds, last.
    static func syncOne(_ url: URL) throws(DatasetError) {
        let file = open(url.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw .file(path: url.path, reason: "cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        // A file system that cannot (EINVAL) has nothing to offer; a disk that fails must be said.
        guard fsync(file) == 0 || errno == EINVAL else {
            throw .file(path: url.path, reason: "cannot be written to disk: \(String(cString: strerror(errno)))")
        }
    }
}

/// Plays a kill: after `count` steps nothing happens any more.
final class StepLimit: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    var isReached: Bool { left.withLock { $0 <= 0 } }

    fileprivate func take(_ path: String) throws(DatasetError) {
        let runs = left.withLock {
            $0 -= 1
            return $0 >= 0
        }
        guard runs else { throw .file(path: path, reason: "the run was killed before this step") }
    }
}
