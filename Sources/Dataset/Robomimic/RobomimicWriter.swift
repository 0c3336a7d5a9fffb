internal import CNative
public import Foundation
public import Imaging

/// Writes robomimic's HDF5 (see `RobomimicPath` for the layout), one episode after another, in the memory of one episode's numbers.
///
/// Written beside its place and put there by `finish()`. To add episodes an existing file is copied first. The same calls give the same
/// bytes.
public final class RobomimicWriter: EpisodeWriter {
    public let path: URL
    public let layout: EpisodeLayout
    public let options: RobomimicOptions
    public private(set) var episodeCount = 0
    public private(set) var frameCount = 0

    private let staging: StagingFolder
    private let robotType: String
    private let groups: [FeatureGroup]
    private let file: HDF5File
    private var provenance = DatasetProvenance()
    private var before = (episodes: 0, frames: 0)
    private var current: (header: EpisodeHeader, buffer: EpisodeBuffer)?

    public init(path: URL, robotType: String, layout: EpisodeLayout, options: RobomimicOptions = RobomimicOptions()) throws(DatasetError) {
        try layout.validate()
        try options.validate()
        self.path = path
        self.robotType = robotType
        self.layout = layout
        self.options = options
        groups = options.groups.isEmpty ? [FeatureGroup("state", start: 0, end: layout.stateNames.count)] : options.groups
        let names = groups.map(\.name) + layout.cameras.map(RobomimicPath.image) + layout.vectors.map(\.shortName)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw .layout(key: twice, reason: "two observations have that name")
        }
        staging = try StagingFolder(for: path, existing: options.existing)
        let grows = staging.hasExisting && options.existing == .append
        let new = staging.new
        if grows {
            do { try FileManager.default.copyItem(at: staging.destination, to: new) } catch {
                throw .file(path: new.path, reason: "\(path.path) cannot be copied here: \(error.localizedDescription)")
            }
        }
        do { file = try grows ? HDF5File.updating(new) : HDF5File.creating(new) } catch { throw .hdf5(error) }
        if grows { try resume() } else { try native { () throws(ImagingError) in try file.createGroup("/data") } }
    }

    /// Takes up the counts of the file that grows, and refuses one that these episodes do not fit.
    private func resume() throws(DatasetError) {
        let contents = try RobomimicContents(file)
        if let known = DatasetProvenance.read(path) {
            provenance = known
        } else {
            provenance.validationEpisodes = try contents.masks(of: file)["valid"] ?? []
        }
        episodeCount = contents.demos.count
        frameCount = contents.demos.reduce(0) { $0 + $1.length }
        before = (episodeCount, frameCount)
        try provenance.check(rotations: layout.rotations, path: path.path)
        let names = try native { () throws(ImagingError) in try RobomimicScale.names(in: file) }
        guard names.isEmpty || names == layout.actionNames else {
            throw .format(
                path: path.path, location: "\(RobomimicScale.group)/names",
                reason: "\(names); the new episodes have \(layout.actionNames): they cannot be added")
        }
        guard let last = contents.demos.last else { return }
        let wanted = expectedShapes
        if let other = last.shapes.keys.sorted().first(where: { key in key.hasPrefix("obs/") && !wanted.contains { $0.name == key } }) {
            throw .format(
                path: path.path, location: "\(last.name)/\(other)", reason: "the new episodes have none: they cannot be added")
        }
        for (name, shape) in wanted where last.shapes[name].map({ Array($0.dropFirst()) }) != shape {
            throw .format(
                path: path.path, location: "\(last.name)/\(name)",
                reason:
                    "\(last.shapes[name].map { "\($0.dropFirst())" } ?? "is missing"); the new episodes have \(shape): they cannot be added"
            )
        }
    }

    /// Of a frame, by the dataset's path in a demo.
    private var expectedShapes: [(name: String, shape: [Int])] {
        [(RobomimicScale.absolute, [layout.actionNames.count])] + groups.map { ("obs/\($0.name)", [$0.end - $0.start]) }
            + layout.vectors.map { ("obs/\($0.shortName)", [$0.names.count]) }
            + layout.cameras.map { ("obs/\(RobomimicPath.image($0))", [$0.height, $0.width, 3]) }
    }

    private func native<Result>(_ body: () throws(ImagingError) -> Result) throws(DatasetError) -> Result {
        do { return try body() } catch { throw .hdf5(error) }
    }

    public func beginEpisode(_ header: EpisodeHeader) throws(DatasetError) {
        precondition(current == nil, "the episode before must be ended or abandoned")
        let demo = RobomimicPath.demo(episodeCount)
        for camera in layout.cameras {
            let shape = [camera.height, camera.width, 3]
            try native { () throws(ImagingError) in
                try file.createDataset(
                    "\(demo)/obs/\(RobomimicPath.image(camera))", .uint8, shape: [0] + shape, chunk: [1] + shape, deflate: options.deflate)
            }
        }
        current = (header, EpisodeBuffer(layout: layout))
    }

    public func append(_ frame: EpisodeFrame, images: [Image]) throws(DatasetError) {
        guard var episode = current.take() else { preconditionFailure("append needs beginEpisode") }
        defer { current = episode }
        let index = episode.buffer.count
        try layout.check(frame, images: images, episode: episodeCount, index: index)
        for (camera, image) in zip(layout.cameras, images) {
            try native { () throws(ImagingError) in
                try file.write(
                    "\(RobomimicPath.demo(episodeCount))/obs/\(RobomimicPath.image(camera))", image.pixels, start: [index, 0, 0, 0],
                    count: [1, camera.height, camera.width, 3])
            }
        }
        episode.buffer.append(frame)
    }

    public func abandonEpisode() throws(DatasetError) {
        guard current.take() != nil else { return }
        try native { () throws(ImagingError) in try file.remove(RobomimicPath.demo(episodeCount)) }
    }

    public func endEpisode() throws(DatasetError) {
        guard let (header, buffer) = current.take() else { preconditionFailure("endEpisode needs beginEpisode") }
        let demo = RobomimicPath.demo(episodeCount)
        let length = buffer.count
        guard length > 0 else {
            try native { () throws(ImagingError) in try file.remove(demo) }
            throw .frame(episode: episodeCount, frame: 0, key: "length", reason: "the episode holds no frame")
        }
        let width = layout.stateNames.count
        try put("\(demo)/\(RobomimicScale.absolute)", buffer.action, [length, layout.actionNames.count])
        for group in groups {
            let values = (0..<length).flatMap { buffer.state[($0 * width + group.start)..<($0 * width + group.end)] }
            try put("\(demo)/obs/\(group.name)", values, [length, group.end - group.start])
        }
        for (vector, values) in zip(layout.vectors, buffer.vectors) {
            try put("\(demo)/obs/\(vector.shortName)", values, [length, vector.names.count])
        }
        let isLast = (0..<length).map { $0 == length - 1 }
        try put("\(demo)/rewards", isLast.map { $0 ? 1 : 0 } as [Float], [length])
        try put("\(demo)/dones", isLast.map { $0 ? 1 : 0 } as [Int64], [length])
        for (feature, values) in zip(layout.annotations, buffer.annotations) {
            let name = "\(demo)/annotation/\(RobomimicPath.annotation(feature.name))"
            switch values {
            case .float(let numbers): try put(name, numbers, [length])
            default: try put(name, values.doubles.map { Int64($0) }, [length])
            }
        }
        try native { () throws(ImagingError) in
            try file.set(demo, "num_samples", length)
            try file.set(demo, "task", header.task)
        }
        provenance.note(header, episode: episodeCount)
        episodeCount += 1
        frameCount += length
    }

    private func put(_ name: String, _ values: [Float], _ shape: [Int]) throws(DatasetError) {
        try native { () throws(ImagingError) in
            try file.createDataset(name, .float32, shape: shape)
            try file.write(name, values, start: shape.map { _ in 0 }, count: shape)
        }
    }

    private func put(_ name: String, _ values: [Int64], _ shape: [Int]) throws(DatasetError) {
        try native { () throws(ImagingError) in
            try file.createDataset(name, .int64, shape: shape)
            try file.write(name, values, start: shape.map { _ in 0 }, count: shape)
        }
    }

    public func finish(source: DatasetSource?) throws(DatasetError) {
        precondition(current == nil, "the last episode must be ended or abandoned")
        guard episodeCount > 0 else {
            throw .file(path: path.path, reason: "no episode was written: readers cannot load an empty data set")
        }
        guard episodeCount > before.episodes else {
            try native { () throws(ImagingError) in try file.close() }
            staging.discard()
            return
        }
        if let source {
            try provenance.add(
                source, firstEpisode: before.episodes, episodes: episodeCount - before.episodes, frames: frameCount - before.frames,
                rotations: layout.rotations, path: path.path)
        }
        let held = Set(provenance.validationEpisodes)
        let environment = JSONValue.object([
            ("env_name", .string(robotType)), ("type", .integer(2)), ("env_version", .string("")), ("env_kwargs", .object([])),
        ])
        let text = String(decoding: try provenance.encoded(), as: UTF8.self)
        try native { () throws(ImagingError) in
            try RobomimicScale.write(to: file, demos: episodeCount, names: layout.actionNames)
            try file.set("/data", "total", frameCount)
            try file.set("/data", "env_args", environment.encoded(indent: nil))
            try file.set("/data", "griptrace", text)
            for (name, demos) in [
                ("train", (0..<episodeCount).filter { !held.contains($0) }), ("valid", provenance.validationEpisodes),
            ] {
                if try file.exists("/mask/\(name)") { try file.remove("/mask/\(name)") }
                if !demos.isEmpty { try file.put("/mask/\(name)", texts: demos.map { "demo_\($0)" }) }
            }
            try file.close()
        }
        try staging.commit()
    }
}

