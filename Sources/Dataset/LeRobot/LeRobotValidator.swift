internal import Foundation
internal import Session

/// The rules of LeRobot 0.4.4's reader, as measured on its own data sets and on broken ones.
struct LeRobotValidator {
    let folder: DatasetFolder
    let options: ValidationOptions
    var problems = ProblemList()
    var info = LeRobotInfo()
    var episodes: [LeRobotEpisode] = []
    /// Whether all of the episodes' tables could be read: what does not fit to them is named else as a fault of theirs.
    var knowsEpisodes = true
    /// Episodes whose rows and lengths contradict one another.
    var contradictory: Set<Int> = []
    var tasks: [String] = []
    /// Smallest and largest value of each dimension of each number column, from the data.
    var extremes: [String: (low: [Double], high: [Double])] = [:]
    var version: LeRobotVersion { LeRobotVersion(rawValue: info.version) ?? .v30 }

    init(root: URL, options: ValidationOptions) {
        folder = DatasetFolder(root)
        self.options = options
    }

    mutating func run() -> [DatasetProblem] {
        guard let info = problems.attempt("meta/info.json", { () throws(DatasetError) in try LeRobotInfo(folder) }) else {
            return problems.problems
        }
        self.info = info
        checkInfo()
        switch version {
        case .v30:
            checkTasks()
            readEpisodes()
        case .v21:
            checkTaskLines()
            readEpisodeLines()
            checkStatisticLines()
            checkModality()
        }
        if knowsEpisodes { checkEpisodes() }
        checkData()
        checkVideos()
        if version == .v30 || folder.holds("meta/stats.json") { checkStatistics() }
        return problems.problems
    }

    private mutating func checkInfo() {
        let file = "meta/info.json"
        if LeRobotVersion(rawValue: info.version) == nil {
            problems.error(
                file, "codebase_version", "\"\(info.version)\"; LeRobot 0.4 reads \"v3.0\", LeRobot 0.3, openpi and GR00T read \"v2.1\"")
        }
        if info.robotType == nil { problems.error(file, "robot_type", "is missing: the reader raises a KeyError") }
        if info.fps <= 0 { problems.error(file, "fps", "a positive whole number is needed") }
        if info.features.first(where: { $0.name == "action" }) == nil { problems.error(file, "features", "there is no \"action\"") }
        for feature in info.features where feature.name.contains("/") {
            problems.error(file, "features.\(feature.name)", "a feature's name holds no \"/\"")
        }
        for feature in LeRobotFeature.defaults {
            guard let found = info.features.first(where: { $0.name == feature.name }) else {
                problems.error(file, "features.\(feature.name)", "is missing; every data set has it")
                continue
            }
            if found.dtype != feature.kind.rawValue || found.shape != [1] {
                problems.error(file, "features.\(feature.name)", "\(found.dtype) \(found.shape); accepted: \(feature.kind.rawValue) [1]")
            }
        }
        for feature in info.features where !feature.names.isEmpty && !feature.isVideo && feature.dtype != "image" {
            if feature.shape.count == 1, feature.names.count != feature.shape[0] {
                problems.error(file, "features.\(feature.name).names", "\(feature.names.count) names for \(feature.shape[0]) numbers")
            }
        }
        for feature in info.features where feature.isVideo && (feature.shape.count != 3 || feature.shape.last != 3) {
            problems.error(file, "features.\(feature.name).shape", "\(feature.shape); accepted: [height, width, 3]")
        }
    }

    private mutating func checkTasks() {
        let file = "meta/tasks.parquet"
        guard let table = problems.attempt(file, { () throws(DatasetError) in try folder.table(file) }) else { return }
        let pandas = problems.attempt(file) { () throws(DatasetError) in try table.metadata("pandas") } ?? nil
        guard let pandas else {
            problems.error(file, "metadata", "no \"pandas\" index: the reader turns every task into a number")
            return
        }
        guard let meta = problems.attempt(file, { () throws(DatasetError) in try JSONValue.parse(Array(pandas.utf8), path: file) }),
            let column = meta["index_columns"]?.elements?.first?.text, table.index(of: column) != nil
        else {
            problems.error(file, "metadata pandas", "names no index column of this table that holds the task texts")
            return
        }
        tasks = problems.attempt(file) { () throws(DatasetError) in try table.strings(column) } ?? []
        let order = problems.attempt(file) { () throws(DatasetError) in try table.integers("task_index") } ?? []
        problems.rows(file, "task_index", order.indices.filter { order[$0] != Int64($0) }) {
            "\(order[$0]); the reader takes row \($0) for task \($0)"
        }
        if tasks.count != info.totalTasks {
            problems.error("meta/info.json", "total_tasks", "\(info.totalTasks), the table holds \(tasks.count)")
        }
    }

    private mutating func readEpisodes() {
        let files =
            problems.attempt("meta/episodes") { [folder] () throws(DatasetError) in try folder.tables(under: "meta/episodes") } ?? []
        if files.isEmpty {
            problems.error("meta/episodes", "folder", "holds no .parquet file")
            knowsEpisodes = false
        }
        for file in files {
            let read = problems.attempt(file) { [folder, info] () throws(DatasetError) in
                try LeRobotEpisode.read(try folder.table(file), videoKeys: info.videoKeys)
            }
            if read == nil { knowsEpisodes = false }
            episodes += read ?? []
        }
        if !knowsEpisodes { episodes = [] }
    }

