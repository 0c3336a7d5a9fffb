import Foundation
import Geometry
import Session
import Testing

@testable import Robot

/// Tool paths over the table, solved and checked for an arm half a metre behind the tag.
@Suite struct PathTests {
    static let base = Transform<Table, Base>(rotation: .identity, translation: Vector3(-0.5, 0, 0))

    /// The gripper held straight down, the camera on its far side, turned about the vertical.
    static func down(_ position: Vector3, turn: Double = 0) -> Transform<Table, Tool> {
        let rotation = Rotation(matrix: Matrix3(columns: Vector3(0, -1, 0), Vector3(-1, 0, 0), Vector3(0, 0, -1)))
        return Transform(rotation: Rotation(vector: Vector3(0, 0, turn)) * rotation, translation: position)
    }

    static func path(seconds: Double, rate: Double = 30, _ pose: (Double) -> Transform<Table, Tool>) -> Trajectory<Table, Tool> {
        let times = Support.times(Int(seconds * rate) + 1, rate: rate)
        return Trajectory(times: times, poses: times.map { pose($0.seconds) })
    }

    private func run(_ arm: Arm, _ path: Trajectory<Table, Tool>) throws -> (JointPath, FeasibilityReport) {
        let joints = try PathSolver(arm: arm).solve(path, tableFromBase: Self.base)
        return (joints, try Feasibility(arm: arm).report(joints, tableFromBase: Self.base))
    }

    private func failed(_ report: FeasibilityReport) -> [FeasibilityCheck] {
        FeasibilityCheck.allCases.filter { check in report.spans.contains { $0.fails && $0.check == check } }
    }

    /// How far the joints put the tool from where it was asked, by the published table.
    private func offset(_ arm: Arm, _ joints: JointPath, _ path: Trajectory<Table, Tool>, _ frame: Int) -> (
        position: Double, rotation: Double
    ) {
        let got = Self.base * PublishedKinematics.named(arm.name).forward(Array(joints[frame]))
        let want = path.poses[frame]
        return ((got.translation - want.translation).length, got.rotation.angle(to: want.rotation))
    }

    @Test(arguments: ["panda", "xarm7"]) func pickAndPlaceIsFeasible(_ name: String) throws {
        let arm = try Support.arm(name)
        let path = Self.path(seconds: 5) { t in
            let s = 0.5 - 0.5 * Foundation.cos(.pi * t / 5)
            return Self.down(Vector3(0.05 + 0.1 * s, -0.2 + 0.4 * s, 0.02 + 0.2 * Foundation.sin(.pi * s)), turn: 0.8 * s)
        }
        let (joints, report) = try run(arm, path)
        #expect(report.feasible, "\(report.verdict)")
        #expect(joints.jumps.isEmpty && joints.reached.allSatisfy { $0 })
        for frame in 0..<path.count {
            let off = offset(arm, joints, path, frame)
            #expect(off.position < 1e-4 && off.rotation < 1e-4)
        }
        let again = try PathSolver(arm: arm).solve(path, tableFromBase: Self.base)
        #expect(again == joints, "the same input gives the same joints")
    }

