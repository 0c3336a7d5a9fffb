public import Foundation

/// The lines of a table or list in a text file, each split into its fields and with its number: the one reader below all of them.
///
/// A byte-order mark, `\r\n` and `\r` line ends, blanks around fields, empty lines, and lines of nothing but separators at the end (as
/// spreadsheets leave them) are passed over. Lines that begin with `#` are comments. Comma-separated fields may be quoted (RFC 4180); a
/// quoted field keeps its blanks and line ends. Cost: one pass over the bytes.
public struct TextRows: Sendable {
    /// What stands between the fields of a line.
    public enum Separator: Sendable {
        /// One comma; a field may be empty or quoted.
        case comma
        /// Any run of spaces and tabs, with or without a comma in it; no field is empty.
        case blanks
    }

    public struct Row: Sendable, Equatable {
        /// Of the file, from 1; of the first where a quoted field spans several.
        public var line: Int
        public var fields: [String]
    }

    /// Where the text came from, for messages.
    public let path: String
    public let separator: Separator
    /// Without the `#`.
    public private(set) var comments: [String] = []
    public private(set) var rows: [Row] = []

    public init(contentsOf url: URL, separator: Separator) throws(SessionError) {
        try self.init(bytes: FileBytes.read(url), path: url.path, separator: separator)
    }

    /// - Parameter commentsInside: whether a `#` also begins a comment after the first row; else it is a field's first character there.
    public init(bytes: [UInt8], path: String, separator: Separator, commentsInside: Bool = true) throws(SessionError) {
        self.path = path
        self.separator = separator
        var scanner = Scanner(bytes: try FileBytes.text(bytes, path: path), separator: separator)
        while !scanner.isAtEnd {
            if rows.isEmpty || commentsInside, let comment = scanner.comment() {
                comments.append(comment)
                continue
            }
            let line = scanner.line
            let fields = scanner.fields()
            if !fields.isEmpty { rows.append(Row(line: line, fields: fields)) }
        }
        while let last = rows.last, rows.count > 1, scanner.blankLines.contains(last.line) { rows.removeLast() }
    }

    /// `line 12, field 3`, as messages name a place.
    public func location(row: Int, field: Int? = nil) -> String {
        "line \(rows[row].line)" + (field.map { ", field \($0 + 1)" } ?? "")
    }

    /// A format error that quotes a field and says what is wrong with it.
    public func error(_ row: Int, _ field: Int, _ reason: String) -> SessionError {
        let text = rows[row].fields.indices.contains(field) ? rows[row].fields[field] : ""
        return .format(path: path, location: location(row: row, field: field), reason: "\(text.excerpt) \(reason)")
    }

    /// All fields of a row as finite numbers; another count than `count`, or a field that is no number, is an error that quotes the line in part.
    public func numbers(_ row: Int, count: Int, accepted: String) throws(SessionError) -> [Double] {
        let fields = rows[row].fields
        let values = fields.compactMap { NumberText.number($0) }
        guard fields.count == count, values.count == count else {
            throw .format(
                path: path, location: location(row: row), reason: "\(fields.joined(separator: " ").excerpt) is not: \(accepted)")
        }
        return values
    }

    /// Fields of a row as finite numbers; nil where all of them say that there is none (`NumberText.isAbsent`), an error where some do.
    public func numbersIfAny(_ row: Int, _ fields: Range<Int>, accepted: String) throws(SessionError) -> [Double]? {
        let given = rows[row].fields[fields]
        if given.allSatisfy({ NumberText.isAbsent($0) }) { return nil }
        let values = given.compactMap { NumberText.number($0) }
        guard values.count == fields.count else {
            throw .format(
                path: path, location: location(row: row), reason: "\(rows[row].fields.joined(separator: " ").excerpt) is not: \(accepted)")
        }
        return values
    }

    /// Whether a row is a line of names above the numbers: the first, and none of its fields is a number.
    public func isHeader(_ row: Int) -> Bool { row == 0 && rows[row].fields.allSatisfy { NumberText.number($0) == nil } }
}

/// Walks over the bytes of a text, line by line.
private struct Scanner {
    let bytes: [UInt8]
    let separator: TextRows.Separator
    var position = 0
    var line = 1
    /// Lines of separators alone, without a quote.
    var blankLines: Set<Int> = []

    init(bytes: [UInt8], separator: TextRows.Separator) {
        self.bytes = bytes
        self.separator = separator
    }

    var isAtEnd: Bool { position >= bytes.count }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }

    /// Goes past a line end of one or two bytes.
    private mutating func passLineEnd() {
        if bytes[position] == 13, position + 1 < bytes.count, bytes[position + 1] == 10 { position += 1 }
        position += 1
        line += 1
    }

    private mutating func passBlanks() { while !isAtEnd, Self.isBlank(bytes[position]) { position += 1 } }

    /// The rest of the line where it is a comment.
    mutating func comment() -> String? {
        var at = position
        while at < bytes.count, Self.isBlank(bytes[at]) { at += 1 }
        guard at < bytes.count, bytes[at] == UInt8(ascii: "#") else { return nil }
        position = at + 1
        passBlanks()
        return rest()
    }

    /// What is left of the line, without blanks at its end; goes past it.
    private mutating func rest() -> String {
        let start = position
        while !isAtEnd, !Self.isLineEnd(bytes[position]) { position += 1 }
        var end = position
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        if !isAtEnd { passLineEnd() }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// The fields of the next line; none where it holds nothing but blanks.
    mutating func fields() -> [String] {
        let number = line
        var fields: [String] = []
        var isBlank = true
        while true {
            passBlanks()
            let wasQuoted = separator == .comma && !isAtEnd && bytes[position] == UInt8(ascii: "\"")
            let field = wasQuoted ? quoted() : plain()
            passBlanks()
            if wasQuoted || !field.isEmpty { isBlank = false }
            let ends = isAtEnd || Self.isLineEnd(bytes[position])
            if separator == .comma || !field.isEmpty { fields.append(field) }
            if ends { break }
            // A comma, or in a list the next field's first byte.
            if bytes[position] == UInt8(ascii: ",") { position += 1 }
        }
        if !isAtEnd { passLineEnd() }
        if isBlank { blankLines.insert(number) }
        return isBlank && fields.count <= 1 ? [] : fields
    }

    /// Up to the next separator or line end, without blanks at the end.
    private mutating func plain() -> String {
        let start = position
        while !isAtEnd, !Self.isLineEnd(bytes[position]), bytes[position] != UInt8(ascii: ",") {
            if separator == .blanks, Self.isBlank(bytes[position]) { break }
            position += 1
        }
        var end = position
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// A quoted field, two quotes in it standing for one; what follows it up to the separator belongs to it.
    private mutating func quoted() -> String {
        var field: [UInt8] = []
        position += 1
        while !isAtEnd {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                guard !isAtEnd, bytes[position] == byte else { break }
            } else if byte == 10 || (byte == 13 && !(position + 1 < bytes.count && bytes[position + 1] == 10)) {
                line += 1
            }
            field.append(byte)
            position += 1
        }
        return String(decoding: field, as: UTF8.self) + plain()
    }
}
