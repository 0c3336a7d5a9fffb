internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says how far a conversion is: demos through and stopped, what is worked on, time left.",
        discussion: """
            Reads the output folder of a run from another terminal, while it runs or after.

              griptrace status sessions/monday-converted
            """)

    @Argument(help: "Output folders of convert.", completion: .directory)
    var outputs: [String]

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger(), each: outputs) { path in
            for status in try RunStatus.read(URL(fileURLWithPath: path)) { for line in status.lines() { Console.line(line) } }
        }
    }
}
