internal import Foundation

/// The tables of LeRobot v2.1: a Parquet file per episode, and a line of JSON per episode and task.
struct LeRobotLines: LeRobotTables {
    private let folder: OutputFolder
    private let features: [LeRobotFeature]
    private let columns: [ParquetColumn]
    private let shapes: [[Int]]
    private let options: LeRobotOptions
    private let episodes: LineFile
    private let statistics: LineFile

    init(folder: OutputFolder, features: [LeRobotFeature], options: LeRobotOptions) throws(DatasetError) {
        self.folder = folder
        self.features = features
        self.options = options
        columns = features.compactMap(\.column)
        shapes = features.compactMap(\.columnShape)
        episodes = try LineFile("meta/episodes.jsonl", in: folder)
        statistics = try LineFile("meta/episodes_stats.jsonl", in: folder)
    }

    mutating func append(_ row: LeRobotRow, columns values: [ParquetValues]) throws(DatasetError) {
        let path = LeRobotPath.episode(LeRobotPath.dataPattern21, row.index, options)
        let writer = try LeRobotPath.table(path, in: folder.root, columns: columns)
        for i in columns.indices {
            try writer.append(values[i], column: i, rows: row.length, shape: shapes[i])
        }
        try writer.close()
        try episodes.append(
            .object([
                ("episode_index", .integer(Int64(row.index))), ("tasks", .array(row.tasks.map { .string($0) })),
                ("length", .integer(Int64(row.length))),
            ]))
        let entries = zip(features, row.statistics).map { ($0.name, $0.json(statistics: $1)) }
        try statistics.append(.object([("episode_index", .integer(Int64(row.index))), ("stats", .object(entries))]))
    }

    mutating func close(tasks: [String]) throws(DatasetError) {
        try episodes.close()
        try statistics.close()
        let lines = tasks.enumerated().map { index, task in
            JSONValue.object([("task_index", .integer(Int64(index))), ("task", .string(task))]).encoded(indent: nil) + "\n"
        }
        try folder.write(Array(lines.joined().utf8), to: "meta/tasks.jsonl")
    }

    static func tasks(_ folder: DatasetFolder) throws(DatasetError) -> [String] {
        let file = folder.root.appendingPathComponent("meta/tasks.jsonl")
        var tasks: [String] = []
        for (line, value) in try folder.jsonLines("meta/tasks.jsonl").enumerated() {
            guard value["task_index"]?.whole == line, let task = value["task"]?.text else {
                throw .format(path: file.path, location: "line \(line + 1)", reason: "needs task_index \(line) and a task text")
            }
            tasks.append(task)
        }
        return tasks
    }
}

/// A file of one JSON value a line, written from front to back; what is there stays.
final class LineFile {
    private let path: String
    private let file: FileHandle

    init(_ path: String, in folder: OutputFolder) throws(DatasetError) {
        let url = folder.root.appendingPathComponent(path)
        let before = FileManager.default.contents(atPath: url.path) ?? Data()
        // A copy: the file may be linked to the old data set's.
        try folder.write([UInt8](before), to: path)
        guard let file = FileHandle(forWritingAtPath: url.path) else { throw .file(path: url.path, reason: "cannot be written") }
        self.path = url.path
        self.file = file
        do { try file.seekToEnd() } catch { throw .file(path: url.path, reason: "cannot be written: \(error.localizedDescription)") }
    }

    func append(_ value: JSONValue) throws(DatasetError) {
        do { try file.write(contentsOf: Data((value.encoded(indent: nil) + "\n").utf8)) } catch {
            throw .file(path: path, reason: "cannot be written: \(error.localizedDescription)")
        }
    }

    func close() throws(DatasetError) {
        do { try file.close() } catch { throw .file(path: path, reason: "cannot be written: \(error.localizedDescription)") }
    }
}

extension JSONValue {
    /// Reads a file of one JSON value a line; empty lines are passed over.
    static func readLines(_ url: URL) throws(DatasetError) -> [JSONValue] {
        guard let data = FileManager.default.contents(atPath: url.path) else {
            throw .file(path: url.path, reason: FileManager.default.fileExists(atPath: url.path) ? "cannot be read" : "does not exist")
        }
        var values: [JSONValue] = []
        for (number, line) in [UInt8](data).split(separator: 10, omittingEmptySubsequences: false).enumerated() where !line.isEmpty {
            do { values.append(try parse(Array(line), path: url.path)) } catch {
                guard case .format(_, _, let reason) = error else { throw error }
                throw .format(path: url.path, location: "line \(number + 1)", reason: reason)
            }
        }
        return values
    }
}
