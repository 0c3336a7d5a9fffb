internal import CNative
internal import Foundation

/// Reads a Parquet file: its schema, and one whole column at a time.
public final class ParquetReader {
    public let path: String
    public let columns: [ParquetColumn]
    /// Arrow's text of each column's type, such as `fixed_size_list<element: float>[8]`.
    public let types: [String]
    public let rowCount: Int
    public let rowGroupCount: Int
    private let handle: OpaquePointer

    public init(path: String) throws(DatasetError) {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else { throw .file(path: path, reason: "does not exist") }
        var out: OpaquePointer?
        try check(gt_table_reader_open(path, &out), path: path)
        guard let out else { throw .file(path: path, reason: "the Parquet reader gave no handle") }
        handle = out
        var rows: Int64 = 0
        var count: Int64 = 0
        var groups: Int64 = 0
        var columns: [ParquetColumn] = []
        var types: [String] = []
        do {
            try check(gt_table_reader_counts(out, &rows, &count, &groups), path: path)
            for i in 0..<Int(count) {
                var native = gt_column()
                var type: UnsafePointer<CChar>?
                try check(gt_table_reader_column(out, i, &native, &type), path: path)
                columns.append(
                    ParquetColumn(
                        native.name.map { String(cString: $0) } ?? "", ParquetColumn.Element(rawValue: native.element) ?? .other,
                        depth: Int(native.depth), fixedSize: Int(native.fixed_size)))
                types.append(type.map { String(cString: $0) } ?? "")
            }
        } catch {
            gt_table_reader_free(out)
            throw error
        }
        rowCount = Int(rows)
        rowGroupCount = Int(groups)
        self.columns = columns
        self.types = types
    }

    deinit { gt_table_reader_free(handle) }

    public func index(of column: String) -> Int? { columns.firstIndex { $0.name == column } }

    /// The schema metadata under a key; nil where there is none.
    public func metadata(_ key: String) throws(DatasetError) -> String? {
        var out: UnsafePointer<CChar>?
        try check(gt_table_reader_metadata(handle, key, &out), path: path)
        return out.map { String(cString: $0) }
    }

    /// A column of whole numbers or bools, lists flattened; nulls read as 0.
    public func integers(_ column: String) throws(DatasetError) -> [Int64] {
        try withValues(column) { (values, leaves, path) throws(DatasetError) in
            var out = [Int64](repeating: 0, count: leaves)
            try check(gt_values_int64(values, &out, leaves), path: path)
            return out
        }
    }

    /// A column of one whole number or bool a row; a column of lists is refused, and so are nulls.
    public func scalars(_ column: String) throws(DatasetError) -> [Int64] {
        let values = try integers(column)
        if try nullCount(column) > 0 {
            let row = try doubles(column).firstIndex { $0.isNaN } ?? 0
            throw .format(path: path, location: "\(column), row \(row)", reason: "is null; a whole number is needed")
        }
        guard values.count == rowCount else {
            throw .format(
                path: path, location: "column \(column)", reason: "\(values.count) values in \(rowCount) rows; one a row is needed")
        }
        return values
    }

    /// A column of numbers or bools, lists flattened; nulls read as NaN.
    public func doubles(_ column: String) throws(DatasetError) -> [Double] {
        try withValues(column) { (values, leaves, path) throws(DatasetError) in
            var out = [Double](repeating: 0, count: leaves)
            try check(gt_values_double(values, &out, leaves), path: path)
            return out
        }
    }

    /// A column of texts, lists flattened; nulls read as empty.
    public func strings(_ column: String) throws(DatasetError) -> [String] {
        try withValues(column) { (values, leaves, path) throws(DatasetError) in
            var out: [String] = []
            out.reserveCapacity(leaves)
            for i in 0..<leaves {
                var text: UnsafePointer<CChar>?
                var length = 0
                try check(gt_values_string(values, i, &text, &length), path: path)
                out.append(text.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: length), as: UTF8.self) } ?? "")
            }
            return out
        }
    }

    /// How many leaves each row of a column holds.
    public func lengths(_ column: String) throws(DatasetError) -> [Int] {
        try withValues(column) { (values, _, path) throws(DatasetError) in
            var rows: Int64 = 0
            var leaves: Int64 = 0
            var nulls: Int64 = 0
            try check(gt_values_counts(values, &rows, &leaves, &nulls), path: path)
            var out = [Int64](repeating: 0, count: Int(rows))
            try check(gt_values_lengths(values, &out, out.count), path: path)
            return out.map(Int.init)
        }
    }

    /// How many rows or entries of a column are null.
    public func nullCount(_ column: String) throws(DatasetError) -> Int {
        try withValues(column) { (values, _, path) throws(DatasetError) in
            var rows: Int64 = 0
            var leaves: Int64 = 0
            var nulls: Int64 = 0
            try check(gt_values_counts(values, &rows, &leaves, &nulls), path: path)
            return Int(nulls)
        }
    }

    private func withValues<Result>(
        _ column: String, _ body: (OpaquePointer, Int, String) throws(DatasetError) -> Result
    ) throws(DatasetError) -> Result {
        let place = "\(path), column \(column)"
        guard let index = index(of: column) else {
            throw .format(
                path: path, location: "column \(column)", reason: "is missing; there are: \(columns.map(\.name).joined(separator: ", "))")
        }
        var values: OpaquePointer?
        try check(gt_table_reader_values(handle, index, &values), path: place)
        guard let values else { throw .file(path: place, reason: "the Parquet reader gave no values") }
        defer { gt_values_free(values) }
        var rows: Int64 = 0
        var leaves: Int64 = 0
        var nulls: Int64 = 0
        try check(gt_values_counts(values, &rows, &leaves, &nulls), path: place)
        return try body(values, Int(leaves), place)
    }
}
