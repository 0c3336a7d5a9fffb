internal import ArgumentParser
internal import Foundation
internal import Pipeline
internal import Session

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what happened to a demonstration, stage by stage, and what would mend it.",
        discussion: """
            Reads a conversion's report. Without a demonstration it lists all of them with a line each.

              griptrace explain sessions/monday-converted
              griptrace explain sessions/monday-converted demo_3
            """)

    @Argument(help: "The output folder of convert.", completion: .directory)
    var output: String

    @Argument(help: "The demonstration, by its name without extension.")
    var demo: String?

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger()) {
            let conversion = try FinishedConversion(URL(fileURLWithPath: output))
            guard let demo else {
                for recording in conversion.demos { Console.line(conversion.headline(recording)) }
                return
            }
            guard let recording = conversion.demos.first(where: { $0.unit == demo }) else {
                throw Suggestion.refusal("the demonstration", demo, conversion.demos.map(\.unit))
            }
            for line in conversion.explanation(recording) { Console.line(line) }
        }
    }
}

/// A conversion as its report says it.
struct FinishedConversion {
    let folder: URL
    let report: RunReport
    let rejections: [[String: String]]

    /// An output folder that holds no conversion, or one for several arms, is an error that says what is accepted.
    init(_ folder: URL) throws {
        self.folder = folder
        let file = folder.appendingPathComponent("report.json")
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw PipelineError.usage("\(folder.path) holds no report.json", accepted: "the --output of griptrace convert")
        }
        struct Header: Decodable {
            var schema: String
        }
        guard try JSONText.decode(Header.self, from: file).schema == RunReport.schema else {
            throw PipelineError.usage(
                "\(folder.path) compares several arms", accepted: "the folder of one of them, such as \(folder.path)/panda")
        }
        report = try JSONText.decode(RunReport.self, from: file)
        let table = try CSVTable(contentsOf: folder.appendingPathComponent("rejections.csv"))
        rejections = table.rows.map { row in Dictionary(zip(table.header, row)) { a, _ in a } }
    }

    var demos: [RecordingReport] { report.recordings.filter { $0.role == .demo } }

    func headline(_ r: RecordingReport) -> String {
        "\(r.unit): \(r.status.rawValue), \(r.frames.output) of \(r.frames.input) frames in the data set. \(r.verdict)"
    }

    private static let stages: [(name: String, words: String)] = [
        ("ingest", "reading the recording"), ("map", "the session's map"), ("localize", "finding the camera in the map"),
        ("gripper", "which gripper it is"), ("gripper_state", "tool and fingers"), ("episodes", "cutting into episodes"),
        ("pair", "two grippers"),
        ("base", "where the arm stands"), ("solve", "the arm's joints"), ("feasibility", "what the arm can do"),
        ("device_mask", "the device's mask"), ("mask", "finding the human"), ("join", "both arms together"),
        ("curate", "labels and what is kept"), ("export", "writing the data set"),
    ]

    /// What happened, stage by stage, in plain words.
    func explanation(_ r: RecordingReport) -> [String] {
        var lines = [headline(r), ""]
        let own = rejections.filter { $0["unit"] == r.unit }
        for stage in Self.stages {
            var said = words(stage.name, r)
            said += own.filter { $0["stage"] == stage.name }.flatMap(rejection)
            guard !said.isEmpty else { continue }
            lines.append("\(stage.words) (\(stage.name)):")
            lines += said.map { "  \($0)" }
        }
        let known = Set(Self.stages.map(\.name))
        lines += own.filter { !known.contains($0["stage"] ?? "") }.flatMap(rejection)
        if own.isEmpty { lines += ["", "nothing of it was left out"] }
        lines += ["", "look at it: \(folder.appendingPathComponent("review/index.html").path)#\(r.unit)"]
        return lines
    }

    private func rejection(_ row: [String: String]) -> [String] {
        func cell(_ name: String) -> String { row[name] ?? "" }
        func seconds(_ name: String) -> String { Double(cell(name)).map { $0.fixed(2) } ?? cell(name) }
        let reason = cell("reason")
        let remedy = Remedy(reason, stage: cell("stage"))
        var lines = [
            "LEFT OUT: frames \(cell("first_frame")) up to \(cell("end_frame")) (\(seconds("start_s_video")) to \(seconds("end_s_video")) s), "
                + "\(reason.replacing("_", with: " "))" + (cell("detail").isEmpty ? "" : ": \(cell("detail"))")
        ]
        if !remedy.means.isEmpty { lines.append("  it means: \(remedy.means)") }
        if !remedy.remedy.isEmpty { lines.append("  what mends it: \(remedy.remedy)") }
        return lines
    }

    /// What a stage found that is worth a line.
    private func words(_ stage: String, _ r: RecordingReport) -> [String] {
        func figures(_ names: [String]) -> [String] {
            let found = names.compactMap { name in r.figures.first { $0.name == name } }
            let list = found.map {
                "\($0.name.replacing("_", with: " ")) \(shortest($0.value)) \($0.unit)".trimmingCharacters(in: .whitespaces)
            }
            return list.isEmpty ? [] : [list.joined(separator: ", ")]
        }
        switch stage {
        case "ingest": return (r.video.isEmpty ? [] : [r.video]) + r.findings + r.problems
        case "localize":
            return figures([
                "frames_tracked", "frames_bridged", "frames_lost", "position_sigma_median", "position_sigma_worst", "reprojection",
            ])
        case "gripper_state":
            return r.spikes.map {
                "the path jumps by \((1000 * $0.step).fixed(1)) mm after frame \($0.frame): \($0.isRepaired ? "mended" : "cut")"
            }
        case "feasibility":
            return r.episodes.flatMap { episode in
                ["frames \(episode.firstFrame) up to \(episode.endFrame): \(episode.verdict)"] + episode.changes.map { "changed: \($0)" }
            }
        case "mask": return figures(["frames_with_human", "human_share_mean"])
        case "export":
            guard let shares = r.provenance else { return [] }
            let list = shares.filter { $0.value > 0 }.sorted { $0.value > $1.value }
            return ["\(r.frames.output) frames; pixels: " + list.map { "\((100 * $0.value).fixed(2)) % \($0.key)" }.joined(separator: ", ")]
        default: return []
        }
    }

    private func shortest(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? value.fixed(0) : value.fixed(abs(value) < 1 ? 3 : 2)
    }
}
