internal import ArgumentParser
internal import Dataset
internal import Foundation
internal import Logging

struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts data sets of one format together into a new one; pictures are not coded again, statistics are exact.",
        discussion: """
            LeRobot v3.0, LeRobot v2.1, UMI or robomimic, with the same features, rate and robot. The parts stay as they are.

              griptrace merge monday/lerobot tuesday/lerobot --output week
            """)

    @Argument(help: "Two data sets or more; their episodes follow one another in this order.")
    var parts: [String]

    @Option(help: "The new data set; must not exist.")
    var output: String

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger()) {
            let url = URL(fileURLWithPath: output)
            try DatasetMerger.merge(parts.map { URL(fileURLWithPath: $0) }, into: url)
            for line in try DatasetSummary(contentsOf: url).lines { Console.line(line) }
        }
    }
}