    @Test(arguments: ["panda", "xarm7"]) func beyondReachIsReachAndNothingElse(_ name: String) throws {
        let arm = try Support.arm(name)
        let path = Self.path(seconds: 6) { t in Self.down(Vector3(0.4 - 0.4 * Foundation.cos(.pi * t / 3), 0.05, 0.2)) }
        let (joints, report) = try run(arm, path)
        #expect(failed(report) == [.outOfReach], "\(report.verdict)")
        let bad = (0..<path.count).filter { report.reasons[$0] != nil }
        #expect(bad.contains(90), "the furthest point, 1.3 m out")
        #expect(bad.count == (bad.last ?? 0) - (bad.first ?? 0) + 1, "one span")
        for frame in 0..<path.count where report.reasons[frame] == nil {
            let off = offset(arm, joints, path, frame)
            #expect(off.position < 1e-3 && off.rotation < 0.5 * .pi / 180)
        }
        // Shoulder to flange: no arm is longer than its links stretched out.
        let shoulder = Vector3(-0.5, 0, name == "panda" ? 0.333 : 0.267)
        let tool = name == "panda" ? 0.1034 + 0.107 : 0.172 + 0.097
        let longest = name == "panda" ? 0.316 + 0.384 + 0.088 : 0.297 + 0.351 + 0.076
        for frame in 0..<path.count {
            let wrist = path.poses[frame] * Vector3(0, 0, -tool)
            if (wrist - shoulder).length > longest { #expect(report.reasons[frame] == .outOfReach) }
        }
    }

    /// The wrist is turned by up to 300 degrees/s; the Panda's last joint may do 0.9 × 150.
    @Test func tooFastIsSpeedAndNotReach() throws {
        let arm = try Support.arm("panda")
        let rate = 300 * Double.pi / 180
        let path = Self.path(seconds: 3, rate: 60) { t in
            // Still, then a turn of 150 degrees with a sine-squared speed, then still.
            let u = min(max(t - 1, 0), 1)
            return Self.down(Vector3(0.05, 0, 0.15), turn: -1.3 + rate * (u / 2 - Foundation.sin(2 * .pi * u) / (4 * .pi)))
        }
        let (_, report) = try run(arm, path)
        let words = failed(report)
        #expect(words.contains(.jointVelocity))
        #expect(!words.contains(.outOfReach) && !words.contains(.pathJump) && !words.contains(.selfCollision), "\(report.verdict)")
        for (frame, reason) in report.reasons.enumerated() where reason != nil { #expect(frame > 57 && frame < 123) }
    }

    /// Turning the wrist by 500 degrees: the Panda's last joint turns 332 and has to change posture once; the xArm's turns 720.
    @Test func aTurnTooFarIsAJump() throws {
        let path = Self.path(seconds: 12) { t in Self.down(Vector3(0.05, 0, 0.2), turn: (-250 + 500 * t / 12) * .pi / 180) }
        let (panda, report) = try run(try Support.arm("panda"), path)
        #expect(panda.jumps.count == 1)
        #expect(report.reasons.filter { $0 == .pathJump }.count == panda.jumps.count)
        let (xarm, free) = try run(try Support.arm("xarm7"), path)
        #expect(xarm.jumps.isEmpty && free.feasible, "\(free.verdict)")
    }

    @Test func wrongPathsAreNamed() throws {
        let solver = PathSolver(arm: try Support.arm("panda"))
        #expect(throws: RobotError.input(what: "path", reason: "has no frames")) {
            try solver.solve(Trajectory(), tableFromBase: Self.base)
        }
        var path = Self.path(seconds: 1) { _ in Self.down(Vector3(0, 0, 0.2)) }
        path.times[4] = path.times[3]
        #expect(throws: RobotError.input(what: "frame 4 of the path", reason: "is not later than the frame before")) {
            try solver.solve(path, tableFromBase: Self.base)
        }
        path.poses[2].translation.y = .nan
        #expect(throws: RobotError.input(what: "frame 2 of the path", reason: "its pose is not finite")) {
            try solver.solve(path, tableFromBase: Self.base)
        }
    }

    @Test func onePoseIsAPath() throws {
        let joints = try PathSolver(arm: try Support.arm("panda")).solve(
            Self.path(seconds: 0) { _ in Self.down(Vector3(0, 0, 0.2)) }, tableFromBase: Self.base)
        #expect(joints.count == 1 && joints.reached == [true])
        let report = try Feasibility(arm: try Support.arm("panda")).report(joints, tableFromBase: Self.base)
        #expect(report.feasible)
    }

    @Test func aFootIsFound() throws {
        let arm = try Support.arm("panda")
        // A demonstration far from the default foot.
        let path = Self.path(seconds: 2) { t in Self.down(Vector3(1.5 + 0.1 * t, 2, 0.1 + 0.05 * t)) }
        var options = BasePlacementOptions()
        options.directions = 4
        options.distances = [0.5, 1.2]
        options.samples = 10
        options.finalists = 1
        let places = try BasePlacement.search([path], arm: arm, options: options)
        #expect(places.count == 8)
        let best = try #require(places.first)
        #expect(best.feasibleShare == 1 && best.reachableShare == 1)
        #expect(abs((best.tableFromBase.translation - Vector3(1.6, 2, 0)).length - 0.5) < 0.02)
        #expect(places.contains { $0.reachableShare == 0 }, "from 1.2 m nothing is in reach")
    }
}
