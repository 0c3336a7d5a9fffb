import Foundation
import Session
import Testing

@testable import Robot

@Suite struct SplineTests {
    /// Uneven times, as a recorder with a wandering clock makes them.
    private func times(_ count: Int, seed: UInt64) -> [Double] {
        var dice = Dice(state: seed)
        var t = 0.0
        return (0..<count).map { _ in
            defer { t += dice.uniform(0.012, 0.022) }
            return t
        }
    }

    @Test func parabolasAreExactAndSwingsKeepTheirDerivatives() {
        let times = times(200, seed: 1)
        let samples = times.flatMap { t in [1 + 2 * t - 3 * t * t, 0.5 * Foundation.sin(5 * t)] }
        let spline = JointSpline(samples, columns: 2, times: times, cutoff: 10, knot: 1.0 / 60)
        for t in times where t > 0.2 && t < times[199] - 0.2 {
            let (q, v, a, j) = (spline(t), spline(t, derivative: 1), spline(t, derivative: 2), spline(t, derivative: 3))
            #expect(
                abs(q[0] - (1 + 2 * t - 3 * t * t)) < 1e-9 && abs(v[0] - (2 - 6 * t)) < 1e-7 && abs(a[0] + 6) < 1e-5 && abs(j[0]) < 1e-3)
            #expect(abs(q[1] - 0.5 * Foundation.sin(5 * t)) < 1e-5 && abs(v[1] - 2.5 * Foundation.cos(5 * t)) < 1e-3)
            #expect(abs(a[1] + 12.5 * Foundation.sin(5 * t)) < 0.02 && abs(j[1] + 62.5 * Foundation.cos(5 * t)) < 0.4)
        }
    }

    @Test func derivativesAreTheValuesOwn() {
        var dice = Dice(state: 5)
        let times = times(60, seed: 2)
        let spline = JointSpline(times.map { _ in dice.normal() }, columns: 1, times: times, cutoff: 8, knot: 1.0 / 60)
        let h = 1e-5
        for _ in 0..<40 {
            let t = dice.uniform(0.05, times[59] - 0.05)
            for d in 0..<3 {
                let difference = (spline(t + h, derivative: d)[0] - spline(t - h, derivative: d)[0]) / (2 * h)
                let scale = 1 + abs(spline(t, derivative: d + 1)[0])
                #expect(abs(difference - spline(t, derivative: d + 1)[0]) < 1e-3 * scale)
            }
        }
    }

    @Test func shortPathsGiveWhatTheyCan() {
        let line = JointSpline([0, 0.1, 0.2], columns: 1, times: [0, 0.1, 0.2], cutoff: 4, knot: 1.0 / 60)
        #expect(abs(line(0.13)[0] - 0.13) < 1e-6 && abs(line(0.05, derivative: 1)[0] - 1) < 1e-4)
        #expect(abs(JointSpline([4], columns: 1, times: [7], cutoff: 4, knot: 1.0 / 60)(7)[0] - 4) < 1e-9)
        let two = JointSpline([1, 2], columns: 1, times: [0, 0.5], cutoff: 4, knot: 1.0 / 60)
        #expect(abs(two(0.25)[0] - 1.5) < 1e-3)
    }

    /// The filter's response: half of a swing at the cutoff, nothing lost well below.
    @Test func cutoffIsWhereHalfGetsThrough() {
        let times = (0..<600).map { Double($0) / 60 }
        for (frequency, share) in [(2.0, 1 / (1 + Foundation.pow(0.4, 6))), (5.0, 0.5), (8.0, 1 / (1 + Foundation.pow(1.6, 6)))] {
            let omega = 2 * Double.pi * frequency
            let spline = JointSpline(times.map { Foundation.sin(omega * $0) }, columns: 1, times: times, cutoff: 5, knot: 1.0 / 60)
            let t = (Double(Int(5 * frequency)) + 0.25) / frequency
            #expect(abs(spline(t)[0] - share) < 0.02, "\(frequency) Hz")
        }
    }

    @Test func noiseIsMeasured() {
        var dice = Dice(state: 2)
        let times = (0..<2000).map { Double($0) / 60 }
        let samples = times.map { 0.3 * Foundation.sin(3 * $0) + 0.002 * dice.normal() }
        let spline = JointSpline(samples, columns: 1, times: times, cutoff: 10, knot: 1.0 / 60)
        let noise = PathSmoother.noise(spline, samples, times, spacing: 1.0 / 60, cutoff: 10)
        #expect(abs(noise[0] / 0.002 - 1) < 0.08)
    }

    @Test func aMotionIsReadAsItWasWritten() throws {
        let arm = try Support.arm("panda")
        let path = Support.path(arm, seconds: 1) { t in arm.home.map { $0 + 0.2 * Foundation.sin(4 * t) } }
        let motion = try #require(try Feasibility(arm: arm).verdict(path, tableFromBase: FeasibilityTests.base).paths.first)
        let table = motion.table(jointNames: path.jointNames)
        #expect(try Motion(table: table, path: "motion.csv") == motion)
        var broken = table
        broken.comments.removeFirst()
        #expect(throws: RobotError.self) { try Motion(table: broken, path: "motion.csv") }
        #expect(abs(motion.time(of: path.times[31]) - path.times[31].seconds) < 1e-9 && motion.source(at: 0.5).seconds == 0.5)
    }
}
