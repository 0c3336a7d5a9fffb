/// The card of a data set: what it holds, where it came from, what was left out and why.
struct DatasetCard {
    var title: String
    var robot: String
    /// Frames a second.
    var rate: Int
    var episodes: Int
    var frames: Int
    var tasks: [String]
    /// Name, type, shape, names of the numbers.
    var features: [(name: String, type: String, shape: [Int], names: [String])]
    var provenance: DatasetProvenance

    /// Markdown with the front matter that the Hugging Face hub reads.
    var markdown: String {
        var out: [String] = ["---", "task_categories:", "- robotics", "tags:", "- LeRobot", "- UMI", "---", "", "# \(title)", ""]
        let seconds = (Double(frames) / Double(max(rate, 1)) * 10).rounded() / 10
        let held = provenance.validationEpisodes.count
        out.append("\(episodes) episodes, \(frames) frames at \(rate) a second (\(seconds) s), for \(robot). Written by GripTrace.")
        out.append(
            held == 0
                ? "No episode is held back for validation."
                : "\(held) episodes are held back for validation: see `splits.json`, by episode.")
        out += ["", "## Tasks", ""] + tasks.map { "- \(Self.escaped($0))" }
        out += ["", "## Features", "", "| feature | type | shape | numbers |", "|---|---|---|---|"]
        for f in features {
            out.append(
                "| `\(f.name)` | \(f.type) | \(f.shape.map(String.init).joined(separator: " × ")) | \(f.names.joined(separator: ", ")) |")
        }
        for source in provenance.sources { out += section(source) }
        return out.joined(separator: "\n") + "\n"
    }

    private func section(_ source: DatasetSource) -> [String] {
        let input = source.recordings.reduce(0) { $0 + $1.inputFrames }
        let output = source.recordings.reduce(0) { $0 + $1.outputFrames }
        var out = ["", "## Session \(Self.escaped(source.session))", ""]
        out.append(
            "Episodes \(source.firstEpisode) to \(source.firstEpisode + source.episodes - 1), \(source.frames) rows. "
                + "Device \(source.device), arm \(source.robot). Of \(input) recorded frames in \(source.recordings.count) recordings "
                + "\(output) are in, \(input - output) are out."
        )
        let versions = source.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        if !versions.isEmpty { out += ["", "Made with \(versions.joined(separator: ", "))."] }
        if !source.dropped.isEmpty {
            out += ["", "| left out at | because | frames | recordings |", "|---|---|---|---|"]
            out += source.dropped.map { "| \($0.stage) | \($0.reason) | \($0.frames) | \($0.recordings) |" }
        }
        if !source.notes.isEmpty { out += [""] + source.notes.map { "- \(Self.escaped($0))" } }
        return out
    }

    private static func escaped(_ text: String) -> String {
        String(text.map { $0 == "\n" ? " " : $0 })
    }
}
