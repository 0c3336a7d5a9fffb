internal import Foundation

/// The rules of LeRobot v2.1's metadata: lines of JSON, and GR00T's map of the vectors.
extension LeRobotValidator {
    mutating func checkTaskLines() {
        tasks = problems.attempt("meta/tasks.jsonl") { [folder] () throws(DatasetError) in try LeRobotLines.tasks(folder) } ?? []
        if tasks.count != info.totalTasks {
            problems.error("meta/info.json", "total_tasks", "\(info.totalTasks), meta/tasks.jsonl holds \(tasks.count)")
        }
    }

    mutating func readEpisodeLines() {
        let read = problems.attempt("meta/episodes.jsonl") { [folder] () throws(DatasetError) in try LeRobotEpisode.readLines(folder) }
        knowsEpisodes = read != nil
        episodes = read ?? []
        let fps = Double(max(info.fps, 1))
        for i in episodes.indices {
            for key in info.videoKeys {
                episodes[i].videos[key] = LeRobotEpisode.Span(
                    chunk: episodes[i].index / max(info.chunkSize, 1), file: 0, from: 0, to: Double(episodes[i].length) / fps)
            }
        }
    }

    /// A line for every episode, with every feature in it.
    mutating func checkStatisticLines() {
        let file = "meta/episodes_stats.jsonl"
        guard let lines = problems.attempt(file, { () throws(DatasetError) in try folder.jsonLines(file) }) else { return }
        let known = Set(lines.compactMap { $0["episode_index"]?.whole })
        problems.rows(file, "episode_index", episodes.indices.filter { !known.contains(episodes[$0].index) }, unit: "episode") { _ in
            "has no line: the reader fails when it puts the statistics together"
        }
        for (line, value) in lines.enumerated() {
            for feature in info.features where feature.dtype != "string" {
                let width = feature.isVideo || feature.dtype == "image" ? 3 : feature.shape.last ?? 1
                guard let entry = value["stats"]?[feature.name], FeatureStatistics(json: entry, width: width) != nil else {
                    problems.error(
                        file, "line \(line + 1), \(feature.name)", "min, max, mean, std and count of \(width) numbers are needed")
                    return
                }
            }
        }
    }

    /// GR00T's ranges must lie in the vectors, its keys among the features. The file may be missing: only GR00T needs it.
    mutating func checkModality() {
        let file = "meta/modality.json"
        guard folder.holds(file) else {
            problems.warning(file, "file", "does not exist: Isaac GR00T cannot load the data set")
            return
        }
        guard let json = problems.attempt(file, { () throws(DatasetError) in try folder.json(file) }) else { return }
        for (part, feature) in [("state", "observation.state"), ("action", "action")] {
            let width = info.features.first { $0.name == feature }?.shape.last ?? 0
            for (name, range) in json[part]?.members ?? [] {
                guard let start = range["start"]?.whole, let end = range["end"]?.whole, 0 <= start, start < end, end <= width else {
                    problems.error(
                        file, "\(part).\(name)",
                        "\(range.encoded(indent: nil)); start and end are a half-open range within the \(width) numbers of \(feature)")
                    continue
                }
            }
        }
        let texts = Set((json["annotation"]?.members ?? []).map { $0.value["original_key"]?.text ?? "annotation.\($0.key)" })
        for feature in info.features where feature.name.hasPrefix("annotation.") && !texts.contains(feature.name) {
            problems.warning(
                file, feature.name,
                "Isaac GR00T takes columns that begin with \"annotation.\" for texts; name it otherwise (\"diagnostic.\")")
        }
        for (name, value) in json["video"]?.members ?? [] {
            let key = value["original_key"]?.text ?? "observation.images.\(name)"
            if !info.videoKeys.contains(key) {
                problems.error(file, "video.\(name)", "\"\(key)\" is no video of meta/info.json: \(info.videoKeys.joined(separator: ", "))")
            }
        }
    }
}
