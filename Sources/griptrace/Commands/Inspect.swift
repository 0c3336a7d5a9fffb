internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what a recording, a session, a stage's artefact or a data set holds: streams, rates, clocks, problems.",
        discussion: """
              griptrace inspect sessions/monday
              griptrace inspect sessions/monday/demo_1.mp4 --rotation
              griptrace inspect sessions/monday-converted/work/monday/localize/demo_1
              griptrace inspect sessions/monday-converted/lerobot
            """)

    @Argument(
        help:
            "Videos, MCAP files and ROS 2 bags, bare GPMF (.raw), poses, sessions or EuRoC folders, artefacts, tables, maps, device files, or data sets.",
        completion: .file())
    var paths: [String]

    @Flag(help: "For a video with telemetry: does its rotation agree with its gyroscope and with the camera's own record?")
    var rotation = false

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger(), each: paths) { path in
            let url = URL(fileURLWithPath: path)
            for line in try rotation ? RotationText.lines(url) : Inspector.describe(url) { Console.line(line) }
        }
    }
}
