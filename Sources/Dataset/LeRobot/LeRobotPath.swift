internal import Foundation
internal import Imaging

/// Where a LeRobot data set keeps what, and its small metadata files.
enum LeRobotPath {
    /// What a data set holds at its top.
    static let ownNames: Set = ["meta", "data", "videos", "images", "README.md"]
    static let episodesPattern = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
    static let dataPattern21 = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
    static let videoPattern21 = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
    static let tasksFile = "meta/tasks.parquet"
    static let infoFile = "meta/info.json"
    static let dataPattern = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
    static let videoPattern = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"

    static func data(file: Int, _ options: LeRobotOptions) -> String { numbered(dataPattern, file, options) }

    static func video(_ key: String, file: Int, _ options: LeRobotOptions) -> String {
        options.version == .v30 ? numbered(videoPattern, file, options, key: key) : episode(videoPattern21, file, options, key: key)
    }

    /// v3.0's path of file number `file`, counted through all chunks.
    static func numbered(_ pattern: String, _ file: Int, _ options: LeRobotOptions, key: String = "") -> String {
        expand(pattern, chunk: file / options.filesPerChunk, file: file % options.filesPerChunk, key: key)
    }

    /// v2.1's path of an episode.
    static func episode(_ pattern: String, _ index: Int, _ options: LeRobotOptions, key: String = "") -> String {
        expandEpisode(pattern, chunk: index / options.filesPerChunk, episode: index, key: key)
    }

    /// Fills in a path pattern of `info.json`.
    static func expand(_ pattern: String, chunk: Int, file: Int, key: String = "") -> String {
        pattern.replacingOccurrences(of: "{chunk_index:03d}", with: padded(chunk, 3))
            .replacingOccurrences(of: "{file_index:03d}", with: padded(file, 3)).replacingOccurrences(of: "{video_key}", with: key)
    }

    static func expandEpisode(_ pattern: String, chunk: Int, episode: Int, key: String = "") -> String {
        pattern.replacingOccurrences(of: "{episode_chunk:03d}", with: padded(chunk, 3))
            .replacingOccurrences(of: "{episode_index:06d}", with: padded(episode, 6)).replacingOccurrences(of: "{video_key}", with: key)
    }

    /// A pattern with something in all its places, to be looked at.
    static func expandAny(_ pattern: String) -> String {
        expandEpisode(expand(pattern, chunk: 0, file: 0, key: "key"), chunk: 0, episode: 0)
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Opens a table for writing and makes its folder.
    static func table(
        _ path: String, in folder: URL, columns: [ParquetColumn], metadata: [(key: String, value: String)] = []
    ) throws(DatasetError) -> ParquetWriter {
        let url = folder.appendingPathComponent(path)
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            throw .file(path: url.deletingLastPathComponent().path, reason: "cannot be made: \(error.localizedDescription)")
        }
        return try ParquetWriter(path: url.path, columns: columns, metadata: metadata)
    }

    /// `tasks.parquet`: the reader takes a task's text from the pandas index, so without the `pandas` metadata tasks silently become
    /// numbers.
    static func writeTasks(_ tasks: [String], folder: URL) throws(DatasetError) {
        func column(_ name: String, _ pandas: String, _ numpy: String) -> JSONValue {
            .object([
                ("name", .string(name)), ("field_name", .string(name)), ("pandas_type", .string(pandas)), ("numpy_type", .string(numpy)),
                ("metadata", .null),
            ])
        }
        let pandas = JSONValue.object([
            ("index_columns", .array([.string("task")])), ("column_indexes", .array([])),
            ("columns", .array([column("task_index", "int64", "int64"), column("task", "unicode", "object")])),
            ("pandas_version", .string("2.2.0")),
        ])
        let writer = try table(
            tasksFile, in: folder, columns: [ParquetColumn("task_index", .int64), ParquetColumn("task", .string)],
            metadata: [("pandas", pandas.encoded(indent: nil))])
        try writer.append(.int64(tasks.indices.map { Int64($0) }), column: 0, rows: tasks.count)
        try writer.append(.string(tasks), column: 1, rows: tasks.count)
        try writer.close()
    }

    /// The task texts by index.
    static func readTasks(_ folder: DatasetFolder) throws(DatasetError) -> [String] {
        let table = try folder.table(tasksFile)
        guard let pandas = try table.metadata("pandas"),
            let column = try JSONValue.parse(Array(pandas.utf8), path: table.path)["index_columns"]?.elements?.first?.text
        else {
            throw .format(path: table.path, location: "metadata", reason: "no \"pandas\" index: the reader turns every task into a number")
        }
        return try table.strings(column)
    }

    static func statistics(_ features: [LeRobotFeature], _ totals: [FeatureStatistics]) -> JSONValue {
        .object(zip(features, totals).map { ($0.name, $0.json(statistics: $1)) })
    }

    static func info(
        features: [LeRobotFeature], fps: Int, robotType: String, episodes: Int, frames: Int, tasks: Int, options: LeRobotOptions
    ) -> JSONValue {
        let videos = features.count { $0.kind == .video }
        func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }
        var members: [(key: String, value: JSONValue)] = [
            ("codebase_version", .string(options.version.rawValue)), ("robot_type", .string(robotType)),
            ("total_episodes", number(episodes)),
            ("total_frames", number(frames)), ("total_tasks", number(tasks)),
        ]
        if options.version == .v21 {
            let chunks = (episodes + options.filesPerChunk - 1) / options.filesPerChunk
            members += [("total_videos", number(episodes * videos)), ("total_chunks", number(chunks))]
        }
        members.append(("chunks_size", number(options.filesPerChunk)))
        if options.version == .v30 {
            members += [
                ("data_files_size_in_mb", number(options.dataFileMegabytes)),
                ("video_files_size_in_mb", number(options.videoFileMegabytes)),
            ]
        }
        members += [
            ("fps", number(fps)), ("splits", .object([("train", .string("0:\(episodes)"))])),
            ("data_path", .string(options.version == .v30 ? dataPattern : dataPattern21)),
            ("video_path", videos == 0 ? .null : .string(options.version == .v30 ? videoPattern : videoPattern21)),
            ("features", .object(features.map { ($0.name, $0.json(fps: fps, codec: options.codec.rawValue)) })),
        ]
        return .object(members)
    }
}
