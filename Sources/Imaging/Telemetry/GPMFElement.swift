/// GPMF's number types, by their ASCII codes.
enum GPMFElement {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float, double, fixed32, fixed64
    /// A four-character code, read as its big-endian number.
    case fourCC
    /// A character; in a data stream its code.
    case character
    /// Not a number: a date of 16 characters or a 128-bit identifier; read as NaN.
    case opaque

    init?(code: UInt8) {
        switch code {
        case UInt8(ascii: "b"): self = .int8
        case UInt8(ascii: "B"): self = .uint8
        case UInt8(ascii: "s"): self = .int16
        case UInt8(ascii: "S"): self = .uint16
        case UInt8(ascii: "l"): self = .int32
        case UInt8(ascii: "L"): self = .uint32
        case UInt8(ascii: "j"): self = .int64
        case UInt8(ascii: "J"): self = .uint64
        case UInt8(ascii: "f"): self = .float
        case UInt8(ascii: "d"): self = .double
        case UInt8(ascii: "q"): self = .fixed32
        case UInt8(ascii: "Q"): self = .fixed64
        case UInt8(ascii: "F"): self = .fourCC
        case UInt8(ascii: "c"): self = .character
        case UInt8(ascii: "U"), UInt8(ascii: "G"): self = .opaque
        default: return nil
        }
    }

    /// Bytes.
    var size: Int {
        switch self {
        case .int8, .uint8, .character: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float, .fixed32, .fourCC: 4
        case .int64, .uint64, .double, .fixed64: 8
        case .opaque: 16
        }
    }

    func value(_ source: GPMFBytes, _ position: Int) -> Double {
        switch self {
        case .int8: Double(Int8(bitPattern: source.bytes[position]))
        case .uint8, .character: Double(source.bytes[position])
        case .int16: Double(Int16(truncatingIfNeeded: source.unsigned(at: position, bytes: 2)))
        case .uint16: Double(source.unsigned(at: position, bytes: 2))
        case .int32: Double(Int32(truncatingIfNeeded: source.unsigned(at: position, bytes: 4)))
        case .uint32, .fourCC: Double(source.unsigned(at: position, bytes: 4))
        case .int64: Double(Int64(bitPattern: source.unsigned(at: position, bytes: 8)))
        case .uint64: Double(source.unsigned(at: position, bytes: 8))
        case .float: Double(Float(bitPattern: UInt32(source.unsigned(at: position, bytes: 4))))
        case .double: Double(bitPattern: source.unsigned(at: position, bytes: 8))
        case .fixed32: Double(Int32(truncatingIfNeeded: source.unsigned(at: position, bytes: 4))) / 65536
        case .fixed64: Double(Int64(bitPattern: source.unsigned(at: position, bytes: 8))) / 4_294_967_296
        case .opaque: .nan
        }
    }

    /// The elements of one structure: `size` bytes of one type, or what TYPE spells, with arrays as `f[3]`. Nil where they do not add up.
    static func layout(type: UInt8, size: Int, structure: String?) -> [GPMFElement]? {
        var elements: [GPMFElement] = []
        if type == UInt8(ascii: "?") {
            var codes = Array((structure ?? "").utf8)[...]
            while let code = codes.popFirst() {
                guard let element = GPMFElement(code: code) else { return nil }
                var repeats = 1
                if codes.first == UInt8(ascii: "[") {
                    guard let close = codes.firstIndex(of: UInt8(ascii: "]")),
                        let count = Int(String(decoding: codes[(codes.startIndex + 1)..<close], as: UTF8.self)), (1...255).contains(count)
                    else { return nil }
                    repeats = count
                    codes = codes[(close + 1)...]
                }
                elements += [GPMFElement](repeating: element, count: repeats)
                // An element takes a byte at least: what is longer than the structure is wrong, however much more follows.
                if elements.count > size { return nil }
            }
        } else {
            guard let element = GPMFElement(code: type), size % element.size == 0 else { return nil }
            elements = [GPMFElement](repeating: element, count: size / element.size)
        }
        return elements.reduce(0) { $0 + $1.size } == size ? elements : nil
    }
}
