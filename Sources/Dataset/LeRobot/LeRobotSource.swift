internal import Foundation

/// A LeRobot data set that is read episode by episode, to be written elsewhere: rows, videos, statistics.
struct LeRobotSource {
    let folder: DatasetFolder
    let info: LeRobotInfo
    let version: LeRobotVersion
    let features: [LeRobotFeature]
    let tasks: [String]
    let episodes: [LeRobotEpisode]
    let provenance: DatasetProvenance
    /// Of every video, per episode.
    private let pictures: [[FeatureStatistics]]
    private var open: (file: String, columns: [ParquetValues], first: Int)?

    var root: URL { folder.root }

    init(_ root: URL) throws(DatasetError) {
        folder = DatasetFolder(root)
        info = try LeRobotInfo(folder)
        let path = root.appendingPathComponent(LeRobotPath.infoFile).path
        guard let version = LeRobotVersion(rawValue: info.version) else {
            throw .format(path: path, location: "codebase_version", reason: "\"\(info.version)\"; accepted: v3.0, v2.1")
        }
        self.version = version
        var features: [LeRobotFeature] = []
        for feature in info.features {
            guard !feature.name.contains("/") else {
                throw .format(path: path, location: "features.\(feature.name)", reason: "a feature's name holds no \"/\"")
            }
            guard let kind = LeRobotFeature.Kind(rawValue: feature.dtype), kind == .video || (1...2).contains(feature.shape.count) else {
                throw .format(
                    path: path, location: "features.\(feature.name)",
                    reason: "\(feature.dtype) \(feature.shape); data sets of float32, int64 and bool vectors and matrices and of videos "
                        + "can be merged"
                )
            }
            features.append(
                LeRobotFeature(
                    name: feature.name, kind: kind, shape: feature.shape, names: feature.names.isEmpty ? nil : feature.names,
                    statedNames: feature.statedNames, videoInfo: feature.videoInfo))
        }
        switch version {
        case .v30:
            tasks = try LeRobotPath.readTasks(folder)
            episodes = try LeRobotEpisode.readTables(folder, videoKeys: info.videoKeys)
        case .v21:
            tasks = try LeRobotLines.tasks(folder)
            episodes = try LeRobotEpisode.readLines(folder)
        }
        provenance = DatasetProvenance.read(root) ?? DatasetProvenance()
        let statistics = try version == .v30 ? Self.tableStatistics(folder, features) : Self.lineStatistics(folder, features)
        pictures = statistics.pictures
        for i in features.indices where statistics.lacksQuantiles.contains(features[i].name) { features[i].hasQuantiles = false }
        self.features = features
        guard pictures.count == episodes.count else {
            throw .format(path: path, location: "statistics", reason: "of \(pictures.count) episodes, there are \(episodes.count)")
        }
    }

    /// An episode's columns, one for each feature that is no video.
    mutating func columns(of episode: Int) throws(DatasetError) -> [ParquetValues] {
        let e = episodes[episode]
        let file = try dataFile(of: episode)
        if open?.file != file {
            let table = try folder.table(file)
            var columns: [ParquetValues] = []
            for feature in features where feature.kind != .video {
                switch feature.kind {
                case .float32: columns.append(.float(try table.doubles(feature.name).map { Float($0) }))
                case .bool: columns.append(.bool(try table.integers(feature.name).map { $0 != 0 }))
                default: columns.append(.int64(try table.integers(feature.name)))
                }
            }
            let first = try table.integers("index").first.map { Int($0) } ?? e.from
            open = (file, columns, first)
        }
        guard let open else { return [] }
        guard e.length == e.to - e.from else {
            throw .format(
                path: root.path, location: "episode \(episode)",
                reason: "rows \(e.from) to \(e.to), but length \(e.length); `griptrace validate` says more")
        }
        let widths = features.filter { $0.kind != .video }.map(\.width)
        var out: [ParquetValues] = []
        for (column, width) in zip(open.columns, widths) {
            let range = ((e.from - open.first) * width)..<((e.to - open.first) * width)
            guard e.from >= open.first, let part = column.slice(range) else {
                throw .format(
                    path: root.appendingPathComponent(file).path, location: "episode \(episode)",
                    reason: "rows \(e.from) to \(e.to) are not all in this file; `griptrace validate` says more")
            }
            out.append(part)
        }
        return out
    }

    func pictureStatistics(of episode: Int) -> [FeatureStatistics] { pictures[episode] }

