public import Foundation

/// How many rows a format's tables hold, and how the frames that they show are read.
public struct DatasetRowTable {
    /// Rows of each episode.
    public var lengths: [Int]
    /// See `DatasetRows.sourceColumns`.
    public var sourceColumns: [String]
    /// The source frames of an episode, a list for each of these columns.
    public var sourceFrames: (Int) throws(DatasetError) -> [[Int]]

    public init(
        lengths: [Int], sourceColumns: [String] = [], sourceFrames: @escaping (Int) throws(DatasetError) -> [[Int]] = { _ in [] }
    ) {
        self.lengths = lengths
        self.sourceColumns = sourceColumns
        self.sourceFrames = sourceFrames
    }
}

/// The rows of a data set as its own tables hold them, whatever its metadata and whoever wrote it: what a report of what was written
/// counts.
///
/// In memory are the lengths of the episodes, and the columns of one file at a time.
public final class DatasetRows {
    public struct Episode: Sendable, Equatable {
        /// Rows.
        public var frames: Int
    }

    public let format: DatasetFormat
    public let episodes: [Episode]
    /// The columns that say which frame of its recording a row shows, one for each arm, left first; empty where the format keeps none (UMI)
    /// or another program wrote the data set.
    public let sourceColumns: [String]
    /// What the data set says of where its episodes came from; nil where it does not say.
    public let provenance: DatasetProvenance?
    private let table: DatasetRowTable
    private let path: String

    /// A path that holds no data set is an error, and so are tables that cannot be read or that contradict themselves.
    public init(contentsOf url: URL) throws(DatasetError) {
        path = url.path
        format = try DatasetFormat.known(at: url)
        table = try format.definition.rows(of: url)
        episodes = table.lengths.map { Episode(frames: $0) }
        sourceColumns = table.sourceColumns
        provenance = format.definition.provenance(of: url)
    }

    public var frameCount: Int { episodes.reduce(0) { $0 + $1.frames } }

    /// By source column the frames that an episode's rows show, row by row; nil where there is no such column.
    public func sourceFrames(episode: Int) throws(DatasetError) -> [[Int]]? {
        precondition(episodes.indices.contains(episode), "one of the data set's episodes")
        guard !sourceColumns.isEmpty else { return nil }
        let frames = try table.sourceFrames(episode)
        for (column, rows) in zip(sourceColumns, frames) where rows.count != episodes[episode].frames {
            throw .format(
                path: path, location: "\(column), episode \(episode)", reason: "\(rows.count) values for \(episodes[episode].frames) rows")
        }
        return frames
    }

    /// Numbers of the episodes that a source says are its own. Ones that are not there are an error: the data set has lost rows.
    public func episodes(of source: DatasetSource) throws(DatasetError) -> Range<Int> {
        let (end, overflows) = source.firstEpisode.addingReportingOverflow(source.episodes)
        guard !overflows, source.firstEpisode >= 0, source.episodes >= 0, end <= episodes.count else {
            throw .format(
                path: path, location: "session \(source.session)",
                reason: "\(source.episodes) episodes from \(source.firstEpisode) on; the data set holds \(episodes.count)")
        }
        return source.firstEpisode..<end
    }

    /// Rows of the episodes that a source says are its own, counted.
    public func frameCount(of source: DatasetSource) throws(DatasetError) -> Int {
        try episodes(of: source).reduce(0) { $0 + episodes[$1].frames }
    }

    /// The column of an arm whose names begin with `prefix`.
    static func sourceColumn(_ prefix: String) -> String { "diagnostic.\(prefix)source_frame" }

    /// Whole numbers of a column that is kept as doubles.
    static func whole(_ values: [Double], path: String, location: String) throws(DatasetError) -> [Int] {
        var out: [Int] = []
        out.reserveCapacity(values.count)
        for (row, value) in values.enumerated() {
            guard let number = Int(exactly: value) else {
                throw .format(path: path, location: "\(location), row \(row)", reason: "\(value) is no whole number")
            }
            out.append(number)
        }
        return out
    }
}
