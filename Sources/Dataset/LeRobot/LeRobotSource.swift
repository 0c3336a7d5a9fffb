internal import Foundation
internal import Imaging

/// A LeRobot data set that is read episode by episode, to be written elsewhere: rows, videos, statistics.
struct LeRobotSource {
    let folder: DatasetFolder
    let info: LeRobotInfo
    let version: LeRobotVersion
    let features: [LeRobotFeature]
    let tasks: [String]
    let episodes: [LeRobotEpisode]
    let provenance: DatasetProvenance
    /// Of every video, per episode; nil where the data set has none that can be read.
    private let pictures: [[FeatureStatistics?]]
    /// The video that is being decoded for want of statistics.
    private var decoding: (url: URL, reader: VideoReader, next: Int)?
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
                    statedNames: feature.statedNames, videoInfo: feature.videoInfo, numberInfo: feature.numberInfo))
        }
        switch version {
        case .v30:
            tasks = try LeRobotPath.readTasks(folder)
            episodes = try LeRobotEpisode.readTables(folder, videoKeys: info.videoKeys)
        case .v21:
            tasks = try LeRobotLines.tasks(folder)
            episodes = try LeRobotEpisode.readLines(folder)
        }
        var provenance = DatasetProvenance()
        provenance.validationEpisodes = info.heldBack(episodes: episodes.count)
        self.provenance = DatasetProvenance.read(root) ?? provenance
        let statistics =
            try version == .v30 ? Self.tableStatistics(folder, features) : Self.lineStatistics(folder, features, episodes: episodes.count)
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
            for feature in features where feature.kind != .video { columns.append(try table.values(of: feature)) }
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

    /// Of every video: as the data set has them, else from the pictures themselves.
    mutating func pictureStatistics(of episode: Int) throws(DatasetError) -> [FeatureStatistics] {
        var out: [FeatureStatistics] = []
        for (key, known) in zip(info.videoKeys, pictures[episode]) {
            if let known { out.append(known) } else { out.append(try decoded(key, of: episode)) }
        }
        return out
    }

    private mutating func decoded(_ key: String, of episode: Int) throws(DatasetError) -> FeatureStatistics {
        let (url, span) = try video(key, of: episode)
        let first = Int((span.from * Double(info.fps)).rounded())
        let end = first + episodes[episode].length
        var statistics = PixelStatistics()
        do {
            if decoding?.url != url || (decoding?.next ?? 0) > first { decoding = (url, try VideoReader(url), 0) }
            while let next = decoding?.next, next < end, let frame = try decoding?.reader.nextFrame() {
                if next >= first { statistics.add(frame.image) }
                decoding?.next += 1
            }
        } catch {
            throw .file(path: url.path, reason: "\(error)")
        }
        guard statistics.count > 0 else {
            throw .format(path: url.path, location: "episode \(episode)", reason: "no picture is where the episode says it begins")
        }
        return statistics.statistics
    }

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
        var pictures: [[FeatureStatistics?]] = []
        var lacksQuantiles: Set<String> = []
    }

    private static func tableStatistics(_ folder: DatasetFolder, _ features: [LeRobotFeature]) throws(DatasetError) -> PictureStatistics {
        var out = PictureStatistics()
        let videos = features.filter { $0.kind == .video }
        for file in try folder.tables(under: "meta/episodes") {
            let table = try folder.table(file)
            let byVideo = videos.map { video in tableStatistics(table, "stats/\(video.name)") }
            for (video, found) in zip(videos, byVideo) where found?.hasQuantiles == false { out.lacksQuantiles.insert(video.name) }
            for row in 0..<table.rowCount { out.pictures.append(byVideo.map { $0?.rows[row] }) }
        }
        return out
    }

    /// Of one video's pictures in each row of a table of episodes; nil where columns are missing or hold something else.
    private static func tableStatistics(_ table: ParquetReader, _ prefix: String) -> (rows: [FeatureStatistics?], hasQuantiles: Bool)? {
        func column(_ key: String, _ width: Int) -> [Double]? {
            guard let values = try? table.doubles("\(prefix)/\(key)"), values.count == table.rowCount * width else { return nil }
            return values
        }
        guard let counts = column("count", 1), let low = column("min", 3), let high = column("max", 3), let mean = column("mean", 3),
            let deviation = column("std", 3)
        else { return nil }
        let quantiles = FeatureStatistics.keys.compactMap { column($0, 3) }
        let hasQuantiles = quantiles.count == FeatureStatistics.keys.count
        let all = [low, high, mean, deviation] + (hasQuantiles ? quantiles : FeatureStatistics.keys.map { _ in mean })
        let rows = (0..<table.rowCount).map { row -> FeatureStatistics? in
            let own = all.map { Array($0[(row * 3)..<(row * 3 + 3)]) }
            guard let count = Int(exactly: counts[row]), 1...StatedCount.maximum ~= count, own.allSatisfy({ $0.allSatisfy(\.isFinite) })
            else {
                return nil
            }
            return FeatureStatistics(
                minimum: own[0], maximum: own[1], mean: own[2], standardDeviation: own[3], count: count, quantiles: Array(own[4...]))
        }
        return (rows, hasQuantiles)
    }

    private static func lineStatistics(
        _ folder: DatasetFolder, _ features: [LeRobotFeature], episodes: Int
    ) throws(DatasetError) -> PictureStatistics {
        let videos = features.filter { $0.kind == .video }
        var out = PictureStatistics()
        guard folder.holds("meta/episodes_stats.jsonl") else {
            out.pictures = Array(repeating: videos.map { _ in nil }, count: episodes)
            return out
        }
        for value in try folder.jsonLines("meta/episodes_stats.jsonl") {
            out.pictures.append(
                videos.map { video in
                    guard let entry = value["stats"]?[video.name], let found = FeatureStatistics(json: entry, width: 3),
                        1...StatedCount.maximum ~= found.count
                    else { return nil }
                    if entry[FeatureStatistics.keys[0]] == nil { out.lacksQuantiles.insert(video.name) }
                    return found
                })
        }
        return out
    }
}

extension ParquetReader {
    /// The column of a feature that is no video: as many numbers in each row as the feature says, all finite.
    func values(of feature: LeRobotFeature) throws(DatasetError) -> ParquetValues {
        let counts = try lengths(feature.name)
        if let row = counts.firstIndex(where: { $0 != feature.width }) {
            throw .format(
                path: path, location: "\(feature.name), row \(row)", reason: "\(counts[row]) numbers; \(feature.width) are declared")
        }
        if feature.kind == .float32 {
            let values = try doubles(feature.name)
            if let bad = values.firstIndex(where: { !Float($0).isFinite }) {
                throw .format(
                    path: path, location: "\(feature.name), row \(bad / max(feature.width, 1))",
                    reason: "is null or not finite: it has no statistics, and a batch with it is poisoned")
            }
            return .float(values.map { Float($0) })
        }
        let values = try integers(feature.name)
        guard try nullCount(feature.name) == 0 else {
            throw .format(path: path, location: "column \(feature.name)", reason: "holds nulls; a number in every row is needed")
        }
        return feature.kind == .bool ? .bool(values.map { $0 != 0 }) : .int64(values)
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
