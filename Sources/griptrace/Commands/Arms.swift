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

    @Argument(help: "An arm's name, or a URDF, MJCF or arm.yaml file.", completion: .custom { _, _, _ in Catalogue.names("arms") })
    var name: String?

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger()) {
            if let name {
                Console.line(try Arm(contentsOf: Catalogue.arm(name)).summary())
                return
            }
            for name in Catalogue.names("arms") {
                let arm = try Arm(contentsOf: Catalogue.arm(name))
                Console.line(arm.headline())
            }
        }
    }
}
