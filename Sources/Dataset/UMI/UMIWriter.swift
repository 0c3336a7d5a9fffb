public import Foundation
public import Geometry
public import Imaging

/// How a UMI data set is written.
public struct UMIOptions: Codable, Sendable, Equatable {
    /// Width and height of the pictures, pixels; default 224, which UMI's training configuration states.
    public var imageSize = 224
    /// Butteraugli distance of JPEG XL; default 0.19: level 99 of imagecodecs, UMI's own.
    public var distance: Float = 0.19
    /// JPEG XL's effort, 1 to 9; default 3, UMI's own.
    public var effort = 3
    /// Grippers, each with one camera: 1 or 2; default 1. With two, the right hand is 0.
    public var robots = 1
    /// Adds `data/loss_weight`, a number a row that says how much a row is to be trained on; default false: UMI's own keys alone. A file
    /// that has it goes on with it, and one that had none gets it with 1 for the rows before.
    public var carriesWeights = false
    /// What sensors beside the cameras read, as `data/robot0_NAME` and so on; default none: UMI's own keys alone.
    public var samples: [SampleFeature] = []
    /// What to do with a file that stands at the destination; default: it is refused.
    public var existing = ExistingDataset.refuse

    public init() {}

    func validate() throws(DatasetError) {
        guard (1...4).contains(robots) else { throw .layout(key: "robots", reason: "\(robots) is not within 1 to 4") }
        guard (8...4096).contains(imageSize) else { throw .layout(key: "imageSize", reason: "\(imageSize) is not within 8 to 4096 pixels") }
        guard distance >= 0.01, distance <= 15 else { throw .layout(key: "distance", reason: "\(distance) is not within 0.01 to 15") }
        guard (1...9).contains(effort) else { throw .layout(key: "effort", reason: "\(effort) is not within 1 to 9") }
        for sample in samples where UMIValidator.lowDimensional[sample.name] != nil || sample.columns.isEmpty {
            throw .layout(key: "robot0_\(sample.name)", reason: "samples need a name that UMI has for nothing else, and columns")
        }
    }
}

/// One gripper at one frame.
public struct UMIFrame: Sendable, Equatable {
    /// The tool's pose in the table tag's frame, z up, metres.
    public var tableFromTool: Transform<Table, Tool>
    /// Metres; 0 is closed.
    public var gripperWidth: Double
    /// In the order of the options' samples.
    public var samples: [[Double]]

    public init(tableFromTool: Transform<Table, Tool>, gripperWidth: Double, samples: [[Double]] = []) {
        self.tableFromTool = tableFromTool
        self.gripperWidth = gripperWidth
        self.samples = samples
    }
}

/// Writes UMI's `dataset.zarr.zip`, one episode after another, in constant memory but for the zip's directory.
///
/// A stored zip of a Zarr v2 store: `robot0_eef_pos`, `robot0_eef_rot_axis_angle`, `robot0_gripper_width`, `robot0_demo_start_pose`,
/// `robot0_demo_end_pose`, `camera0_rgb` (JPEG XL) and `meta/episode_ends`, as UMI's own replay buffer lays them out. UMI's training code
/// takes action and observation from the same rows. Written beside its place and put there by `finish()`. The same calls give the same
/// bytes. To add episodes to an existing file, it is copied, and its pictures stay where they are; where the session came from is in
/// `.zattrs`.
public final class UMIWriter {
    public let path: URL
    public let options: UMIOptions
    public private(set) var episodeCount = 0
    public private(set) var frameCount = 0

    private let staging: StagingFolder
    private let zip: ZipWriter
    private var robots: [Robot]
    private var weights: ZarrArray?
    private var episodeEnds: [Int] = []
    private var provenance = DatasetProvenance()
    /// Where the new episodes begin.
    private var before = (episodes: 0, frames: 0)
    private var current: Episode?

    private struct Robot {
        var position: ZarrArray
        var rotation: ZarrArray
        var width: ZarrArray
        var start: ZarrArray
        var end: ZarrArray
        var samples: [ZarrArray] = []

