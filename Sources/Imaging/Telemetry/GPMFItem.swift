/// One key-length-value entry of GPMF: a four-character key, a type, and `count` structures of `size` bytes.
struct GPMFItem {
    var key: String
    /// ASCII code of the type; 0 for an entry that nests others.
    var type: UInt8
    var size: Int
    var count: Int
    /// Where its value lies in the payload.
    var range: Range<Int>
}

/// Walks GPMF's entries, naming the byte where a payload breaks.
struct GPMFBytes {
    var bytes: [UInt8]
    var path: String
    /// Of this payload within the track, from 0.
    var payload: Int

    /// The entries in a range. Zero bytes at the end are padding; an entry that is longer than its room is an error.
    func items(in range: Range<Int>) throws(ImagingError) -> [GPMFItem] {
        var out: [GPMFItem] = []
        var position = range.lowerBound
        while position < range.upperBound {
            guard range.upperBound - position >= 8 else {
                if bytes[position..<range.upperBound].allSatisfy({ $0 == 0 }) { break }
                throw broken(at: position, "\(range.upperBound - position) bytes are left where an entry of at least 8 would stand")
            }
            if bytes[position..<(position + 4)].allSatisfy({ $0 == 0 }) { break }
            guard bytes[position..<(position + 4)].allSatisfy({ $0 >= 32 && $0 < 127 }) else {
                throw broken(at: position, "the key is not four ASCII characters: this is not GPMF")
            }
            let key = String(decoding: bytes[position..<(position + 4)], as: UTF8.self)
            let size = Int(bytes[position + 5])
            let count = Int(bytes[position + 6]) << 8 | Int(bytes[position + 7])
            let start = position + 8
            guard start + size * count <= range.upperBound else {
                throw broken(
                    at: position, "\(key) states \(size * count) bytes, \(range.upperBound - start) are left: the payload is truncated")
            }
            out.append(GPMFItem(key: key, type: bytes[position + 4], size: size, count: count, range: start..<(start + size * count)))
            position = start + (size * count + 3) / 4 * 4
        }
        return out
    }

    func broken(at position: Int, _ reason: String) -> ImagingError {
        .format(path: path, location: "telemetry payload \(payload), byte \(position)", reason: reason)
    }

    /// GPMF's text is Latin-1, padded with zeros.
    func text(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(bytes[range].prefix { $0 != 0 }.map { Unicode.Scalar($0) }))
    }

    /// One text for each structure.
    func texts(_ item: GPMFItem) -> [String] {
        guard item.size > 1 else { return [text(item.range)] }
        return (0..<item.count).map { i in
            let start = item.range.lowerBound + i * item.size
            return text(start..<(start + item.size))
        }
    }

    func unsigned(at position: Int, bytes count: Int) -> UInt64 {
        var value: UInt64 = 0
        for i in 0..<count { value = value << 8 | UInt64(bytes[position + i]) }
        return value
    }

    /// The first number of an entry, nil for an empty one.
    func number(_ item: GPMFItem) -> Double? {
        guard let element = GPMFElement(code: item.type), item.range.count >= element.size else { return nil }
        return element.value(self, item.range.lowerBound)
    }
}
