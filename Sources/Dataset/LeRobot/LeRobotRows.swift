internal import Foundation

/// The rows of a LeRobot data set by episode, from the data tables alone.
final class LeRobotRows {
    /// Rows of an episode within one file.
    private struct Part {
        var file: Int
        var rows: Range<Int>
    }

    /// Rows of each episode.
    let lengths: [Int]
    let sourceColumns: [String]
    private let folder: DatasetFolder
    private let files: [String]
    private let parts: [[Part]]
    /// The source columns of the file that was read last.
    private var open: (file: Int, columns: [[Int64]])?

    /// Episodes must be numbered from 0 on, none left out.
    init(_ root: URL) throws(DatasetError) {
        folder = DatasetFolder(root)
        files = try folder.tables(under: "data")
        var parts: [Int64: [Part]] = [:]
        var columns: [String] = []
        for (file, name) in files.enumerated() {
            let table = try folder.table(name)
            if file == 0 {
                let known = Set(table.columns.map(\.name))
                columns = DatasetSide.sourceOrder.map { DatasetRows.sourceColumn($0.prefix) }.filter(known.contains)
            }
            let episodes = try table.scalars("episode_index")
            var first = 0
            while first < episodes.count {
                let end = episodes[first...].firstIndex { $0 != episodes[first] } ?? episodes.count
                parts[episodes[first], default: []].append(Part(file: file, rows: first..<end))
                first = end
            }
        }
        var ordered: [[Part]] = []
        for episode in 0..<parts.count {
            guard let own = parts[Int64(episode)] else {
                let stray = parts.keys.sorted().first { $0 < 0 || $0 >= Int64(parts.count) } ?? 0
                throw .format(
                    path: root.path, location: "data, episode_index",
                    reason: "no row is of episode \(episode), but some are of \(stray): episodes are numbered from 0 on")
            }
            ordered.append(own)
        }
        self.parts = ordered
        sourceColumns = columns
        lengths = ordered.map { $0.reduce(0) { $0 + $1.rows.count } }
    }

    func sourceFrames(_ episode: Int) throws(DatasetError) -> [[Int]] {
        var out: [[Int]] = sourceColumns.map { _ in [] }
        for part in parts[episode] {
            let columns = try columns(of: part.file)
            for i in out.indices {
                guard part.rows.upperBound <= columns[i].count else {
                    throw .format(
                        path: folder.root.appendingPathComponent(files[part.file]).path, location: "column \(sourceColumns[i])",
                        reason: "\(columns[i].count) values, \(part.rows.upperBound) rows or more")
                }
                out[i] += columns[i][part.rows].map { Int($0) }
            }
        }
        return out
    }

    private func columns(of file: Int) throws(DatasetError) -> [[Int64]] {
        if let open, open.file == file { return open.columns }
        let table = try folder.table(files[file])
        var columns: [[Int64]] = []
        for name in sourceColumns { columns.append(try table.integers(name)) }
        open = (file, columns)
        return columns
    }
}
