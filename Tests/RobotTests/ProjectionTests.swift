import Foundation
import Geometry
import Session
import Testing

@testable import Robot

/// Arms with five joints take positions exactly and the nearest rotation.
@Suite struct ProjectionTests {
    /// The published kinematics of Interbotix's five-joint vx300 (no forearm roll): waist z, three pitches, a roll.
    static let vx300 = """
        <mujoco><compiler angle="radian"/><worldbody><body name="base">
        <body name="shoulder" pos="0 0 0.079"><joint name="waist" axis="0 0 1" range="-3.14 3.14"/><inertial mass="0.8" pos="0 0 0" diaginertia="1e-3 1e-3 1e-3"/>
        <body name="upper" pos="0 0 0.04805"><joint name="shoulder" axis="0 1 0" range="-1.85 1.26"/><inertial mass="0.8" pos="0 0 0.2" diaginertia="9e-3 9e-3 1e-3"/>
        <body name="forearm" pos="0.05955 0 0.3"><joint name="elbow" axis="0 1 0" range="-1.76 1.6"/><inertial mass="0.7" pos="0.15 0 0" diaginertia="1e-3 2e-3 2e-3"/>
        <body name="wrist" pos="0.3 0 0"><joint name="wrist_angle" axis="0 1 0" range="-1.87 2.23"/><inertial mass="0.1" pos="0.05 0 0" diaginertia="1e-4 1e-4 1e-4"/>
        <body name="gripper" pos="0.069744 0 0"><joint name="wrist_rotate" axis="1 0 0" range="-3.14 3.14"/><inertial mass="0.4" pos="0.05 0 0" diaginertia="1e-4 1e-4 1e-4"/>
        </body></body></body></body></body></body></worldbody></mujoco>
        """
    static let sidecar = """
        flange: gripper
        flange_from_tool: {rotation_xyzw: [-0.5, 0.5, -0.5, 0.5], translation_m: [0.13, 0, 0]}
        """

    private func arm() throws -> Arm {
        try Support.inFolder(["vx300.xml": Self.vx300, "vx300.arm.yaml": Self.sidecar]) {
            try Arm(contentsOf: $0.appendingPathComponent("vx300.xml"))
        }
    }

    /// Poses that the arm can take are found as they are; turned about an axis that it lacks, it gives the position and leaves out that turn.
    @Test func theNearestRotationIsTaken() throws {
        let arm = try arm()
        #expect(arm.isProjected && arm.summary().contains("fewer than six joints"))
        let kinematics = Kinematics(arm)
        let solver = InverseKinematics(kinematics)
        var dice = Dice(state: 4)
        var exact = 0
        var turned = 0
        for _ in 0..<100 {
            let q = arm.joints.map { dice.uniform(0.7 * $0.lower, 0.7 * $0.upper) }
            let target = kinematics.forward(q)
            let solution = solver.solve(target)
            if solution.solved, solution.projectedRotation < 1e-4,
                (kinematics.forward(solution.positions).translation - target.translation).length < 2e-5
            {
                exact += 1
            }
            // Turned by 0.1 rad about the normal of the arm's plane's missing direction: the waist's axis through the tool.
            let off = Transform<Base, Tool>(
                rotation: Rotation(vector: Vector3(0, 0, 0.1)) * target.rotation, translation: target.translation)
            let near = solver.solve(off, guess: q, restarts: 0)
            let got = kinematics.forward(near.positions)
            let left = got.rotation.angle(to: off.rotation)
            if near.solved, (got.translation - off.translation).length < 1e-5, abs(near.projectedRotation - left) < 1e-6, left < 0.1 + 1e-6
            {
                turned += 1
            }
        }
        #expect(exact >= 98 && turned >= 95, "\(exact) and \(turned) of 100")
    }

    @Test func aPathSaysWhatIsLeftOut() throws {
        let arm = try arm()
        // Straight down at a place to the side, not turned with it: the waist must turn, and the tool's roll makes up for it.
        let path = PathTests.path(seconds: 2) { t in PathTests.down(Vector3(-0.1, -0.15 + 0.15 * t, 0.12)) }
        let joints = try PathSolver(arm: arm).solve(path, tableFromBase: PathTests.base)
        #expect(joints.reached.allSatisfy { $0 } && joints.jumps.isEmpty)
        #expect(joints.projectedRotation.allSatisfy { $0 < 1e-3 }, "straight down a roll is enough")
        // Tilted sideways, out of the arm's plane: the tilt is left out, and said.
        let tilt = Rotation(vector: Vector3(0.15, 0, 0))
        let tilted = PathTests.path(seconds: 2) { t in
            let pose = PathTests.down(Vector3(-0.1, 0, 0.12))
            return Transform(rotation: tilt * pose.rotation, translation: pose.translation)
        }
        let other = try PathSolver(arm: arm).solve(tilted, tableFromBase: PathTests.base)
        #expect(other.reached.allSatisfy { $0 } && other.positionResidual.allSatisfy { $0 < 1e-5 })
        #expect(other.projectedRotation.allSatisfy { abs($0 - 0.15) < 0.02 }, "\(other.projectedRotation[0])")
        var strict = SolveOptions()
        strict.projectedRotation = 0.05
        let refused = try PathSolver(arm: arm, options: strict).solve(tilted, tableFromBase: PathTests.base)
        #expect(refused.reached.allSatisfy { !$0 })
    }
}
