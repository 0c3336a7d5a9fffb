internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// A demonstration of 20 s at 60 Hz: processor time of solving and of checking it, for each shipped arm.
enum PathBench {
    static func run(_ arms: [URL]) throws {
        print("a tool path of 20 s at 60 Hz (1200 frames, 0.2 mm and 0.03 degrees of noise), one thread's processor time")
        print("arm        reached   jumps   solve s   of that refined s   check s")
        for url in arms {
            let arm = try Arm(contentsOf: url)
            let base = arm.tableFromBase ?? .identity
            let kinematics = Kinematics(arm)
            let home = base * kinematics.forward(arm.home)
            var dice = Dice(state: 5)
            var path = Trajectory<Table, Tool>()
            for k in 0..<1200 {
                let t = Double(k) / 60
                let move = Vector3(0.06 * sin(0.9 * t), 0.12 * sin(0.7 * t), -0.04 + 0.04 * cos(1.3 * t))
                let noise = Vector3(dice.uniform(-1, 1), dice.uniform(-1, 1), dice.uniform(-1, 1))
                let turn = Rotation(vector: Vector3(0.1 * sin(0.5 * t), 0.1 * cos(0.6 * t), 0.4 * sin(0.4 * t)) + noise * 5e-4)
                path.append(
                    Timestamp(seconds: t), Transform(rotation: turn * home.rotation, translation: home.translation + move + noise * 2e-4))
            }
            var plain = SolveOptions()
            plain.refine = "off"
            let rough = Processor.seconds { _ = try? PathSolver(arm: arm, options: plain).solve(path, tableFromBase: base) }
            var joints: JointPath?
            let solve = try Processor.seconds { joints = try PathSolver(arm: arm).solve(path, tableFromBase: base) }
            guard let joints else { continue }
            let checking = try Processor.seconds { _ = try Feasibility(arm: arm).report(joints, tableFromBase: base) }
            let reached = joints.reached.filter { $0 }.count
            print(
                "\(arm.name.padding(toLength: 11, withPad: " ", startingAt: 0))\(reached)      \(joints.jumps.count)       \(solve.rounded(3))     \((solve - rough).rounded(3))               \(checking.rounded(3))"
            )
        }
    }
}
