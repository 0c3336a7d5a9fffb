internal import Foundation
internal import Glibc

/// Writes a zip archive of stored (uncompressed) entries straight to a file, Zip64 where sizes, offsets or counts need it.
///
/// libzip keeps every entry until the archive is closed; this holds only the directory (about 80 bytes an entry), so that memory does not
/// grow with the pictures. Every entry bears the date 1980-01-01, so that the same entries give the same bytes. Format: PKWARE APPNOTE
/// 6.3.10.
final class ZipWriter {
    let path: String
    private let file: OutputFile
    private(set) var offset: UInt64 = 0
    private var directory: [UInt8] = []
    private var count: UInt64 = 0

    /// A place to go back to.
    struct Mark {
        fileprivate var offset: UInt64
        fileprivate var directory: Int
        fileprivate var count: UInt64
    }

    init(path: String) throws(DatasetError) {
        self.path = path
        file = try OutputFile(path: path)
    }

    /// Copies an archive to `path` and goes on after its last entry; entries for which `drops` holds are left out of the directory (their
    /// bytes stay where they are).
    init(path: String, continuing source: String, drops: (String) -> Bool) throws(DatasetError) {
        let reader = try ZipReader(path: source)
        self.path = path
        do {
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
            try FileManager.default.copyItem(atPath: source, toPath: path)
        } catch {
            throw .file(path: path, reason: "\(source) cannot be copied here: \(error.localizedDescription)")
        }
        file = try OutputFile(path: path, mode: "r+b")
        offset = reader.directoryOffset
        try file.truncate(to: offset)
        for entry in reader.entries where !drops(entry.name) {
            guard entry.isStored else {
                throw .format(path: source, location: entry.name, reason: "is compressed; UMI's reader needs stored entries")
            }
            register(entry.name, checksum: entry.checksum, size: Int(entry.size), at: entry.offset)
        }
    }

    /// Adds an entry. Names are not checked for repetition.
    func add(_ name: String, _ bytes: [UInt8]) throws(DatasetError) {
        let checksum = CRC32.of(bytes)
        let large = bytes.count >= 0xFFFF_FFFF
        var header: [UInt8] = []
        header.put32(0x0403_4B50)
        header += Self.common(checksum: checksum, size: bytes.count, large: large, name: name, extra: large ? 20 : 0)
        header += Array(name.utf8)
        if large {
            header.put16(1)
            header.put16(16)
            header.put64(UInt64(bytes.count))
            header.put64(UInt64(bytes.count))
        }
        try file.write(header)
        try file.write(bytes)
        register(name, checksum: checksum, size: bytes.count, at: offset)
        offset += UInt64(header.count + bytes.count)
    }

    /// Adds an entry to the directory.
    private func register(_ name: String, checksum: UInt32, size: Int, at offset: UInt64) {
        let large = size >= 0xFFFF_FFFF
        let far = offset >= 0xFFFF_FFFF
        let extra = (large ? 16 : 0) + (far ? 8 : 0)
        directory.put32(0x0201_4B50)
        directory.put16(0x032D)
        directory += Self.common(checksum: checksum, size: size, large: large, name: name, extra: extra == 0 ? 0 : extra + 4)
        directory.put16(0)
        directory.put16(0)
        directory.put16(0)
        // Permissions rw-r--r-- of a regular file.
        directory.put32(0o100644 << 16)
        directory.put32(far ? 0xFFFF_FFFF : UInt32(offset))
        directory += Array(name.utf8)
        if extra > 0 {
            directory.put16(1)
            directory.put16(UInt16(extra))
            if large {
                directory.put64(UInt64(size))
                directory.put64(UInt64(size))
            }
            if far { directory.put64(offset) }
        }
        count += 1
    }

    /// Version needed, flags (UTF-8 names), method, time, date, checksum, sizes, lengths of name and extra field.
    private static func common(checksum: UInt32, size: Int, large: Bool, name: String, extra: Int) -> [UInt8] {
        var out: [UInt8] = []
        out.put16(large ? 45 : 20)
        out.put16(0x0800)
        out.put16(0)
        out.put16(0)
        out.put16(0x0021)
        out.put32(checksum)
        out.put32(large ? 0xFFFF_FFFF : UInt32(size))
        out.put32(large ? 0xFFFF_FFFF : UInt32(size))
        out.put16(UInt16(name.utf8.count))
        out.put16(UInt16(extra))
        return out
    }

