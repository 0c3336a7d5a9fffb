internal import Foundation

/// UMI's zips: coded pictures are copied with new numbers, the other arrays row by row.
enum UMIMerge {
    static func run(_ parts: [URL], _ output: URL) throws(DatasetError) {
        var stores: [ZarrStore] = []
        for part in parts { stores.append(ZarrStore(zip: try ZipReader(path: part.path))) }
        let weight = "loss_weight"
        let common = stores[0].arrays(in: "data").filter { $0 != weight }
        // A part that nobody weighed counts in full.
        let weighed = stores.first { $0.arrays(in: "data").contains(weight) }
        let names = common + (weighed == nil ? [] : [weight])
        let staging = try StagingFolder(for: output, existing: .refuse)
        let zip = try ZipWriter(path: staging.new.path)
        for group in [".zgroup", "data/.zgroup", "meta/.zgroup"] {
            try zip.add(group, Array(JSONValue.object([("zarr_format", .integer(2))]).encoded().utf8))
        }
        var ends: [Int] = []
        var counts: [(url: URL, provenance: DatasetProvenance, episodes: Int)] = []
        var arrays: [ZarrArray?] = []
        var pictures: [ZarrDescription?] = []
        for name in names {
            let array = try (name == weight ? weighed ?? stores[0] : stores[0]).description("data/\(name)")
            let isPicture = array.shape.count == 4
            arrays.append(isPicture ? nil : ZarrArray("data/\(name)", dtype: array.dtype, width: array.shape.dropFirst().reduce(1, *)))
            pictures.append(isPicture ? array : nil)
        }
        for (part, store) in zip2(parts, stores) {
            let here = store.arrays(in: "data")
            guard here.filter({ $0 != weight }) == common else {
                throw .format(
                    path: part.path, location: "data",
                    reason: "\(here.joined(separator: ", ")); in \(parts[0].path): \(common.joined(separator: ", "))")
            }
            let own = try store.episodeLengths()
            let rows = own.reduce(0, +)
            let before = ends.last ?? 0
            for (i, name) in names.enumerated() {
                let key = "data/\(name)"
                if name == weight, !here.contains(weight) {
                    try arrays[i]?.append(UMIWriter.fullWeights(rows), to: zip)
                    continue
                }
                let array = try store.description(key)
                let first = try (name == weight ? weighed ?? store : stores[0]).description(key)
                guard array.dtype == first.dtype, array.shape.dropFirst() == first.shape.dropFirst(), array.shape[0] == rows,
                    array.compressor == first.compressor
                else {
                    throw .format(
                        path: part.path, location: key,
                        reason:
                            "\(array.dtype) \(array.shape) of \(rows) rows; in \(parts[0].path): \(first.dtype) \(first.shape), as coded")
                }
                if pictures[i] != nil {
                    for row in 0..<rows { try zip.add("\(key)/\(before + row).0.0.0", try store.zip.bytes("\(key)/\(row).0.0.0")) }
                } else {
                    try arrays[i]?.append(try store.bytes(key, array), to: zip)
                }
            }
            for length in own { ends.append((ends.last ?? 0) + length) }
            counts.append((part, DatasetProvenance.read(part) ?? DatasetProvenance(), own.count))
        }
        for (i, name) in names.enumerated() {
            try arrays[i]?.close(to: zip)
            if var picture = pictures[i] {
                picture.shape[0] = ends.last ?? 0
                try zip.add("data/\(name)/.zarray", Array(picture.json.encoded().utf8))
            }
        }
        try UMIWriter.writeEnds(ends, to: zip)
        try zip.add(".zattrs", try DatasetProvenance.encode(["griptrace": try DatasetMerger.provenance(counts)]))
        try zip.close()
        try staging.commit()
    }

    private static func zip2<A, B>(_ a: [A], _ b: [B]) -> Zip2Sequence<[A], [B]> { Swift.zip(a, b) }
}