extension DatasetError {
    static func hdf5(_ error: ImagingError) -> DatasetError {
        switch error {
        case .file(let path, let reason): .file(path: path, reason: reason)
        case .format(let path, let location, let reason): .format(path: path, location: location, reason: reason)
        default: .file(path: "HDF5", reason: "\(error)")
        }
    }
}

/// What a robomimic file holds, without its numbers.
struct RobomimicContents {
    struct Demo {
        var name: String
        /// Of `actions`.
        var length: Int
        /// Of every dataset by its path in the demo; groups are walked.
        var shapes: [String: [Int]]
        var types: [String: HDF5File.ElementType]
    }

    /// In their numbers' order.
    var demos: [Demo] = []
    /// Groups within groups that are walked; deeper ones are taken for a circle of links.
    private static let maximumDepth = 16

    /// Opens a file for reading, unless some of its data lies in other files.
    static func open(_ url: URL) throws(DatasetError) -> HDF5File {
        var text: UnsafeMutablePointer<CChar>?
        let status = gt_hdf5_outside(url.path, &text)
        defer { gt_hdf5_text_free(text) }
        try check(status, path: url.path)
        let outside = text.map { String(cString: $0) } ?? ""
        guard outside.isEmpty else {
            throw .format(path: url.path, location: outside, reason: "a data set holds all its data itself (h5repack copies it so)")
        }
        do { return try HDF5File.reading(url) } catch { throw .hdf5(error) }
    }

