/// Reads arrays of a Zarr v2 store in a zip.
struct ZarrStore {
    let zip: ZipReader

    /// The arrays of a group such as `data`, by name, sorted.
    func arrays(in group: String) -> [String] {
        zip.entries.map(\.name).filter { $0.hasPrefix("\(group)/") && $0.hasSuffix("/.zarray") }
            .map { String($0.dropFirst(group.count + 1).dropLast("/.zarray".count)) }.filter { !$0.contains("/") }.sorted()
    }

    /// Rows of each episode, from `meta/episode_ends`, which must rise.
    func episodeLengths() throws(DatasetError) -> [Int] {
        let name = "meta/episode_ends"
        let values = try values(name, try description(name))
        var lengths: [Int] = []
        var end = 0
        for (episode, value) in values.enumerated() {
            guard let next = Int(exactly: value), next > end else {
                throw .format(
                    path: zip.path, location: "\(name), episode \(episode)",
                    reason: "ends at \(value); ends are whole and rise from above 0")
            }
            lengths.append(next - end)
            end = next
        }
        return lengths
    }

    func description(_ name: String) throws(DatasetError) -> ZarrDescription {
        let key = "\(name)/.zarray"
        let json = try JSONValue.parse(try zip.bytes(key), path: "\(zip.path): \(key)")
        guard json["zarr_format"]?.whole == 2, let shape = json["shape"]?.elements?.compactMap(\.whole), let dtype = json["dtype"]?.text,
            let chunks = json["chunks"]?.elements?.compactMap(\.whole), chunks.count == shape.count, !shape.isEmpty,
            chunks.allSatisfy({ $0 > 0 }), shape.allSatisfy({ $0 >= 0 })
        else {
            throw .format(
                path: zip.path, location: key, reason: "needs zarr_format 2, shape, chunks (all above 0, as many as the shape) and dtype")
        }
        guard StatedCount.product(shape) != nil, StatedCount.product(chunks) != nil else {
            throw .format(path: zip.path, location: key, reason: "shape \(shape), chunks \(chunks): larger than any data set")
        }
        guard json["order"]?.text ?? "C" == "C", json["filters"] ?? .null == .null else {
            throw .format(path: zip.path, location: key, reason: "order must be C, filters null")
        }
        if let separator = json["dimension_separator"]?.text, separator != "." {
            throw .format(path: zip.path, location: key, reason: "dimension_separator \"\(separator)\"; UMI's is \".\"")
        }
        return ZarrDescription(
            shape: shape, chunks: chunks, dtype: dtype, compressor: json["compressor"] ?? .null, fill: json["fill_value"] ?? .null)
    }

    /// The bytes of all rows of an uncompressed array, without the padding of its last chunk.
    func bytes(_ name: String, _ array: ZarrDescription) throws(DatasetError) -> [UInt8] {
        let key = "\(name)/.zarray"
        guard array.compressor == .null else {
            throw .format(path: zip.path, location: key, reason: "is compressed: only plain arrays are read here")
        }
        guard Array(array.chunks.dropFirst()) == Array(array.shape.dropFirst()) else {
            throw .format(path: zip.path, location: key, reason: "chunks \(array.chunks) cut across rows of \(array.shape)")
        }
        guard ["<f4", "<f8", "<i8"].contains(array.dtype) else {
            throw .format(path: zip.path, location: key, reason: "dtype \(array.dtype); accepted: <f4, <f8, <i8")
        }
        let row = array.shape.dropFirst().reduce(1, *) * (array.dtype == "<f4" ? 4 : 8)
        // Plain chunks take their size in the file.
        guard let total = StatedCount.product([array.shape[0], row]), UInt64(total) <= zip.directoryOffset else {
            throw .format(
                path: zip.path, location: key, reason: "shape \(array.shape) is more than the \(zip.directoryOffset) bytes of the file hold"
            )
        }
        let tail = String(repeating: ".0", count: array.shape.count - 1)
        var out: [UInt8] = []
        out.reserveCapacity(total)
        for first in stride(from: 0, to: array.shape[0], by: array.chunks[0]) {
            let chunk = "\(name)/\(first / array.chunks[0])\(tail)"
            let bytes = try zip.bytes(chunk)
            guard bytes.count == array.chunks[0] * row else {
                throw .format(
                    path: zip.path, location: chunk,
                    reason: "\(bytes.count) bytes; a chunk, the last one too, holds \(array.chunks[0]) rows of \(row) bytes")
            }
            out += bytes.prefix(min(array.chunks[0], array.shape[0] - first) * row)
        }
        return out
    }

    /// All values of an uncompressed array cut into chunks of whole rows, as doubles, row after row.
    func values(_ name: String, _ array: ZarrDescription) throws(DatasetError) -> [Double] {
        let bytes = try bytes(name, array)
        switch array.dtype {
        case "<f4": return stride(from: 0, to: bytes.count, by: 4).map { Double(Float(bitPattern: bytes.u32($0))) }
        case "<f8": return stride(from: 0, to: bytes.count, by: 8).map { Double(bitPattern: bytes.u64($0)) }
        default: return stride(from: 0, to: bytes.count, by: 8).map { Double(Int64(bitPattern: bytes.u64($0))) }
        }
    }
}
