public import Foundation
internal import Imaging

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
        case .lerobot, .lerobot21: self = try Self.lerobot(url)
        case .umi: self = try Self.umi(url)
        case .robomimic: self = try Self.robomimic(url)
        case nil:
            throw .file(path: url.path, reason: "no data set; accepted: \(DatasetFormat.accepted)")
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
        let is21 = DatasetFormat(at: root) == .lerobot21
        for episode in try is21 ? LeRobotEpisode.readLines(root) : LeRobotEpisode.readTables(root, videoKeys: []) {
            lengths.append(episode.length)
            for task in episode.tasks where !tasks.contains(task) { tasks.append(task) }
        }
        return DatasetSummary(
            format: is21 ? .lerobot21 : .lerobot, robotType: info.robotType, fps: info.fps, episodeLengths: lengths, tasks: tasks,
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

    private static func robomimic(_ url: URL) throws(DatasetError) -> DatasetSummary {
        do {
            let file = try HDF5File.reading(url)
            let demos = try RobomimicContents(file).demos
            var tasks: [String] = []
            for demo in demos where try file.hasAttribute(demo.name, "task") {
                let task = try file.text(demo.name, "task")
                if !tasks.contains(task) { tasks.append(task) }
            }
            let first = demos.first.map { demo in
                demo.shapes.sorted { $0.key < $1.key }.map {
                    Feature(name: $0.key, type: "\(demo.types[$0.key] ?? .other)", shape: Array($0.value.dropFirst()), names: [])
                }
            }
            return DatasetSummary(
                format: .robomimic, robotType: nil, fps: nil, episodeLengths: demos.map(\.length), tasks: tasks, features: first ?? [],
                byteCount: bytes(url))
        } catch let error as DatasetError {
            throw error
        } catch let error as ImagingError {
            throw .hdf5(error)
        } catch {
            throw .file(path: url.path, reason: "\(error)")
        }
    }

    private static func bytes(_ url: URL) -> Int {
        func size(_ path: String) -> Int { (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0 }
        guard let children = FileManager.default.enumerator(atPath: url.path) else { return size(url.path) }
        let paths = children.compactMap { $0 as? String }
        return paths.isEmpty ? size(url.path) : paths.reduce(0) { $0 + size(url.appendingPathComponent($1).path) }
    }

    private static let names: [DatasetFormat: String] = [
        .lerobot: "LeRobot v3.0", .lerobot21: "LeRobot v2.1", .umi: "UMI Zarr", .robomimic: "robomimic HDF5",
    ]

    /// The summary as lines of text.
    public var lines: [String] {
        let lengths = episodeLengths
        let rate = fps.map { " at \($0) fps (\(seconds(frameCount, $0)) s)" } ?? ""
        var out = [
            Self.names[format].map { "\($0) data set" + (robotType.map { ", robot \($0)" } ?? "") } ?? format.rawValue,
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
