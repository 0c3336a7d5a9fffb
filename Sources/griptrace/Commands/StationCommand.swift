internal import ArgumentParser
internal import Foundation
internal import Geometry
internal import Logging
internal import Pipeline
internal import Robot
internal import Session

struct StationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "station",
        abstract: "Describes a station of several arms, or judges tool paths on it: each arm by itself, and the arms against each other.",
        discussion: """
            With one file of tool poses for each arm, in the station's order and on one clock, every path is solved and judged for its arm and the \
            arms' distance from each other is measured over the time they have in common. Exit codes: 0 feasible, 1 infeasible, 64 wrong usage.

              griptrace station two_pandas
              griptrace station two_pandas left.tum right.tum --output distances.json
            """)

    @Argument(help: "A shipped station's name, or a station file (YAML).", completion: .custom { _, _, _ in Catalogue.names("stations") })
    var station: String

    @Argument(help: "Tool poses over the table, one file for each arm: TUM text or this project's trajectory tables.")
    var paths: [String] = []

    @Option(help: "Obstacles over the table (YAML).")
    var obstacles: String?

    @Option(help: "Write the arms' distances as JSON here.")
    var output: String?

    @OptionGroup var logging: LogOptions

    func run() throws {
        var fine = true
        try Exit.reporting(to: logging.logger()) {
            let set = try obstacles.map { try ObstacleSet(contentsOf: URL(fileURLWithPath: $0)) } ?? ObstacleSet()
            let station = try Station(contentsOf: Catalogue.station(station), obstacles: set)
            if paths.isEmpty {
                Console.line(station.summary())
                return
            }
            guard paths.count == station.members.count else {
                throw PipelineError.usage(
                    "\(paths.count) files of poses", accepted: "one for each arm: \(station.members.map(\.name).joined(separator: ", "))")
            }
            var solved: [JointPath] = []
            for (file, member) in zip(paths, station.members) {
                let url = URL(fileURLWithPath: file)
                let tool: Trajectory<Table, Tool> = url.pathExtension == "csv" ? try Trajectory(csv: url) : try Trajectory(tum: url)
                let joints = try PathSolver(arm: member.arm).solve(tool, tableFromBase: member.tableFromBase)
                let report = try Feasibility(arm: member.arm).report(joints, tableFromBase: member.tableFromBase)
                Console.line("\(member.name): \(report.verdict)")
                fine = fine && report.feasible
                solved.append(joints)
            }
            let report = try StationFeasibility(station: station).report(solved)
            Console.line(report.verdict)
            fine = fine && report.feasible
            if let output {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
                encoder.keyEncodingStrategy = .convertToSnakeCase
                try encoder.encode(report).write(to: URL(fileURLWithPath: output))
            }
        }
        if !fine { throw ExitCode(1) }
    }
}
