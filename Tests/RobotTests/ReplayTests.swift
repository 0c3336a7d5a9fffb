import Foundation
import Geometry
import Session
import Testing

@testable import Robot

/// Episodes driven through a simulated arm.
@Suite struct ReplayTests {
    static let base = FeasibilityTests.base

    /// The joints as a data set holds them: 32-bit numbers at whole frames a second.
    static func commanded(_ motion: Motion, rate: Double, tool: Trajectory<Table, Tool>? = nil) -> CommandedPath {
        let count = Int((motion.duration * rate + 1e-6).rounded(.down)) + 1
        let times = (0..<count).map { Double($0) / rate }
        let joints = times.flatMap { motion.joints(at: $0).map { Double(Float($0)) } }
        let recorded = tool.map { tool in times.map { base.inverse * at(tool, motion.source(at: $0)) } }
        return CommandedPath(rate: rate, joints: joints, recorded: recorded)
    }

    private static func at(_ tool: Trajectory<Table, Tool>, _ time: Timestamp<VideoClock>) -> Transform<Table, Tool> {
        let i = min(max((tool.times.firstIndex { $0 > time } ?? tool.count) - 1, 0), tool.count - 2)
        return tool.poses[i].interpolated(
            to: tool.poses[i + 1], fraction: min(max((time - tool.times[i]) / (tool.times[i + 1] - tool.times[i]), 0), 1))
    }

    /// Made-up demonstrations, solved, checked, repaired and played back: everything that is kept passes.
    @Test(arguments: ["panda", "xarm7"], [UInt64(1), 2]) func whatIsKeptReplays(_ name: String, _ seed: UInt64) throws {
        let arm = try Support.arm(name)
        let tool = Support.visits(seed: seed, seconds: 6)
        let joints = try PathSolver(arm: arm).solve(tool, tableFromBase: Self.base)
        let verdict = try Feasibility(arm: arm).verdict(joints, tableFromBase: Self.base, tool: tool)
        #expect(verdict.paths.reduce(0) { $0 + $1.endFrame - $1.firstFrame } > tool.count / 2, "\(verdict.verdict)")
        for motion in verdict.paths where motion.duration > 0.5 {
            let report = try Replay(arm: arm).run(Self.commanded(motion, rate: 60, tool: tool), tableFromBase: Self.base)
            #expect(report.passes && report.goodFrames == report.frames, "\(name) \(seed): \(report.verdict)")
            #expect(report.saturated == 0 && report.contacts.isEmpty)
            #expect(try #require(report.recordedPositionError) < 0.002)
        }
    }

    @Test func tooFastACommandFails() throws {
        let arm = try Support.arm("panda")
        let path = Support.path(arm, seconds: 2) { t in arm.home.enumerated().map { $1 + ($0 == 0 ? 0.5 * Foundation.sin(5 * t) : 0) } }
        let report = try Replay(arm: arm).run(CommandedPath(rate: 60, joints: path.positions), tableFromBase: Self.base)
        #expect(!report.passes && report.failures.contains { $0.contains("panda_joint1 velocity") }, "\(report.verdict)")
        let worst = try #require(report.extremes.first { $0.kind == .velocity })
        #expect(worst.joint == "panda_joint1" && abs(worst.share - 2.5 / 2.175) < 0.02)
        #expect(report.goodFrames < report.frames && report.recordedPositionError == nil)
    }

    @Test func theTableIsAContact() throws {
        let arm = try Support.arm("panda")
        // The shoulder comes forward until the wrist is in the table.
        let path = Support.path(arm, seconds: 3) { t in arm.home.enumerated().map { $1 + ($0 == 1 ? 2.3 * (1 - Foundation.cos(t)) / 2 : 0) }
        }
        let foot = Transform<Table, Base>(rotation: .identity, translation: Vector3(-0.5, 0, -0.1))
        let report = try Replay(arm: arm).run(CommandedPath(rate: 60, joints: path.positions), tableFromBase: foot)
        #expect(report.failures.contains { $0.contains("table_collision") }, "\(report.verdict)")
        #expect(report.contacts.contains { $0.check == .tableCollision && $0.seconds > 0.5 })
    }

    @Test func aWeakMotorIsSaidToSaturate() throws {
        var arm = try Support.arm("panda")
        arm.joints[3].torque = 10
        let path = Support.path(arm, seconds: 1) { _ in arm.home }
        let report = try Replay(arm: arm).run(CommandedPath(rate: 30, joints: path.positions), tableFromBase: Self.base)
        #expect(report.saturated > 0.5 && !report.passes)
    }

    @Test func wrongCommandsAreRefused() throws {
        let arm = try Support.arm("panda")
        #expect(throws: RobotError.self) { try Replay(arm: arm).run(CommandedPath(rate: 30, joints: [1, 2, 3]), tableFromBase: Self.base) }
        #expect(throws: RobotError.input(what: "frame 1 of the commanded joints", reason: "is not finite")) {
            try Replay(arm: arm).run(CommandedPath(rate: 30, joints: arm.home + [.nan] + arm.home.dropFirst()), tableFromBase: Self.base)
        }
    }
}
