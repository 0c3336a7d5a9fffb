internal import Foundation
internal import Imaging

extension LeRobotState {
    /// What stands at `root`. A data set that these episodes do not fit is refused, with the first difference named.
    init(
        root: URL, version: LeRobotVersion, fps: Int, robotType: String, features: [LeRobotFeature], options: LeRobotOptions
    ) throws(DatasetError) {
        let folder = DatasetFolder(root)
        let info = try LeRobotInfo(folder)
        let path = root.appendingPathComponent(LeRobotPath.infoFile).path
        func refuse(_ key: String, _ has: String, _ new: String) -> DatasetError {
            .format(path: path, location: key, reason: "\(has); the new episodes have \(new): they cannot be added to this data set")
        }
        guard info.version == version.rawValue else { throw refuse("codebase_version", info.version, version.rawValue) }
        guard info.fps == fps else { throw refuse("fps", "\(info.fps)", "\(fps)") }
        guard info.robotType == robotType else { throw refuse("robot_type", info.robotType ?? "none", robotType) }
        for feature in features {
            guard let found = info.features.first(where: { $0.name == feature.name }) else {
                throw refuse("features.\(feature.name)", "is missing", feature.name)
            }
            guard found.dtype == feature.kind.rawValue, found.shape == feature.shape else {
                throw refuse("features.\(feature.name)", "\(found.dtype) \(found.shape)", "\(feature.kind.rawValue) \(feature.shape)")
            }
            guard found.names == feature.names ?? [] else {
                throw refuse("features.\(feature.name).names", "\(found.names)", "\(feature.names ?? [])")
            }
            if let codec = found.codec, codec != options.codec.rawValue {
                throw refuse("features.\(feature.name).info.video.codec", codec, options.codec.rawValue)
            }
        }
        if let extra = info.features.first(where: { f in !features.contains { $0.name == f.name } }) {
            throw refuse("features.\(extra.name)", extra.dtype, "no such feature")
        }
        episodes = info.totalEpisodes
        frames = info.totalFrames
        provenance = DatasetProvenance.read(root) ?? DatasetProvenance()
        switch version {
        case .v30: try readTables(folder, info, options)
        case .v21:
            tasks = try LeRobotLines.tasks(folder)
            for key in info.videoKeys { lastVideos[key] = episodes - 1 }
        }
        totals = try Self.totals(folder, features)
    }

    private mutating func readTables(_ folder: DatasetFolder, _ info: LeRobotInfo, _ options: LeRobotOptions) throws(DatasetError) {
        tasks = try LeRobotPath.readTasks(folder)
        func number(chunk: Int, file: Int) -> Int { chunk * options.filesPerChunk + file }
        for file in try folder.tables(under: "meta/episodes") {
            let table = try folder.table(file)
            let chunks = try LeRobotEpisode.counts("data/chunk_index", of: table)
            let files = try LeRobotEpisode.counts("data/file_index", of: table)
            for (chunk, file) in zip(chunks, files) { dataFile = max(dataFile, number(chunk: chunk, file: file) + 1) }
            for episode in try LeRobotEpisode.read(table, videoKeys: info.videoKeys) {
                for (key, span) in episode.videos {
                    lastVideos[key] = max(lastVideos[key] ?? 0, number(chunk: span.chunk, file: span.file))
                }
            }
        }
        episodeFile = try folder.tables(under: "meta/episodes").count
    }

    private static func totals(_ folder: DatasetFolder, _ features: [LeRobotFeature]) throws(DatasetError) -> [FeatureStatistics] {
        let url = folder.root.appendingPathComponent("meta/stats.json")
        let json = try folder.json("meta/stats.json")
        var totals: [FeatureStatistics] = []
        for feature in features {
            let width = feature.statisticWidth
            guard let entry = json[feature.name], let total = FeatureStatistics(json: entry, width: width) else {
                throw .format(
                    path: url.path, location: feature.name,
                    reason: "min, max, mean, std and count of \(width) numbers are needed to add episodes")
            }
            totals.append(total)
        }
        return totals
    }
}
