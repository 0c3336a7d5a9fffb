internal import CNative

/// A column of a Parquet table.
public struct ParquetColumn: Sendable, Equatable {
    public enum Element: Int32, Sendable {
        case int64 = 0
        case float = 1
        case double = 2
        case bool = 3
        case string = 4
        /// Anything else that a file from elsewhere may hold; not written.
        case other = 5
    }

    public var name: String
    public var element: Element
    /// 0 is a scalar, 1 to 3 are lists of lists.
    public var depth: Int
    /// With depth 1: every row's list has this length; 0 is a list of any length.
    public var fixedSize: Int

    public init(_ name: String, _ element: Element, depth: Int = 0, fixedSize: Int = 0) {
        self.name = name
        self.element = element
        self.depth = depth
        self.fixedSize = fixedSize
    }
}

/// Values to append to one column: leaves, row after row.
public enum ParquetValues: Sendable {
    case int64([Int64])
    case float([Float])
    case double([Double])
    case bool([Bool])
    case string([String])

    var element: ParquetColumn.Element {
        switch self {
        case .int64: .int64
        case .float: .float
        case .double: .double
        case .bool: .bool
        case .string: .string
        }
    }
}

/// Writes one Parquet file by columns and row groups: snappy, dictionaries, the Arrow schema stored with it. Same values, same bytes.
public final class ParquetWriter {
    public let path: String
    public let columns: [ParquetColumn]
    private let handle: OpaquePointer

    /// - Parameter metadata: schema metadata such as `pandas`, in the order to write.
    public init(path: String, columns: [ParquetColumn], metadata: [(key: String, value: String)] = []) throws(DatasetError) {
        self.path = path
        self.columns = columns
        var out: OpaquePointer?
        let status = withCStrings(columns.map(\.name) + metadata.map(\.key) + metadata.map(\.value)) { texts in
            let native = columns.indices.map {
                gt_column(
                    name: texts[$0], element: columns[$0].element.rawValue, depth: Int32(columns[$0].depth),
                    fixed_size: Int32(columns[$0].fixedSize))
            }
            let keys = Array(texts[columns.count..<(columns.count + metadata.count)])
            let values = Array(texts[(columns.count + metadata.count)...])
            return gt_table_writer_open(path, native, native.count, keys, values, metadata.count, &out)
        }
        try check(status, path: path)
        guard let out else { throw .file(path: path, reason: "the Parquet writer gave no handle") }
        handle = out
    }

    deinit { gt_table_writer_free(handle) }

    /// Appends rows to one column.
    /// - Parameters:
    ///   - shape: how many entries each list level holds in each of these rows; as many numbers as the column is deep.
    public func append(_ values: ParquetValues, column: Int, rows: Int, shape: [Int] = []) throws(DatasetError) {
        precondition(columns.indices.contains(column) && shape.count == columns[column].depth, "a shape for each level of the column")
        let leaves = shape.reduce(rows, *)
        let sizes = shape.map(Int64.init)
        let element = values.element.rawValue
        let status: gt_status
        switch values {
        case .int64(let v):
            precondition(v.count == leaves, "as many values as rows and shape say")
            status = gt_table_writer_append(handle, column, element, v, rows, sizes)
        case .float(let v):
            precondition(v.count == leaves, "as many values as rows and shape say")
            status = gt_table_writer_append(handle, column, element, v, rows, sizes)
        case .double(let v):
            precondition(v.count == leaves, "as many values as rows and shape say")
            status = gt_table_writer_append(handle, column, element, v, rows, sizes)
        case .bool(let v):
            precondition(v.count == leaves, "as many values as rows and shape say")
            status = gt_table_writer_append(handle, column, element, v.map { $0 ? 1 : 0 } as [UInt8], rows, sizes)
        case .string(let v):
            precondition(v.count == leaves, "as many values as rows and shape say")
            status = withCStrings(v) { gt_table_writer_append(handle, column, element, $0.baseAddress, rows, sizes) }
        }
        try check(status, path: "\(path), column \(columns[column].name)")
    }

    /// Ends a row group; all columns must hold equally many rows.
    public func endRowGroup() throws(DatasetError) { try check(gt_table_writer_flush(handle), path: path) }

    /// Bytes of the row groups written so far.
    public func size() throws(DatasetError) -> Int {
        var bytes: Int64 = 0
        try check(gt_table_writer_size(handle, &bytes), path: path)
        return Int(bytes)
    }

    /// Writes the footer; the file is complete after it and not before.
    public func close() throws(DatasetError) { try check(gt_table_writer_close(handle), path: path) }
}
