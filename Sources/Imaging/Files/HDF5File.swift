internal import CNative
public import Foundation
internal import Session

/// An HDF5 file, read or written: numbers by boxes, texts, attributes. Paths inside it are absolute (`/data/demo_0/actions`).
///
/// Calls are serialised for the whole process, since Debian's library is not thread-safe. Equal contents give equal bytes: no times are
/// stored. An operation that fails says the file and the path inside it.
public final class HDF5File {
    /// Element types in the file; integers of other widths count as the nearest wider one.
    public enum ElementType: Int32, Sendable {
        case other, float32, float64, uint8, int32, int64, text, bool
    }

    /// What stands at a path.
    public struct Entry: Sendable, Equatable {
        /// Else a group.
        public var isDataset: Bool
        public var type: ElementType
        public var shape: [Int]
        /// Empty where the data is not chunked.
        public var chunk: [Int]
    }

    public let url: URL
    private var handle: OpaquePointer?

    private init(_ url: URL, _ open: (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> gt_status) throws(ImagingError) {
        self.url = url
        var handle: OpaquePointer?
        let status = url.path.withCString { open($0, &handle) }
        guard status.code == GT_OK else { throw .file(path: url.path, reason: status.text) }
        self.handle = handle
    }

    deinit { if let handle { _ = gt_hdf5_close(handle) } }

    /// Whether a file begins as HDF5 does, which is asked before the library is: it never sees what is no HDF5.
    public static func isHDF5(_ url: URL) -> Bool {
        let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
        let bytes = FileBytes.prefix(url, count: 2048 + signature.count)
        // After a user block of 0, 512, 1024 or 2048 bytes.
        return [0, 512, 1024, 2048].contains { bytes.count >= $0 + signature.count && bytes[$0...].starts(with: signature) }
    }

    /// Opens a file for reading; one that is no HDF5 is an error.
    public static func reading(_ url: URL) throws(ImagingError) -> HDF5File {
        guard isHDF5(url) else {
            let isThere = FileManager.default.fileExists(atPath: url.path)
            throw .file(path: url.path, reason: isThere ? "is no HDF5 file" : "does not exist")
        }
        return try HDF5File(url) { gt_hdf5_open($0, $1) }
    }

    /// Makes a file, replacing any that is there.
    public static func creating(_ url: URL) throws(ImagingError) -> HDF5File { try HDF5File(url) { gt_hdf5_create($0, $1) } }

    /// Opens an existing file for reading and writing.
    public static func updating(_ url: URL) throws(ImagingError) -> HDF5File { try HDF5File(url) { gt_hdf5_open_writable($0, $1) } }

    /// Writes what is pending; the file cannot be used any more.
    public func close() throws(ImagingError) {
        let open = handle
        handle = nil
        try check(gt_hdf5_close(open), "/")
    }

    private func check(_ status: gt_status, _ location: String) throws(ImagingError) {
        guard status.code == GT_OK else { throw .format(path: url.path, location: location, reason: status.text) }
    }

    /// Takes over a text that the library allocated.
    private func text(_ location: String, _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> gt_status) throws(ImagingError)
        -> String
    {
        var text: UnsafeMutablePointer<CChar>?
        let status = call(&text)
        defer { gt_hdf5_text_free(text) }
        try check(status, location)
        return text.map { String(cString: $0) } ?? ""
    }

    // MARK: Structure

    public func exists(_ path: String) throws(ImagingError) -> Bool {
        var found = false
        try check(gt_hdf5_exists(handle, path, &found), path)
        return found
    }

    /// Names in a group, sorted.
    public func children(of group: String) throws(ImagingError) -> [String] {
        try text(group) { gt_hdf5_children(handle, group, $0) }.split(separator: "\n").map(String.init)
    }

    public func entry(_ path: String) throws(ImagingError) -> Entry {
        var info = gt_hdf5_info()
        try check(gt_hdf5_describe(handle, path, &info), path)
        let rank = Int(info.rank)
        let shape = withUnsafeBytes(of: info.shape) { $0.bindMemory(to: Int64.self).prefix(rank).map { Int($0) } }
        let chunk = withUnsafeBytes(of: info.chunk) { $0.bindMemory(to: Int64.self).prefix(rank).map { Int($0) } }
        return Entry(
            isDataset: info.is_dataset, type: ElementType(rawValue: info.type) ?? .other, shape: shape,
            chunk: chunk.contains(0) ? [] : chunk)
    }

    public func createGroup(_ path: String) throws(ImagingError) { try check(gt_hdf5_create_group(handle, path), path) }

    /// Takes away a group or dataset; its space is not used again.
    public func remove(_ path: String) throws(ImagingError) { try check(gt_hdf5_remove(handle, path), path) }

    /// Makes a dataset and the groups above it. A chunked one can grow along its first dimension; `deflate` is zlib's level, 0 for none.
    public func createDataset(
        _ path: String, _ type: ElementType, shape: [Int], chunk: [Int]? = nil, deflate: Int = 0
    ) throws(ImagingError) {
        precondition(chunk == nil || chunk?.count == shape.count)
        let status = shape.map(Int64.init).withUnsafeBufferPointer { shape in
            if let chunk {
                return chunk.map(Int64.init).withUnsafeBufferPointer {
                    gt_hdf5_create_dataset(
                        handle, path, type.rawValue, Int32(clamping: shape.count), shape.baseAddress, $0.baseAddress,
                        Int32(clamping: deflate))
                }
            }
            return gt_hdf5_create_dataset(
                handle, path, type.rawValue, Int32(clamping: shape.count), shape.baseAddress, nil, Int32(clamping: deflate))
        }
        try check(status, path)
    }

    // MARK: Numbers

    /// Reads a whole dataset of numbers, converted; rows one after another.
    public func doubles(_ path: String) throws(ImagingError) -> (values: [Double], shape: [Int]) {
        let shape = try entry(path).shape
        return (try read(path, .float64, zero: 0, start: shape.map { _ in 0 }, count: shape), shape)
    }

    /// Reads some rows (first dimension) of a dataset as bytes, such as pictures.
    public func bytes(_ path: String, rows: Range<Int>) throws(ImagingError) -> [UInt8] {
        let shape = try entry(path).shape
        guard let first = shape.first, rows.upperBound <= first else {
            throw .format(path: url.path, location: path, reason: "rows \(rows) are asked for, its shape is \(shape)")
        }
        return try read(
            path, .uint8, zero: 0, start: [rows.lowerBound] + shape.dropFirst().map { _ in 0 }, count: [rows.count] + shape.dropFirst())
    }

    /// Writes a box that starts at `start`; a chunked dataset grows where it must.
    public func write(_ path: String, _ values: [Double], start: [Int], count: [Int]) throws(ImagingError) {
        try write(path, .float64, values, start: start, count: count)
    }

    public func write(_ path: String, _ values: [Float], start: [Int], count: [Int]) throws(ImagingError) {
        try write(path, .float32, values, start: start, count: count)
    }

    public func write(_ path: String, _ values: [Int64], start: [Int], count: [Int]) throws(ImagingError) {
        try write(path, .int64, values, start: start, count: count)
    }

    public func write(_ path: String, _ values: [UInt8], start: [Int], count: [Int]) throws(ImagingError) {
        try write(path, .uint8, values, start: start, count: count)
    }

    /// Makes a contiguous dataset of doubles and writes it.
    public func put(_ path: String, _ values: [Double], shape: [Int]) throws(ImagingError) {
        try createDataset(path, .float64, shape: shape)
        try write(path, values, start: shape.map { _ in 0 }, count: shape)
    }

    private func read<T>(_ path: String, _ type: ElementType, zero: T, start: [Int], count: [Int]) throws(ImagingError) -> [T] {
        var values = [T](repeating: zero, count: try elements(path, count, size: MemoryLayout<T>.stride))
        let status = values.withUnsafeMutableBytes { buffer in
            box(start, count) {
                gt_hdf5_read(handle, path, type.rawValue, Int32(clamping: count.count), $0, $1, buffer.baseAddress, buffer.count)
            }
        }
        try check(status, path)
        return values
    }

    /// How many elements a box holds; a box that is larger than the file can hold is damage, found before memory is asked for.
    private func elements(_ path: String, _ count: [Int], size: Int) throws(ImagingError) -> Int {
        let wanted = count.reduce(Double(size)) { $0 * Double($1) }
        let onDisk = try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int
        let limit = Double(onDisk ?? 0) * Self.largestRatio + Self.anySize
        guard count.allSatisfy({ $0 >= 0 }), wanted <= limit else {
            throw .format(
                path: url.path, location: path,
                reason: "its shape \(count) asks for \(wanted) bytes, more than a file of \(onDisk ?? 0) bytes can hold")
        }
        return count.reduce(1, *)
    }

    /// zlib makes data at most so many times smaller (its manual); a byte may be read as eight.
    private static let largestRatio = 8 * 1032.0
    /// Bytes that are always asked for: what a file just made holds may not be on disk yet.
    private static let anySize = 64e6

    private func write<T>(_ path: String, _ type: ElementType, _ values: [T], start: [Int], count: [Int]) throws(ImagingError) {
        precondition(values.count == count.reduce(1, *) && start.count == count.count)
        let status = values.withUnsafeBytes { buffer in
            box(start, count) {
                gt_hdf5_write(handle, path, type.rawValue, Int32(clamping: count.count), $0, $1, buffer.baseAddress, buffer.count)
            }
        }
        try check(status, path)
    }

    private func box(_ start: [Int], _ count: [Int], _ body: (UnsafePointer<Int64>?, UnsafePointer<Int64>?) -> gt_status) -> gt_status {
        start.map(Int64.init).withUnsafeBufferPointer { s in
            count.map(Int64.init).withUnsafeBufferPointer { c in body(s.baseAddress, c.baseAddress) }
        }
    }

    // MARK: Texts and attributes

    /// The rows of a dataset of texts, or its one text.
    public func texts(_ path: String) throws(ImagingError) -> [String] {
        var bytes: UnsafeMutablePointer<CChar>?
        var size = 0
        let status = gt_hdf5_strings(handle, path, &bytes, &size)
        defer { gt_hdf5_text_free(bytes) }
        try check(status, path)
        guard let bytes, size > 0 else { return [] }
        let raw = UnsafeRawBufferPointer(start: bytes, count: size - 1)
        return raw.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Makes a dataset of texts; `isScalar` for one text without a dimension.
    public func put(_ path: String, texts: [String], isScalar: Bool = false) throws(ImagingError) {
        let rows = texts.flatMap { Array($0.utf8CString) }
        try check(rows.withUnsafeBufferPointer { gt_hdf5_create_strings(handle, path, $0.baseAddress, $0.count, isScalar) }, path)
    }

    public func set(_ path: String, _ name: String, _ value: String) throws(ImagingError) {
        try check(gt_hdf5_set_text(handle, path, name, value), "\(path)@\(name)")
    }

    public func set(_ path: String, _ name: String, _ value: Int) throws(ImagingError) {
        try check(gt_hdf5_set_integer(handle, path, name, Int64(value)), "\(path)@\(name)")
    }

    public func set(_ path: String, _ name: String, _ value: Double) throws(ImagingError) {
        try check(gt_hdf5_set_number(handle, path, name, value), "\(path)@\(name)")
    }

    public func hasAttribute(_ path: String, _ name: String) throws(ImagingError) -> Bool {
        var found = false
        try check(gt_hdf5_has_attribute(handle, path, name, &found), "\(path)@\(name)")
        return found
    }

    public func number(_ path: String, _ name: String) throws(ImagingError) -> Double {
        var value = 0.0
        try check(gt_hdf5_number(handle, path, name, &value), "\(path)@\(name)")
        return value
    }

    public func text(_ path: String, _ name: String) throws(ImagingError) -> String {
        try text("\(path)@\(name)") { gt_hdf5_text(handle, path, name, $0) }
    }
}
