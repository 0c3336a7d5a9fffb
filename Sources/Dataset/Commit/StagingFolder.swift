internal import Foundation
internal import Glibc
internal import Imaging

/// The hidden folder `.griptrace-<name>` beside a data set in which its next version comes into being, and from which it is put in place.
///
///     .griptrace-lerobot/marker.json   says that the folder is this program's and what it is of; without it nothing here is touched
///     .griptrace-lerobot/new           what is being written; after the exchange, for a moment, what stood there before
///     .griptrace-lerobot/old           what stood there, on file systems that cannot exchange two names
///     .griptrace-lerobot/trash         on its way to be removed; a half-removed tree is never taken for a data set
///
/// The swap is one system call (a rename, or an exchange of two names), made after files and folders have been written to disk. Where a
/// file system cannot exchange, there are two, and a run killed between them is recognised: both `new` and `old` are there and the data set
/// is not; then `old` is put back. The folder is locked while it is in use, so that of two runs the second is refused; a killed run's lock
/// is gone.
final class StagingFolder {
    static let format = "griptrace.staging.v1"

    /// Where the data set will stand; a link there has been followed.
    let destination: URL
    let url: URL
    /// Whether something stands there that is to be replaced or to grow.
    private(set) var hasExisting = false
    private var lock: Int32 = -1

    /// What is being written: a folder or a file, which its writer makes.
    var new: URL { url.appendingPathComponent("new") }
    private var old: URL { url.appendingPathComponent("old") }
    private var trash: URL { url.appendingPathComponent("trash") }
    private var marker: URL { url.appendingPathComponent("marker.json") }
    private var unfinishedMarker: URL { url.appendingPathComponent("marker.json.new") }

