import Foundation
import Geometry
import Session
import Testing

@testable import Robot

/// Each limit is violated by itself at a time known in advance, and the verdict says so to the frame.
@Suite struct FeasibilityTests {
    static let base = Transform<Table, Base>(rotation: .identity, translation: Vector3(-0.5, 0, 0))

    private func check(_ arm: Arm, _ path: JointPath, table: Transform<Table, Base> = base) throws -> FeasibilityReport {
        try Feasibility(arm: arm).report(path, tableFromBase: table)
    }

    /// For arms of fewer than six joints, which are singular everywhere.
    private func planar(_ arm: Arm, _ path: JointPath, _ table: Transform<Table, Base>) throws -> FeasibilityReport {
        var options = FeasibilityOptions()
        options.singular = -1
        return try Feasibility(arm: arm, options: options).report(path, tableFromBase: table)
    }

    /// The checks that failed, without warnings.
    private func failed(_ report: FeasibilityReport) -> [FeasibilityCheck] {
        FeasibilityCheck.allCases.filter { check in report.spans.contains { $0.fails && $0.check == check } }
    }

    @Test(arguments: ["panda", "xarm7"]) func gentleMotionPasses(_ name: String) throws {
        let arm = try Support.arm(name)
        let path = Support.path(arm, seconds: 3) { t in arm.home.map { $0 + 0.1 * Foundation.sin(2 * t) } }
        let report = try check(arm, path)
        #expect(report.feasible && report.spans.isEmpty)
        #expect(report.verdict == "feasible for \(name)")
        #expect(report.reasons.count == path.count && report.feasibleShare == 1)
        for margin in report.margins where margin.check != .outOfReach && margin.check != .pathJump {
            if let worst = margin.worst { #expect(worst > 0 && worst <= 1) }
        }
    }

    /// Joint 1 turns with 2.3·sin²(πt/3) rad/s, over 0.9 × 2.175 between two times that the formula gives.
    @Test func velocity() throws {
        let arm = try Support.arm("panda")
        let path = Support.path(arm, seconds: 3) { t in
            var q = arm.home
            q[0] = -1.7 + 2.3 * (t / 2 - 3 / (4 * Double.pi) * Foundation.sin(2 * .pi * t / 3))
            return q
        }
        let report = try check(arm, path)
        #expect(failed(report) == [.jointVelocity])
        let start = 3 / Double.pi * Foundation.asin((0.9 * 2.175 / 2.3).squareRoot())
        let span = try #require(report.spans.first { $0.fails })
        #expect(span.element == "panda_joint1")
        #expect(abs(span.startSeconds - start) < 1.0 / 60 + 1e-9)
        #expect(abs(span.endSeconds - (3 - start)) < 1.0 / 60 + 1e-9)
        #expect(abs(span.worstSeconds - 1.5) < 1.5 / 60)
        #expect(abs(span.worst - 2.3) < 0.01 && abs(span.limit - 0.9 * 2.175) < 1e-9)
        #expect(span.detail.contains("panda_joint1") && span.detail.contains("0.9 × 2.175") && span.detail.contains("Franka"))
    }

    /// Joint 2 swings with 8.6 rad/s² at its turning points (limit 7.5) and 1.72 rad/s between them.
    @Test func acceleration() throws {
        let arm = try Support.arm("panda")
        let omega = 5.0
        let path = Support.path(arm, seconds: 2.5) { t in
            var q = arm.home
            q[1] += 8.6 / (omega * omega) * Foundation.sin(omega * t)
            return q
        }
        let report = try check(arm, path)
        #expect(failed(report) == [.jointAcceleration])
        // |sin(5t)| > 0.95 · 7.5/8.6 from here on.
        let start = Foundation.asin(0.95 * 7.5 / 8.6) / omega
        let span = try #require(report.spans.first { $0.fails })
        #expect(span.element == "panda_joint2")
        #expect(abs(span.startSeconds - start) < 1.0 / 60 + 1e-9)
        #expect(abs(span.endSeconds - (Double.pi / omega - start)) < 1.0 / 60 + 1e-9)
        #expect(abs(abs(span.worst) - 8.6) < 0.05)
    }

    @Test func position() throws {
        let arm = try Support.arm("panda")
        let path = Support.path(arm, seconds: 2) { t in
            var q = arm.home
            q[6] = 2.5 + 0.4 * Foundation.sin(.pi * t / 2)
            return q
        }
        let report = try check(arm, path)
        #expect(failed(report) == [.jointPosition])
        let start = Foundation.asin((2.8973 - 0.02 - 2.5) / 0.4) / (.pi / 2)
        let span = try #require(report.spans.first { $0.fails })
        #expect(span.element == "panda_joint7")
        #expect(abs(span.startSeconds - start) < 1.0 / 60 + 1e-9 && abs(span.endSeconds - (2 - start)) < 1.0 / 60 + 1e-9)
    }

    /// The pendulum's rod comes down slowly: 2 kg at 0.5 m need 9.81·cos θ Nm, the motor has 9.
    @Test func torque() throws {
        var arm = try Support.inFolder(["pendulum.xml": Models.pendulum]) { try Arm(contentsOf: $0.appendingPathComponent("pendulum.xml")) }
        arm.joints[0].torque = 9
        let path = Support.path(arm, seconds: 6) { t in [1.2 - 0.2 * t] }
        var options = FeasibilityOptions()
        options.singular = -1
        let report = try Feasibility(arm: arm, options: options).report(
            path, tableFromBase: Transform(rotation: .identity, translation: Vector3(0, 0, 2)))
        #expect(failed(report) == [.jointTorque])
        let start = (1.2 - Foundation.acos(0.9 * 9 / 9.81)) / 0.2
        let span = try #require(report.spans.first { $0.fails })
        #expect(abs(span.startSeconds - start) < 1.0 / 60 + 1e-9)
        #expect(abs(span.endSeconds - 6) < 1.0 / 60)
        #expect(
            report.unchecked.count == 5,
            "velocity, acceleration, jerk and torque rate are unknown, the tool's rotation is not followed, and it is said")
    }

