internal import ArgumentParser
internal import Foundation
internal import Geometry
internal import Logging
internal import Pipeline
internal import Robot
internal import Session

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Drives a simulated arm with the joints of a data set's episodes and says whether it can follow them.",
        discussion: """
            A torque-limited controller at 1 kHz follows the commanded joints in MuJoCo. It passes when the tool stays within 2 mm and 0.5° of the \
            commanded and of the recorded path, every limit of the arm is kept, and nothing touches. Exit codes: 0 passed, 1 failed, 64 wrong usage.

              griptrace replay sessions/monday-converted
              griptrace replay sessions/monday-converted/lerobot --episode 3 --json
            """)

    @Argument(help: "A LeRobot data set, or the folder that convert wrote it to.")
    var dataset: String

    @Option(help: "This episode alone.")
    var episode: Int?

    @Option(help: "The arm: a shipped arm's name, or a file; default the data set's own.")
    var arm: String?

    @Option(help: "Where the arm's foot stands on the table, 'x y z yaw_deg'; default what the conversion used, else the arm's own.")
    var base: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: "option=value: step, stiffness, mass_error, position, rotation, contact_steps.")
    var settings: [String] = []

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var logging: LogOptions

    func run() throws {
        let log = logging.logger()
        try Exit.reporting(to: log) {
            let named = try arm.map { try Arm(contentsOf: Catalogue.arm($0)) }
            let set = try DataSetReplay(contentsOf: URL(fileURLWithPath: dataset), arm: named, episode: episode)
            let arm = try named ?? Arm(contentsOf: Catalogue.arm(set.armName))
            let foot = try given() ?? set.tableFromBase ?? arm.tableFromBase ?? .identity
            let replay = Replay(arm: arm, options: try options())
            for note in set.notes { log.warning("\(note)") }
            var reports: [ReplayReport] = []
            for episode in set.episodes {
                let report = try replay.run(episode.path, tableFromBase: foot)
                reports.append(report)
                if json { continue }
                let unit = episode.unit.isEmpty ? "" : " (\(episode.unit))"
                let share = (100 * Double(report.goodFrames) / Double(max(1, report.frames))).fixed(1)
                log.log(
                    level: report.passes ? .info : .error,
                    "episode \(episode.index)\(unit): \(report.passes ? "passed" : "failed"), \(share) % of \(report.frames) frames. \(report.verdict)"
                )
            }
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
                Console.line(String(decoding: try encoder.encode(reports), as: UTF8.self))
            } else {
                let passed = reports.filter(\.passes).count
                log.info("\(passed) of \(reports.count) episodes replay inside every limit and tolerance")
            }
            if !reports.allSatisfy(\.passes) { throw ExitCode(1) }
        }
    }

    private func given() throws -> Transform<Table, Base>? {
        guard let base else { return nil }
        let v = base.split(whereSeparator: { $0 == " " || $0 == "," }).compactMap { Double($0) }
        guard v.count == 4 else { throw PipelineError.usage("--base \(base)", accepted: "four numbers: x y z (m) and yaw (degrees)") }
        return Transform(rotation: Rotation(axis: Vector3(0, 0, 1), angle: v[3] * .pi / 180), translation: Vector3(v[0], v[1], v[2]))
    }

    private func options() throws -> ReplayOptions {
        var options = ReplayOptions()
        for setting in settings {
            let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let value = Double(parts[1]), value.isFinite, value >= 0 else {
                throw PipelineError.usage("--set \(setting)", accepted: "option=number")
            }
            switch parts[0] {
            case "step" where value > 0: options.step = value
            case "stiffness" where value > 0: options.stiffness = value
            case "mass_error": options.massError = value
            case "position": options.position = value
            case "rotation": options.rotation = value
            case "contact_steps" where value >= 1: options.contactSteps = Int(value)
            default:
                throw PipelineError.usage(
                    "--set \(setting)", accepted: "step, stiffness, mass_error, position, rotation, contact_steps, with a positive number")
            }
        }
        return options
    }
}