    var mark: Mark { Mark(offset: offset, directory: directory.count, count: count) }

    /// Drops every entry added since.
    func rewind(to mark: Mark) throws(DatasetError) {
        try file.truncate(to: mark.offset)
        directory.removeLast(directory.count - mark.directory)
        offset = mark.offset
        count = mark.count
    }

    /// Writes the directory; the archive is complete after it and not before.
    func close() throws(DatasetError) {
        let start = offset
        let size = UInt64(directory.count)
        try file.write(directory)
        var end: [UInt8] = []
        if count >= 0xFFFF || start >= 0xFFFF_FFFF || size >= 0xFFFF_FFFF {
            end.put32(0x0606_4B50)
            end.put64(44)
            end.put16(0x032D)
            end.put16(45)
            end.put32(0)
            end.put32(0)
            end.put64(count)
            end.put64(count)
            end.put64(size)
            end.put64(start)
            end.put32(0x0706_4B50)
            end.put32(0)
            end.put64(start + size)
            end.put32(1)
        }
        end.put32(0x0605_4B50)
        end.put16(0)
        end.put16(0)
        end.put16(UInt16(min(count, 0xFFFF)))
        end.put16(UInt16(min(count, 0xFFFF)))
        end.put32(UInt32(min(size, 0xFFFF_FFFF)))
        end.put32(UInt32(min(start, 0xFFFF_FFFF)))
        end.put16(0)
        try file.write(end)
        try file.close()
    }
}

/// A file written from front to back.
private final class OutputFile {
    private let path: String
    private var stream: UnsafeMutablePointer<FILE>?

    init(path: String, mode: String = "wb") throws(DatasetError) {
        self.path = path
        stream = fopen(path, mode)
        if stream == nil { throw .file(path: path, reason: "cannot be made: \(String(cString: strerror(errno)))") }
    }

    deinit { if let stream { fclose(stream) } }

    private func failure() -> DatasetError { .file(path: path, reason: "cannot be written: \(String(cString: strerror(errno)))") }

    func write(_ bytes: [UInt8]) throws(DatasetError) {
        guard let stream, fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw failure() }
    }

    func truncate(to size: UInt64) throws(DatasetError) {
        guard let stream, fflush(stream) == 0, ftruncate(fileno(stream), Int(size)) == 0, fseek(stream, Int(size), SEEK_SET) == 0 else {
            throw failure()
        }
    }

    func close() throws(DatasetError) {
        guard let stream else { return }
        self.stream = nil
        if fclose(stream) != 0 { throw failure() }
    }
}

/// The checksum of zip archives: polynomial 0xEDB88320, four bytes a step.
enum CRC32 {
    private static let tables: [UInt32] = {
        var t = [UInt32](repeating: 0, count: 4 * 256)
        for i in 0..<256 {
            var c = UInt32(i)
            for _ in 0..<8 { c = c & 1 == 1 ? 0xEDB8_8320 ^ (c >> 1) : c >> 1 }
            t[i] = c
        }
        for i in 0..<256 {
            for k in 1..<4 { t[k * 256 + i] = t[Int(t[(k - 1) * 256 + i] & 0xFF)] ^ (t[(k - 1) * 256 + i] >> 8) }
        }
        return t
    }()

    static func of(_ bytes: [UInt8]) -> UInt32 {
        tables.withUnsafeBufferPointer { t in
            bytes.withUnsafeBufferPointer { p in
                var c: UInt32 = 0xFFFF_FFFF
                var i = 0
                while i + 4 <= p.count {
                    c ^= UInt32(p[i]) | UInt32(p[i + 1]) << 8 | UInt32(p[i + 2]) << 16 | UInt32(p[i + 3]) << 24
                    c = t[768 + Int(c & 0xFF)] ^ t[512 + Int(c >> 8 & 0xFF)] ^ t[256 + Int(c >> 16 & 0xFF)] ^ t[Int(c >> 24)]
                    i += 4
                }
                while i < p.count {
                    c = t[Int((c ^ UInt32(p[i])) & 0xFF)] ^ (c >> 8)
                    i += 1
                }
                return ~c
            }
        }
    }
}

extension [UInt8] {
    mutating func put16(_ value: UInt16) { put(value) }
    mutating func put32(_ value: UInt32) { put(value) }
    mutating func put64(_ value: UInt64) { put(value) }

    /// Little-endian.
    mutating func put<Number: FixedWidthInteger>(_ value: Number) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
