public import Foundation

/// Puts data sets of one format together into a new one: the first one's episodes, then the second one's, and so on.
///
/// No picture is coded again: videos and coded pictures are taken over as they are. Statistics are those of a data set that was written at
/// once (numbers from the rows, pictures from each episode's own statistics). Data sets that differ in layout, rate or robot are refused
/// with the first difference. The parts are left as they are.
public enum DatasetMerger {
    /// - Parameter output: must not exist.
    public static func merge(_ parts: [URL], into output: URL) throws(DatasetError) {
        guard parts.count >= 2 else { throw .layout(key: "merge", reason: "\(parts.count) data sets; at least two are needed") }
        var formats: [DatasetFormat] = []
        for part in parts {
            let format = try DatasetFormat.known(at: part)
            guard format == formats.first ?? format else {
                throw .file(
                    path: part.path, reason: "is \(format.name), \(parts[0].path) is \(formats[0].name): one format is needed")
            }
            formats.append(format)
        }
        try formats[0].definition.merge(parts, into: output)
    }

    /// Whether a number of state or action is of a joint: none of the tool's pose and not the gripper.
    static func isOfJoint(_ name: String) -> Bool { name.hasSuffix(".pos") && !name.hasSuffix("gripper.pos") }

    /// Refuses parts whose rows would mean different things: rotations in different charts, and joints chosen by different posture rules.
    /// Parts that another program wrote say nothing of either.
    static func compareRules(_ parts: [(url: URL, provenance: DatasetProvenance)], holdsJoints: Bool) throws(DatasetError) {
        let known = parts.flatMap { part in part.provenance.sources.map { (url: part.url, source: $0) } }
        guard let first = known.first else { return }
        func refuse(_ url: URL, _ what: String, _ has: String, _ other: String) -> DatasetError {
            .format(path: url.path, location: what, reason: "\(has), in \(first.url.path) \(other): they cannot be merged")
        }
        for (url, source) in known.dropFirst() {
            if source.rotations != first.source.rotations {
                throw refuse(url, "rotations", source.rotations?.text ?? "none", first.source.rotations?.text ?? "none")
            }
            if holdsJoints, source.postureRule != first.source.postureRule {
                throw refuse(url, DatasetSource.postureRuleKey, "'\(source.postureRule)'", "'\(first.source.postureRule)'")
            }
        }
    }

    /// The parts' conversions with their episodes' new places. A session that is in two parts is refused: its episodes would come twice.
    static func provenance(_ parts: [(url: URL, provenance: DatasetProvenance, episodes: Int)]) throws(DatasetError) -> DatasetProvenance {
        var out = DatasetProvenance()
        var episodes = 0
        for part in parts {
            let shifted = part.provenance.shifted(by: episodes)
            for source in shifted.sources where out.sources.contains(where: { $0.sharesEpisodes(with: source) }) {
                throw .format(
                    path: part.url.path, location: "session \(source.session)",
                    reason: "is in an earlier part too: its episodes would come twice")
            }
            out.sources += shifted.sources
            out.validationEpisodes += shifted.validationEpisodes
            if !shifted.episodeSpeeds.isEmpty {
                out.episodeSpeeds +=
                    Array(repeating: -1, count: max(0, episodes - out.episodeSpeeds.count)) + shifted.episodeSpeeds.dropFirst(episodes)
            }
            episodes += part.episodes
        }
        return out
    }
}
