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
        var lengths: [Int] = []
        for (part, store) in zip2(parts, stores) {
            let here = store.arrays(in: "data")
            guard here.filter({ $0 != weight }) == common else {
                throw .format(
                    path: part.path, location: "data",
                    reason: "\(here.joined(separator: ", ")); in \(parts[0].path): \(common.joined(separator: ", "))")
            }
            let own = try store.episodeLengths()
            for length in own { ends.append((ends.last ?? 0) + length) }
            lengths.append(own.reduce(0, +))
            counts.append((part, DatasetProvenance.read(part) ?? DatasetProvenance(), own.count))
        }
        // Array by array, not part by part: the bytes are those of the episodes, however they were put together before.
        for name in names {
            let key = "data/\(name)"
            let owner = name == weight ? weighed ?? stores[0] : stores[0]
            var first = try owner.description(key)
            let isPicture = first.shape.count == 4
            var array = ZarrArray(key, dtype: first.dtype, width: first.shape.dropFirst().reduce(1, *), chunkRows: ends.first ?? 0)
            var before = 0
            for (n, store) in stores.enumerated() {
                if name == weight, !store.arrays(in: "data").contains(weight) {
                    try array.append(UMIWriter.fullWeights(lengths[n]), to: zip)
                    before += lengths[n]
                    continue
                }
                let own = try store.description(key)
                guard own.dtype == first.dtype, own.shape.dropFirst() == first.shape.dropFirst(), own.shape[0] == lengths[n],
                    own.compressor == first.compressor
                else {
                    throw .format(
                        path: parts[n].path, location: key,
                        reason:
                            "\(own.dtype) \(own.shape) of \(lengths[n]) rows; in \(parts[0].path): \(first.dtype) \(first.shape), as coded"
                    )
                }
                if isPicture {
                    for row in 0..<lengths[n] { try zip.add("\(key)/\(before + row).0.0.0", try store.zip.bytes("\(key)/\(row).0.0.0")) }
                } else {
                    try array.append(try store.bytes(key, own), to: zip)
                }
                before += lengths[n]
            }
            if isPicture {
                first.shape[0] = before
                try zip.add("\(key)/.zarray", Array(first.json.encoded().utf8))
            } else {
                try array.close(to: zip)
            }
        }
        try UMIWriter.writeEnds(ends, to: zip)
        try zip.add(".zattrs", try DatasetProvenance.encode(["griptrace": try DatasetMerger.provenance(counts)]))
        try zip.close()
        try staging.commit()
    }

    private static func zip2<A, B>(_ a: [A], _ b: [B]) -> Zip2Sequence<[A], [B]> { Swift.zip(a, b) }
}
