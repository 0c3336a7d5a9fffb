internal import Foundation

/// Where a LeRobot data set keeps what, and its small metadata files.
enum LeRobotPath {
    static let version = "v3.0"
    static let dataPattern = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
    static let videoPattern = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"

    static func data(file: Int, _ options: LeRobotOptions) -> String {
        expand(dataPattern, chunk: file / options.filesPerChunk, file: file % options.filesPerChunk)
    }

    static func video(_ key: String, file: Int, _ options: LeRobotOptions) -> String {
        expand(videoPattern, chunk: file / options.filesPerChunk, file: file % options.filesPerChunk, key: key)
    }

    /// Fills in a path pattern of `info.json`.
    static func expand(_ pattern: String, chunk: Int, file: Int, key: String = "") -> String {
        func padded(_ number: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, 3 - text.count)) + text
        }
        return pattern.replacingOccurrences(of: "{chunk_index:03d}", with: padded(chunk))
            .replacingOccurrences(of: "{file_index:03d}", with: padded(file)).replacingOccurrences(of: "{video_key}", with: key)
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
            "meta/tasks.parquet", in: folder, columns: [ParquetColumn("task_index", .int64), ParquetColumn("task", .string)],
            metadata: [("pandas", pandas.encoded(indent: nil))])
        try writer.append(.int64(tasks.indices.map { Int64($0) }), column: 0, rows: tasks.count)
        try writer.append(.string(tasks), column: 1, rows: tasks.count)
        try writer.close()
    }

    static func statistics(_ totals: [(feature: LeRobotFeature, statistics: FeatureStatistics)]) -> JSONValue {
        .object(
            totals.map { feature, total in
                var members = total.arrays.map { (key: $0.key, value: feature.json(statistic: $0.key, $0.values)) }
                members.insert(("count", .array([.integer(Int64(total.count))])), at: 4)
                return (feature.name, .object(members))
            })
    }

    static func info(
        features: [LeRobotFeature], fps: Int, robotType: String, episodes: Int, frames: Int, tasks: Int, options: LeRobotOptions
    ) -> JSONValue {
        .object([
            ("codebase_version", .string(version)), ("robot_type", .string(robotType)), ("total_episodes", .integer(Int64(episodes))),
            ("total_frames", .integer(Int64(frames))), ("total_tasks", .integer(Int64(tasks))),
            ("chunks_size", .integer(Int64(options.filesPerChunk))), ("data_files_size_in_mb", .integer(Int64(options.dataFileMegabytes))),
            ("video_files_size_in_mb", .integer(200)), ("fps", .integer(Int64(fps))),
            ("splits", .object([("train", .string("0:\(episodes)"))])),
            ("data_path", .string(dataPattern)),
            ("video_path", features.contains { $0.kind == .video } ? .string(videoPattern) : .null),
            ("features", .object(features.map { ($0.name, $0.json(fps: fps, codec: "h264")) })),
        ])
    }
}
