internal import Foundation
internal import Imaging

/// robomimic's files: demos are copied with new numbers.
enum RobomimicMerge {
    static func run(_ parts: [URL], _ output: URL) throws(DatasetError) {
        let staging = try StagingFolder(for: output, existing: .refuse)
        do {
            try copy(parts, to: staging.new)
        } catch let error as DatasetError {
            throw error
        } catch let error as ImagingError {
            throw .hdf5(error)
        } catch {
            throw .file(path: output.path, reason: "\(error)")
        }
        try staging.commit()
    }

    private static func copy(_ parts: [URL], to partial: URL) throws {
        let out = try HDF5File.creating(partial)
        var episodes = 0
        var rows = 0
        var counts: [(url: URL, provenance: DatasetProvenance, episodes: Int)] = []
        var like: RobomimicContents.Demo?
        var masks: [String: [String]] = [:]
        var isScaled: Bool?
        var names: [String] = []
        for part in parts {
            let file = try RobomimicContents.open(part)
            let scaled = try RobomimicScale.isIn(file)
            guard isScaled ?? scaled == scaled else {
                throw DatasetError.format(
                    path: part.path, location: RobomimicScale.group, reason: "is in one part only: their actions mean different things")
            }
            isScaled = scaled
            let stated = try RobomimicScale.names(in: file)
            guard names.isEmpty || stated.isEmpty || stated == names else {
                throw DatasetError.format(
                    path: part.path, location: "\(RobomimicScale.group)/names",
                    reason: "\(stated), before it \(names): they cannot be merged")
            }
            if names.isEmpty { names = stated }
            let contents = try RobomimicContents(file)
            var provenance = DatasetProvenance.read(part) ?? DatasetProvenance()
            let before = episodes
            for demo in contents.demos {
                if let like, let key = Set(like.shapes.keys).symmetricDifference(demo.shapes.keys).sorted().first {
                    throw DatasetError.format(
                        path: part.path, location: "\(demo.name)/\(key)", reason: "is in one part only: they cannot be merged")
                }
                for (key, shape) in demo.shapes.sorted(by: { $0.key < $1.key }) where !(scaled && key == "actions") {
                    if let first = like?.shapes[key], first.dropFirst() != shape.dropFirst() {
                        throw DatasetError.format(
                            path: part.path, location: "\(demo.name)/\(key)",
                            reason: "\(shape.dropFirst()) a row, before it \(first.dropFirst())")
                    }
                    try copy("\(demo.name)/\(key)", of: file, to: "\(RobomimicPath.demo(episodes))/\(key)", of: out)
                }
                try out.set(RobomimicPath.demo(episodes), "num_samples", demo.length)
                if try file.hasAttribute(demo.name, "task") {
                    try out.set(RobomimicPath.demo(episodes), "task", try file.text(demo.name, "task"))
                }
                like = like ?? demo
                episodes += 1
                rows += demo.length
            }
            if counts.isEmpty { try out.set("/data", "env_args", try file.text("/data", "env_args")) }
            var own = try contents.masks(of: file)
            if let held = own["valid"] { provenance.validationEpisodes = held }
            let held = Set(provenance.validationEpisodes)
            // Without splits all that is not held back is for training.
            if own["train"] == nil { own["train"] = contents.demos.indices.filter { !held.contains($0) } }
            own["valid"] = provenance.validationEpisodes
            for (mask, demos) in own { masks[mask, default: []] += demos.map { "demo_\(before + $0)" } }
            counts.append((part, provenance, contents.demos.count))
        }
        let holdsJoints = names.contains { DatasetMerger.isOfJoint($0) } || like?.shapes.keys.contains { $0.hasSuffix("arm") } ?? false
        try DatasetMerger.compareRules(counts.map { ($0.url, $0.provenance) }, holdsJoints: holdsJoints)
        let provenance = try DatasetMerger.provenance(counts)
        // As of the whole: what the parts' scales say holds for the parts.
        if isScaled == true { try RobomimicScale.write(to: out, demos: episodes, names: names) }
        try out.set("/data", "total", rows)
        try out.set("/data", "griptrace", String(decoding: try provenance.encoded(), as: UTF8.self))
        for (mask, members) in masks.sorted(by: { $0.key < $1.key }) where !members.isEmpty { try out.put("/mask/\(mask)", texts: members) }
        try out.close()
    }

    private static func copy(_ name: String, of file: HDF5File, to target: String, of out: HDF5File) throws {
        let entry = try file.entry(name)
        let zeros = entry.shape.map { _ in 0 }
        switch entry.type {
        case .uint8:
            let chunk = [1] + entry.shape.dropFirst()
            try out.createDataset(target, .uint8, shape: [0] + entry.shape.dropFirst(), chunk: chunk, deflate: RobomimicOptions().deflate)
            for row in 0..<(entry.shape.first ?? 0) {
                try out.write(target, try file.bytes(name, rows: row..<(row + 1)), start: [row] + zeros.dropFirst(), count: chunk)
            }
        case .float32, .float64, .int32, .int64, .bool:
            try out.createDataset(target, entry.type == .bool ? .int64 : entry.type, shape: entry.shape)
            try out.write(target, try file.doubles(name).values, start: zeros, count: entry.shape)
        case .text, .other:
            throw DatasetError.format(path: file.url.path, location: name, reason: "neither numbers nor pictures: cannot be merged")
        }
    }
}
