internal import Foundation

/// JSON whose objects keep their order, so that the same values give the same bytes.
enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Must be finite: JSON has no other numbers.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([(key: String, value: JSONValue)])

    static func == (a: JSONValue, b: JSONValue) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let x), .bool(let y)): x == y
        case (.integer(let x), .integer(let y)): x == y
        case (.number(let x), .number(let y)): x == y
        case (.string(let x), .string(let y)): x == y
        case (.array(let x), .array(let y)): x == y
        case (.object(let x), .object(let y)): x.count == y.count && zip(x, y).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }

    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    var members: [(key: String, value: JSONValue)]? {
        if case .object(let members) = self { members } else { nil }
    }

    var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// A whole number.
    var whole: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// Any number, or a bool as 0 or 1.
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// All numbers of nested arrays, in order; nil when there is anything else in them.
    var flattened: [Double]? {
        guard let elements else { return double.map { [$0] } }
        var out: [Double] = []
        for element in elements {
            guard let more = element.flattened else { return nil }
            out += more
        }
        return out
    }

    /// The text of it, four spaces a level as Python's `json.dump(indent=4)` sets it.
    func encoded(indent: Int? = 4, level: Int = 0) -> String {
        func block(_ open: String, _ items: [String], _ close: String) -> String {
            if items.isEmpty { return open + close }
            guard let indent else { return open + items.joined(separator: ", ") + close }
            let inner = String(repeating: " ", count: indent * (level + 1))
            let outer = String(repeating: " ", count: indent * level)
            return open + "\n" + items.map { inner + $0 }.joined(separator: ",\n") + "\n" + outer + close
        }
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .number(let value):
            precondition(value.isFinite, "JSON has no infinite numbers")
            return String(value)
        case .string(let text): return Self.quoted(text)
        case .array(let elements): return block("[", elements.map { $0.encoded(indent: indent, level: level + 1) }, "]")
        case .object(let members):
            return block("{", members.map { Self.quoted($0.key) + ": " + $0.value.encoded(indent: indent, level: level + 1) }, "}")
        }
    }

    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            default:
                if scalar.value < 0x20 {
                    let hex = String(scalar.value, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out + "\""
    }
}