    private mutating func checkEpisodes() {
        let file =
            version == .v21 ? "meta/episodes.jsonl" : (try? folder.tables(under: "meta/episodes").first) ?? "meta/episodes"
        let all = episodes
        problems.rows(file, "episode_index", all.indices.filter { all[$0].index != $0 }) {
            "\(all[$0].index); row \($0) must hold episode \($0)"
        }
        var start = 0
        var broken: [Int] = []
        for (i, episode) in all.enumerated() {
            if episode.from != start || episode.to - episode.from != episode.length || episode.length <= 0 { broken.append(i) }
            start = episode.to
        }
        contradictory = Set(broken)
        problems.rows(file, "dataset_from_index, dataset_to_index", broken, unit: "episode") {
            "[\(all[$0].from), \(all[$0].to)) with length \(all[$0].length); ranges follow one another and hold as many rows as the length"
        }
        if all.count != info.totalEpisodes {
            problems.error("meta/info.json", "total_episodes", "\(info.totalEpisodes), the table holds \(all.count)")
        }
        if start != info.totalFrames {
            problems.error("meta/info.json", "total_frames", "\(info.totalFrames), the episodes end at \(start)")
        }
        if !tasks.isEmpty {
            let known = Set(tasks)
            problems.rows(
                file, "tasks", all.indices.filter { all[$0].tasks.isEmpty || !known.isSuperset(of: all[$0].tasks) }, unit: "episode"
            ) {
                "\(all[$0].tasks) is not in the table of tasks"
            }
        }
    }

    private mutating func checkStatistics() {
        let file = "meta/stats.json"
        guard let stats = problems.attempt(file, { () throws(DatasetError) in try folder.json(file) }) else { return }
        if let stale = info.features.first(where: { feature in
            !feature.isVideo && feature.dtype != "image" && feature.dtype != "string"
                && stats[feature.name]?["count"]?.flattened?.first.map { $0 != Double(info.totalFrames) } == true
        }) {
            let count = stats[stale.name]?["count"]?.flattened?.first ?? 0
            problems.error(file, "\(stale.name).count", "\(count), the data set has \(info.totalFrames) frames: made before it grew?")
        }
        checkQuantiles(stats, file)
        for feature in info.features where feature.dtype != "string" {
            guard let entry = stats[feature.name] else {
                problems.error(file, feature.name, "is missing: training cannot normalise it")
                continue
            }
            // LeRobot reduces a matrix over all but its last axis.
            let expected = feature.isVideo || feature.dtype == "image" ? 3 : feature.shape.last ?? 1
            let hasQuantiles = FeatureStatistics.keys.contains { entry[$0] != nil }
            for key in ["min", "max", "mean", "std"] + (hasQuantiles ? FeatureStatistics.keys : []) {
                guard let values = entry[key]?.flattened, values.count == expected else {
                    problems.error(file, "\(feature.name).\(key)", "\(expected) numbers are needed")
                    continue
                }
                if feature.isVideo, entry[key]?.elements?.count != 3 || entry[key]?.elements?.first?.elements?.first?.elements?.count != 1 {
                    problems.error(file, "\(feature.name).\(key)", "pictures need the shape [3][1][1]")
                }
            }
            checkExtremes(file, feature, entry)
            if entry["count"]?.flattened?.count != 1 { problems.error(file, "\(feature.name).count", "one number in a list is needed") }
        }
    }

    /// A data set from before LeRobot 0.4 had quantiles, or made from v2.1, has none; merged with others, some features have them.
    private mutating func checkQuantiles(_ stats: JSONValue, _ file: String) {
        let all = info.features.filter { $0.dtype != "string" && stats[$0.name] != nil }.map(\.name)
        let without = all.filter { name in !FeatureStatistics.keys.contains { stats[name]?[$0] != nil } }
        guard !without.isEmpty else { return }
        let whose = without.count == all.count ? "" : " of " + without.joined(separator: ", ")
        problems.warning(
            file, FeatureStatistics.keys.joined(separator: ", ") + whose,
            "are missing: training with normalisation by quantiles needs them (LeRobot's augment_dataset_quantile_stats adds them)")
    }

    /// Statistics that are not the data's: training would normalise with them.
    private mutating func checkExtremes(_ file: String, _ feature: LeRobotInfo.Feature, _ entry: JSONValue) {
        guard let found = extremes[feature.name], let low = entry["min"]?.flattened, let high = entry["max"]?.flattened,
            low.count == found.low.count, high.count == found.high.count
        else { return }
        for (key, stated, data) in [("min", low, found.low), ("max", high, found.high)] {
            if let d = stated.indices.first(where: { !(abs(stated[$0] - data[$0]) <= 1e-4 * max(1, abs(data[$0]))) }) {
                problems.error(
                    file, "\(feature.name).\(key)[\(d)]", "\(stated[d]), the data has \(data[d]): training normalises with the wrong range")
            }
        }
    }
}
