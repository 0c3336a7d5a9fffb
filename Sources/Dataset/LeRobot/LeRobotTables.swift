internal import Foundation

/// The data tables: a row per frame, a row group per episode, a new file once one has grown beyond the limit.
struct LeRobotDataFiles {
    private let folder: OutputFolder
    private let features: [LeRobotFeature]
    private let columns: [ParquetColumn]
    private let shapes: [[Int]]
    private let options: LeRobotOptions
    private var writer: ParquetWriter?
    private var file: Int

    /// - Parameter firstFile: number of the first file to write, through all chunks. The one before, if there is one, is filled up.
    init(folder: OutputFolder, features: [LeRobotFeature], firstFile: Int, options: LeRobotOptions) throws(DatasetError) {
        self.folder = folder
        self.features = features.filter { $0.kind != .video }
        columns = features.compactMap(\.column)
        shapes = features.compactMap(\.columnShape)
        file = firstFile - 1
        self.options = options
        if file >= 0 { try resume() }
    }

    /// Takes up the last file, its row groups written anew, where it is smaller than the limit.
    private mutating func resume() throws(DatasetError) {
        let path = LeRobotPath.data(file: file, options)
        let url = folder.root.appendingPathComponent(path)
        let size = (try? FileManager.default.attributesOfItem(atPath: url.path))?[.size] as? Int ?? .max
        guard size < options.dataFileMegabytes * 1_000_000 else { return }
        let table = try ParquetReader(path: url.path)
        var values: [ParquetValues] = []
        for feature in features { values.append(try table.values(of: feature)) }
        let episodes = try table.scalars("episode_index")
        try folder.clear(path)
        writer = try LeRobotPath.table(path, in: folder.root, columns: columns)
        var first = 0
        while first < episodes.count {
            let end = episodes[first...].firstIndex { $0 != episodes[first] } ?? episodes.count
            var part: [ParquetValues] = []
            for (feature, column) in zip(features, values) {
                guard let rows = column.slice((first * feature.width)..<(end * feature.width)) else {
                    throw .format(
                        path: url.path, location: "column \(feature.name)", reason: "does not hold \(feature.width) numbers in every row")
                }
                part.append(rows)
            }
            try write(part, rows: end - first)
            first = end
        }
    }

    /// Appends an episode and returns the file it went to.
    mutating func append(_ values: [ParquetValues], rows: Int) throws(DatasetError) -> Int {
        if let writer, try writer.size() >= options.dataFileMegabytes * 1_000_000 { try close() }
        if writer == nil {
            file += 1
            writer = try LeRobotPath.table(LeRobotPath.data(file: file, options), in: folder.root, columns: columns)
        }
        try write(values, rows: rows)
        return file
    }

    private func write(_ values: [ParquetValues], rows: Int) throws(DatasetError) {
        for i in columns.indices { try writer?.append(values[i], column: i, rows: rows, shape: shapes[i]) }
        try writer?.endRowGroup()
    }

    mutating func close() throws(DatasetError) {
        try writer?.close()
        writer = nil
    }
}

/// A file of `meta/episodes`: a row per episode, with its statistics.
struct LeRobotEpisodeTable {
    private let features: [LeRobotFeature]
    private let options: LeRobotOptions
    private let writer: ParquetWriter
    private let file: Int
    private var rows = 0

    /// - Parameter file: number of the file, through all chunks.
    init(folder: URL, features: [LeRobotFeature], file: Int, options: LeRobotOptions) throws(DatasetError) {
        self.features = features
        self.file = file
        self.options = options
        var columns = [ParquetColumn("episode_index", .int64), ParquetColumn("tasks", .string, depth: 1), ParquetColumn("length", .int64)]
        columns += ["data/chunk_index", "data/file_index", "dataset_from_index", "dataset_to_index"].map { ParquetColumn($0, .int64) }
        for feature in features where feature.kind == .video {
            columns += ["chunk_index", "file_index"].map { ParquetColumn("videos/\(feature.name)/\($0)", .int64) }
            columns += ["from_timestamp", "to_timestamp"].map { ParquetColumn("videos/\(feature.name)/\($0)", .double) }
        }
        columns += features.flatMap(\.statisticColumns)
        columns += ["meta/episodes/chunk_index", "meta/episodes/file_index"].map { ParquetColumn($0, .int64) }
        writer = try LeRobotPath.table(LeRobotPath.numbered(LeRobotPath.episodesPattern, file, options), in: folder, columns: columns)
    }

    /// Statistics of an episode, one per feature: of the columns for numbers, of the pictures for video.
    static func statistics(
        features: [LeRobotFeature], columns: [ParquetValues], pictures: [FeatureStatistics], rows: Int
    ) -> [FeatureStatistics] {
        var column = columns.makeIterator()
        var picture = pictures.makeIterator()
        return features.compactMap { feature in
            feature.kind == .video
                ? picture.next() : column.next().map { FeatureStatistics(rows: $0.doubles, width: feature.statisticWidth, count: rows) }
        }
    }

    mutating func append(_ row: LeRobotRow, dataFile: Int) throws(DatasetError) {
        var column = 0
        func put(_ values: ParquetValues, _ shape: [Int] = []) throws(DatasetError) {
            try writer.append(values, column: column, rows: 1, shape: shape)
            column += 1
        }
        func put(_ value: Int) throws(DatasetError) { try put(.int64([Int64(value)])) }
        try put(row.index)
        try put(.string(row.tasks), [row.tasks.count])
        try put(row.length)
        try put(dataFile / options.filesPerChunk)
        try put(dataFile % options.filesPerChunk)
        try put(row.firstIndex)
        try put(row.firstIndex + row.length)
        for span in row.videos {
            try put(span.chunk)
            try put(span.file)
            try put(.double([span.from]))
            try put(.double([span.to]))
        }
        for (feature, statistics) in zip(features, row.statistics) {
            for (i, values) in feature.statisticValues(statistics).enumerated() {
                // The count, fifth of each feature, is a list of one number whatever the feature.
                try put(values, feature.kind == .video && i != 4 ? [3, 1, 1] : [i == 4 ? 1 : feature.statisticWidth])
            }
        }
        try put(file / options.filesPerChunk)
        try put(file % options.filesPerChunk)
        rows += 1
        if rows % options.episodesPerRowGroup == 0 { try writer.endRowGroup() }
    }

    func close() throws(DatasetError) { try writer.close() }
}

/// The tables of LeRobot v3.0.
struct LeRobotParquet: LeRobotTables {
    private let folder: OutputFolder
    private var data: LeRobotDataFiles
    private var episodes: LeRobotEpisodeTable

    init(folder: OutputFolder, features: [LeRobotFeature], state: LeRobotState, options: LeRobotOptions) throws(DatasetError) {
        self.folder = folder
        data = try LeRobotDataFiles(folder: folder, features: features, firstFile: state.dataFile, options: options)
        episodes = try LeRobotEpisodeTable(folder: folder.root, features: features, file: state.episodeFile, options: options)
    }

    mutating func append(_ row: LeRobotRow, columns: [ParquetValues]) throws(DatasetError) {
        let file = try data.append(columns, rows: row.length)
        try episodes.append(row, dataFile: file)
    }

    mutating func close(tasks: [String]) throws(DatasetError) {
        try data.close()
        try episodes.close()
        try folder.clear(LeRobotPath.tasksFile)
        try LeRobotPath.writeTasks(tasks, folder: folder.root)
    }
}