    /// The outer link folds back over the first: with the elbow square they are 0.2 − 0.5·sin α apart in their axes, 0.1 thick together.
    @Test func selfCollision() throws {
        let arm = try Support.inFolder(["folding.xml": Models.folding]) { try Arm(contentsOf: $0.appendingPathComponent("folding.xml")) }
        let path = Support.path(arm, seconds: 2) { t in [0, .pi / 2, .pi / 2 + 0.15 * t] }
        let report = try planar(arm, path, Self.base)
        #expect(failed(report) == [.selfCollision])
        let span = try #require(report.spans.first { $0.fails })
        #expect(abs(span.startSeconds - Foundation.asin(0.2) / 0.15) < 1.0 / 60 + 1e-9)
        #expect(span.element == "upper|lower")
        let kinematics = Kinematics(arm)
        #expect(abs(kinematics.selfClearance([0, .pi / 2, .pi / 2 + 0.1], reach: 1).distance - (0.1 - 0.5 * Foundation.sin(0.1))) < 1e-6)
    }

    /// The stretched arm is lowered onto the table; only its outer link may touch it, so the middle one's end decides.
    @Test func tableCollision() throws {
        let sidecar = "model: folding.xml\nmay_touch_table: [lower]\n"
        let arm = try Support.inFolder(["folding.xml": Models.folding, "arm.yaml": sidecar]) { try Arm(contentsOf: $0) }
        let path = Support.path(arm, seconds: 4) { t in [-0.2 * t, 0, 0] }
        let report = try planar(arm, path, Transform(rotation: .identity, translation: Vector3(3, 1, -0.6)))
        #expect(failed(report) == [.tableCollision])
        // The middle link ends 0.7 m out on an axis 0.4 m over the table, is 5 cm thick and may dip in by 1 cm.
        let start = Foundation.asin((0.4 - 0.05 + 0.01) / 0.7) / 0.2
        let span = try #require(report.spans.first { $0.fails })
        #expect(abs(span.startSeconds - start) < 1.0 / 60 + 1e-9)
        #expect(span.element == "middle")
        #expect(report.spans.contains { !$0.fails && $0.check == .tableCollision }, "warned before it fails")
    }