        init(_ index: Int, samples features: [SampleFeature], store: ZarrStore?) throws(DatasetError) {
            func array(_ key: String, _ dtype: String, _ width: Int) throws(DatasetError) -> ZarrArray {
                try ZarrArray.make("data/robot\(index)_\(key)", dtype: dtype, width: width, store: store)
            }
            position = try array("eef_pos", "<f4", 3)
            rotation = try array("eef_rot_axis_angle", "<f4", 3)
            width = try array("gripper_width", "<f4", 1)
            start = try array("demo_start_pose", "<f8", 6)
            end = try array("demo_end_pose", "<f8", 6)
            for feature in features { samples.append(try array(feature.name, "<f4", feature.columns.count)) }
        }
    }

    private struct Episode {
        var mark: ZipWriter.Mark
        var header: EpisodeHeader
        /// By robot.
        var frames: [[UMIFrame]]
        var weights: [UInt8] = []
    }

    public init(path: URL, options: UMIOptions = UMIOptions()) throws(DatasetError) {
        try options.validate()
        self.path = path
        self.options = options
        staging = try StagingFolder(for: path, existing: options.existing)
        let store = staging.hasExisting && options.existing == .append ? ZarrStore(zip: try ZipReader(path: path.path)) : nil
        robots = []
        for robot in 0..<options.robots { robots.append(try Robot(robot, samples: options.samples, store: store)) }
        let hasWeights = store?.arrays(in: "data").contains("loss_weight") ?? false
        if options.carriesWeights || hasWeights {
            weights = try ZarrArray.make("data/loss_weight", dtype: "<f4", width: 1, store: hasWeights ? store : nil)
        }
        if let store {
            for length in try store.episodeLengths() { episodeEnds.append((episodeEnds.last ?? 0) + length) }
            zip = try ZipWriter(
                path: staging.new.path, continuing: path.path, drops: Self.isSuperseded(store, arrays: store.arrays(in: "data")))
            episodeCount = episodeEnds.count
            frameCount = episodeEnds.last ?? 0
            before = (episodeCount, frameCount)
            provenance = DatasetProvenance.read(path) ?? DatasetProvenance()
            try check(store)
            // Rows from before anyone weighed them count in full.
            if !hasWeights { try weights?.append(Self.fullWeights(frameCount), to: zip) }
        } else {
            zip = try ZipWriter(path: staging.new.path)
            for group in [".zgroup", "data/.zgroup", "meta/.zgroup"] {
                try zip.add(group, Array(JSONValue.object([("zarr_format", .integer(2))]).encoded().utf8))
            }
        }
    }

    /// The entries that are written anew when episodes are added: descriptions, episode ends, and last chunks that are not full.
    private static func isSuperseded(_ store: ZarrStore, arrays: [String]) -> (String) -> Bool {
        var names: Set<String> = [".zattrs"]
        for name in arrays.map({ "data/\($0)" }) {
            names.insert("\(name)/.zarray")
            if let array = try? store.description(name), array.shape.count <= 2, array.shape[0] % array.chunks[0] > 0 {
                names.insert("\(name)/\(array.shape[0] / array.chunks[0])" + (array.shape.count == 1 ? "" : ".0"))
            }
        }
        return { names.contains($0) || $0.hasPrefix("meta/episode_ends/") }
    }

    /// Every array of the existing file must be one that grows, and all must be equally long.
    private func check(_ store: ZarrStore) throws(DatasetError) {
        for name in store.arrays(in: "data") {
            let array = try store.description("data/\(name)")
            func refuse(_ reason: String) -> DatasetError { .format(path: path.path, location: "data/\(name)", reason: reason) }
            guard array.shape[0] == frameCount else { throw refuse("\(array.shape[0]) rows, episode_ends says \(frameCount)") }
            if name.hasPrefix("camera") {
                guard array.shape == [frameCount, options.imageSize, options.imageSize, 3], array.chunks[0] == 1,
                    array.compressor["id"]?.text == "imagecodecs_jpegxl",
                    Int(name.dropFirst(6).prefix(1)).map({ $0 < options.robots }) == true
                else {
                    throw refuse(
                        "\(array.shape) of \(array.compressor["id"]?.text ?? "no codec"); the new episodes have \(options.robots) cameras "
                            + "of \(options.imageSize) pixels in JPEG XL"
                    )
                }
            } else {
                let key = String(name.drop { $0 != "_" }.dropFirst())
                let isKept = UMIValidator.lowDimensional[key] != nil || options.samples.contains { $0.name == key }
                let known = name == "loss_weight" || isKept && Int(name.dropFirst(5).prefix(1)).map { $0 < options.robots } ?? false
                guard known else { throw refuse("the new episodes have no such array: they cannot be added to this data set") }
            }
        }
    }

