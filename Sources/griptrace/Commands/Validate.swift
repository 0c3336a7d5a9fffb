internal import ArgumentParser
internal import Dataset
internal import Foundation
internal import Logging

struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks data sets, this program's or anyone's, against the rules that their readers break on.",
        discussion: """
            LeRobot v3.0 and v2.1 (a folder with meta/info.json), UMI (.zarr.zip), robomimic (.hdf5). A line for each broken rule, with file, row \
            and what would be accepted. All of them are read, whatever is wrong with one. Exit codes: 0 no error, 1 errors were found, 64 no \
            data set (of several: as the first that is not 0).

              griptrace validate sessions/monday-converted/lerobot
              griptrace validate anyone/dataset.zarr.zip --pictures
            """)

    @Argument(help: "The data sets.", completion: .file())
    var paths: [String]

    @Flag(help: "Decode every picture: slow.")
    var pictures = false

    @Flag(help: "Exit with 1 at warnings too.")
    var strict = false

    @OptionGroup var logging: LogOptions

    func run() throws {
        var options = ValidationOptions()
        options.decodesEveryPicture = pictures
        try Exit.reporting(to: logging.logger(), each: paths) { path in
            let problems = try DatasetValidator.validate(URL(fileURLWithPath: path), options: options)
            let place = paths.count > 1 ? "\(path): " : ""
            for problem in problems { Console.line("\(place)\(problem)") }
            let errors = problems.count { $0.severity == .error }
            Console.line(problems.isEmpty ? "\(path): no problem found" : "\(path): \(errors) errors, \(problems.count - errors) warnings")
            if errors > 0 || strict && !problems.isEmpty { throw ExitCode(1) }
        }
    }
}