    /// Joint 7 swings with 0.3·7³ = 102.9 rad/s³ where it is fastest; it is given 100.
    @Test func jerk() throws {
        var arm = try Support.arm("panda")
        arm.joints[6].jerk = 100
        let path = Support.path(arm, seconds: 2.5) { t in
            var q = arm.home
            q[6] += 0.3 * Foundation.sin(7 * t)
            return q
        }
        let report = try check(arm, path)
        #expect(failed(report) == [.jointJerk])
        let half = Foundation.acos(100 / 102.9) / 7
        for k in 1...4 {
            let middle = Double(k) * .pi / 7
            let span = try #require(report.spans.first { $0.fails && abs($0.worstSeconds - middle) < 0.1 })
            #expect(span.element == "panda_joint7")
            #expect(abs(span.startSeconds - (middle - half)) < 1.0 / 60 + 1e-9 && abs(span.endSeconds - (middle + half)) < 1.0 / 60 + 1e-9)
        }
    }

    /// The pendulum's rod comes down with 0.2 rad/s: its torque m·g·l·cos q grows by 9.81·0.2·sin q Nm/s.
    @Test func torqueRate() throws {
        var arm = try Support.inFolder(["pendulum.xml": Models.pendulum]) { try Arm(contentsOf: $0.appendingPathComponent("pendulum.xml")) }
        arm.joints[0].torqueRate = 1.5
        let path = Support.path(arm, seconds: 6) { t in [1.2 - 0.2 * t] }
        var options = FeasibilityOptions()
        options.singular = -1
        options.torqueRateFraction = 1
        let report = try Feasibility(arm: arm, options: options).report(
            path, tableFromBase: Transform(rotation: .identity, translation: Vector3(0, 0, 2)))
        #expect(failed(report) == [.jointTorqueRate])
        let end = (1.2 - Foundation.asin(1.5 / (9.81 * 0.2))) / 0.2
        let span = try #require(report.spans.first { $0.fails })
        #expect(span.startSeconds == 0 && abs(span.endSeconds - end) < 1.0 / 60 + 1e-9)
    }

    /// A spherical wrist is led through the posture in which its first and last axis are one: the verdict names the frames.
    @Test func singularity() throws {
        let arm = try Support.inFolder(["wrist.xml": Models.wrist]) { try Arm(contentsOf: $0.appendingPathComponent("wrist.xml")) }
        let path = Support.path(arm, seconds: 3) { t in [0, 0.3, 0.8, 0.2, 0.6 - 0.4 * t, 0.1] }
        let report = try check(arm, path, table: Transform(rotation: .identity, translation: Vector3(0, 0, 1)))
        #expect(failed(report) == [.singularity])
        let span = try #require(report.spans.first { $0.fails })
        #expect(
            abs(span.worstSeconds - 1.5) < 1.0 / 60 && report.spans.contains { !$0.fails && $0.check == .singularity },
            "warned before it fails")
        // The span ends where the smallest singular value, found by trying all directions of a fine fan, passes the limit.
        let kinematics = Kinematics(arm)
        for (frame, reason) in report.reasons.enumerated() where abs(frame - 90) > 1 {
            let value = kinematics.smallestSingularValue(Array(path[frame]))
            if abs(value - 0.003) > 0.0005 { #expect((reason == .singularity) == (value < 0.003), "frame \(frame)") }
        }
    }

