internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what a recording, a session, a stage's artefact or a data set holds: streams, rates, clocks, problems.")

    @Argument(help: "A video, a session or EuRoC folder, an artefact, a table, a map, a device file, or a data set.")
    var path: String

    @Flag(help: "For a video with telemetry: does its rotation agree with its gyroscope and with the camera's own record?")
    var rotation = false

    @OptionGroup var logging: LogOptions

    func run() throws {
        let log = logging.logger()
        do {
            let url = URL(fileURLWithPath: path)
            for line in try rotation ? RotationText.lines(url) : Inspector.describe(url) { print(line) }
        } catch let error as PipelineError {
            log.error("\(error)")
            throw ExitCode(64)
        } catch {
            log.error("\(error)")
            throw ExitCode(1)
        }
    }
}
