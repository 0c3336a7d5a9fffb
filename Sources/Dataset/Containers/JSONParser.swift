extension JSONValue {
    /// Parses JSON text. Python's NaN and Infinity, which JSON does not know, are refused as what they are.
    static func parse(_ bytes: [UInt8], path: String) throws(DatasetError) -> JSONValue {
        var parser = JSONParser(bytes: bytes, path: path)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.failure("more text after the value") }
        return value
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    let path: String
    var position = 0

    init(bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    func failure(_ reason: String) -> DatasetError {
        let line = 1 + bytes[..<min(position, bytes.count)].count { $0 == 10 }
        return .format(path: path, location: "line \(line)", reason: "not JSON: \(reason)")
    }

    mutating func skipSpace() {
        while position < bytes.count, [32, 9, 10, 13].contains(bytes[position]) { position += 1 }
    }

    mutating func take(_ character: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == character else { return false }
        position += 1
        return true
    }

    mutating func take(word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    mutating func value(depth: Int) throws(DatasetError) -> JSONValue {
        guard depth < 64 else { throw failure("nested deeper than 64 levels") }
        skipSpace()
        guard position < bytes.count else { throw failure("the text ends early") }
        switch bytes[position] {
        case UInt8(ascii: "{"):
            position += 1
            var members: [(key: String, value: JSONValue)] = []
            if take(UInt8(ascii: "}")) { return .object(members) }
            repeat {
                skipSpace()
                let key = try string()
                guard take(UInt8(ascii: ":")) else { throw failure("a colon is missing after \"\(key)\"") }
                members.append((key, try value(depth: depth + 1)))
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { throw failure("a comma or } is missing") }
            return .object(members)
        case UInt8(ascii: "["):
            position += 1
            var elements: [JSONValue] = []
            if take(UInt8(ascii: "]")) { return .array(elements) }
            repeat { elements.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else { throw failure("a comma or ] is missing") }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try string())
        default:
            if take(word: "true") { return .bool(true) }
            if take(word: "false") { return .bool(false) }
            if take(word: "null") { return .null }
            return try number()
        }
    }

    mutating func number() throws(DatasetError) -> JSONValue {
        let start = position
        while position < bytes.count, "+-.eE0123456789".utf8.contains(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let whole = Int64(text) { return .integer(whole) }
        guard let value = Double(text), value.isFinite else {
            position = start
            let word = String(decoding: bytes[start...].prefix(12).prefix { $0 != 44 && $0 != 10 && $0 != 93 && $0 != 125 }, as: UTF8.self)
            throw failure("\"\(word)\" is no finite number")
        }
        return .number(value)
    }

    mutating func string() throws(DatasetError) -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw failure("a text in quotes is missing") }
        position += 1
        var out: [UInt8] = []
        while position < bytes.count {
            let c = bytes[position]
            position += 1
            if c == UInt8(ascii: "\"") { return String(decoding: out, as: UTF8.self) }
            guard c == UInt8(ascii: "\\") else {
                out.append(c)
                continue
            }
            guard position < bytes.count else { break }
            let escape = bytes[position]
            position += 1
            switch escape {
            case UInt8(ascii: "n"): out.append(10)
            case UInt8(ascii: "t"): out.append(9)
            case UInt8(ascii: "r"): out.append(13)
            case UInt8(ascii: "b"): out.append(8)
            case UInt8(ascii: "f"): out.append(12)
            case UInt8(ascii: "u"): out += Array(String(try unicode()).utf8)
            default: out.append(escape)
            }
        }
        throw failure("a text does not end")
    }

    mutating func unit() throws(DatasetError) -> UInt32 {
        guard position + 4 <= bytes.count,
            let value = UInt32(String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
        else { throw failure("\\u needs four hexadecimal digits") }
        position += 4
        return value
    }

    mutating func unicode() throws(DatasetError) -> Unicode.Scalar {
        var value = try unit()
        if (0xD800..<0xDC00).contains(value), bytes[position...].starts(with: "\\u".utf8) {
            position += 2
            value = 0x10000 + ((value & 0x3FF) << 10) + (try unit() & 0x3FF)
        }
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }
}
