import Foundation
import Geometry
import Session
import Testing

@testable import Robot

/// Obstacles and stations: what stands in the way, by distances that can be done by hand.
@Suite struct SceneTests {
    private func read(_ yaml: String) throws -> ObstacleSet {
        try Support.inFolder(["scene.yaml": yaml]) { try ObstacleSet(contentsOf: $0.appendingPathComponent("scene.yaml")) }
    }

    private func complaint(_ yaml: String) -> String {
        do {
            _ = try read(yaml)
            return "nothing"
        } catch { return "\(error)" }
    }

    private static let panda = Support.root.appendingPathComponent("Calibration/arms/panda")

    @Test func distancesToObstaclesAreByHand() throws {
        let set = try read(
            """
            obstacles:
              - {name: ball, sphere_m: 0.1, translation_m: [0.2, 0.3, 0.5]}
              - {name: crate, box_m: [0.2, 0.2, 0.4], translation_m: [0, -1, 0.2]}
            """)
        #expect(set.obstacles.count == 2)
        // The pendulum's rod: a capsule of 5 cm about the segment from the foot to 0.5 m along x, the foot at (1, 0, 0.5) of the table.
        let arm = try Support.inFolder(["p.xml": Models.pendulum]) {
            try Arm(contentsOf: $0.appendingPathComponent("p.xml"), obstacles: set)
        }
        let kinematics = Kinematics(arm)
        kinematics.setTable(Transform(rotation: .identity, translation: Vector3(0, 0, 0.5)))
        let near = kinematics.obstacleClearance([0], reach: 1)
        #expect(abs(near.distance - (0.3 - 0.1 - 0.05)) < 1e-6 && near.element == "rod|obstacle:ball")
        // Moved by the base, the obstacle stays on the table: now the crate's corner edge at (±0.1, −0.9) is nearest.
        kinematics.setTable(Transform(rotation: .identity, translation: Vector3(0, -0.6, 0.3)))
        let crate = kinematics.obstacleClearance([0], reach: 1)
        #expect(abs(crate.distance - (0.3 - 0.05)) < 1e-6 && crate.element == "rod|obstacle:crate")
        // Swinging the rod up turns it away from nothing: the distance to the ball grows by Pythagoras.
        kinematics.setTable(Transform(rotation: .identity, translation: Vector3(0, 0, 0.5)))
        let up = kinematics.obstacleClearance([.pi / 2 - 1e-9], reach: 1)
        #expect(abs(up.distance - ((0.04 + 0.09).squareRoot() - 0.15)) < 1e-6)
        #expect(kinematics.selfClearance([0], reach: 1).element.isEmpty, "obstacles are no part of the arm")
    }

    @Test func brokenObstaclesAreNamed() {
        let cases = [
            ("obstacles:\n  - {name: a, translation_m: [0, 0, 0]}", "obstacles[0] (a)", "box_m"),
            ("obstacles:\n  - {name: a, sphere_m: -1, translation_m: [0, 0, 0]}", "obstacles[0] (a)", "positive"),
            ("obstacles:\n  - {name: a, sphere_m: 1, translation_m: [0, 0, .inf]}", "translation_m", "finite"),
            ("obstacles:\n  - {name: a, box_m: [1, 1], translation_m: [0, 0, 0]}", "box_m", "three"),
            (
                "obstacles:\n  - {name: a, sphere_m: 1, translation_m: [0, 0, 0]}\n  - {name: a, sphere_m: 1, translation_m: [0, 0, 0]}",
                "obstacles[1]",
                "name"
            ),
            ("things: []", "obstacles", "missing"),
        ]
        for (yaml, element, word) in cases {
            let said = complaint(yaml)
            #expect(said.contains("scene.yaml") && said.contains(element) && said.contains(word), "\(said)")
        }
    }

