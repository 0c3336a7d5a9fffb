internal import Foundation

/// The small files of `meta/` that say what the data set holds, written last and anew each time it grows.
struct LeRobotMetadata {
    var folder: OutputFolder
    var features: [LeRobotFeature]
    var fps: Int
    var robotType: String
    var state: LeRobotState
    var options: LeRobotOptions

    func write() throws(DatasetError) {
        try folder.write(LeRobotPath.statistics(features, state.totals), to: "meta/stats.json")
        try folder.write(state.provenance.splits(episodes: state.episodes), to: "meta/splits.json")
        if let speeds = state.provenance.speedTable(episodes: state.episodes) { try folder.write(speeds, to: "meta/speeds.json") }
        try folder.write(try state.provenance.encoded(), to: DatasetProvenance.file)
        if options.version == .v21 { try folder.write(modality, to: "meta/modality.json") }
        let card = DatasetCard(
            title: "Demonstrations for \(robotType)", robot: robotType, rate: fps, episodes: state.episodes, frames: state.frames,
            tasks: state.tasks, features: features.map { ($0.name, $0.kind.rawValue, $0.shape, $0.names ?? []) },
            provenance: state.provenance)
        try folder.write(Array(card.markdown.utf8), to: "README.md")
        try folder.write(
            LeRobotPath.info(
                features: features, fps: fps, robotType: robotType, episodes: state.episodes, frames: state.frames,
                tasks: state.tasks.count,
                options: options),
            to: "meta/info.json")
    }

    /// GR00T's map from its own names to ranges of the vectors, to cameras and to the task.
    private var modality: JSONValue {
        func ranges(_ feature: String, _ stated: [FeatureGroup]) -> JSONValue {
            guard let found = features.first(where: { $0.name == feature }) else { return .object([]) }
            let width = found.width
            let groups = stated.isEmpty ? [FeatureGroup("all", start: 0, end: width)] : stated
            return .object(
                groups.filter { $0.end <= width }.map { group in
                    var members: [(key: String, value: JSONValue)] = [
                        ("start", .integer(Int64(group.start))), ("end", .integer(Int64(group.end))),
                    ]
                    if let rotation = group.rotation { members.append(("rotation_type", .string(rotation))) }
                    if group.isRelative { members.append(("absolute", .bool(false))) }
                    return (group.name, .object(members))
                })
        }
        func key(_ name: String) -> JSONValue { .object([("original_key", .string(name))]) }
        return .object([
            ("state", ranges("observation.state", options.groups)),
            ("action", ranges("action", options.actionGroups.isEmpty ? options.groups : options.actionGroups)),
            (
                "video",
                .object(
                    features.filter { $0.kind == .video }.map { (String($0.name.dropFirst("observation.images.".count)), key($0.name)) })
            ),
            ("annotation", .object([("human.task_description", key("task_index"))])),
        ])
    }
}
