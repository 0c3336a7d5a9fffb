import Estimation
import Foundation
import Geometry
import Session
import Testing

@testable import Robot

/// Two arms at one pace, each hurried at other moments: held against the limits by differences of what would be written.
@Suite struct CommonPaceTests {
    static let base = Transform<Table, Base>(rotation: .identity, translation: Vector3(-0.5, 0, 1))

    /// Made of slow waves and, about a moment, one that is too fast.
    private func motion(_ arm: Arm, seed: UInt64, hurried: Double) throws -> Motion {
        var dice = RandomSource(seed: seed)
        let waves = arm.joints.map { _ in (dice.uniform(0.1, 0.3), dice.uniform(0.5, 1.5), dice.uniform(0, 6)) }
        let path = Support.path(arm, seconds: 4) { t in
            arm.joints.indices.map { j in
                let hurry = Foundation.exp(-pow((t - hurried) / 0.35, 2)) * 0.25 * Foundation.sin(14 * t + Double(j))
                return arm.home[j] + waves[j].0 * Foundation.sin(waves[j].1 * t + waves[j].2) + hurry
            }
        }
        let verdict = try Feasibility(arm: arm).verdict(path, tableFromBase: Self.base)
        try #require(verdict.paths.count == 1 && verdict.paths[0].isRetimed, "\(verdict.verdict)")
        return verdict.paths[0]
    }

    @Test(arguments: [(3 as UInt64, 1.2, 2.6), (8, 2.0, 2.3), (21, 1.7, 1.7)])
    func bothArmsKeepTheirLimits(_ seed: UInt64, _ first: Double, _ second: Double) throws {
        let arm = try Support.arm("panda")
        let motions = [try motion(arm, seed: seed, hurried: first), try motion(arm, seed: seed + 1, hurried: second)]
        let offsets = [0, 0.013]
        let sides = zip(motions, offsets).map { motion, offset in
            CommonPace.Side(motion, feasibility: Feasibility(arm: arm), tableFromBase: Self.base, offset: offset)
        }
        let pace = CommonPace(sides, from: 0.02, to: 3.95)
        #expect(abs(pace.moment(at: 0) - 0.02) < 1e-9 && abs(pace.moment(at: pace.duration) - 3.95) < 1e-9)
        // As a controller sees it: joints 250 times a second, and their differences.
        let h = 0.004
        for (motion, offset) in zip(motions, offsets) {
            func joints(_ t: Double) -> [Double] {
                motion.joints(at: motion.time(of: Timestamp(seconds: pace.moment(at: t) + offset)))
            }
            var worst = (velocity: 0.0, acceleration: 0.0)
            for k in 1..<Int(pace.duration / h) {
                let (a, b, c) = (joints(Double(k - 1) * h), joints(Double(k) * h), joints(Double(k + 1) * h))
                for (j, joint) in arm.joints.enumerated() {
                    worst.velocity = max(worst.velocity, abs(c[j] - a[j]) / (2 * h) / (joint.velocity ?? .infinity))
                    worst.acceleration = max(worst.acceleration, abs(c[j] - 2 * b[j] + a[j]) / (h * h) / (joint.acceleration ?? .infinity))
                }
            }
            #expect(worst.velocity < 1 && worst.acceleration < 1, "\(worst)")
        }
        // No faster than either alone, and not slower without need: where neither is hurried both go as recorded.
        for t in stride(from: 0.1, to: pace.duration, by: 0.05) {
            let speeds = zip(motions, offsets).map { $0.speed(at: $0.time(of: Timestamp(seconds: pace.moment(at: t) + $1))) }
            #expect(pace.speed(at: t) < 1.02 * min(1, speeds.min() ?? 1) + 0.02, "at \(t) s: \(pace.speed(at: t)), alone \(speeds)")
        }
        let alone = motions.map { $0.duration }.max() ?? 0
        #expect(pace.duration < 1.35 * alone, "\(pace.duration) s, the slower one alone \(alone) s")
        #expect(abs(pace.speed(at: pace.duration - 0.1) - 1) < 0.01)
    }

    @Test func atTheRecordedPaceNothingChanges() throws {
        let arm = try Support.arm("panda")
        let path = Support.path(arm, seconds: 3) { t in arm.home.map { $0 + 0.1 * Foundation.sin(t) } }
        let verdict = try Feasibility(arm: arm).verdict(path, tableFromBase: Self.base)
        let motion = try #require(verdict.paths.first)
        #expect(!motion.isRetimed)
        let side = CommonPace.Side(motion, feasibility: Feasibility(arm: arm), tableFromBase: Self.base, offset: 0.2)
        let pace = CommonPace([side, side], from: 0.1, to: 2.1)
        #expect(pace.duration == 2 && pace.speed(at: 1) == 1 && abs(pace.moment(at: 0.7) - 0.8) < 1e-12)
        let empty = CommonPace([side], from: 2, to: 1)
        #expect(empty.duration == 0)
    }
}
