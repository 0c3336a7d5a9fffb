internal import Foundation

/// Why bytes are not the file that was expected.
struct FileFormatError: Error {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Puts numbers one after another, little-endian.
struct BinaryWriter {
    var bytes = Data()

    mutating func put(_ v: UInt8) { bytes.append(v) }
    mutating func put(_ v: Int32) { withUnsafeBytes(of: v.littleEndian) { bytes.append(contentsOf: $0) } }
    mutating func put(_ v: [Int32]) { for x in v { put(x) } }
    mutating func put(_ v: Int64) { withUnsafeBytes(of: v.littleEndian) { bytes.append(contentsOf: $0) } }
    mutating func put(_ v: [Float]) {
        for x in v { withUnsafeBytes(of: x.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    }
    mutating func put(_ v: [Double]) {
        for x in v { withUnsafeBytes(of: x.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    }

    /// Numbers as 4 bytes each where all of them are exactly such, else as 8; a byte before them says which.
    mutating func putShortest(_ v: [Double]) {
        let isSingle = v.allSatisfy { Double(Float($0)) == $0 }
        put(isSingle ? 4 : 8 as UInt8)
        if isSingle { put(v.map { Float($0) }) } else { put(v) }
    }
}

/// Takes them back; no count makes it take more memory than the bytes that are there.
struct BinaryReader {
    private let bytes: [UInt8]
    /// What the file is, for messages.
    private let kind: String
    private var at = 0

    init(_ bytes: [UInt8], of kind: String) {
        self.bytes = bytes
        self.kind = kind
    }

    var isAtEnd: Bool { at == bytes.count }

    mutating func raw(_ n: Int) throws(FileFormatError) -> [UInt8] {
        let start = try take(n, of: 1)
        return Array(bytes[start..<(start + n)])
    }

    mutating func byte() throws(FileFormatError) -> UInt8 { bytes[try take(1, of: 1)] }
    mutating func int() throws(FileFormatError) -> Int32 { try ints(1)[0] }

    /// A number of things of at least `size` bytes each, which must still be there.
    mutating func count(_ what: String, of size: Int = 1) throws(FileFormatError) -> Int {
        let n = Int(try int())
        guard n >= 0, n <= (bytes.count - at) / size else {
            throw FileFormatError("the \(kind) counts \(n) \(what), more than its \(bytes.count) bytes hold: it is damaged or truncated")
        }
        return n
    }

    mutating func ints(_ n: Int) throws(FileFormatError) -> [Int32] {
        try numbers(n) { Int32(littleEndian: $0.loadUnaligned(fromByteOffset: 4 * $1, as: Int32.self)) }
    }

    mutating func longs(_ n: Int) throws(FileFormatError) -> [Int64] {
        try numbers(n) { Int64(littleEndian: $0.loadUnaligned(fromByteOffset: 8 * $1, as: Int64.self)) }
    }

    mutating func floats(_ n: Int) throws(FileFormatError) -> [Float] {
        try numbers(n) { Float(bitPattern: UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 4 * $1, as: UInt32.self))) }
    }

    mutating func doubles(_ n: Int) throws(FileFormatError) -> [Double] {
        try numbers(n) { Double(bitPattern: UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8 * $1, as: UInt64.self))) }
    }

    /// What `putShortest` put.
    mutating func shortest(_ n: Int) throws(FileFormatError) -> [Double] {
        switch try byte() {
        case 4: return try floats(n).map(Double.init)
        case 8: return try doubles(n)
        case let width: throw FileFormatError("the \(kind) has numbers of \(width) bytes; 4 or 8 were expected: it is damaged")
        }
    }

    private mutating func numbers<T>(_ n: Int, _ load: (UnsafeRawBufferPointer, Int) -> T) throws(FileFormatError) -> [T] {
        let start = try take(n, of: MemoryLayout<T>.size)
        return bytes.withUnsafeBytes { all in
            let part = UnsafeRawBufferPointer(rebasing: all[start..<(start + n * MemoryLayout<T>.size)])
            return (0..<n).map { load(part, $0) }
        }
    }

    /// Goes past `n` things of `size` bytes, which must be there; where they begin.
    private mutating func take(_ n: Int, of size: Int) throws(FileFormatError) -> Int {
        guard n >= 0, n <= (bytes.count - at) / size else {
            throw FileFormatError(
                "the \(kind) ends at byte \(bytes.count), \(n) x \(size) bytes were expected at \(at): it is truncated")
        }
        defer { at += n * size }
        return at
    }
}

/// FNV-1a of 64 bits: finds damage, not intent.
func checksum(_ bytes: some Sequence<UInt8>) -> Int64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int64(bitPattern: hash)
}
