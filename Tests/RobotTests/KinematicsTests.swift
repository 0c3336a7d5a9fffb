import Foundation
import Geometry
import Testing

@testable import Robot

@Suite struct KinematicsTests {
    @Test(arguments: ["panda", "xarm7"]) func jacobianIsTheDerivative(_ name: String) throws {
        let arm = try Support.arm(name)
        let kinematics = Kinematics(arm)
        var dice = Dice(state: 6)
        let h = 1e-6
        for _ in 0..<20 {
            let q = dice.posture(arm)
            let jacobian = kinematics.jacobian(q)
            for i in 0..<arm.jointCount {
                var (a, b) = (q, q)
                a[i] -= h
                b[i] += h
                let (p, r) = (kinematics.forward(a), kinematics.forward(b))
                let linear = (r.translation - p.translation) / (2 * h)
                let angular = (r.rotation * p.rotation.inverse).vector / (2 * h)
                for k in 0..<3 {
                    #expect(abs(jacobian[k * arm.jointCount + i] - linear[k]) < 1e-6)
                    #expect(abs(jacobian[(3 + k) * arm.jointCount + i] - angular[k]) < 1e-6)
                }
            }
        }
    }

    /// Skipped without the private folder of robot descriptions.
    @Test(.enabled(if: Support.shared != nil)) func pandaAgreesWithTheMakersDescription() throws {
        let folder = try #require(Support.shared)
        let ours = try Support.arm("panda")
        let theirs = try Arm(contentsOf: folder.appendingPathComponent("robots/panda/urdf/panda.urdf"))
        #expect(theirs.flangeBody == "panda_hand_tcp")
        #expect(
            zip(ours.joints, theirs.joints).allSatisfy {
                $0.lower == $1.lower && $0.upper == $1.upper && $0.velocity == $1.velocity && $0.torque == $1.torque
            })
        let (a, b) = (Kinematics(ours), Kinematics(theirs))
        var dice = Dice(state: 8)
        for _ in 0..<100 {
            let q = dice.posture(ours)
            // The description's frame is the hand's: the tool is turned by 90 degrees about z.
            let want = b.forward(q) * Transform<Tool, Tool>(rotation: Rotation(vector: Vector3(0, 0, .pi / 2)), translation: .zero)
            let got = a.forward(q)
            #expect((got.translation - want.translation).length < 1e-6)
            #expect(got.rotation.angle(to: want.rotation) < 1e-6)
        }
    }

    /// Skipped without the private folder of robot descriptions.
    @Test(.enabled(if: Support.shared != nil)) func xarmAgreesWithAnotherDescription() throws {
        let folder = try #require(Support.shared)
        let ours = try Support.arm("xarm7")
        let theirs = try Arm(contentsOf: folder.appendingPathComponent("robots/ufactory_xarm7/xarm7_nohand.xml"))
        var plain = ours
        plain.payload = nil
        let (a, b) = (Kinematics(ours), Kinematics(theirs))
        let flangeFromTool = ours.flangeFromTool.relabelled(Tool.self, Tool.self)
        var dice = Dice(state: 9)
        for _ in 0..<100 {
            let q = dice.posture(ours)
            let (got, want) = (a.forward(q), b.forward(q) * flangeFromTool)
            #expect((got.translation - want.translation).length < 1e-6)
            #expect(got.rotation.angle(to: want.rotation) < 1e-6)
        }
    }

    /// Holding torque of the Panda at home as two independent libraries give it without payload, plus the payload's by the lever rule.
    @Test func pandaHoldsItsWeight() throws {
        let arm = try Support.arm("panda")
        let kinematics = Kinematics(arm)
        let still = [Double](repeating: 0, count: 7)
        let torque = kinematics.inverseDynamics(arm.home, velocity: still, acceleration: still)
        let jacobian = kinematics.jacobian(arm.home)
        let load = (arm.payload?.mass ?? 0) * 9.81
        let without = (0..<7).map { torque[$0] - load * jacobian[2 * 7 + $0] }
        for (got, want) in zip(without, [0, -4.0003, -0.6437, 22.0222, 0.6338, 2.2782, 0]) { #expect(abs(got - want) < 0.02) }
    }

    /// A pendulum whose numbers can be done by hand: 2 kg at 0.5 m, inertia 0.01 about its own middle.
    @Test func pendulumTorqueIsByHand() throws {
        let arm = try Support.inFolder(["pendulum.xml": Models.pendulum]) { try Arm(contentsOf: $0.appendingPathComponent("pendulum.xml")) }
        let kinematics = Kinematics(arm)
        for angle in [-1.0, 0, 0.4, 1.3] {
            let torque = kinematics.inverseDynamics([angle], velocity: [0.7], acceleration: [3])
            // A turn about −y lifts the mass for positive angles.
            #expect(abs(torque[0] - ((2 * 0.25 + 0.01) * 3 + 2 * 9.81 * 0.5 * Foundation.cos(angle))) < 1e-9)
        }
        // On a wall: the base's x points down.
        kinematics.setTable(Transform(rotation: Rotation(vector: Vector3(0, .pi / 2, 0)), translation: .zero))
        #expect(abs(kinematics.inverseDynamics([0], velocity: [0], acceleration: [0])[0]) < 1e-9)
    }

    @Test func singularityIsSeen() throws {
        let arm = try Support.arm("panda")
        let kinematics = Kinematics(arm)
        #expect(kinematics.smallestSingularValue(arm.home) > 0.05)
        // Straight up: the elbow as straight as it goes and the wrist above the shoulder.
        #expect(kinematics.smallestSingularValue([0, 0, 0, -0.0698, 0, 0, 0]) < 0.02)
    }

    @Test(arguments: ["panda", "ur5e", "xarm7", "iiwa14"]) func twoThousandPosesAreSolved(_ name: String) throws {
        let arm = try Support.arm(name)
        let kinematics = Kinematics(arm)
        let solver = InverseKinematics(kinematics)
        let table = PublishedKinematics.named(name)
        var dice = Dice(state: 10)
        var solved = 0
        for _ in 0..<2000 {
            let target = table.forward(dice.posture(arm))
            let solution = solver.solve(target)
            let inside = zip(solution.positions, arm.joints).allSatisfy { $0 >= $1.lower && $0 <= $1.upper }
            let got = table.forward(solution.positions)
            let exact = (got.translation - target.translation).length < 2e-5 && got.rotation.angle(to: target.rotation) < 2e-5
            if solution.solved, inside, exact { solved += 1 }
        }
        #expect(solved >= 1998, "at least 99.9 % of reachable poses; \(solved) of 2000")
    }

    @Test func unreachablePoseIsAValue() throws {
        let arm = try Support.arm("panda")
        let solver = InverseKinematics(Kinematics(arm))
        let target = Transform<Base, Tool>(rotation: Rotation(vector: Vector3(.pi, 0, 0)), translation: Vector3(1.4, 0, 0.3))
        let solution = solver.solve(target, restarts: 20)
        #expect(!solution.solved)
        #expect(solution.positionResidual > 0.3 && solution.positionResidual < 1)
    }
}

