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
    private var chunkRows: Int
    private var pending: [UInt8] = []
    private var chunks = 0
    private(set) var rows = 0

    /// - Parameters:
    ///   - dtype: `<f4`, `<f8` or `<i8`.
    ///   - chunkRows: rows of a chunk; 0 leaves them to the first call of `append`.
    init(_ name: String, dtype: String, width: Int, chunkRows: Int = 0) {
        self.name = name
        self.dtype = dtype
        self.width = width
        self.chunkRows = chunkRows
        elementBytes = dtype.hasSuffix("4") ? 4 : 8
    }

    /// Goes on with an array of a store that this program or UMI's own wrote.
    init(continuing name: String, in store: ZarrStore, dtype: String, width: Int) throws(DatasetError) {
        self.init(name, dtype: dtype, width: width)
        let found = try store.description(name)
        guard found.dtype == dtype, found.shape.dropFirst() == (width == 0 ? [] : [width]), found.compressor == .null,
            found.chunks.dropFirst() == found.shape.dropFirst()
        else {
            throw .format(
                path: store.zip.path, location: "\(name)/.zarray",
                reason: "\(found.dtype) \(found.shape); accepted to add episodes: \(dtype) [rows\(width == 0 ? "" : ", \(width)")], "
                    + "not compressed"
            )
        }
        rows = found.shape[0]
        chunkRows = found.chunks[0]
        chunks = rows / chunkRows
        if rows % chunkRows > 0 {
            pending = Array(try store.zip.bytes("\(name)/\(chunks)" + tail).prefix(rows % chunkRows * rowBytes))
        }
    }

    /// A new array, or one of `store` to go on with.
    static func make(_ name: String, dtype: String, width: Int, store: ZarrStore?) throws(DatasetError) -> ZarrArray {
        guard let store else { return ZarrArray(name, dtype: dtype, width: width) }
        return try ZarrArray(continuing: name, in: store, dtype: dtype, width: width)
    }

    private var tail: String { width == 0 ? "" : ".0" }
    private var rowBytes: Int { max(width, 1) * elementBytes }

    /// Appends whole rows of little-endian bytes. The first call sets the chunk's length where it is not known.
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
        try zip.add("\(name)/\(chunks)" + tail, bytes)
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
