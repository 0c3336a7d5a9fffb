internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what a recording, a session, a stage's artefact or a data set holds: streams, rates, clocks, problems.")

    @Argument(help: "A video, a session or EuRoC folder, an artefact, a table, a map, a device file, or a data set.")
    var path: String

    @OptionGroup var logging: LogOptions

    func run() throws {
        let log = logging.logger()
        do {
            for line in try Inspector.describe(URL(fileURLWithPath: path)) { print(line) }
        } catch let error as PipelineError {
            log.error("\(error)")
            throw ExitCode(64)
        } catch {
            log.error("\(error)")
            throw ExitCode(1)
        }
    }
}