    init(_ file: HDF5File) throws(DatasetError) {
        do {
            guard try file.exists("/data") else {
                throw DatasetError.format(path: file.url.path, location: "/data", reason: "is missing: no robomimic file")
            }
            let names = try file.children(of: "/data").filter { $0.hasPrefix("demo") }
            for name in names.sorted(by: { Self.number($0) < Self.number($1) }) {
                var demo = Demo(name: "/data/\(name)", length: 0, shapes: [:], types: [:])
                try Self.walk(file, demo.name, "", &demo)
                demo.length = demo.shapes["actions"]?.first ?? 0
                demos.append(demo)
            }
        } catch let error as DatasetError {
            throw error
        } catch let error as ImagingError {
            throw .hdf5(error)
        } catch {
            throw .file(path: file.url.path, reason: "\(error)")
        }
    }

    /// By the name of each mask the places of its demos in `demos`, ascending.
    func masks(of file: HDF5File) throws(DatasetError) -> [String: [Int]] {
        let places = Dictionary(demos.enumerated().map { (String($1.name.dropFirst("/data/".count)), $0) }, uniquingKeysWith: { a, _ in a })
        do throws(ImagingError) {
            guard try file.exists("/mask") else { return [:] }
            var out: [String: [Int]] = [:]
            for mask in try file.children(of: "/mask") where try file.entry("/mask/\(mask)").type == .text {
                out[mask] = try file.texts("/mask/\(mask)").compactMap { places[$0] }.sorted()
            }
            return out
        } catch {
            throw .hdf5(error)
        }
    }

    static func number(_ name: String) -> Int { Int(name.drop { !$0.isNumber }) ?? 0 }

    private static func walk(_ file: HDF5File, _ root: String, _ prefix: String, _ demo: inout Demo) throws {
        guard prefix.split(separator: "/").count < maximumDepth else {
            throw DatasetError.format(
                path: file.url.path, location: "\(root)/\(prefix)", reason: "lies deeper than \(maximumDepth) groups: a circle of links?")
        }
        for name in try file.children(of: prefix.isEmpty ? root : "\(root)/\(prefix)") {
            let inner = prefix.isEmpty ? name : "\(prefix)/\(name)"
            let entry = try file.entry("\(root)/\(inner)")
            if entry.isDataset {
                demo.shapes[inner] = entry.shape
                demo.types[inner] = entry.type
            } else {
                try walk(file, root, inner, &demo)
            }
        }
    }
}