    /// A ball where the elbow goes otherwise: another posture or another elbow is found.
    @Test func pathsKeepClearOfObstacles() throws {
        let path = PathTests.path(seconds: 3) { t in PathTests.down(Vector3(0.05, -0.1 + 0.2 * t / 3, 0.15)) }
        let plain = try Support.arm("panda")
        let free = try PathSolver(arm: plain).solve(path, tableFromBase: PathTests.base)
        // A ball where the elbow passes without it.
        let h = Double.pi / 2
        let elbow = PublishedKinematics.modified(
            [(0, 0, 0.333, 0), (0, -h, 0, 0), (0, h, 0.316, 0), (0.0825, h, 0, 0)], tool: .identity
        ).forward(Array(free[45].prefix(4)))
        let ball = Obstacle(
            name: "ball", shape: .sphere(0.05),
            tableFromObstacle: Transform(rotation: .identity, translation: PathTests.base * (elbow.translation + Vector3(0, 0, 0.08))))
        let arm = try Arm(contentsOf: Self.panda, obstacles: ObstacleSet([ball]))
        let solved = try PathSolver(arm: arm).solve(path, tableFromBase: PathTests.base)
        let kinematics = Kinematics(arm)
        kinematics.setTable(PathTests.base)
        let before = (0..<free.count).filter { kinematics.obstacleClearance(Array(free[$0])).distance < 0 }.count
        let after = (0..<solved.count).filter { kinematics.obstacleClearance(Array(solved[$0])).distance < 0 }.count
        #expect(before > 20 && after == 0, "\(before) frames hit the ball before, \(after) after")
        #expect(solved.reached.allSatisfy { $0 })
    }

    static let twoRods = """
        name: rods
        arms:
          - {name: left, arm: p.xml, table_from_base: {rotation_xyzw: [0, 0, 0, 1], translation_m: [0, 0, 1]}}
          - {name: right, arm: p.xml, table_from_base: {rotation_xyzw: [0, 0, 1, 0], translation_m: [1.2, 0, 1]}}
        """

    /// Two rods of 0.5 m facing each other, feet 1.2 m apart: 0.2 m between the tips, less 0.1 for their thickness.
    @Test func armsMeetWhenTheyMust() throws {
        let station = try Support.inFolder(["s.yaml": Self.twoRods, "p.xml": Models.pendulum]) {
            try Station(contentsOf: $0.appendingPathComponent("s.yaml"))
        }
        let kinematics = StationKinematics(station)
        let level = kinematics.clearance([[0], [0]], reach: 1)
        #expect(abs(level.distance - 0.1) < 1e-6 && level.element == "left/rod|right/rod")
        #expect(abs(kinematics.clearance([[1], [-1]], reach: 2).distance - kinematics.clearance([[-1], [1]], reach: 2).distance) < 1e-9)
        let far = kinematics.clearance([[.pi / 2 - 1e-9], [.pi / 2 - 1e-9]], reach: 2)
        #expect(abs(far.distance - 1.1) < 1e-6, "both up: parallel, 1.2 m apart")

        // Feet nearer: the tips pass each other between 1 s and 2 s, and at other times the rods are up.
        let near = try Support.inFolder([
            "s.yaml": Self.twoRods.replacingOccurrences(of: "[1.2, 0, 1]", with: "[0.9, 0, 1]"), "p.xml": Models.pendulum,
        ]) { try Station(contentsOf: $0.appendingPathComponent("s.yaml")) }
        let times = Support.times(91, rate: 30)
        let left = JointPath(
            jointNames: ["swing"], times: times, positions: times.map { max(0, 1.5 - 3 * min($0.seconds, 3 - $0.seconds) + 1.5) })
        let right = JointPath(jointNames: ["swing"], times: times, positions: times.map { _ in 0 })
        let report = try StationFeasibility(station: near).report([left, right])
        #expect(!report.feasible && report.spans.count == 1 && report.verdict.contains("left/rod|right/rod"), "\(report.verdict)")
        let span = try #require(report.spans.first)
        #expect(span.firstTime > 0.5 && span.lastTime < 2.5 && abs(span.worstTime - 1.5) < 0.55)
        #expect(abs(span.clearance - -0.1) < 0.02, "level they overlap by their thickness")
        #expect(throws: RobotError.self) { try StationFeasibility(station: near).report([left]) }
        let later = JointPath(jointNames: ["swing"], times: times.map { Timestamp(seconds: $0.seconds + 10) }, positions: right.positions)
        #expect(throws: RobotError.self) { try StationFeasibility(station: near).report([left, later]) }
    }

