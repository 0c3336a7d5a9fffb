public import Foundation

/// What a data set holds, in a few numbers.
public struct DatasetSummary: Sendable, Equatable {
    public struct Feature: Sendable, Equatable {
        public var name: String
        public var type: String
        public var shape: [Int]
        /// Names of its numbers; empty where the format has none.
        public var names: [String]
    }

    public var format: DatasetFormat
    public var robotType: String?
    /// Frames a second; nil where the format does not say (UMI).
    public var fps: Int?
    /// Frames of each episode.
    public var episodeLengths: [Int]
    public var tasks: [String]
    public var features: [Feature]
    /// Bytes on disk.
    public var byteCount: Int

    public var frameCount: Int { episodeLengths.reduce(0, +) }

    /// Reads the metadata alone, not the pictures. A path that holds no data set, or a broken one, is an error.
    public init(contentsOf url: URL) throws(DatasetError) {
        switch DatasetFormat(at: url) {
        case .lerobot: self = try Self.lerobot(url)
        case .umi: self = try Self.umi(url)
        case nil:
            throw .file(path: url.path, reason: "no data set; accepted: a folder with meta/info.json (LeRobot) or a .zarr.zip file (UMI)")
        }
    }

    private init(
        format: DatasetFormat, robotType: String?, fps: Int?, episodeLengths: [Int], tasks: [String], features: [Feature], byteCount: Int
    ) {
        self.format = format
        self.robotType = robotType
        self.fps = fps
        self.episodeLengths = episodeLengths
        self.tasks = tasks
        self.features = features
        self.byteCount = byteCount
    }

    private static func lerobot(_ root: URL) throws(DatasetError) -> DatasetSummary {
        let info = try LeRobotInfo(root: root)
        var lengths: [Int] = []
        var tasks: [String] = []
        for file in LeRobotPath.tables(under: "meta/episodes", in: root) {
            for episode in try LeRobotEpisode.read(root.appendingPathComponent(file).path, videoKeys: []) {
                lengths.append(episode.length)
                for task in episode.tasks where !tasks.contains(task) { tasks.append(task) }
            }
        }
        return DatasetSummary(
            format: .lerobot, robotType: info.robotType, fps: info.fps, episodeLengths: lengths, tasks: tasks,
            features: info.features.map { Feature(name: $0.name, type: $0.dtype, shape: $0.shape, names: $0.names) }, byteCount: bytes(root)
        )
    }

    private static func umi(_ url: URL) throws(DatasetError) -> DatasetSummary {
        let store = ZarrStore(zip: try ZipReader(path: url.path))
        let ends = try store.values("meta/episode_ends", try store.description("meta/episode_ends")).map { Int($0) }
        var features: [Feature] = []
        for name in store.arrays(in: "data") {
            let array = try store.description("data/\(name)")
            let codec = array.compressor["id"]?.text.map { " \($0)" } ?? ""
            features.append(Feature(name: name, type: array.dtype + codec, shape: Array(array.shape.dropFirst()), names: []))
        }
        return DatasetSummary(
            format: .umi, robotType: nil, fps: nil, episodeLengths: zip([0] + ends, ends).map { $1 - $0 }, tasks: [], features: features,
            byteCount: bytes(url))
    }

    private static func bytes(_ url: URL) -> Int {
        func size(_ path: String) -> Int { (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0 }
        guard let children = FileManager.default.enumerator(atPath: url.path) else { return size(url.path) }
        let paths = children.compactMap { $0 as? String }
        return paths.isEmpty ? size(url.path) : paths.reduce(0) { $0 + size(url.appendingPathComponent($1).path) }
    }

    /// The summary as lines of text.
    public var lines: [String] {
        let lengths = episodeLengths
        let rate = fps.map { " at \($0) fps (\(seconds(frameCount, $0)) s)" } ?? ""
        var out = [
            format == .lerobot
                ? "LeRobot \(LeRobotPath.version) data set" + (robotType.map { ", robot \($0)" } ?? "") : "UMI Zarr data set",
            "\(lengths.count) episodes, \(frameCount) frames\(rate), "
                + "\(lengths.min() ?? 0) to \(lengths.max() ?? 0) frames an episode, \(byteCount / 1000) kB",
        ]
        if !tasks.isEmpty { out.append("tasks: " + tasks.map { "\"\($0)\"" }.joined(separator: ", ")) }
        for feature in features {
            let names = feature.names.isEmpty ? "" : ": " + feature.names.joined(separator: " ")
            out.append("  \(feature.name)  \(feature.type) \(feature.shape.map(String.init).joined(separator: "x"))\(names)")
        }
        return out
    }

    private func seconds(_ frames: Int, _ fps: Int) -> String {
        let tenths = (Double(frames) / Double(max(fps, 1)) * 10).rounded() / 10
        return String(tenths)
    }
}
