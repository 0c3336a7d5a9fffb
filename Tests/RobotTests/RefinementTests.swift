import Foundation
import Geometry
import Session
import Testing

@testable import Robot

/// Refinement of whole paths: smoother, inside the tolerance, and where nothing is to be gained nothing changes.
@Suite struct RefinementTests {
    private func roughness(_ path: JointPath) -> Double {
        let n = path.jointCount
        var sum = 0.0
        for i in 3..<path.count {
            for j in 0..<n {
                let d =
                    path.positions[i * n + j] - 3 * path.positions[(i - 1) * n + j] + 3 * path.positions[(i - 2) * n + j]
                    - path.positions[(i - 3) * n + j]
                sum += d * d
            }
        }
        return (sum / Double((path.count - 3) * n)).squareRoot()
    }

    @Test(arguments: ["panda", "ur5e"]) func noiseIsSmoothedInsideTheTolerance(_ name: String) throws {
        let arm = try Support.arm(name)
        var dice = Dice(state: 31)
        let path = PathTests.path(seconds: 4, rate: 60) { t in
            var pose = PathTests.down(
                Vector3(0.05 + 0.03 * t, -0.15 + 0.08 * t, 0.12 + 0.05 * Foundation.sin(2 * t)), turn: 0.2 * t)
            pose.translation += Vector3(dice.normal(), dice.normal(), dice.normal()) * 2e-4
            pose.rotation = pose.rotation * Rotation(vector: Vector3(dice.normal(), dice.normal(), dice.normal()) * 5e-4)
            return pose
        }
        var plain = SolveOptions()
        plain.refine = "off"
        let before = try PathSolver(arm: arm, options: plain).solve(path, tableFromBase: PathTests.base)
        let after = try PathSolver(arm: arm).solve(path, tableFromBase: PathTests.base)
        #expect(after.reached.allSatisfy { $0 } && after.jumps.isEmpty)
        #expect(roughness(after) < 0.4 * roughness(before), "\(roughness(after)) of \(roughness(before))")
        let kinematics = Kinematics(arm)
        for i in 0..<path.count {
            let got = PathTests.base * kinematics.forward(Array(after[i]))
            let (p, r) = ((got.translation - path.poses[i].translation).length, got.rotation.angle(to: path.poses[i].rotation))
            #expect(p <= 1e-3 && r <= 0.5 * .pi / 180)
            #expect(abs(p - after.positionResidual[i]) < 1e-9)
        }
    }

    /// A demonstration of 20 s needs no more than this many units of MuJoCo's own step: figures come from `make bench-path`, here only that it ends.
    @Test func longPathsAreSolved() throws {
        let arm = try Support.arm("xarm7")
        let path = PathTests.path(seconds: 20, rate: 60) { t in
            PathTests.down(
                Vector3(0.05 + 0.1 * Foundation.cos(t), 0.2 * Foundation.sin(0.7 * t), 0.15 + 0.08 * Foundation.sin(1.3 * t)),
                turn: 0.5 * Foundation.sin(0.4 * t))
        }
        let joints = try PathSolver(arm: arm).solve(path, tableFromBase: PathTests.base)
        #expect(joints.reached.allSatisfy { $0 } && joints.jumps.isEmpty)
    }
}
