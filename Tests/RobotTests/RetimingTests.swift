import Foundation
import Geometry
import Session
import Testing

@testable import Robot

/// Demonstrations given another speed, against a search of the phase plane that shares nothing with the code under test.
@Suite struct RetimingTests {
    static let base = FeasibilityTests.base

    /// The shortest time along a path by dynamic programming over speeds: from each speed to each other over each step, if the limits hold at the
    /// step's middle. Slower than the optimum by its grid only.
    private func shortest(
        seconds: Double, steps: Int, levels: Int, fastest: Double, ends: Double, allowed: (Double) -> (Double, Double) -> Bool
    ) -> Double {
        let ds = seconds / Double(steps)
        let speeds = (1...levels).map { fastest * Double($0) / Double(levels) }
        var value = speeds.map { $0 <= ends + 1e-9 ? 0 : Double.infinity }
        for i in stride(from: steps - 1, through: 0, by: -1) {
            let holds = allowed((Double(i) + 0.5) * ds)
            var next = [Double](repeating: .infinity, count: levels)
            for from in 0..<levels {
                for to in 0..<levels where value[to] < .infinity {
                    let acceleration = (speeds[to] * speeds[to] - speeds[from] * speeds[from]) / (2 * ds)
                    let square = 0.5 * (speeds[to] * speeds[to] + speeds[from] * speeds[from])
                    let time = value[to] + 2 * ds / (speeds[from] + speeds[to])
                    if time < next[from], holds(square, acceleration) { next[from] = time }
                }
            }
            value = next
        }
        return speeds.indices.filter { speeds[$0] <= ends + 1e-9 }.map { value[$0] }.min() ?? .infinity
    }

    private func swing(_ arm: Arm, _ amplitudes: [Double], _ rates: [Double], seconds: Double) -> (
        JointPath, (Double) -> (first: [Double], second: [Double])
    ) {
        let path = Support.path(arm, seconds: seconds) { t in
            arm.home.indices.map { arm.home[$0] + amplitudes[$0] * Foundation.sin(rates[$0] * t) }
        }
        return (
            path,
            { t in
                (
                    amplitudes.indices.map { amplitudes[$0] * rates[$0] * Foundation.cos(rates[$0] * t) },
                    amplitudes.indices.map { -amplitudes[$0] * rates[$0] * rates[$0] * Foundation.sin(rates[$0] * t) }
                )
            }
        )
    }

    private func withoutTorque(_ arm: Arm) -> Arm {
        var arm = arm
        for j in arm.joints.indices { (arm.joints[j].torque, arm.joints[j].torqueRate) = (nil, nil) }
        return arm
    }

