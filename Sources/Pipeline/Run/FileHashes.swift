internal import Foundation
internal import Glibc
internal import Imaging
internal import Synchronization

/// Hashes of the files that a run reads, each taken once as long as the file stands unchanged.
final class FileHashes: Sendable {
    /// What changes when a file is written to or replaced; nobody but the system sets the change time.
    private struct Signature: Equatable {
        var device: UInt
        var inode: UInt
        var size: Int
        var changedSeconds: Int
        var changedNanoseconds: Int
    }

    private let known = Mutex<[String: (signature: Signature, hash: String)]>([:])

    /// The same of a recording: over its chapters where it has more than one.
    func hash(of file: RecordingFile) throws -> String { SHA256.joined(try file.urls.map { try hash(of: $0) }) }

    /// SHA-256 of a file, or over the names and hashes of all files of a folder.
    func hash(of url: URL) throws -> String {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
            var lines: [String] = []
            for name in (FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []).sorted() {
                let file = url.appendingPathComponent(name)
                var isInner: ObjCBool = false
                if FileManager.default.fileExists(atPath: file.path, isDirectory: &isInner), !isInner.boolValue {
                    lines.append("\(name) \(try self.hash(of: file))")
                }
            }
            return SHA256.hex(of: lines.joined(separator: "\n"))
        }
        let before = Self.signature(url)
        if let before, let entry = known.withLock({ $0[url.path] }), entry.signature == before { return entry.hash }
        let hash = try SHA256.hex(ofFile: url)
        // Only a file that stood still while it was hashed is remembered.
        if let before, before == Self.signature(url) { known.withLock { $0[url.path] = (before, hash) } }
        return hash
    }

    private static func signature(_ url: URL) -> Signature? {
        var s = stat()
        guard stat(url.path, &s) == 0 else { return nil }
        return Signature(
            device: UInt(s.st_dev), inode: UInt(s.st_ino), size: Int(s.st_size), changedSeconds: s.st_ctim.tv_sec,
            changedNanoseconds: s.st_ctim.tv_nsec)
    }
}

extension SHA256 {
    /// One hash for several: the hash itself where there is but one.
    static func joined(_ hashes: [String]) -> String { hashes.count == 1 ? hashes[0] : hex(of: hashes.joined(separator: "\n")) }
}
