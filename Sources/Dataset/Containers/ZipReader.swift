internal import Foundation

/// Reads a zip archive's directory, and its stored entries one at a time. Zip64 is understood; compressed entries are listed but not read.
final class ZipReader {
    struct Entry {
        var name: String
        var isStored: Bool
        var checksum: UInt32
        var size: UInt64
        var offset: UInt64
    }

    let path: String
    private let file: FileHandle
    /// In the directory's order.
    let entries: [Entry]
    /// Where the directory begins, that is where the entries end.
    let directoryOffset: UInt64
    private let byName: [String: Int]

    init(path: String) throws(DatasetError) {
        self.path = path
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .file(path: path, reason: FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist")
        }
        self.file = file
        (entries, directoryOffset) = try Self.directory(of: file, path: path)
        var byName: [String: Int] = [:]
        for (i, entry) in entries.enumerated() { byName[entry.name] = i }
        self.byName = byName
    }

    deinit { try? file.close() }

    func entry(_ name: String) -> Entry? { byName[name].map { entries[$0] } }

    /// The bytes of a stored entry, its checksum verified.
    func bytes(_ name: String) throws(DatasetError) -> [UInt8] {
        guard let entry = entry(name) else { throw .format(path: path, location: name, reason: "is missing") }
        guard entry.isStored else { throw .format(path: path, location: name, reason: "is compressed; UMI's reader needs stored entries") }
        let header = try Self.read(file, at: entry.offset, count: 30, path: path)
        guard header.u32(0) == 0x0403_4B50 else { throw .format(path: path, location: name, reason: "the entry's header is broken") }
        let start = entry.offset + 30 + UInt64(header.u16(26)) + UInt64(header.u16(28))
        let bytes = try Self.read(file, at: start, count: Int(entry.size), path: path)
        guard CRC32.of(bytes) == entry.checksum else {
            throw .format(path: path, location: name, reason: "the checksum does not fit: the file is damaged")
        }
        return bytes
    }

    private static func read(_ file: FileHandle, at offset: UInt64, count: Int, path: String) throws(DatasetError) -> [UInt8] {
        do {
            try file.seek(toOffset: offset)
            let data = try file.read(upToCount: count) ?? Data()
            guard data.count == count || count == 0 else {
                throw DatasetError.format(path: path, location: "byte \(offset)", reason: "the archive ends early")
            }
            return [UInt8](data)
        } catch let error as DatasetError {
            throw error
        } catch {
            throw .file(path: path, reason: "cannot be read at byte \(offset): \(error.localizedDescription)")
        }
    }

    private static func directory(of file: FileHandle, path: String) throws(DatasetError) -> ([Entry], UInt64) {
        let size: UInt64
        do { size = try file.seekToEnd() } catch { throw .file(path: path, reason: "cannot be read: \(error.localizedDescription)") }
        let none = DatasetError.format(path: path, location: "end of file", reason: "no zip directory: not a zip archive, or cut short")
        let tailCount = Int(min(size, 22 + 65_535))
        let tail = try read(file, at: size - UInt64(tailCount), count: tailCount, path: path)
        guard tailCount >= 22, let end = (0...(tailCount - 22)).last(where: { tail.u32($0) == 0x0605_4B50 }) else { throw none }
        var count = UInt64(tail.u16(end + 10))
        var length = UInt64(tail.u32(end + 12))
        var start = UInt64(tail.u32(end + 16))
        if end >= 20, tail.u32(end - 20) == 0x0706_4B50 {
            let at = tail.u64(end - 12)
            guard size >= 56, at <= size - 56 else { throw none }
            let record = try read(file, at: at, count: 56, path: path)
            guard record.u32(0) == 0x0606_4B50 else { throw none }
            count = record.u64(32)
            length = record.u64(40)
            start = record.u64(48)
        }
        guard start <= size, length <= size - start else { throw none }
        let bytes = try read(file, at: start, count: Int(length), path: path)
        var entries: [Entry] = []
        var at = 0
        while UInt64(entries.count) < count {
            guard at + 46 <= bytes.count, bytes.u32(at) == 0x0201_4B50 else { throw none }
            let nameCount = Int(bytes.u16(at + 28))
            let extraCount = Int(bytes.u16(at + 30))
            let next = at + 46 + nameCount + extraCount + Int(bytes.u16(at + 32))
            guard next <= bytes.count else { throw none }
            var entry = Entry(
                name: String(decoding: bytes[(at + 46)..<(at + 46 + nameCount)], as: UTF8.self), isStored: bytes.u16(at + 10) == 0,
                checksum: bytes.u32(at + 16), size: UInt64(bytes.u32(at + 24)), offset: UInt64(bytes.u32(at + 42)))
            widen(&entry, compressed: bytes.u32(at + 20), extra: Array(bytes[(at + 46 + nameCount)..<(at + 46 + nameCount + extraCount)]))
            guard entry.offset <= size, entry.size <= size else { throw none }
            // A folder's own entry ends in a slash.
            let name = entry.name.hasSuffix("/") ? String(entry.name.dropLast()) : entry.name
            try SafePath.check(name, file: path, location: "entry \(entries.count) of the zip directory")
            entries.append(entry)
            at = next
        }
        return (entries, start)
    }

    /// Takes 64-bit numbers from the Zip64 field where the 32-bit ones say so.
    private static func widen(_ entry: inout Entry, compressed: UInt32, extra: [UInt8]) {
        var at = 0
        while at + 4 <= extra.count {
            let length = Int(extra.u16(at + 2))
            guard at + 4 + length <= extra.count else { return }
            if extra.u16(at) == 1 {
                var field = at + 4
                let end = field + length
                if entry.size == 0xFFFF_FFFF, field + 8 <= end {
                    entry.size = extra.u64(field)
                    field += 8
                }
                if compressed == 0xFFFF_FFFF { field += 8 }
                if entry.offset == 0xFFFF_FFFF, field + 8 <= end { entry.offset = extra.u64(field) }
            }
            at += 4 + length
        }
    }
}

extension [UInt8] {
    func u16(_ at: Int) -> UInt16 { UInt16(self[at]) | UInt16(self[at + 1]) << 8 }
    func u32(_ at: Int) -> UInt32 { UInt32(u16(at)) | UInt32(u16(at + 2)) << 16 }
    func u64(_ at: Int) -> UInt64 { UInt64(u32(at)) | UInt64(u32(at + 4)) << 32 }
}
