/// An array of a Zarr v2 store that grows by rows and is cut into chunks of whole rows, without compression. Streams: a chunk is written
/// when it is full.
///
/// The chunk is as many rows as the first episode has, as UMI's own writer has it; the last one is padded with zeros to its full size,
/// which Zarr 2's reader needs.
struct ZarrArray {
    /// NumPy's name, such as `<f4`.
    let dtype: String
    let name: String
    /// Numbers a row; 0 for a one-dimensional array.
    let width: Int
    private let elementBytes: Int
    private var chunkRows = 0
    private var pending: [UInt8] = []
    private var chunks = 0
    private(set) var rows = 0

    /// - Parameter dtype: `<f4`, `<f8` or `<i8`.
    init(_ name: String, dtype: String, width: Int) {
        self.name = name
        self.dtype = dtype
        self.width = width
        elementBytes = dtype.hasSuffix("4") ? 4 : 8
    }

    private var rowBytes: Int { max(width, 1) * elementBytes }

    /// Appends whole rows of little-endian bytes. The first call sets the chunk's length.
    mutating func append(_ bytes: [UInt8], to zip: ZipWriter) throws(DatasetError) {
        precondition(!bytes.isEmpty && bytes.count % rowBytes == 0, "whole rows")
        if chunkRows == 0 { chunkRows = bytes.count / rowBytes }
        pending += bytes
        rows += bytes.count / rowBytes
        var start = 0
        while pending.count - start >= chunkRows * rowBytes {
            try add(Array(pending[start..<(start + chunkRows * rowBytes)]), to: zip)
            start += chunkRows * rowBytes
        }
        pending.removeFirst(start)
    }

    /// Writes what is left, padded, and the array's description.
    mutating func close(to zip: ZipWriter) throws(DatasetError) {
        if !pending.isEmpty { try add(pending + [UInt8](repeating: 0, count: chunkRows * rowBytes - pending.count), to: zip) }
        pending = []
        let tail = width == 0 ? [] : [width]
        let description = ZarrDescription(
            shape: [rows] + tail, chunks: [max(chunkRows, 1)] + tail, dtype: dtype, compressor: .null,
            fill: dtype.contains("f") ? .number(0) : .integer(0))
        try zip.add("\(name)/.zarray", Array(description.json.encoded().utf8))
    }

    private mutating func add(_ bytes: [UInt8], to zip: ZipWriter) throws(DatasetError) {
        try zip.add("\(name)/\(chunks)" + (width == 0 ? "" : ".0"), bytes)
        chunks += 1
    }
}

/// What a `.zarray` says.
struct ZarrDescription: Equatable {
    var shape: [Int]
    var chunks: [Int]
    var dtype: String
    var compressor: JSONValue
    var fill: JSONValue

    var json: JSONValue {
        .object([
            ("chunks", .array(chunks.map { .integer(Int64($0)) })), ("compressor", compressor), ("dtype", .string(dtype)),
            ("fill_value", fill),
            ("filters", .null), ("order", .string("C")), ("shape", .array(shape.map { .integer(Int64($0)) })), ("zarr_format", .integer(2)),
        ])
    }
}