    /// Where an episode's pictures are, and the part of that file.
    func video(_ key: String, of episode: Int) throws(DatasetError) -> (url: URL, span: LeRobotEpisode.Span) {
        let e = episodes[episode]
        if version == .v21 {
            let chunk = e.index / max(info.chunkSize, 1)
            let path = LeRobotPath.expandEpisode(info.videoPath, chunk: chunk, episode: e.index, key: key)
            let span = LeRobotEpisode.Span(chunk: chunk, file: 0, from: 0, to: Double(e.length) / Double(max(info.fps, 1)))
            return (try folder.file(path), span)
        }
        guard let span = e.videos[key] else {
            throw .format(
                path: root.appendingPathComponent("meta/episodes").path, location: "episode \(episode)", reason: "has no video \(key)")
        }
        return (try folder.file(LeRobotPath.expand(info.videoPath, chunk: span.chunk, file: span.file, key: key)), span)
    }

    private func dataFile(of episode: Int) throws(DatasetError) -> String {
        let e = episodes[episode]
        if version == .v21 { return LeRobotPath.expandEpisode(info.dataPath, chunk: e.index / max(info.chunkSize, 1), episode: e.index) }
        return LeRobotPath.expand(info.dataPath, chunk: e.dataChunk, file: e.dataFile)
    }

    /// Statistics of pictures, by episode and video, and the videos that have no quantiles in all of them.
    private struct PictureStatistics {
        var pictures: [[FeatureStatistics]] = []
        var lacksQuantiles: Set<String> = []
    }

    private static func tableStatistics(_ folder: DatasetFolder, _ features: [LeRobotFeature]) throws(DatasetError) -> PictureStatistics {
        var out = PictureStatistics()
        let videos = features.filter { $0.kind == .video }
        for file in try folder.tables(under: "meta/episodes") {
            let table = try folder.table(file)
            var byVideo: [[FeatureStatistics]] = []
            for video in videos {
                func column(_ key: String, _ width: Int) throws(DatasetError) -> [Double] {
                    let name = "stats/\(video.name)/\(key)"
                    let values = try table.doubles(name)
                    guard values.count == table.rowCount * width else {
                        throw .format(
                            path: table.path, location: "column \(name)",
                            reason: "\(values.count) numbers in \(table.rowCount) rows; \(width) a row are needed")
                    }
                    return values
                }
                let counts = try DatasetRows.whole(try column("count", 1), path: table.path, location: "stats/\(video.name)/count")
                let low = try column("min", 3)
                let high = try column("max", 3)
                let mean = try column("mean", 3)
                let deviation = try column("std", 3)
                var quantiles: [[Double]] = []
                for key in FeatureStatistics.keys where table.index(of: "stats/\(video.name)/\(key)") != nil {
                    quantiles.append(try column(key, 3))
                }
                if quantiles.count < FeatureStatistics.keys.count {
                    out.lacksQuantiles.insert(video.name)
                    quantiles = FeatureStatistics.keys.map { _ in mean }
                }
                byVideo.append(
                    (0..<table.rowCount).map { row in
                        func triple(_ values: [Double]) -> [Double] { Array(values[(row * 3)..<(row * 3 + 3)]) }
                        return FeatureStatistics(
                            minimum: triple(low), maximum: triple(high), mean: triple(mean), standardDeviation: triple(deviation),
                            count: counts[row], quantiles: quantiles.map(triple))
                    })
            }
            for row in 0..<table.rowCount { out.pictures.append(byVideo.map { $0[row] }) }
        }
        return out
    }

    private static func lineStatistics(_ folder: DatasetFolder, _ features: [LeRobotFeature]) throws(DatasetError) -> PictureStatistics {
        let file = folder.root.appendingPathComponent("meta/episodes_stats.jsonl")
        var out = PictureStatistics()
        for (line, value) in try folder.jsonLines("meta/episodes_stats.jsonl").enumerated() {
            var row: [FeatureStatistics] = []
            for video in features where video.kind == .video {
                guard let entry = value["stats"]?[video.name], let statistics = FeatureStatistics(json: entry, width: 3) else {
                    throw .format(
                        path: file.path, location: "line \(line + 1), \(video.name)", reason: "min, max, mean, std and count are needed")
                }
                if entry[FeatureStatistics.keys[0]] == nil { out.lacksQuantiles.insert(video.name) }
                row.append(statistics)
            }
            out.pictures.append(row)
        }
        return out
    }
}

extension ParquetValues {
    /// Some of the values; nil where there are not so many.
    func slice(_ range: Range<Int>) -> ParquetValues? {
        func part<T>(_ values: [T]) -> [T]? { range.lowerBound >= 0 && range.upperBound <= values.count ? Array(values[range]) : nil }
        return switch self {
        case .int64(let values): part(values).map { .int64($0) }
        case .float(let values): part(values).map { .float($0) }
        case .double(let values): part(values).map { .double($0) }
        case .bool(let values): part(values).map { .bool($0) }
        case .string(let values): part(values).map { .string($0) }
        }
    }
}
