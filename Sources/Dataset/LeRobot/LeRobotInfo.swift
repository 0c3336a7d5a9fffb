internal import Foundation
internal import Session

/// What `meta/info.json` says, of any writer.
struct LeRobotInfo: Equatable {
    struct Feature: Equatable {
        var name: String
        var dtype: String
        var shape: [Int]
        /// Of its numbers, in order.
        var names: [String]
        /// The same as it stands there: a list, or lists under names of parts (`{"motors": [...]}`), as older writers have it.
        var statedNames: JSONValue?
        var videoInfo: JSONValue?
        /// Of numbers.
        var numberInfo: JSONValue?
        var isVideo: Bool { dtype == "video" }
        /// Of a video, where it is said.
        var codec: String? { videoInfo?["video.codec"]?.text }
    }

    /// Frames a second, at most.
    static let maximumRate = 10_000

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
    /// As stated: half-open ranges of episodes by name, such as `"val": "8:10"`.
    private var splits: JSONValue?

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
        // A rate of 0 is one of the rules; the reader needs no more than that nothing overflows.
        try StatedCount.check(fps, 0...Self.maximumRate, file: url.path, location: "fps")
        try StatedCount.check(chunkSize, 0...StatedCount.maximum, file: url.path, location: "chunks_size")
        for (key, count) in [("total_episodes", totalEpisodes), ("total_frames", totalFrames), ("total_tasks", totalTasks)] {
            try StatedCount.check(count, file: url.path, location: key)
        }
        splits = json["splits"]
        for (name, value) in features {
            try SafePath.check(name, file: url.path, location: "features")
            guard let dtype = value["dtype"]?.text, let shape = value["shape"]?.elements?.map(\.whole), !shape.contains(nil) else {
                throw .format(path: url.path, location: "features.\(name)", reason: "needs dtype and shape")
            }
            guard StatedCount.product(shape.compactMap { $0 }) != nil else {
                throw .format(
                    path: url.path, location: "features.\(name).shape", reason: "\(shape.compactMap { $0 }) is no size of a feature")
            }
            self.features.append(
                Feature(
                    name: name, dtype: dtype, shape: shape.compactMap { $0 }, names: Self.names(value["names"]),
                    statedNames: value["names"],
                    videoInfo: dtype == "video" ? value["info"] ?? value["video_info"] : nil,
                    numberInfo: dtype == "video" || value["info"] == .null ? nil : value["info"]))
        }
    }
}

extension LeRobotInfo {
    /// Episodes of the splits that are not `train`, ascending, of so many that there are; ranges beyond them say nothing.
    func heldBack(episodes: Int) -> [Int] {
        var out: Set<Int> = []
        for (name, range) in splits?.members ?? [] where name != "train" {
            let ends = range.text?.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) } ?? []
            guard ends.count == 2, let first = ends[0], let end = ends[1], 0 <= first, first < end, end <= episodes else { continue }
            out.formUnion(first..<end)
        }
        return out.sorted()
    }

    private static func names(_ value: JSONValue?) -> [String] {
        if let members = value?.members { return members.flatMap { names($0.value) } }
        return value?.elements?.compactMap(\.text) ?? []
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

        init(chunk: Int, file: Int, from: Double, to: Double) {
            self.chunk = chunk
            self.file = file
            self.from = from
            self.to = to
        }

        /// - Parameter file: number through all chunks.
        init(file: Int, from: Double, to: Double, _ options: LeRobotOptions) {
            self.init(chunk: file / options.filesPerChunk, file: file % options.filesPerChunk, from: from, to: to)
        }
    }

    var index: Int
    var length: Int
    /// Global rows, half-open; not reversed.
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
            try StatedCount.check(index, file: file.path, location: "line \(line + 1), episode_index")
            try StatedCount.check(length, file: file.path, location: "line \(line + 1), length")
            episodes.append(
                LeRobotEpisode(index: index, length: length, from: first, to: first + length, tasks: tasks.compactMap { $0 }))
            first += length
            try StatedCount.check(first, file: file.path, location: "line \(line + 1), length")
        }
        return episodes
    }

    static func read(_ table: ParquetReader, videoKeys: [String]) throws(DatasetError) -> [LeRobotEpisode] {
        let index = try counts("episode_index", of: table)
        let length = try counts("length", of: table)
        let from = try counts("dataset_from_index", of: table)
        let to = try counts("dataset_to_index", of: table)
        if let reversed = from.indices.first(where: { from[$0] > to[$0] }) {
            throw .format(
                path: table.path, location: "dataset_from_index, row \(reversed)",
                reason: "\(from[reversed]), dataset_to_index is \(to[reversed]): a range does not end before it begins")
        }
        let taskCounts = try table.lengths("tasks")
        let texts = try table.strings("tasks")
        var episodes: [LeRobotEpisode] = []
        var text = 0
        for i in 0..<table.rowCount {
            episodes.append(
                LeRobotEpisode(
                    index: index[i], length: length[i], from: from[i], to: to[i],
                    tasks: Array(texts[text..<(text + taskCounts[i])])))
            text += taskCounts[i]
        }
        if table.index(of: "data/chunk_index") != nil {
            let chunks = try counts("data/chunk_index", of: table)
            let files = try counts("data/file_index", of: table)
            for i in episodes.indices { (episodes[i].dataChunk, episodes[i].dataFile) = (chunks[i], files[i]) }
        }
        for key in videoKeys {
            let chunk = try counts("videos/\(key)/chunk_index", of: table)
            let file = try counts("videos/\(key)/file_index", of: table)
            let start = try times("videos/\(key)/from_timestamp", of: table)
            let end = try times("videos/\(key)/to_timestamp", of: table)
            for i in episodes.indices {
                episodes[i].videos[key] = Span(chunk: chunk[i], file: file[i], from: start[i], to: end[i])
            }
        }
        return episodes
    }

    /// A column of counts, one a row.
    static func counts(_ column: String, of table: ParquetReader) throws(DatasetError) -> [Int] {
        var out: [Int] = []
        for (row, value) in try table.scalars(column).enumerated() {
            try StatedCount.check(Int(value), file: table.path, location: "\(column), row \(row)")
            out.append(Int(value))
        }
        return out
    }

    /// A column of times in a video, seconds, one a row.
    private static func times(_ column: String, of table: ParquetReader) throws(DatasetError) -> [Double] {
        let values = try table.doubles(column)
        guard values.count == table.rowCount else {
            throw .format(path: table.path, location: "column \(column)", reason: "\(values.count) values in \(table.rowCount) rows")
        }
        if let bad = values.firstIndex(where: { !(0...maximumSeconds ~= $0) }) {
            throw .format(
                path: table.path, location: "\(column), row \(bad)",
                reason: "\(values[bad]) s is no time in a video; accepted: 0 to \(maximumSeconds)")
        }
        return values
    }

    /// Of a video, at most.
    private static let maximumSeconds = 1e7
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