    /// The recorded tool leaves the joints' own by 4 mm for a third of a second.
    @Test func leavingTheRecordedPath() throws {
        let arm = try Support.arm("panda")
        let path = Support.path(arm, seconds: 2) { t in arm.home.map { $0 + 0.1 * Foundation.sin(t) } }
        let kinematics = Kinematics(arm)
        var tool = Trajectory(times: path.times, poses: (0..<path.count).map { Self.base * kinematics.forward(Array(path[$0])) })
        for i in 40..<60 { tool.poses[i].translation.z += 0.004 }
        let report = try Feasibility(arm: arm).report(path, tableFromBase: Self.base, tool: tool)
        #expect(failed(report) == [.toolDeviation])
        let span = try #require(report.spans.first { $0.fails })
        #expect(span.firstFrame == 40 && span.endFrame == 60 && abs(span.worst - 4) < 0.05 && span.limit == 2)
        #expect(abs(report.positionDeviation - 0.004) < 5e-5)
    }

    @Test func jumpIsSaidWhereItIs() throws {
        let arm = try Support.arm("panda")
        var path = Support.path(arm, seconds: 1) { t in arm.home.enumerated().map { $1 + ($0 == 0 && t > 0.5 ? 1 : 0) } }
        path.jumps = [31]
        let report = try check(arm, path)
        #expect(failed(report) == [.pathJump])
        #expect(report.spans.first?.firstFrame == 31 && report.spans.first?.element == "panda_joint1")
        #expect(report.reasons.filter { $0 != nil }.count == 1)
    }

    /// 3 mrad of white noise on every joint, as 1 mm of pose noise makes, is no acceleration.
    @Test func noiseIsNoMotion() throws {
        let arm = try Support.arm("panda")
        var dice = Dice(state: 3)
        let path = Support.path(arm, seconds: 5) { t in arm.home.map { $0 + 0.2 * Foundation.sin(2 * t) + 0.003 * dice.normal() } }
        let report = try check(arm, path)
        #expect(report.feasible, "\(report.verdict)")
        #expect(abs(report.positionNoise - 0.003) < 0.0006)
        let worst = try #require(report.margins.first { $0.check == .jointAcceleration }?.worst)
        #expect(worst > 0.6)
    }

    @Test func assumedLimitsAreSaidAndCanBeWarnings() throws {
        let arm = try Support.arm("xarm7")
        let path = Support.path(arm, seconds: 2) { t in
            var q = arm.home
            q[6] += 22 / 81.0 * Foundation.sin(9 * t)
            return q
        }
        var options = FeasibilityOptions()
        let strict = try Feasibility(arm: arm, options: options).report(path, tableFromBase: Self.base)
        #expect(strict.spans.contains { $0.check == .jointAcceleration && $0.assumed && $0.fails })
        options.assumedLimitsFail = false
        let lenient = try Feasibility(arm: arm, options: options).report(path, tableFromBase: Self.base)
        #expect(lenient.feasible && lenient.spans.contains { $0.check == .jointAcceleration && !$0.fails })
    }

    @Test func wrongPathsAreRefused() throws {
        let arm = try Support.arm("panda")
        let other = JointPath(jointNames: ["a"], times: Support.times(2, rate: 30), positions: [0, 0])
        #expect(throws: RobotError.self) { try check(arm, other) }
        var path = Support.path(arm, seconds: 0.2) { _ in arm.home }
        path.positions[9] = .nan
        #expect(throws: RobotError.input(what: "frame 1 of the joint path", reason: "is not finite")) { try check(arm, path) }
        path.positions[9] = 0
        path.times[3] = path.times[2]
        #expect(throws: RobotError.self) { try check(arm, path) }
    }

    @Test func reportIsCodable() throws {
        let arm = try Support.arm("panda")
        var path = Support.path(arm, seconds: 1) { t in arm.home.map { $0 + 3 * t } }
        path.reached[3] = false
        path.positionResidual[3] = 0.2
        let report = try check(arm, path)
        let back = try JSONDecoder().decode(FeasibilityReport.self, from: JSONEncoder().encode(report))
        #expect(back == report)
    }
}
