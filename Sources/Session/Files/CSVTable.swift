public import Foundation

/// A table of comma-separated values with a header line, read and written at the level of bytes.
///
/// Fields may be quoted (RFC 4180). Lines that begin with `#` before the header are comments and are kept in `comments` without the `#`.
public struct CSVTable: Sendable, Equatable {
    public var comments: [String]
    public var header: [String]
    public var rows: [[String]]

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
        comments = []
        header = []
        rows = []
        var line = 1
        var position = 0
        while position < bytes.count {
            let start = line
            if bytes[position] == UInt8(ascii: "#"), header.isEmpty {
                let end = bytes[position...].firstIndex(of: 10) ?? bytes.count
                comments.append(String(decoding: bytes[(position + 1)..<end], as: UTF8.self).trimmingCharacters(in: .whitespaces))
                position = end + 1
                line += 1
                continue
            }
            let fields = Self.fields(of: bytes, from: &position, line: &line)
            if fields.count == 1, fields[0].isEmpty { continue }
            if header.isEmpty {
                header = fields
            } else {
                guard fields.count == header.count else {
                    throw .format(path: path, location: "line \(start)", reason: "\(fields.count) fields, the header has \(header.count)")
                }
                rows.append(fields)
            }
        }
        guard !header.isEmpty else { throw .format(path: path, location: "line 1", reason: "no header line: the file is empty") }
    }

    private static func fields(of bytes: [UInt8], from position: inout Int, line: inout Int) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var quoted = false
        while position < bytes.count {
            let c = bytes[position]
            position += 1
            if c == 10 { line += 1 }
            if quoted {
                if c == UInt8(ascii: "\"") {
                    if position < bytes.count, bytes[position] == c {
                        field.append(c)
                        position += 1
                    } else {
                        quoted = false
                    }
                } else {
                    field.append(c)
                }
            } else if c == UInt8(ascii: "\""), field.isEmpty {
                quoted = true
            } else if c == UInt8(ascii: ",") {
                fields.append(String(decoding: field, as: UTF8.self))
                field.removeAll(keepingCapacity: true)
            } else if c == 10 {
                break
            } else if c != 13 {
                field.append(c)
            }
        }
        fields.append(String(decoding: field, as: UTF8.self))
        return fields
    }

    /// The column of that name; nil where there is none.
    public func index(of column: String) -> Int? { header.firstIndex(of: column) }

    public var encoded: [UInt8] {
        var out: [UInt8] = []
        for comment in comments { out += Array("# \(comment)\n".utf8) }
        for row in [header] + rows {
            for (i, field) in row.enumerated() {
                if i > 0 { out.append(UInt8(ascii: ",")) }
                if field.utf8.contains(where: { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }) {
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

    public func write(to url: URL) throws(SessionError) { try FileBytes.write(encoded, to: url) }
}
