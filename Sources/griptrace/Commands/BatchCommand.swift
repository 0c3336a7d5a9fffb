internal import ArgumentParser
internal import Foundation
internal import Imaging
internal import Logging
internal import Pipeline
internal import Synchronization

struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Converts many sessions and puts them into one data set; a session that fails stops none of the others.",
        discussion: """
            Takes the options of `griptrace convert` beside its own, the same for every session. Each session is converted in \
            OUTPUT/converted/SESSION, and when all are through, their data sets are merged in OUTPUT. What is there already is not made again: \
            the same command goes on after a stop, or when there are more sessions.

              griptrace batch recordings --arm panda --output all
              griptrace batch sessions.txt --arm panda,ur5e --output all --at-once 4
              griptrace batch recordings --arm panda --output part2 --shard 2/3
              griptrace merge part1/lerobot part2/lerobot part3/lerobot --output all

            A list has the path of a session on each line. `griptrace status OUTPUT` says from another terminal how far it is. Exit codes: 0 all \
            done, 1 a session failed in whole or in part, 2 done with rejections under --strict, 64 wrong usage.
            """)

    @Argument(help: "A folder of sessions at any depth, or a text file that lists them.", completion: .file())
    var sessions: String

    @Option(help: ArgumentHelp("Where everything is written; outside of the sessions.", valueName: "folder"), completion: .directory)
    var output: String

    @Option(help: ArgumentHelp("Convert this part of the sessions alone, such as 2/3: for a scheduler's array job.", valueName: "i/n"))
    var shard: String?

    @Option(help: ArgumentHelp("Sessions worked on side by side, each with --jobs recordings.", valueName: "n"))
    var atOnce: Int = 1

    @Flag(help: "Say which sessions there are, and convert nothing.")
    var dryRun = false

    @OptionGroup var logging: LogOptions

    @Argument(parsing: .allUnrecognized, help: "Options of `griptrace convert`, such as --arm.")
    var convertOptions: [String] = []

    func run() async throws {
        Interrupt.message.withLock { $0 = "interrupted: what is done is kept; run the same command again to go on" }
        let log = logging.logger()
        try await Exit.reporting(to: log) {
            let source = URL(fileURLWithPath: sessions)
            let target = URL(fileURLWithPath: output)
            var wrong = RequestErrors()
            wrong.look { try checkConvertOptions() }
            wrong.look {
                guard atOnce > 0 else { throw PipelineError.usage("--at-once \(atOnce)", accepted: "a whole number from 1") }
            }
            let part: Shard? = wrong.look { try shard.map { try Shard($0) } } ?? nil
            let all = wrong.look { try SessionSet(source, excluding: [target]) }
            guard let all, wrong.isEmpty else { throw wrong }
            let chosen = part.map { all.part($0) } ?? all
            let batch = try Batch(
                chosen, source: source, output: target, executable: Convert.program, options: convertOptions, atOnce: atOnce)
            if dryRun {
                for line in BatchPlan(chosen).lines { Console.line(line) }
                return
            }
            let display = BatchDisplay(log: log, isTerminal: logging.isTerminal, output: target)
            let outcome = try await batch.run(progress: display.sink)
            display.end()
            summarize(outcome, log)
            throw ExitCode(outcome.exitCode)
        }
    }

    /// What convert would refuse whatever the session is refused once, before anything is begun.
    private func checkConvertOptions() throws {
        if let own = convertOptions.first(where: { $0 == "--only" || $0.hasPrefix("--only=") }) {
            throw PipelineError.usage(own, accepted: "griptrace convert SESSION \(own) …: it is about one session")
        }
        let command: Convert
        do { command = try Convert.parse(["session"] + convertOptions) } catch {
            throw PipelineError.usage(
                Convert.message(for: error).trimmingCharacters(in: .whitespacesAndNewlines),
                accepted: "the options that griptrace convert --help lists")
        }
        var wrong = RequestErrors()
        _ = command.asked(&wrong)
        if !wrong.isEmpty { throw wrong }
    }

    private func summarize(_ outcome: BatchOutcome, _ log: Logger) {
        let failed = outcome.rows.filter { $0.status == .failed }
        for row in failed { log.error("\(row.session): \(row.verdict)") }
        for (reason, stage, frames, sessions) in outcome.reasons {
            let named =
                sessions.count > 3
                ? "\(sessions.prefix(3).joined(separator: ", ")) and \(sessions.count - 3) more" : sessions.joined(separator: ", ")
            log.info("not converted: \(reason)\(stage.isEmpty ? "" : " (\(stage))"): \(frames) frames of \(named)")
        }
        let (demos, exported) = outcome.rows.reduce((0, 0)) { ($0.0 + $1.demos, $0.1 + $1.exported) }
        let frames = outcome.rows.reduce((0, 0)) { ($0.0 + $1.framesIn, $0.1 + $1.framesOut) }
        log.info(
            "sessions: \(outcome.rows.count), \(failed.count) failed; demos: \(exported) of \(demos) exported; frames: \(frames.0) in, \(frames.1) out"
        )
        for set in outcome.dataSets {
            log.info("data set: \(output)/\(set.path) (\(set.format), \(set.episodes) episodes, \(set.frames) frames)")
        }
        if outcome.dataSets.isEmpty { log.warning("no data set was written: nothing is left after the rejections") }
        for fault in outcome.faults { log.error("\(fault)") }
        log.info("every session: \(output)/sessions.csv; what was not converted and why: \(output)/failures.csv")
    }
}