    public func beginEpisode(_ header: EpisodeHeader = EpisodeHeader(task: "")) {
        precondition(current == nil, "the episode before must be ended or abandoned")
        current = Episode(mark: zip.mark, header: header, frames: Array(repeating: [], count: options.robots))
    }

    /// Appends a frame: per gripper its pose and width, and its picture, already prepared (`UMIPicture.prepare`).
    /// - Parameter weight: how much the frame is to be trained on, at least 0; written where the options say so.
    public func append(_ frames: [UMIFrame], images: [Image], weight: Double = 1) throws(DatasetError) {
        guard var episode = current.take() else { preconditionFailure("append needs beginEpisode") }
        defer { current = episode }
        let index = episode.frames[0].count
        for (key, count) in [("frames", frames.count), ("images", images.count)] where count != options.robots {
            throw .frame(episode: episodeCount, frame: index, key: key, reason: "\(count) given, there are \(options.robots) grippers")
        }
        for (robot, frame) in frames.enumerated() {
            let p = frame.tableFromTool.translation
            let q = frame.tableFromTool.rotation.xyzw
            guard p.isFinite, q.x.isFinite, q.y.isFinite, q.z.isFinite, q.w.isFinite, frame.gripperWidth.isFinite else {
                throw .frame(episode: episodeCount, frame: index, key: "robot\(robot)", reason: "pose or gripper width is not finite")
            }
            guard frame.samples.map(\.count) == options.samples.map(\.columns.count), frame.samples.joined().allSatisfy(\.isFinite) else {
                throw .frame(
                    episode: episodeCount, frame: index, key: "robot\(robot) samples",
                    reason: "\(frame.samples), the data set has \(options.samples.map(\.columns)), all finite")
            }
        }
        for (camera, image) in images.enumerated()
        where image.width != options.imageSize || image.height != options.imageSize || image.channels != 3 {
            throw .frame(
                episode: episodeCount, frame: index, key: "camera\(camera)_rgb",
                reason: "\(image.width)x\(image.height)x\(image.channels), accepted: \(options.imageSize)x\(options.imageSize)x3; "
                    + "see UMIPicture.prepare"
            )
        }
        for (camera, image) in images.enumerated() {
            let bytes = try JPEGXL.encode(image, distance: options.distance, effort: options.effort)
            try zip.add("data/camera\(camera)_rgb/\(frameCount + index).0.0.0", bytes)
        }
        for (robot, frame) in frames.enumerated() { episode.frames[robot].append(frame) }
        episode.weights.put(Float(weight).bitPattern)
    }

    public func append(_ frame: UMIFrame, image: Image) throws(DatasetError) { try append([frame], images: [image]) }

    /// Drops the episode that was begun, as if it had never been.
    public func abandonEpisode() throws(DatasetError) {
        guard let episode = current.take() else { return }
        try zip.rewind(to: episode.mark)
    }

    /// Completes the episode; it must hold at least one frame.
    public func endEpisode() throws(DatasetError) {
        guard let episode = current.take() else { preconditionFailure("endEpisode needs beginEpisode") }
        guard let length = episode.frames.first?.count, length > 0 else {
            throw .frame(episode: episodeCount, frame: 0, key: "length", reason: "the episode holds no frame")
        }
        for (i, frames) in episode.frames.enumerated() { try append(frames, to: &robots[i]) }
        try weights?.append(episode.weights, to: zip)
        provenance.note(episode.header, episode: episodeCount)
        frameCount += length
        episodeCount += 1
        episodeEnds.append(frameCount)
    }

    private func append(_ frames: [UMIFrame], to robot: inout Robot) throws(DatasetError) {
        var position: [UInt8] = []
        var rotation: [UInt8] = []
        var width: [UInt8] = []
        for frame in frames {
            let p = frame.tableFromTool.translation
            let r = frame.tableFromTool.rotation.vector
            for value in [p.x, p.y, p.z] { position.put(Float(value).bitPattern) }
            for value in [r.x, r.y, r.z] { rotation.put(Float(value).bitPattern) }
            width.put(Float(frame.gripperWidth).bitPattern)
        }
        try robot.position.append(position, to: zip)
        try robot.rotation.append(rotation, to: zip)
        try robot.width.append(width, to: zip)
        try robot.start.append(Self.repeated(frames[0], frames.count), to: zip)
        for k in robot.samples.indices {
            var bytes: [UInt8] = []
            for frame in frames { for value in frame.samples[k] { bytes.put(Float(value).bitPattern) } }
            try robot.samples[k].append(bytes, to: zip)
        }
        try robot.end.append(Self.repeated(frames[frames.count - 1], frames.count), to: zip)
    }

