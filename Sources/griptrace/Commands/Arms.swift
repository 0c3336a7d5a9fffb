internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Robot

struct Arms: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the shipped arms, or one arm's chain and limits with their sources.")

    @Argument(help: "An arm's name, or a URDF, MJCF or arm.yaml file.")
    var name: String?

    @OptionGroup var logging: LogOptions

    func run() throws {
        let log = logging.logger()
        do {
            if let name {
                print(try Arm(contentsOf: Catalogue.arm(name)).summary())
                return
            }
            for name in Catalogue.names("arms") {
                let arm = try Arm(contentsOf: Catalogue.arm(name))
                print(arm.headline())
            }
        } catch {
            log.error("\(error)")
            throw ExitCode(64)
        }
    }
}
