internal import ArgumentParser
internal import Dataset
internal import Foundation
internal import Logging

struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks a data set, this program's or anyone's, against the rules that its readers break on.",
        discussion: """
            LeRobot v3.0 and v2.1 (a folder with meta/info.json), UMI (.zarr.zip), robomimic (.hdf5). A line for each broken rule, with file, row \
            and what would be accepted. Exit codes: 0 no error, 1 errors were found, 64 no data set.

              griptrace validate sessions/monday-converted/lerobot
              griptrace validate anyone/dataset.zarr.zip --pictures
            """)

    @Argument(help: "The data set.")
    var path: String

    @Flag(help: "Decode every picture: slow.")
    var pictures = false

    @Flag(help: "Exit with 1 at warnings too.")
    var strict = false

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger()) {
            var options = ValidationOptions()
            options.decodesEveryPicture = pictures
            let problems = try DatasetValidator.validate(URL(fileURLWithPath: path), options: options)
            for problem in problems { Console.line("\(problem)") }
            let errors = problems.count { $0.severity == .error }
            Console.line(problems.isEmpty ? "\(path): no problem found" : "\(path): \(errors) errors, \(problems.count - errors) warnings")
            if errors > 0 || strict && !problems.isEmpty { throw ExitCode(1) }
        }
    }
}
