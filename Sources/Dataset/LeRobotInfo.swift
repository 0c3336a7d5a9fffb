internal import Foundation
internal import Session

/// What `meta/info.json` says, of any writer.
struct LeRobotInfo: Equatable {
    struct Feature: Equatable {
        var name: String
        var dtype: String
        var shape: [Int]
        var names: [String]
        var isVideo: Bool { dtype == "video" }
    }

    var version = ""
    var robotType: String?
    var fps = 0
    var totalEpisodes = 0
    var totalFrames = 0
    var totalTasks = 0
    var dataPath = LeRobotPath.dataPattern
    var videoPath = LeRobotPath.videoPattern
    var features: [Feature] = []

    var videoKeys: [String] { features.filter(\.isVideo).map(\.name) }

    init() {}

    init(root: URL) throws(DatasetError) {
        let url = root.appendingPathComponent("meta/info.json")
        let json = try JSONValue.read(url)
        guard let version = json["codebase_version"]?.text else {
            throw .format(path: url.path, location: "codebase_version", reason: "is missing; accepted: \"\(LeRobotPath.version)\"")
        }
        guard let features = json["features"]?.members else { throw .format(path: url.path, location: "features", reason: "is missing") }
        self.version = version
        switch json["robot_type"] {
        case .string(let type)?: robotType = type
        case .null?: robotType = ""
        default: robotType = nil
        }
        fps = json["fps"]?.whole ?? 0
        totalEpisodes = json["total_episodes"]?.whole ?? 0
        totalFrames = json["total_frames"]?.whole ?? 0
        totalTasks = json["total_tasks"]?.whole ?? 0
        dataPath = json["data_path"]?.text ?? LeRobotPath.dataPattern
        videoPath = json["video_path"]?.text ?? LeRobotPath.videoPattern
        for (name, value) in features {
            guard let dtype = value["dtype"]?.text, let shape = value["shape"]?.elements?.map(\.whole), !shape.contains(nil) else {
                throw .format(path: url.path, location: "features.\(name)", reason: "needs dtype and shape")
            }
            self.features.append(
                Feature(name: name, dtype: dtype, shape: shape.compactMap { $0 }, names: value["names"]?.elements?.compactMap(\.text) ?? [])
            )
        }
    }
}

/// A row of `meta/episodes`.
struct LeRobotEpisode: Equatable {
    struct Span: Equatable {
        var chunk: Int
        var file: Int
        /// Seconds in that mp4.
        var from: Double
        var to: Double
    }

    var index: Int
    var length: Int
    /// Global rows, half-open.
    var from: Int
    var to: Int
    var tasks: [String]
    var videos: [String: Span] = [:]

    static func read(_ path: String, videoKeys: [String]) throws(DatasetError) -> [LeRobotEpisode] {
        let table = try ParquetReader(path: path)
        let index = try table.integers("episode_index")
        let length = try table.integers("length")
        let from = try table.integers("dataset_from_index")
        let to = try table.integers("dataset_to_index")
        let taskCounts = try table.lengths("tasks")
        let texts = try table.strings("tasks")
        var episodes: [LeRobotEpisode] = []
        var text = 0
        for i in 0..<table.rowCount {
            episodes.append(
                LeRobotEpisode(
                    index: Int(index[i]), length: Int(length[i]), from: Int(from[i]), to: Int(to[i]),
                    tasks: Array(texts[text..<(text + taskCounts[i])])))
            text += taskCounts[i]
        }
        for key in videoKeys {
            let chunk = try table.integers("videos/\(key)/chunk_index")
            let file = try table.integers("videos/\(key)/file_index")
            let start = try table.doubles("videos/\(key)/from_timestamp")
            let end = try table.doubles("videos/\(key)/to_timestamp")
            for i in episodes.indices {
                episodes[i].videos[key] = Span(chunk: Int(chunk[i]), file: Int(file[i]), from: start[i], to: end[i])
            }
        }
        return episodes
    }
}

extension LeRobotPath {
    /// The Parquet files under a folder, sorted by path as the reader sorts them, relative to the root.
    static func tables(under folder: String, in root: URL) -> [String] {
        let base = root.appendingPathComponent(folder)
        guard let found = FileManager.default.enumerator(atPath: base.path) else { return [] }
        return found.compactMap { $0 as? String }.filter { $0.hasSuffix(".parquet") }.sorted().map { "\(folder)/\($0)" }
    }
}

extension JSONValue {
    static func read(_ url: URL) throws(DatasetError) -> JSONValue {
        let bytes: [UInt8]
        do { bytes = try FileBytes.read(url) } catch {
            switch error {
            case .file(let path, let reason): throw .file(path: path, reason: reason)
            case .format(let path, let location, let reason): throw .format(path: path, location: location, reason: reason)
            }
        }
        return try parse(bytes, path: url.path)
    }
}
