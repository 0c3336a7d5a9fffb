internal import Foundation

/// The data tables: a row per frame, a row group per episode, a new file once one has grown beyond the limit.
struct LeRobotDataFiles {
    private let folder: URL
    private let columns: [ParquetColumn]
    private let options: LeRobotOptions
    private var writer: ParquetWriter?
    private var file = -1

    init(folder: URL, features: [LeRobotFeature], options: LeRobotOptions) {
        self.folder = folder
        columns = features.compactMap(\.column)
        self.options = options
    }

    /// Appends an episode and returns the file it went to.
    mutating func append(_ values: [ParquetValues], rows: Int) throws(DatasetError) -> Int {
        if let writer, try writer.size() >= options.dataFileMegabytes * 1_000_000 { try close() }
        if writer == nil {
            file += 1
            writer = try LeRobotPath.table(LeRobotPath.data(file: file, options), in: folder, columns: columns)
        }
        guard let writer else { return file }
        for i in columns.indices {
            try writer.append(values[i], column: i, rows: rows, shape: columns[i].depth == 0 ? [] : [columns[i].fixedSize])
        }
        try writer.endRowGroup()
        return file
    }

    mutating func close() throws(DatasetError) {
        try writer?.close()
        writer = nil
    }
}

/// `meta/episodes`: a row per episode, with its statistics.
struct LeRobotEpisodeTable {
    struct Row {
        var index: Int
        var task: String
        var length: Int
        var firstIndex: Int
        var dataFile: Int
        /// Seconds.
        var duration: Double
        /// One per feature.
        var statistics: [FeatureStatistics]
    }

    private let features: [LeRobotFeature]
    private let options: LeRobotOptions
    private let writer: ParquetWriter
    private var rows = 0

    init(folder: URL, features: [LeRobotFeature], options: LeRobotOptions) throws(DatasetError) {
        self.features = features
        self.options = options
        var columns = [ParquetColumn("episode_index", .int64), ParquetColumn("tasks", .string, depth: 1), ParquetColumn("length", .int64)]
        columns += ["data/chunk_index", "data/file_index", "dataset_from_index", "dataset_to_index"].map { ParquetColumn($0, .int64) }
        for feature in features where feature.kind == .video {
            columns += ["chunk_index", "file_index"].map { ParquetColumn("videos/\(feature.name)/\($0)", .int64) }
            columns += ["from_timestamp", "to_timestamp"].map { ParquetColumn("videos/\(feature.name)/\($0)", .double) }
        }
        columns += features.flatMap(\.statisticColumns)
        columns += ["meta/episodes/chunk_index", "meta/episodes/file_index"].map { ParquetColumn($0, .int64) }
        writer = try LeRobotPath.table("meta/episodes/chunk-000/file-000.parquet", in: folder, columns: columns)
    }

    /// Statistics of an episode, one per feature: of the columns for numbers, of the pictures for video.
    static func statistics(
        features: [LeRobotFeature], columns: [ParquetValues], pictures: [FeatureStatistics], rows: Int
    ) -> [FeatureStatistics] {
        var column = columns.makeIterator()
        var picture = pictures.makeIterator()
        return features.compactMap { feature in
            feature.kind == .video
                ? picture.next() : column.next().map { FeatureStatistics(rows: $0.doubles, width: feature.width) }
        }
    }

    mutating func append(_ row: Row) throws(DatasetError) {
        var column = 0
        func put(_ values: ParquetValues, _ shape: [Int] = []) throws(DatasetError) {
            try writer.append(values, column: column, rows: 1, shape: shape)
            column += 1
        }
        func put(_ value: Int) throws(DatasetError) { try put(.int64([Int64(value)])) }
        try put(row.index)
        try put(.string([row.task]), [1])
        try put(row.length)
        try put(row.dataFile / options.filesPerChunk)
        try put(row.dataFile % options.filesPerChunk)
        try put(row.firstIndex)
        try put(row.firstIndex + row.length)
        for feature in features where feature.kind == .video {
            try put(row.index / options.filesPerChunk)
            try put(row.index % options.filesPerChunk)
            try put(.double([0]))
            try put(.double([row.duration]))
        }
        for (feature, statistics) in zip(features, row.statistics) {
            for (i, values) in feature.statisticValues(statistics).enumerated() {
                // The count, fifth of each feature, is a list of one number whatever the feature.
                try put(values, feature.kind == .video && i != 4 ? [3, 1, 1] : [i == 4 ? 1 : feature.width])
            }
        }
        try put(0)
        try put(0)
        rows += 1
        if rows % options.episodesPerRowGroup == 0 { try writer.endRowGroup() }
    }

    func close() throws(DatasetError) { try writer.close() }
}
