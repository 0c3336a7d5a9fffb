internal import Foundation
internal import Session

/// What `meta/info.json` says, of any writer.
struct LeRobotInfo: Equatable {
    struct Feature: Equatable {
        var name: String
        var dtype: String
        var shape: [Int]
        var names: [String]
        var videoInfo: JSONValue?
        var isVideo: Bool { dtype == "video" }
        /// Of a video, where it is said.
        var codec: String? { videoInfo?["video.codec"]?.text }
    }

    var version = ""
    var robotType: String?
    var fps = 0
    var totalEpisodes = 0
    var totalFrames = 0
    var totalTasks = 0
    /// Files a chunk folder holds.
    var chunkSize = 1000
    var dataPath = LeRobotPath.dataPattern
    var videoPath = LeRobotPath.videoPattern
    var features: [Feature] = []

    var videoKeys: [String] { features.filter(\.isVideo).map(\.name) }

    init() {}

    /// Every name and path that other files are found by is checked here, so that nobody who reads on is led out of the data set.
    init(_ folder: DatasetFolder) throws(DatasetError) {
        let url = folder.root.appendingPathComponent(LeRobotPath.infoFile)
        let json = try folder.json(LeRobotPath.infoFile)
        guard let version = json["codebase_version"]?.text else {
            throw .format(
                path: url.path, location: "codebase_version",
                reason: "is missing; accepted: \(LeRobotVersion.allCases.map(\.rawValue).joined(separator: ", "))")
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
        chunkSize = json["chunks_size"]?.whole ?? 1000
        dataPath = json["data_path"]?.text ?? LeRobotPath.dataPattern
        videoPath = json["video_path"]?.text ?? LeRobotPath.videoPattern
        try SafePath.check(LeRobotPath.expandAny(dataPath), file: url.path, location: "data_path")
        try SafePath.check(LeRobotPath.expandAny(videoPath), file: url.path, location: "video_path")
        for (name, value) in features {
            try SafePath.check(name, file: url.path, location: "features")
            guard let dtype = value["dtype"]?.text, let shape = value["shape"]?.elements?.map(\.whole), !shape.contains(nil) else {
                throw .format(path: url.path, location: "features.\(name)", reason: "needs dtype and shape")
            }
            self.features.append(
                Feature(
                    name: name, dtype: dtype, shape: shape.compactMap { $0 }, names: value["names"]?.elements?.compactMap(\.text) ?? [],
                    videoInfo: dtype == "video" ? value["info"] : nil))
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
    var dataChunk = 0
    var dataFile = 0
    var videos: [String: Span] = [:]

    /// All rows of v3.0's `meta/episodes`, in the reader's order.
    static func readTables(_ folder: DatasetFolder, videoKeys: [String]) throws(DatasetError) -> [LeRobotEpisode] {
        var episodes: [LeRobotEpisode] = []
        for file in try folder.tables(under: "meta/episodes") { episodes += try read(try folder.table(file), videoKeys: videoKeys) }
        return episodes
    }

    /// All lines of v2.1's `meta/episodes.jsonl`.
    static func readLines(_ folder: DatasetFolder) throws(DatasetError) -> [LeRobotEpisode] {
        let file = folder.root.appendingPathComponent("meta/episodes.jsonl")
        var episodes: [LeRobotEpisode] = []
        var first = 0
        for (line, value) in try folder.jsonLines("meta/episodes.jsonl").enumerated() {
            guard let index = value["episode_index"]?.whole, let length = value["length"]?.whole,
                let tasks = value["tasks"]?.elements?.map(\.text), !tasks.contains(nil)
            else {
                throw .format(path: file.path, location: "line \(line + 1)", reason: "needs episode_index, length and a list of task texts")
            }
            episodes.append(
                LeRobotEpisode(index: index, length: length, from: first, to: first + length, tasks: tasks.compactMap { $0 }))
            first += length
        }
        return episodes
    }

    static func read(_ table: ParquetReader, videoKeys: [String]) throws(DatasetError) -> [LeRobotEpisode] {
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
        if table.index(of: "data/chunk_index") != nil {
            let chunks = try table.integers("data/chunk_index")
            let files = try table.integers("data/file_index")
            for i in episodes.indices { (episodes[i].dataChunk, episodes[i].dataFile) = (Int(chunks[i]), Int(files[i])) }
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