/// Models small enough to check by hand.
enum Models {
    static let pendulum = """
        <mujoco><compiler angle="radian"/><worldbody><body name="foot"><body name="rod">
          <joint name="swing" axis="0 -1 0" range="-2 2" damping="3" armature="0.5"/>
          <inertial mass="2" pos="0.5 0 0" diaginertia="0.01 0.01 0.01"/>
          <geom type="capsule" fromto="0 0 0 0.5 0 0" size="0.05"/>
        </body></body></worldbody></mujoco>
        """

    /// Six joints, the last three through one point; 0.4 and 0.35 m of arm, 0.1 m of tool.
    static let wrist = """
        <mujoco><compiler angle="radian"/><default><joint range="-4 4"/></default><worldbody><body name="foot">
        <body name="turret" pos="0 0 0.3"><joint name="turn" axis="0 0 1"/><inertial mass="2" pos="0 0 0" diaginertia="0.01 0.01 0.01"/>
        <body name="upper"><joint name="shoulder" axis="0 1 0"/><inertial mass="2" pos="0 0 0.2" diaginertia="0.02 0.02 0.01"/>
        <body name="lower" pos="0 0 0.4"><joint name="elbow" axis="0 1 0"/><inertial mass="1" pos="0 0 0.2" diaginertia="0.01 0.01 0.01"/>
        <body name="roll" pos="0 0 0.35"><joint name="roll" axis="0 0 1"/><inertial mass="0.3" pos="0 0 0" diaginertia="0.001 0.001 0.001"/>
        <body name="pitch"><joint name="pitch" axis="0 1 0"/><inertial mass="0.3" pos="0 0 0" diaginertia="0.001 0.001 0.001"/>
        <body name="hand"><joint name="spin" axis="0 0 1"/><inertial mass="0.3" pos="0 0 0.1" diaginertia="0.001 0.001 0.001"/>
          <geom type="sphere" pos="0 0 0.1" size="0.02"/>
        </body></body></body></body></body></body></body></worldbody></mujoco>
        """

    /// Three links in a vertical plane, 0.5, 0.2 and 0.5 m long, 5 cm thick, on a foot 1 m high that the first link cannot touch.
    static let folding = """
        <mujoco><compiler angle="radian"/><default><joint axis="0 -1 0" range="-3 3"/></default><worldbody><body name="foot">
        <body name="upper" pos="0 0 1"><joint name="first"/><inertial mass="1" pos="0.25 0 0" diaginertia="0.01 0.01 0.01"/>
          <geom type="capsule" fromto="0 0 0 0.5 0 0" size="0.05"/>
        <body name="middle" pos="0.5 0 0"><joint name="second"/><inertial mass="1" pos="0.1 0 0" diaginertia="0.01 0.01 0.01"/>
          <geom type="capsule" fromto="0 0 0 0.2 0 0" size="0.05"/>
        <body name="lower" pos="0.2 0 0"><joint name="third"/><inertial mass="1" pos="0.25 0 0" diaginertia="0.01 0.01 0.01"/>
          <geom type="capsule" fromto="0 0 0 0.5 0 0" size="0.05"/>
        </body></body></body></body></worldbody></mujoco>
        """
}