    /// Up to twice as fast as the joints may go: slowed no more than the limits ask.
    @Test func tooFastIsRepairedInTheShortestTime() throws {
        let arm = withoutTorque(try Support.arm("panda"))
        let (path, derivatives) = swing(arm, [0.9, 0.3, 0.4, 0.2, 0.5, 0.4, 0.8], [3.1, 4.7, 3.9, 5.3, 2.9, 4.1, 4.3], seconds: 3)
        let verdict = try Feasibility(arm: arm).verdict(
            path, tableFromBase: Transform(rotation: .identity, translation: Vector3(-0.5, 0, 1)))
        #expect(!verdict.recorded.feasible && verdict.recorded.spans.filter(\.fails).allSatisfy { $0.check.isSpeed })
        try #require(verdict.kept.feasible == true, "\(verdict.verdict)")
        let motion = try #require(verdict.paths.first)
        #expect(verdict.paths.count == 1 && motion.isRetimed && motion.firstFrame == 0 && motion.endFrame == path.count)
        let limits = arm.joints.map { (v: 0.9 * ($0.velocity ?? 0), a: 0.95 * ($0.acceleration ?? 0)) }
        let best = shortest(seconds: 3, steps: 150, levels: 160, fastest: 1, ends: 1) { s in
            let d = derivatives(s)
            return { square, acceleration in
                for j in limits.indices {
                    if abs(d.first[j]) * square.squareRoot() > limits[j].v { return false }
                    if abs(d.first[j] * acceleration + d.second[j] * square) > limits[j].a { return false }
                }
                return true
            }
        }
        #expect(best > 3.1, "the limits ask for more time: \(best) s")
        #expect(motion.duration < 1.05 * best && motion.duration > 0.98 * best, "\(motion.duration) s, shortest \(best) s")
        print("figure\tretiming.optimum\t\((100 * (motion.duration / best - 1)).fixed(1))\t%")
        // Held against the limits at other times than those at which it was made, by its own differences.
        for k in 1..<Int(motion.duration * 400) {
            let t = Double(k) / 400
            let (a, b, c) = (motion.joints(at: t - 0.002), motion.joints(at: t), motion.joints(at: t + 0.002))
            for j in arm.joints.indices {
                #expect(abs(c[j] - a[j]) / 0.004 <= limits[j].v * 1.002)
                #expect(abs(c[j] - 2 * b[j] + a[j]) / 4e-6 <= limits[j].a * 1.01)
            }
            #expect(motion.speed(at: t) < 1.001)
        }
        // The way through space is the recorded one, and every frame has its time.
        let map = try #require(verdict.motions.first)
        #expect(map.frameSeconds.count == path.count && zip(map.frameSeconds, map.frameSeconds.dropFirst()).allSatisfy { $0 < $1 })
        for frame in stride(from: 0, to: path.count, by: 7) {
            let q = motion.joints(at: map.frameSeconds[frame])
            for j in arm.joints.indices { #expect(abs(q[j] - path[frame][path[frame].startIndex + j]) < 1e-3) }
        }
        #expect(!verdict.changes.isEmpty && verdict.changes.allSatisfy { $0.positionDeviation < 1e-3 && $0.seconds > $0.recordedSeconds })
        #expect(verdict.verdict.contains("slowed to"))
    }

    @Test func onlyTheFastPartIsSlowed() throws {
        let arm = try Support.arm("panda")
        // Gentle, then a dash of joint 1 about t = 3, then gentle.
        let path = Support.path(arm, seconds: 6) { t in
            var q = arm.home
            q[0] += 0.9 * Foundation.tanh(4 * (t - 3))
            q[3] += 0.1 * Foundation.sin(t)
            return q
        }
        let verdict = try Feasibility(arm: arm).verdict(path, tableFromBase: Self.base)
        #expect(verdict.kept.feasible && verdict.changes.count == 1, "\(verdict.verdict)")
        let change = try #require(verdict.changes.first)
        #expect(change.startSeconds > 2 && change.endSeconds < 4 && change.slowest < 0.6)
        let motion = try #require(verdict.paths.first)
        for t in [0.5, 1, 1.5, motion.duration - 1, motion.duration - 0.5] { #expect(abs(motion.speed(at: t) - 1) < 1e-6) }
        var options = FeasibilityOptions()
        options.repair = .none
        let cut = try Feasibility(arm: arm, options: options).verdict(path, tableFromBase: Self.base)
        #expect(cut.changes.isEmpty && !cut.kept.feasible && cut.paths.count == 2 && cut.paths.allSatisfy { !$0.isRetimed })
        #expect(cut.kept.reasons == cut.recorded.reasons)
    }

    /// 2 kg on half a metre with a motor of 12 Nm: its weight takes up to 9.81 of them, so the way up is slow and the way down is not.
    @Test func torqueSetsThePace() throws {
        var arm = try Support.inFolder(["pendulum.xml": Models.pendulum]) { try Arm(contentsOf: $0.appendingPathComponent("pendulum.xml")) }
        arm.joints[0].torque = 12
        arm.joints[0].velocity = 30
        var options = FeasibilityOptions()
        options.speed = .fastestFeasible
        options.torqueFraction = 1
        options.singular = -1
        let angle = { (t: Double) in 0.8 * Foundation.sin(0.5 * t) }
        let path = Support.path(arm, seconds: 6) { t in [angle(t)] }
        let table = Transform<Table, Base>(rotation: .identity, translation: Vector3(0, 0, 2))
        let verdict = try Feasibility(arm: arm, options: options).verdict(path, tableFromBase: table)
        try #require(verdict.kept.feasible == true, "\(verdict.verdict)")
        let motion = try #require(verdict.paths.first)
        let best = shortest(seconds: 6, steps: 120, levels: 200, fastest: 8, ends: 1) { s in
            let (first, second) = (0.4 * Foundation.cos(0.5 * s), -0.2 * Foundation.sin(0.5 * s))
            // The rod turns about −y: its weight pulls with m·g·l·cos q.
            let weight = 2 * 9.81 * 0.5 * Foundation.cos(angle(s))
            return { square, acceleration in abs((2 * 0.25 + 0.01) * (first * acceleration + second * square) + weight) <= 12 }
        }
        #expect(best < 4, "faster than recorded: \(best)")
        #expect(motion.duration < 1.05 * best && motion.duration > 0.97 * best, "\(motion.duration) s, shortest \(best) s")
    }

    /// What no speed mends is cut where it is: the motor cannot hold the rod below some angle.
    @Test func whatCannotBeHeldIsCut() throws {
        var arm = try Support.inFolder(["pendulum.xml": Models.pendulum]) { try Arm(contentsOf: $0.appendingPathComponent("pendulum.xml")) }
        arm.joints[0].torque = 9
        let path = Support.path(arm, seconds: 6) { t in [1.2 - 0.2 * t] }
        var options = FeasibilityOptions()
        options.singular = -1
        let table = Transform<Table, Base>(rotation: .identity, translation: Vector3(0, 0, 2))
        let verdict = try Feasibility(arm: arm, options: options).verdict(path, tableFromBase: table)
        let first = Int(((1.2 - Foundation.acos(0.9 * 9 / 9.81)) / 0.2 * 60).rounded(.up))
        #expect(verdict.paths.count == 1 && abs((verdict.paths.first?.endFrame ?? 0) - first) <= 1)
        #expect(verdict.kept.reasons.suffix(from: first + 1).allSatisfy { $0 == .jointTorque })
    }

    /// Six joints with a spherical wrist, led straight through the posture in which two of its axes are one.
    @Test func aSingularityIsCutThereAndNowhereElse() throws {
        let arm = try Support.inFolder(["wrist.xml": Models.wrist]) { try Arm(contentsOf: $0.appendingPathComponent("wrist.xml")) }
        let path = Support.path(arm, seconds: 3) { t in [0.1 * t, 0.3, 0.8, 0.2, 0.6 - 0.4 * t, 0.1] }
        let verdict = try Feasibility(arm: arm).verdict(path, tableFromBase: Transform(rotation: .identity, translation: Vector3(0, 0, 1)))
        let bad = verdict.kept.reasons.indices.filter { verdict.kept.reasons[$0] != nil }
        #expect(!bad.isEmpty && bad.allSatisfy { verdict.kept.reasons[$0] == .singularity })
        // The fifth joint passes 0 after 1.5 s.
        #expect(bad.allSatisfy { abs($0 - 90) <= 6 } && bad.contains(90), "\(bad)")
        #expect(verdict.paths.map { $0.endFrame - $0.firstFrame }.reduce(0, +) == path.count - bad.count && verdict.paths.count == 2)
        #expect(verdict.changes.isEmpty, "what is left keeps its speed")
    }

    /// Beside the singularity the wrist has to turn over in no time: that is cut, the rest is kept at its speed.
    @Test func aWristThatTurnsOverIsCutThere() throws {
        let arm = try Support.inFolder(["wrist.xml": Models.wrist]) { try Arm(contentsOf: $0.appendingPathComponent("wrist.xml")) }
        let path = Support.path(arm, seconds: 3) { t in
            // Past the axis at 4 mrad: the fourth and sixth joints turn by half a turn, against one another.
            let (x, y) = (0.4 * (t - 1.5), 0.004)
            let turn = Foundation.atan2(y, x)
            return [0, 0.3, 0.8, turn, Foundation.hypot(x, y), -turn]
        }
        let verdict = try Feasibility(arm: arm).verdict(path, tableFromBase: Transform(rotation: .identity, translation: Vector3(0, 0, 1)))
        let bad = verdict.kept.reasons.indices.filter { verdict.kept.reasons[$0] != nil }
        #expect(bad.contains(90) && bad.allSatisfy { abs($0 - 90) <= 9 }, "\(bad) \(verdict.verdict)")
        #expect(verdict.paths.first?.firstFrame == 0 && verdict.paths.last?.endFrame == path.count)
    }

    /// Joint 7 comes 8 mrad nearer to its end than it may: six other joints take over, and the tool does not notice.
    @Test func aGrazedLimitIsKept() throws {
        let arm = try Support.arm("panda")
        let kinematics = Kinematics(arm)
        let path = Support.path(arm, seconds: 3) { t in
            var q = arm.home
            q[6] = 2.8973 - 0.02 - 0.3 + 0.308 * Foundation.sin(.pi * t / 3)
            return q
        }
        var options = FeasibilityOptions()
        options.repair = .none
        #expect(try failed(Feasibility(arm: arm, options: options).verdict(path, tableFromBase: Self.base)) == [.jointPosition])
        let verdict = try Feasibility(arm: arm).verdict(path, tableFromBase: Self.base)
        #expect(verdict.kept.feasible, "\(verdict.verdict)")
        let graze = try #require(verdict.kept.grazes.first)
        #expect(graze.joint == "panda_joint7" && abs(graze.beyond - 0.010) < 0.001 && graze.firstFrame < 90 && graze.endFrame > 90)
        let motion = try #require(verdict.paths.first)
        for frame in 0..<path.count {
            let q = motion.joints(at: path.times[frame].seconds)
            let (got, want) = (kinematics.forward(q), kinematics.forward(Array(path[frame])))
            #expect(q[6] <= 2.8973 - 0.02 && (got.translation - want.translation).length < 0.001)
        }
    }

    private func failed(_ verdict: FeasibilityVerdict) -> [FeasibilityCheck] {
        FeasibilityCheck.allCases.filter { verdict.kept.reasons.contains($0) }
    }

    @Test func aReconfigurationIsCutThereAndNowhereElse() throws {
        let arm = try Support.arm("panda")
        var path = Support.path(arm, seconds: 2) { t in
            arm.home.enumerated().map { $1 + ($0 == 0 && t > 1 ? 1 : 0) + 0.1 * Foundation.sin(t) }
        }
        path.jumps = [61]
        let verdict = try Feasibility(arm: arm).verdict(path, tableFromBase: Self.base)
        #expect(verdict.kept.reasons.indices.filter { verdict.kept.reasons[$0] != nil } == [61])
        #expect(
            verdict.paths.map(\.firstFrame) == [0, 62] && verdict.paths.map(\.endFrame) == [61, path.count] && verdict.changes.isEmpty)
    }

    @Test func fastestFeasibleIsFasterAndInsideEveryLimit() throws {
        let arm = try Support.arm("panda")
        let path = Support.path(arm, seconds: 8) { t in arm.home.map { $0 + 0.25 * Foundation.sin(0.9 * t) } }
        var options = FeasibilityOptions()
        options.speed = .fastestFeasible
        let verdict = try Feasibility(arm: arm, options: options).verdict(path, tableFromBase: Self.base)
        #expect(verdict.recorded.feasible && verdict.kept.feasible, "\(verdict.verdict)")
        let motion = try #require(verdict.paths.first)
        #expect(motion.duration < 0.5 * 8 && verdict.verdict.contains("hurried"))
        let tightest = verdict.kept.margins.filter { $0.check.isSpeed }.compactMap(\.worst).min() ?? 1
        #expect(tightest >= 0 && tightest < 0.02, "some limit is used to the full")
        let again = try Feasibility(arm: arm, options: options).verdict(path, tableFromBase: Self.base)
        #expect(again == verdict, "the same input gives the same motion")
    }
}