    /// Rows of `loss_weight` that count in full.
    static func fullWeights(_ rows: Int) -> [UInt8] { (0..<rows).reduce(into: []) { bytes, _ in bytes.put(Float(1).bitPattern) } }

    private static func repeated(_ frame: UMIFrame, _ count: Int) -> [UInt8] {
        var row: [UInt8] = []
        let p = frame.tableFromTool.translation
        let r = frame.tableFromTool.rotation.vector
        for value in [p.x, p.y, p.z, r.x, r.y, r.z] { row.put(value.bitPattern) }
        return Array((0..<count).map { _ in row }.joined())
    }

    /// Writes the descriptions and puts the file in its place. At least one episode is needed.
    /// `source` is remembered in `.zattrs`.
    public func finish(source: DatasetSource? = nil) throws(DatasetError) {
        precondition(current == nil, "the last episode must be ended or abandoned")
        guard episodeCount > 0 else {
            throw .file(path: path.path, reason: "no episode was written: readers cannot load an empty data set")
        }
        guard episodeCount > before.episodes else {
            try zip.close()
            staging.discard()
            return
        }
        if let source {
            try provenance.add(
                source, firstEpisode: before.episodes, episodes: episodeCount - before.episodes, frames: frameCount - before.frames,
                path: path.path)
        }
        try zip.add(".zattrs", try DatasetProvenance.encode(["griptrace": provenance]))
        try weights?.close(to: zip)
        for i in robots.indices {
            try robots[i].position.close(to: zip)
            try robots[i].rotation.close(to: zip)
            try robots[i].width.close(to: zip)
            try robots[i].start.close(to: zip)
            try robots[i].end.close(to: zip)
            for k in robots[i].samples.indices { try robots[i].samples[k].close(to: zip) }
            try zip.add("data/camera\(i)_rgb/.zarray", Array(cameraDescription.json.encoded().utf8))
        }
        try Self.writeEnds(episodeEnds, to: zip)
        try zip.close()
        try staging.commit()
    }

    static func writeEnds(_ episodeEnds: [Int], to zip: ZipWriter) throws(DatasetError) {
        var ends = ZarrArray("meta/episode_ends", dtype: "<i8", width: 0)
        var bytes: [UInt8] = []
        for end in episodeEnds { bytes.put(Int64(end)) }
        try ends.append(bytes, to: zip)
        try ends.close(to: zip)
    }

    private var cameraDescription: ZarrDescription {
        let size = options.imageSize
        return ZarrDescription(
            shape: [frameCount, size, size, 3], chunks: [1, size, size, 3], dtype: "|u1",
            compressor: .object(
                ["decodingspeed", "distance", "effort"].map { ($0, .null) } + [("id", .string("imagecodecs_jpegxl"))]
                    + ["index", "keeporientation"].map { ($0, .null) }
                    + [("level", .integer(99)), ("lossless", .bool(false)), ("numthreads", .integer(1))]
                    + ["photometric", "planar", "usecontainer"].map { ($0, .null) }),
            fill: .integer(0))
    }
}

public enum UMIPicture {
    /// A camera's picture as UMI's training takes it: the centre square, scaled by area to `size` pixels.
    public static func prepare(_ image: Image, size: Int) throws(DatasetError) -> Image {
        guard !image.isEmpty, size > 0 else {
            throw .layout(key: "picture", reason: "\(image.width)x\(image.height) cannot be scaled to \(size)")
        }
        let side = min(image.width, image.height)
        let square =
            image.width == image.height
            ? image : image.cropped(x: (image.width - side) / 2, y: (image.height - side) / 2, width: side, height: side)
        if side == size { return square }
        do {
            return try square.resized(width: size, height: size, by: .area)
        } catch {
            throw .layout(key: "picture", reason: "\(error)")
        }
    }
}
