internal import Foundation

/// LeRobot's data sets: rows are written anew with new numbers, videos are taken over as they are coded and put one after another.
enum LeRobotMerge {
    /// How the column ends that says how fast an episode is among all of its data set; what is before it has changed once.
    static let percentile = ".speed_percentile"

    static func run(_ parts: [URL], _ output: URL) throws(DatasetError) {
        var sources: [LeRobotSource] = []
        for part in parts { sources.append(try LeRobotSource(part)) }
        for other in sources.dropFirst() { try compare(sources[0], other) }
        let holdsJoints = sources[0].features.contains { $0.names?.contains { DatasetMerger.isOfJoint($0) } ?? false }
        try DatasetMerger.compareRules(sources.map { ($0.root, $0.provenance) }, holdsJoints: holdsJoints)
        var features = sources[0].features
        for i in features.indices { features[i].hasQuantiles = sources.allSatisfy { $0.features[i].hasQuantiles } }
        var options = LeRobotOptions()
        options.version = sources[0].version
        let folder = try OutputFolder(destination: output, existing: .refuse, ownNames: LeRobotPath.ownNames)
        var state = LeRobotState()
        state.provenance = try DatasetMerger.provenance(sources.map { ($0.root, $0.provenance, $0.episodes.count) })
        var tables: any LeRobotTables =
            switch options.version {
            case .v30: try LeRobotParquet(folder: folder, features: features, state: state, options: options)
            case .v21: try LeRobotLines(folder: folder, features: features, options: options)
            }
        var videos = Videos(folder: folder, features: features, fps: max(sources[0].info.fps, 1), options: options)
        for i in sources.indices {
            videos.beginPart()
            for episode in sources[i].episodes.indices {
                try append(episode, of: &sources[i], features, &videos, to: &tables, &state)
            }
        }
        try videos.finish()
        try tables.close(tasks: state.tasks)
        options.groups = try Self.groups(sources[0], "state")
        options.actionGroups = try Self.groups(sources[0], "action")
        try LeRobotMetadata(
            folder: folder, features: features, fps: sources[0].info.fps, robotType: sources[0].info.robotType ?? "", state: state,
            options: options
        ).write()
        try folder.commit()
    }

    private static func compare(_ a: LeRobotSource, _ b: LeRobotSource) throws(DatasetError) {
        let path = b.root.appendingPathComponent("meta/info.json").path
        func refuse(_ key: String, _ has: String, _ first: String) -> DatasetError {
            .format(path: path, location: key, reason: "\(has), in \(a.root.path) \(first): they cannot be merged")
        }
        if a.version != b.version { throw refuse("codebase_version", b.version.rawValue, a.version.rawValue) }
        if a.info.fps != b.info.fps { throw refuse("fps", "\(b.info.fps)", "\(a.info.fps)") }
        if a.info.robotType != b.info.robotType { throw refuse("robot_type", b.info.robotType ?? "none", a.info.robotType ?? "none") }
        let names = a.features.map(\.name)
        if names != b.features.map(\.name) {
            throw refuse("features", b.features.map(\.name).joined(separator: ", "), names.joined(separator: ", "))
        }
        for (x, y) in zip(a.features, b.features) where x.kind != y.kind || x.shape != y.shape || x.names != y.names {
            throw refuse(
                "features.\(x.name)", "\(y.kind.rawValue) \(y.shape) \(y.names ?? [])", "\(x.kind.rawValue) \(x.shape) \(x.names ?? [])")
        }
        for (x, y) in zip(a.info.features, b.info.features) where x.codec != y.codec {
            throw refuse("features.\(x.name).info.video.codec", y.codec ?? "none", x.codec ?? "none")
        }
    }

