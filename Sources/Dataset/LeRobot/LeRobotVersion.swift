/// The layouts of LeRobot data sets that are written.
public enum LeRobotVersion: String, Codable, Sendable, CaseIterable {
    /// LeRobot from 0.4 on: tables of many episodes.
    case v30 = "v3.0"
    /// LeRobot 0.3, openpi and, with `meta/modality.json`, Isaac GR00T: a file per episode.
    case v21 = "v2.1"
}

/// A row of metadata: an episode that has been written.
struct LeRobotRow {
    var index: Int
    /// What is done in it, at least one text.
    var tasks: [String]
    var length: Int
    var firstIndex: Int
    /// Where its pictures are, one per video feature.
    var videos: [LeRobotEpisode.Span]
    /// One per feature.
    var statistics: [FeatureStatistics]
}

/// Where the numbers of a LeRobot data set go; what differs between the versions.
protocol LeRobotTables {
    /// Writes an episode's rows and its metadata.
    mutating func append(_ row: LeRobotRow, columns: [ParquetValues]) throws(DatasetError)
    /// Completes the files, the tasks among them.
    mutating func close(tasks: [String]) throws(DatasetError)
}

/// What a LeRobot data set holds when episodes are to be added to it.
struct LeRobotState {
    var episodes = 0
    var frames = 0
    var tasks: [String] = []
    /// One per feature, empty in a new data set.
    var totals: [FeatureStatistics] = []
    /// Numbers of the next files, through all chunks.
    var dataFile = 0
    var episodeFile = 0
    /// Number of each video's last file, through all chunks.
    var lastVideos: [String: Int] = [:]
    var provenance = DatasetProvenance()
}
