internal import Foundation

extension DatasetFormat {
    /// LeRobot v3.0.
    public static let lerobot = DatasetFormat(LeRobotFormat(version: .v30))
    /// LeRobot v2.1 with GR00T's `modality.json`.
    public static let lerobot21 = DatasetFormat(LeRobotFormat(version: .v21))
}

/// A folder with `meta/info.json`.
struct LeRobotFormat: DatasetFormatDefinition {
    var version: LeRobotVersion

    var name: String { version == .v30 ? "lerobot" : "lerobot-v2.1" }
    var title: String { "LeRobot \(version.rawValue)" }
    var fileName: String { version == .v30 ? "lerobot" : "lerobot_v21" }
    var accepts: String { "a folder with meta/info.json (LeRobot)" }

    func recognises(_ url: URL) -> Bool {
        let file = url.appendingPathComponent(LeRobotPath.infoFile)
        guard FileManager.default.fileExists(atPath: file.path) else { return false }
        let said = try? JSONValue.read(file)["codebase_version"]?.text
        return (said?.hasPrefix("v2") == true ? .v21 : .v30) == version
    }

    func writer(
        at url: URL, _ specification: DatasetSpecification, existing: ExistingDataset
    ) throws(DatasetError) -> any DatasetWriter {
        let options = specification.options
        let (width, height) = options.videoSize(width: specification.pictureWidth, height: specification.pictureHeight)
        var leRobot = options.leRobot
        leRobot.version = version
        leRobot.existing = existing
        leRobot.groups = specification.withPoses(specification.stateGroups)
        leRobot.actionGroups = specification.withPoses(specification.actionGroups)
        return DemonstrationTable(
            try LeRobotWriter(
                root: url, fps: specification.rate, robotType: specification.robotType,
                layout: specification.layout(pictureWidth: width, pictureHeight: height), options: leRobot),
            specification
        ) { picture throws(DatasetError) in try picture.scaled(width: width, height: height) }
    }

    func merge(_ parts: [URL], into output: URL) throws(DatasetError) { try LeRobotMerge.run(parts, output) }

    func problems(of url: URL, _ options: ValidationOptions) -> [DatasetProblem] {
        var validator = LeRobotValidator(root: url, options: options)
        return validator.run()
    }

    func summary(of url: URL) throws(DatasetError) -> DatasetSummary {
        let folder = DatasetFolder(url)
        let info = try LeRobotInfo(folder)
        var lengths: [Int] = []
        var tasks: [String] = []
        for episode in try version == .v21 ? LeRobotEpisode.readLines(folder) : LeRobotEpisode.readTables(folder, videoKeys: []) {
            lengths.append(episode.length)
            for task in episode.tasks where !tasks.contains(task) { tasks.append(task) }
        }
        return DatasetSummary(
            format: DatasetFormat(self), robotType: info.robotType, fps: info.fps, episodeLengths: lengths, tasks: tasks,
            features: info.features.map { DatasetSummary.Feature(name: $0.name, type: $0.dtype, shape: $0.shape, names: $0.names) },
            byteCount: DatasetSummary.bytes(url))
    }

    func provenance(of url: URL) -> DatasetProvenance? {
        guard let file = try? DatasetFolder(url).file(DatasetProvenance.file), let bytes = FileManager.default.contents(atPath: file.path)
        else { return nil }
        return DatasetProvenance(json: bytes)
    }

    /// Counted in the data tables, by their column `episode_index`; the metadata is not asked.
    func rows(of url: URL) throws(DatasetError) -> DatasetRowTable {
        let source = try LeRobotRows(url)
        return DatasetRowTable(lengths: source.lengths, sourceColumns: source.sourceColumns) { episode throws(DatasetError) in
            try source.sourceFrames(episode)
        }
    }
}