    /// Makes the folder, and those above it, or takes up what a killed run left of it. What must not stand at the destination is refused.
    init(for destination: URL, existing: ExistingDataset) throws(DatasetError) {
        self.destination = Self.resolved(destination)
        url = Self.place(for: self.destination)
        // What is refused anyway is refused before anything is made.
        if !FileSteps.exists(url) { _ = try Self.check(self.destination, existing) }
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            throw .file(path: url.deletingLastPathComponent().path, reason: "cannot be made: \(error.localizedDescription)")
        }
        do {
            try open()
            try settle()
        } catch {
            release()
            throw error
        }
        do { hasExisting = try Self.check(self.destination, existing) } catch {
            discard()
            throw error
        }
    }

    /// Whether something stands at the destination; refuses what must not be there, and what this program did not write.
    private static func check(_ destination: URL, _ existing: ExistingDataset) throws(DatasetError) -> Bool {
        guard FileSteps.exists(destination) else { return false }
        switch existing {
        case .refuse:
            throw .file(path: destination.path, reason: "exists already; remove it, choose another place, or allow replacing or appending")
        case .replace where DatasetProvenance.read(destination) == nil:
            throw .file(
                path: destination.path,
                reason: "is no data set that this program wrote: it is not replaced; remove it, or choose another place")
        case .replace, .append:
            return true
        }
    }

    /// A run that fails leaves no more behind than one that is killed, and less where it can.
    deinit { discard() }

    /// Puts in order what a killed run left beside `destination`; nothing happens where there is nothing of this program's.
    static func settle(_ destination: URL) throws(DatasetError) {
        let destination = resolved(destination)
        let url = place(for: destination)
        guard FileSteps.isFolder(url), try isOurs(url, of: destination) else { return }
        try StagingFolder(for: destination, existing: .append).close()
    }

    /// The data set's own place, where `destination` is a link to it.
    private static func resolved(_ destination: URL) -> URL {
        FileSteps.isLink(destination) ? destination.resolvingSymlinksInPath() : destination.standardizedFileURL
    }

    /// Beside the data set, hence on its file system. A name that would become too long is abridged to its hash.
    static func place(for destination: URL) -> URL {
        let name = ".griptrace-\(destination.lastPathComponent)"
        let short = name.utf8.count <= 255 ? name : ".griptrace-\(SHA256.hex(of: destination.lastPathComponent))"
        return destination.deletingLastPathComponent().appendingPathComponent(short, isDirectory: true)
    }

    // MARK: Marker and lock

    private static func markerText(of destination: URL) -> [UInt8] {
        let text = JSONValue.object([("format", .string(format)), ("of", .string(destination.lastPathComponent))])
        return Array((text.encoded() + "\n").utf8)
    }

    /// Whether the folder bears this data set's marker, or is what a run leaves that is killed while it makes or removes one.
    private static func isOurs(_ url: URL, of destination: URL) throws(DatasetError) -> Bool {
        let expected = markerText(of: destination)
        let names = try FileSteps.names(in: url)
        let marker = url.appendingPathComponent("marker.json")
        if names.contains("marker.json") {
            return FileSteps.isRegularFile(marker) && (FileManager.default.contents(atPath: marker.path)).map { [UInt8]($0) } == expected
        }
        let unfinished = url.appendingPathComponent("marker.json.new")
        guard names.isEmpty || names == ["marker.json.new"] && FileSteps.isRegularFile(unfinished) else { return false }
        return names.isEmpty || expected.starts(with: FileManager.default.contents(atPath: unfinished.path) ?? Data())
    }

    private func open() throws(DatasetError) {
        for _ in 0..<8 {
            try FileSteps.makeFolder(url)
            lock = Glibc.open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            // Another run may have removed it, being done.
            if lock < 0, errno == ENOENT { continue }
            guard lock >= 0 else { throw .file(path: url.path, reason: "cannot be opened: \(String(cString: strerror(errno)))") }
            if flock(lock, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                release()
                throw .file(path: destination.path, reason: "another run is writing it; wait for that, or choose another place")
            }
            var (held, there) = (stat(), stat())
            guard fstat(lock, &held) == 0, stat(url.path, &there) == 0, held.st_ino == there.st_ino, held.st_dev == there.st_dev else {
                release()
                continue
            }
            guard try Self.isOurs(url, of: destination) else {
                throw .file(
                    path: url.path, reason: "is in the way and not of this program: rename it, or choose another place for the data set")
            }
            guard !FileSteps.exists(marker) else { return }
            try FileSteps.write(Self.markerText(of: destination), to: unfinishedMarker)
            try FileSteps.rename(unfinishedMarker, to: marker)
            return
        }
        throw .file(path: url.path, reason: "is made and removed by another run all the time")
    }

    private func release() {
        if lock >= 0 { Glibc.close(lock) }
        lock = -1
    }

    // MARK: What a killed run left

    /// Puts the data set back where a run was killed between two renames; sweeps everything else.
    private func settle() throws(DatasetError) {
        if FileSteps.exists(trash) { try FileSteps.removeTree(trash) }
        if FileSteps.exists(old), FileSteps.exists(new) {
            guard !FileSteps.exists(destination) else {
                throw .file(
                    path: destination.path,
                    reason: "stands where \(old.path) was to be put back after a run was killed; move one of them away")
            }
            try FileSteps.rename(old, to: destination)
        }
        // Alone, what is called old was replaced for good, and what is called new was never whole or has been replaced.
        for rest in [old, new] where FileSteps.exists(rest) { try throwAway(rest) }
    }

    private func throwAway(_ url: URL) throws(DatasetError) {
        try FileSteps.rename(url, to: trash)
        try FileSteps.removeTree(trash)
    }

    /// Removes the folder, which holds nothing but its marker any more.
    private func close() throws(DatasetError) {
        defer { release() }
        guard try FileSteps.names(in: url) == [marker.lastPathComponent] else { return }
        try FileSteps.removeFile(marker)
        try FileSteps.removeFolder(url)
    }

    /// Gives up what is being written. What cannot be removed goes with the next run.
    func discard() {
        guard lock >= 0 else { return }
        defer { release() }
        try? settle()
        try? close()
    }

    /// Puts what has been written in its place; what stood there is removed after.
    func commit() throws(DatasetError) {
        try FileSteps.sync(new)
        try FileSteps.syncOne(url)
        if !FileSteps.exists(destination) {
            try FileSteps.rename(new, to: destination)
        } else if FileSteps.isRegularFile(new), FileSteps.isRegularFile(destination) {
            try FileSteps.rename(new, to: destination, .replace)
        } else if try !FileSteps.rename(new, to: destination, .exchange) {
            try FileSteps.rename(destination, to: old)
            try FileSteps.rename(new, to: destination)
        }
        try? FileSteps.syncOne(destination.deletingLastPathComponent())
        try? FileSteps.syncOne(url)
        // The data set is in its place: what cannot be removed now goes with the next run.
        discard()
    }
}
