internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Robot

struct Arms: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the shipped arms, or one arm's chain and limits with their sources.",
        discussion: """
              griptrace arms
              griptrace arms panda
              griptrace arms robots/mine.urdf
            """)

    @Argument(help: "Arms by name, or URDF, MJCF or arm.yaml files.", completion: .custom { _, _, _ in Catalogue.names("arms") })
    var names: [String] = []

    @OptionGroup var logging: LogOptions

    func run() throws {
        let log = logging.logger()
        if names.isEmpty {
            try Exit.reporting(to: log) {
                for name in Catalogue.names("arms") { Console.line(try Arm(contentsOf: Catalogue.arm(name)).headline()) }
            }
            return
        }
        try Exit.reporting(to: log, each: names) { Console.line(try Arm(contentsOf: Catalogue.arm($0)).summary()) }
    }
}
