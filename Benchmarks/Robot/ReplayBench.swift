internal import BenchmarkSupport
internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// Made-up demonstrations from tool path to simulated arm: does everything that is kept replay, and what does it cost.
enum ReplayBench {
    static func run(_ arms: [URL], demos: Int, posture: String) throws {
        var options = SolveOptions()
        options.posture = posture
        print(
            "\(demos) made-up demonstrations of 10 s at 60 Hz with 0.3 mm of noise: solved, checked, repaired, replayed at 1 kHz under the motors' limits"
        )
        print(
            "arm        frames kept       retimed   episodes  passed   frames passed   from recorded: worst mm     °   from command: worst mm   saturated"
        )
        var worst = (position: 0.0, rotation: 0.0)
        for url in arms {
            let arm = try Arm(contentsOf: url)
            let base = arm.tableFromBase ?? Transform(rotation: .identity, translation: Vector3(-0.5, 0, 0))
            var (frames, kept, retimed, episodes, passed, replayed, good) = (0, 0, 0, 0, 0, 0, 0)
            var (recorded, turned, followed, saturated) = (0.0, 0.0, 0.0, 0)
            var cut: [String: Int] = [:]
            for seed in 0..<demos {
                let tool = SimulatedDemo(seed: UInt64(1000 + seed), seconds: 10, rate: 60).path()
                let joints = try PathSolver(arm: arm, options: options).solve(tool, tableFromBase: base)
                let verdict = try Feasibility(arm: arm).verdict(joints, tableFromBase: base, tool: tool)
                frames += tool.count
                for reason in verdict.kept.reasons.compactMap({ $0?.rawValue }) { cut[reason, default: 0] += 1 }
                for motion in verdict.paths where motion.duration >= 0.8 {
                    let report = try Replay(arm: arm).run(commanded(motion, rate: 60, tool: tool, base: base), tableFromBase: base)
                    kept += motion.endFrame - motion.firstFrame
                    retimed += motion.isRetimed ? 1 : 0
                    episodes += 1
                    passed += report.passes ? 1 : 0
                    replayed += report.frames
                    good += report.goodFrames
                    recorded = max(recorded, report.recordedPositionError ?? 0)
                    turned = max(turned, report.recordedRotationError ?? 0)
                    followed = max(followed, report.positionError)
                    saturated += report.saturated > 0 ? 1 : 0
                    if !report.passes { print("  demo \(seed), frames \(motion.firstFrame) to \(motion.endFrame - 1): \(report.verdict)") }
                }
            }
            print(
                "\(arm.name.padding(toLength: 10, withPad: " ", startingAt: 0)) \(kept) of \(frames)    \(retimed)    \(episodes)    \(passed)    "
                    + "\(good) of \(replayed)    \((1000 * recorded).rounded(3))    \((turned * 180 / .pi).rounded(3))    \((1000 * followed).rounded(3))    \(saturated)"
            )
            figure("replay.\(arm.name)", "\(passed) of \(episodes)", "")
            figure("replay.\(arm.name)_kept", (100 * Double(kept) / Double(max(frames, 1))).rounded(1), "%")
            worst = (max(worst.position, recorded), max(worst.rotation, turned))
            if !cut.isEmpty { print("  cut: " + cut.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")) }
        }
        figure("replay.worst_position", (1000 * worst.position).rounded(1), "mm")
        figure("replay.worst_rotation", (worst.rotation * 180 / .pi).rounded(2), "°")
    }

    /// 20 s at 60 Hz: processor time of each step on one thread.
    static func cost(_ arms: [URL]) throws {
        var costs: [Double] = []
        print("20 s at 60 Hz, one thread's processor time in s: solve | check as recorded | check and repair | all | fastest feasible")
        for url in arms {
            let arm = try Arm(contentsOf: url)
            let base = arm.tableFromBase ?? Transform(rotation: .identity, translation: Vector3(-0.5, 0, 0))
            var demo = SimulatedDemo(seed: 7, seconds: 20, rate: 60)
            demo.fast = 1.2
            let tool = demo.path()
            let solver = PathSolver(arm: arm)
            let feasibility = Feasibility(arm: arm)
            var joints: JointPath?
            let solve = try Processor.seconds { joints = try solver.solve(tool, tableFromBase: base) }
            guard let joints else { continue }
            var verdict: FeasibilityVerdict?
            let checked = try Processor.seconds { _ = try feasibility.report(joints, tableFromBase: base, tool: tool) }
            let repaired = try Processor.seconds { verdict = try feasibility.verdict(joints, tableFromBase: base, tool: tool) }
            costs.append(solve + repaired)
            var options = FeasibilityOptions()
            options.speed = .fastestFeasible
            let fastest = try Processor.seconds {
                _ = try Feasibility(arm: arm, options: options).verdict(joints, tableFromBase: base, tool: tool)
            }
            print(
                "\(arm.name.padding(toLength: 10, withPad: " ", startingAt: 0)) \(solve.rounded(3)) | \(checked.rounded(3)) | \(repaired.rounded(3)) | "
                    + "\((solve + repaired).rounded(3)) | \(fastest.rounded(3))   \(verdict?.changes.count ?? 0) stretches slowed, "
                    + "\((100 * (verdict?.kept.feasibleShare ?? 0)).rounded(1)) % of the frames kept")
        }
        figure("solve.cost", spread(costs, 1), "core-seconds")
    }

    /// The joints as a data set holds them, with the recorded tool at the moments that they show.
    private static func commanded(
        _ motion: Motion, rate: Double, tool: Trajectory<Table, Tool>, base: Transform<Table, Base>
    ) -> CommandedPath {
        let baseFromTable = base.inverse
        var joints: [Double] = []
        var recorded: [Transform<Base, Tool>] = []
        var i = motion.firstFrame
        for k in 0...Int((motion.duration * rate + 1e-6).rounded(.down)) {
            let time = Double(k) / rate
            joints += motion.joints(at: time).map { Double(Float($0)) }
            let source = motion.source(at: time)
            while i + 2 < tool.count, tool.times[i + 1] <= source { i += 1 }
            let fraction = min(max((source - tool.times[i]) / (tool.times[i + 1] - tool.times[i]), 0), 1)
            recorded.append(baseFromTable * tool.poses[i].interpolated(to: tool.poses[i + 1], fraction: fraction))
        }
        return CommandedPath(rate: rate, joints: joints, recorded: recorded)
    }
}
