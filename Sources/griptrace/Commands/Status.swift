internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says how far a conversion or a batch is: demos through and stopped, what is worked on, time left.",
        discussion: """
            Reads the output folder of a run from another terminal, while it runs or after.

              griptrace status sessions/monday-converted
            """)

    @Argument(help: "Output folders of convert or batch.", completion: .directory)
    var outputs: [String]

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger(), each: outputs) { path in
            let output = URL(fileURLWithPath: path)
            let lines = try BatchStatus.read(output)?.lines() ?? RunStatus.read(output).flatMap { $0.lines() }
            for line in lines { Console.line(line) }
        }
    }
}
