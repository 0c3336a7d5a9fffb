internal import ArgumentParser
internal import Foundation
internal import Geometry
internal import Logging
internal import Pipeline
internal import Robot
internal import Session

struct Place: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Searches for where the arm's foot should stand: the feasible share of all demos for each place, with a map of it.",
        discussion: """
            Takes what `griptrace convert` wrote (its work folder holds the tool paths, cut into episodes), or files of tool poses over the table \
            (TUM text or this project's trajectory tables). Every place is tried with sampled poses, the best with whole paths. Writes \
            placement.json and placement.svg.

              griptrace place sessions/monday-converted --arm ur5e
              griptrace place demo_1.tum demo_2.tum --arm ur5e --output placement
            """)

    @Argument(help: "The output folder of a conversion, or files of tool poses.")
    var source: [String]

    @Option(help: "The arm: a shipped arm's name, or a URDF, MJCF or arm.yaml file.")
    var arm: String

    @Option(help: "Obstacles over the table (YAML).")
    var obstacles: String?

    @Option(help: "Where placement.json and placement.svg go; the conversion's folder, or here.")
    var output: String?

    @Option(help: "Places that are judged with whole paths, best first.")
    var judge: Int = 3

    @Option(help: "Distances of the foot from the middle of the paths, m, with commas between.")
    var distances: String?

    @Option(help: "Heights of the foot over the table, m, with commas between.")
    var heights: String?

    @Option(help: "Directions from the middle of the paths to the foot, how many around the circle.")
    var directions: Int = 16

    @OptionGroup var logging: LogOptions

    func run() throws {
        let log = logging.logger()
        try Exit.reporting(to: log) {
            let set = try obstacles.map { try ObstacleSet(contentsOf: URL(fileURLWithPath: $0)) } ?? ObstacleSet()
            let model = try Arm(contentsOf: Catalogue.arm(arm), obstacles: set)
            let paths = try source.flatMap { try Self.paths(in: URL(fileURLWithPath: $0)) }
            guard !paths.isEmpty else {
                throw PipelineError.usage(
                    "\(source.joined(separator: " ")) holds no tool path", accepted: "a conversion's output folder, or pose files")
            }
            var options = BasePlacementOptions()
            guard judge >= 0, directions > 0 else {
                throw PipelineError.usage("--judge and --directions", accepted: "whole numbers from 0 and 1")
            }
            options.finalists = judge
            options.directions = directions
            if let distances { options.distances = try Self.numbers(distances, "--distances") }
            if let heights { options.heights = try Self.numbers(heights, "--heights") }
            let found = try BasePlacement.search(paths, arm: model, options: options)
            let map = PlacementMap(arm: model, placements: found, paths: paths)
            Console.line(map.text())
            if let best = found.first {
                let (p, x) = (best.tableFromBase.translation, best.tableFromBase.rotation * Vector3(1, 0, 0))
                Console.line(
                    "best: --set solve.base='\(p.x.fixed(3)) \(p.y.fixed(3)) \(p.z.fixed(3)) \((atan2(x.y, x.x) * 180 / .pi).fixed(1))'")
            }
            var isFolder: ObjCBool = false
            let first = source.first ?? "."
            let given = FileManager.default.fileExists(atPath: first, isDirectory: &isFolder) && isFolder.boolValue ? first : "."
            let folder = URL(fileURLWithPath: output ?? given)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try map.json().write(to: folder.appendingPathComponent("placement.json"))
            try Data(map.svg().utf8).write(to: folder.appendingPathComponent("placement.svg"))
            log.info("map: \(folder.appendingPathComponent("placement.svg").path), placement.json beside it")
        }
    }

    private static func numbers(_ text: String, _ option: String) throws -> [Double] {
        let out = text.split(separator: ",").compactMap { Double($0) }
        guard !out.isEmpty, out.count == text.split(separator: ",").count, out.allSatisfy(\.isFinite) else {
            throw PipelineError.usage("\(option) \(text)", accepted: "numbers in metres with commas between")
        }
        return out
    }

    private struct Span: Decodable {
        var first: Int
        var end: Int
    }

    /// The tool paths of a conversion's episodes, or of a file.
    static func paths(in url: URL) throws -> [Trajectory<Table, Tool>] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw PipelineError.usage("\(url.path) does not exist", accepted: "a conversion's output folder, or pose files")
        }
        guard isFolder.boolValue else {
            return [url.pathExtension == "csv" ? try Trajectory(csv: url) : try Trajectory(tum: url)]
        }
        var out: [Trajectory<Table, Tool>] = []
        let work = url.appendingPathComponent("work")
        let manager = FileManager.default
        for session in try manager.contentsOfDirectory(atPath: work.path).sorted() {
            let folder = work.appendingPathComponent(session)
            let units = (try? manager.contentsOfDirectory(atPath: folder.appendingPathComponent("episodes").path)) ?? []
            for unit in units.sorted() where !unit.hasSuffix(".partial") {
                let cuts = folder.appendingPathComponent("episodes/\(unit)/episodes.json")
                let table = folder.appendingPathComponent("gripper_state/\(unit)/tool.csv")
                guard manager.fileExists(atPath: cuts.path), manager.fileExists(atPath: table.path) else { continue }
                let tool = try Trajectory<Table, Tool>(csv: table)
                for span in try JSONDecoder().decode([Span].self, from: Data(contentsOf: cuts)) {
                    guard span.first >= 0, span.first < span.end, span.end <= tool.count else { continue }
                    let range = span.first..<span.end
                    out.append(
                        Trajectory(
                            times: Array(tool.times[range]), poses: Array(tool.poses[range]), covariances: Array(tool.covariances[range]),
                            states: Array(tool.states[range])))
                }
            }
        }
        return out
    }
}