    private static func append(
        _ episode: Int, of source: inout LeRobotSource, _ features: [LeRobotFeature], _ videos: inout Videos,
        to tables: inout any LeRobotTables,
        _ state: inout LeRobotState
    ) throws(DatasetError) {
        let e = source.episodes[episode]
        var columns = try source.columns(of: episode)
        let numbers = features.filter { $0.kind != .video }
        for (i, feature) in numbers.enumerated() {
            switch (feature.name, columns[i]) {
            case ("index", _): columns[i] = .int64((0..<e.length).map { Int64(state.frames + $0) })
            case ("episode_index", _): columns[i] = .int64(Array(repeating: Int64(state.episodes), count: e.length))
            case ("task_index", .int64(let indices)):
                var mapped: [Int64] = []
                for index in indices {
                    guard source.tasks.indices.contains(Int(index)) else {
                        throw .format(
                            path: source.root.path, location: "task_index, episode \(episode)",
                            reason: "\(index) is no task of this data set")
                    }
                    let text = source.tasks[Int(index)]
                    if !state.tasks.contains(text) { state.tasks.append(text) }
                    mapped.append(Int64(state.tasks.firstIndex(of: text) ?? 0))
                }
                columns[i] = .int64(mapped)
            case (let name, .float) where name.hasSuffix(LeRobotMerge.percentile):
                // As of the whole: what the parts say holds for the parts.
                guard state.provenance.episodeSpeeds.indices.contains(state.episodes), state.provenance.episodeSpeeds[state.episodes] >= 0
                else { break }
                let share = DatasetProvenance.percentile(
                    state.provenance.episodeSpeeds[state.episodes], among: state.provenance.episodeSpeeds.filter { $0 >= 0 })
                columns[i] = .float(Array(repeating: Float(share), count: e.length))
            default: break
            }
        }
        var spans: [LeRobotEpisode.Span] = []
        for feature in features where feature.kind == .video {
            let (url, span) = try source.video(feature.name, of: episode)
            spans.append(try videos.take(url, feature.name, span))
        }
        let pictures = try source.pictureStatistics(of: episode)
        let statistics = LeRobotEpisodeTable.statistics(features: features, columns: columns, pictures: pictures, rows: e.length)
        try tables.append(
            LeRobotRow(
                index: state.episodes, tasks: e.tasks, length: e.length, firstIndex: state.frames, videos: spans, statistics: statistics),
            columns: columns)
        state.totals = state.totals.isEmpty ? statistics : zip(state.totals, statistics).map { $0.joined(with: $1) }
        state.episodes += 1
        state.frames += e.length
    }

    /// The parts' videos on their way into the new data set.
    private struct Videos {
        let fps: Int
        let options: LeRobotOptions
        private var files: [String: VideoFiles] = [:]
        /// Where each file of the part in hand went, by camera and number.
        private var taken: [String: VideoPlace] = [:]

        init(folder: OutputFolder, features: [LeRobotFeature], fps: Int, options: LeRobotOptions) {
            self.fps = fps
            self.options = options
            for feature in features where feature.kind == .video {
                files[feature.name] = VideoFiles(folder: folder, key: feature.name, fps: fps, options: options)
            }
        }

        mutating func beginPart() { taken = [:] }

        mutating func take(_ url: URL, _ key: String, _ span: LeRobotEpisode.Span) throws(DatasetError) -> LeRobotEpisode.Span {
            let place: VideoPlace
            let name = "\(key)/\(url.path)"
            if let known = taken[name] {
                place = known
            } else {
                guard let added = try files[key]?.add(url, isDraft: false) else { return span }
                place = added
                taken[name] = added
            }
            let start = Double(place.picture) / Double(fps)
            return LeRobotEpisode.Span(file: place.file, from: start + span.from, to: start + span.to, options)
        }

        mutating func finish() throws(DatasetError) { for key in files.keys.sorted() { try files[key]?.finish() } }
    }

    /// GR00T's groups of the first part, so that they live on.
    private static func groups(_ source: LeRobotSource, _ part: String) throws(DatasetError) -> [FeatureGroup] {
        let file = "meta/modality.json"
        guard source.folder.holds(file) else { return [] }
        return (try source.folder.json(file)[part]?.members ?? []).compactMap { name, range in
            guard let start = range["start"]?.whole, let end = range["end"]?.whole else { return nil }
            return FeatureGroup(
                name, start: start, end: end, rotation: range["rotation_type"]?.text, isRelative: range["absolute"] == .bool(false))
        }
    }
}
