internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Session
internal import Simulation

struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Records a session with a simulated gripper, with the truth beside it.",
        discussion: """
            The same scenario gives the same bytes on the same machine. Fixtures/session.yaml is an example of a scenario.

              griptrace simulate --scenario Fixtures/session.yaml --output my_session
            """)

    @Option(help: "The scenario file (YAML).")
    var scenario: String

    @Option(help: "The session folder to make; must not exist or be empty.")
    var output: String

    @OptionGroup var logging: LogOptions

    func run() async throws {
        let log = logging.logger()
        try Exit.reporting(to: log) {
            let scenario = try Scenario(contentsOf: URL(fileURLWithPath: scenario))
            try Simulator.run(scenario: scenario, output: URL(fileURLWithPath: output)) { progress in
                if progress.frame == 0 { log.info("\(progress.recording): \(progress.frames) frames") }
            }
            log.info("session: \(output)")
        }
    }
}