    @Test(arguments: ["two_pandas", "aloha"]) func shippedStationsAreWhole(_ name: String) throws {
        let station = try Station(contentsOf: Support.root.appendingPathComponent("Calibration/stations/\(name).yaml"))
        #expect(station.name == name && station.members.count == 2 && station.summary().contains("left"))
        let kinematics = StationKinematics(station)
        let homes = station.members.map(\.arm.home)
        #expect(kinematics.clearance(homes, reach: 0.05).distance == 0.05 || name == "aloha")
        // The common model's tools stand where each arm's own does: the two grippers are as far apart as their poses say, or nearer by their size.
        let tools = station.members.map { ($0.tableFromBase * Kinematics($0.arm).forward($0.arm.home)).translation }
        #expect(kinematics.clearance(homes, reach: 2).distance < (tools[0] - tools[1]).length + 0.05)
    }

    @Test func brokenStationsAreNamed() {
        func complaint(_ old: String, _ new: String) -> String {
            do {
                _ = try Support.inFolder(["s.yaml": Self.twoRods.replacingOccurrences(of: old, with: new), "p.xml": Models.pendulum]) {
                    try Station(contentsOf: $0.appendingPathComponent("s.yaml"))
                }
                return "nothing"
            } catch { return "\(error)" }
        }
        #expect(complaint("name: right, arm: p.xml", "name: right, arm: q.xml").contains("arms[1].arm"))
        #expect(complaint("name: right", "name: left").contains("arms[1].name"))
        #expect(complaint("[0, 0, 1, 0]", "[0, 0, 1]").contains("arms[1].table_from_base.rotation_xyzw"))
        #expect(complaint("arms:", "legs:").contains("arms"))
    }

    /// The map of a search says what the search found, as JSON and as a drawing that an XML reader takes.
    @Test func placementsAreMapped() throws {
        let arm = try Support.arm("ur5e")
        let path = PathTests.path(seconds: 1) { t in PathTests.down(Vector3(0.1 * t, 0.3, 0.15)) }
        var options = BasePlacementOptions()
        options.distances = [0.5, 1.4]
        options.directions = 4
        options.samples = 8
        options.finalists = 1
        let found = try BasePlacement.search([path], arm: arm, options: options)
        let map = PlacementMap(arm: arm, placements: found, paths: [path])
        #expect(map.places.count == 8 && map.frames == path.count && map.places[0].feasibleShare == 1)
        #expect(map.places.filter { $0.reachableShare == 0 }.count == 4, "from 1.4 m nothing is in reach")
        // The foot faces the middle of the path at (0.05, 0.3).
        let best = map.places[0]
        let yaw = best.yawDegrees * .pi / 180
        #expect(abs(best.x + 0.5 * Foundation.cos(yaw) - 0.05) < 0.01 && abs(best.y + 0.5 * Foundation.sin(yaw) - 0.3) < 0.01)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        #expect(try decoder.decode(PlacementMap.self, from: map.json()) == map)
        let drawing = try XMLReader.read(Array(map.svg().utf8), path: "placement.svg")
        #expect(drawing.name == "svg" && drawing.all("circle").count == 8 + map.toolPositions.count)
        #expect(map.text(rows: 3).split(separator: "\n").count == 4)
    }

    /// An obstacle in the way of every elbow makes places infeasible that were not.
    @Test func placementMindsObstacles() throws {
        let path = PathTests.path(seconds: 1) { t in PathTests.down(Vector3(0.1 * t, 0, 0.15)) }
        var options = BasePlacementOptions()
        options.distances = [0.5]
        options.directions = 2
        options.samples = 5
        options.finalists = 0
        // A wall across the table between the foot on one side and the path: full height, so no arm goes over it.
        let wall = Obstacle(
            name: "wall", shape: .box(Vector3(0.05, 3, 4)),
            tableFromObstacle: Transform(rotation: .identity, translation: Vector3(-0.25, 0, 0)))
        func behind(_ set: ObstacleSet) throws -> Double {
            let found = try BasePlacement.search([path], arm: try Arm(contentsOf: Self.panda, obstacles: set), options: options)
            return try #require(found.first { $0.tableFromBase.translation.x < -0.25 }).reachableShare
        }
        #expect(try behind(ObstacleSet()) > 0.9)
        #expect(try behind(ObstacleSet([wall])) == 0)
    }
}
