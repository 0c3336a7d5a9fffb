public import Foundation

/// A table of comma-separated values with a header line, read by `TextRows` and written at the level of bytes.
///
/// Lines that begin with `#` before the header are comments and are kept in `comments` without the `#`. Two tables are equal when
/// comments, header and rows are; where they were read does not count.
public struct CSVTable: Sendable {
    public var comments: [String]
    public var header: [String]
    public var rows: [[String]]
    /// The file it was read from; empty for a table made here.
    public private(set) var path = ""
    /// Line of each row as read.
    private var lines: [Int] = []

    public init(header: [String], rows: [[String]] = [], comments: [String] = []) {
        self.header = header
        self.rows = rows
        self.comments = comments
    }

    /// Reads a table; a row of another length than the header is a format error that names its line.
    public init(contentsOf url: URL) throws(SessionError) {
        let bytes = try FileBytes.read(url)
        try self.init(bytes: bytes, path: url.path)
    }

    public init(bytes: [UInt8], path: String) throws(SessionError) {
        let text = try TextRows(bytes: bytes, path: path, separator: .comma, commentsInside: false)
        guard let first = text.rows.first else {
            throw .format(path: path, location: "line 1", reason: "no header line: the file is empty")
        }
        self.init(header: first.fields, comments: text.comments)
        self.path = path
        rows.reserveCapacity(text.rows.count - 1)
        for row in text.rows.dropFirst() {
            guard row.fields.count == header.count else {
                throw .format(
                    path: path, location: "line \(row.line)",
                    reason: "\(row.fields.joined(separator: ",").excerpt) has \(row.fields.count) fields, the header \(header.count)")
            }
            rows.append(row.fields)
            lines.append(row.line)
        }
    }

    /// The column of that name; nil where there is none.
    public func index(of column: String) -> Int? { header.firstIndex(of: column) }

    /// The columns of these names, in their order; a missing one is an error that names it and what there is.
    public func columns(_ names: [String]) throws(SessionError) -> [Int] {
        var found: [Int] = []
        for name in names {
            guard let i = index(of: name) else {
                throw .format(
                    path: path, location: "header",
                    reason: "the column \(name) is missing; there are \(String(header.joined(separator: ", ").prefix(200)))")
            }
            found.append(i)
        }
        return found
    }

    /// `line 12, x_m`, as messages name a place.
    public func location(row: Int, column: Int) -> String {
        "line \(lines.indices.contains(row) ? lines[row] : row + 2), \(header.indices.contains(column) ? header[column] : "field \(column + 1)")"
    }

    /// A field as a finite number; anything else is an error that names the place and quotes the field in part.
    public func number(_ row: Int, _ column: Int) throws(SessionError) -> Double {
        guard let value = NumberText.number(rows[row][column]) else {
            throw error(row, column, "is not a finite number")
        }
        return value
    }

    /// Some fields of a row as finite numbers.
    public func numbers(_ row: Int, _ columns: [Int]) throws(SessionError) -> [Double] {
        var values: [Double] = []
        for column in columns { values.append(try number(row, column)) }
        return values
    }

    /// Some fields of a row as finite numbers; nil where all of them say that there is none (`NumberText.isAbsent`), an error where some do.
    public func numbersIfAny(_ row: Int, _ columns: [Int]) throws(SessionError) -> [Double]? {
        if columns.allSatisfy({ NumberText.isAbsent(rows[row][$0]) }) { return nil }
        return try numbers(row, columns)
    }

    /// A field as a whole number in a range (`12.0` is one).
    public func integer(_ row: Int, _ column: Int, in range: ClosedRange<Int>) throws(SessionError) -> Int {
        guard let value = NumberText.integer(rows[row][column], in: range) else {
            throw error(row, column, "is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A field as a time in seconds on the video clock.
    public func time(_ row: Int, _ column: Int) throws(SessionError) -> Timestamp<VideoClock> {
        let number = NumberText.number(rows[row][column])
        guard let time = number.flatMap({ Timestamp<VideoClock>(checkedSeconds: $0) }) else {
            throw error(row, column, Timestamp<VideoClock>.refusal(of: number))
        }
        return time
    }

    /// A format error that quotes a field and says what is wrong with it.
    public func error(_ row: Int, _ column: Int, _ reason: String) -> SessionError {
        .format(path: path, location: location(row: row, column: column), reason: "\(rows[row][column].excerpt) \(reason)")
    }

    public var encoded: [UInt8] {
        var out: [UInt8] = []
        for comment in comments { out += Array("# \(comment)\n".utf8) }
        for row in [header] + rows {
            // An empty quoted field keeps a line of nothing from being taken for no line.
            let isBlank = row.allSatisfy(\.isEmpty)
            for (i, field) in row.enumerated() {
                if i > 0 { out.append(UInt8(ascii: ",")) }
                if isBlank && i == 0 || Self.needsQuotes(field) {
                    out.append(34)
                    for c in field.utf8 {
                        if c == 34 { out.append(34) }
                        out.append(c)
                    }
                    out.append(34)
                } else {
                    out += Array(field.utf8)
                }
            }
            out.append(10)
        }
        return out
    }

    private static func needsQuotes(_ field: String) -> Bool {
        let bytes = field.utf8
        if let first = bytes.first, let last = bytes.last, [32, 9, 35].contains(first) || [32, 9].contains(last) { return true }
        return bytes.contains { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }
    }

    public func write(to url: URL) throws(SessionError) { try FileBytes.write(encoded, to: url) }
}

extension CSVTable: Equatable {
    public static func == (a: CSVTable, b: CSVTable) -> Bool { a.comments == b.comments && a.header == b.header && a.rows == b.rows }
}
