import Foundation
import Geometry
import Session
import Testing

@testable import Robot

/// One posture for one pose: whatever else an episode does, in whatever order episodes are solved, the same tool pose has the same joints.
@Suite struct PostureTests {
    static let base = PathTests.base

    /// Places that every episode below goes through, apart from all else.
    private static let places = [
        PathTests.down(Vector3(0.05, -0.15, 0.12), turn: 0.5), PathTests.down(Vector3(0.1, 0.1, 0.2), turn: -0.3),
        PathTests.down(Vector3(0, 0.05, 0.15)),
    ]

    /// A second to each of the places from somewhere by seed, with a rest there, and back.
    private static func episode(seed: UInt64, place: Int) -> (path: Trajectory<Table, Tool>, frame: Int) {
        var dice = Dice(state: seed)
        let target = places[place]
        let from = PathTests.down(
            Vector3(dice.uniform(-0.1, 0.15), dice.uniform(-0.25, 0.25), dice.uniform(0.08, 0.3)), turn: dice.uniform(-0.8, 0.8))
        let count = Int(dice.uniform(20, 45))
        var path = Trajectory<Table, Tool>()
        for (k, time) in Support.times(2 * count + 1, rate: 30).enumerated() {
            let s = 1 - abs(Double(k - count)) / Double(count)
            path.append(time, from.interpolated(to: target, fraction: s * s * (3 - 2 * s)))
        }
        return (path, count)
    }

    private func options(refine: String = "off") -> SolveOptions {
        var options = SolveOptions()
        options.refine = refine
        return options
    }

    @Test(arguments: ["panda", "xarm7", "ur5e"]) func thePoseSaysTheJoints(_ name: String) throws {
        let arm = try Support.arm(name)
        for place in Self.places.indices {
            var seen: [[Double]] = []
            for seed in 1...5 {
                let (path, frame) = Self.episode(seed: UInt64(10 * seed + place), place: place)
                let joints = try PathSolver(arm: arm, options: options()).solve(path, tableFromBase: Self.base)
                #expect(joints.family.allSatisfy { $0 == 0 } && joints.trials.isEmpty, "\(joints.trials)")
                seen.append(Array(joints[frame]))
                let got = Self.base * PublishedKinematics.named(arm.name).forward(Array(joints[frame]))
                #expect((got.translation - Self.places[place].translation).length < 1e-4)
            }
            for other in seen.dropFirst() {
                let apart = zip(seen[0], other).map { abs($0 - $1) }.max() ?? 1
                #expect(apart < 2e-3, "\(name), place \(place): \(apart) rad apart")
            }
        }
    }

    /// Every other choice is free to differ: this is what the rule is for, and the test above could fail.
    @Test func withoutTheRuleTheyDiffer() throws {
        let arm = try Support.arm("panda")
        var free = options()
        free.posture = "free"
        let seen = try (1...5).map { seed in
            let (path, frame) = Self.episode(seed: UInt64(10 * seed), place: 0)
            return Array(try PathSolver(arm: arm, options: free).solve(path, tableFromBase: Self.base)[frame])
        }
        #expect(seen.dropFirst().contains { other in (zip(seen[0], other).map { abs($0 - $1) }.max() ?? 0) > 0.3 })
    }

    /// Near poses have near joints: 5 mm and 2 degrees are no more than a few times that at the joints.
    @Test(arguments: ["panda", "xarm7", "ur5e"]) func nearPosesHaveNearJoints(_ name: String) throws {
        let arm = try Support.arm(name)
        var dice = Dice(state: 77)
        for _ in 0..<12 {
            let at = Vector3(dice.uniform(-0.05, 0.15), dice.uniform(-0.2, 0.2), dice.uniform(0.1, 0.25))
            let turn = dice.uniform(-0.6, 0.6)
            func joints(_ pose: Transform<Table, Tool>) throws -> [Double] {
                let path = Trajectory(times: Support.times(1, rate: 30), poses: [pose])
                return try Array(PathSolver(arm: arm, options: options()).solve(path, tableFromBase: Self.base)[0])
            }
            let here = try joints(PathTests.down(at, turn: turn))
            let there = try joints(PathTests.down(at + Vector3(0.003, -0.003, 0.002), turn: turn + 2 * .pi / 180))
            #expect((zip(here, there).map { abs($0 - $1) }.max() ?? 1) < 0.15, "\(name) at \(at)")
        }
    }

    @Test(arguments: ["panda", "ur5e"]) func orderAndCompanyChangeNothing(_ name: String) throws {
        let arm = try Support.arm(name)
        let paths = (1...4).map { Self.episode(seed: UInt64($0), place: $0 % 3).path }
        let together = PathSolver(arm: arm)
        let forwards = try paths.map { try together.solve($0, tableFromBase: Self.base) }
        let backwards = try paths.reversed().map { try together.solve($0, tableFromBase: Self.base) }
        for (k, path) in paths.enumerated() {
            let alone = try PathSolver(arm: arm).solve(path, tableFromBase: Self.base)
            for other in [forwards[k], backwards[paths.count - 1 - k]] {
                #expect((zip(alone.positions, other.positions).map { abs($0 - $1) }.max() ?? 1) < 1e-6)
                #expect(alone.family == other.family)
            }
        }
    }

    /// Where the reference holds the tool the reference itself is taken, another one too.
    @Test func theReferenceIsTaken() throws {
        let arm = try Support.arm("panda")
        for reference in [arm.home, [0.3, -0.5, 0.2, -2.0, -0.3, 1.8, 0.4]] {
            var options = options()
            options.posture = reference.map { "\($0)" }.joined(separator: ",")
            let pose = Self.base * PublishedKinematics.named("panda").forward(reference)
            let path = Trajectory(times: Support.times(3, rate: 30), poses: [pose, pose, pose])
            let joints = try PathSolver(arm: arm, options: options).solve(path, tableFromBase: Self.base)
            #expect(zip(joints[1], reference).allSatisfy { abs($0 - $1) < 2e-3 }, "\(Array(joints[1]))")
        }
    }

    /// The fixture's demonstrations begin within 4.5 cm and 5 degrees of one another: so do their joints.
    @Test(.enabled(if: FixtureTests.exists), arguments: ["panda", "xarm7", "ur5e"]) func theFixturesStartsAreAlike(_ name: String) throws {
        let solver = PathSolver(arm: try Support.arm(name))
        let starts = try ["demo_pick_place", "demo_pick_place_2", "demo_too_fast", "demo_out_of_reach"].map { demo in
            let path = try FixtureTests().path(demo)
            let start = Trajectory(times: [path.times[0]], poses: [path.poses[0]])
            return Array(try solver.solve(start, tableFromBase: Self.base)[0])
        }
        for i in starts[0].indices {
            let values = starts.map { $0[i] }
            #expect((values.max() ?? 9) - (values.min() ?? 0) < 0.4, "joint \(i + 1): \(values)")
        }
    }

    /// Joint 7 cannot turn as far as the way from home would have it: the other way round it can. The trials say so.
    @Test func anotherFamilyIsTakenWhereTheFirstCannotFollow() throws {
        let arm = try Support.arm("panda")
        let path = PathTests.path(seconds: 2) { t in PathTests.down(Vector3(0.05 + 0.02 * t, 0, 0.2), turn: -2.95 - 0.05 * t) }
        let joints = try PathSolver(arm: arm).solve(path, tableFromBase: Self.base)
        #expect(joints.reached.allSatisfy { $0 } && joints.jumps.isEmpty)
        #expect(joints.family.allSatisfy { $0 != 0 })
        let first = try #require(joints.trials.first)
        #expect(first.family == 0 && first.lostFrames + first.jumps > 0 && !first.isTaken)
        #expect(joints.trials.count(where: \.isTaken) == 1)
        let verdict = try Feasibility(arm: arm).verdict(joints, tableFromBase: Self.base, tool: path)
        #expect(verdict.kept.feasible && verdict.verdict.contains("the home family keeps"), "\(verdict.verdict)")
    }

    @Test func whatIsNoPostureIsRefused() throws {
        let arm = try Support.arm("panda")
        let path = Self.episode(seed: 1, place: 0).path
        for text in ["", "homes", "0,0", "0,-0.8,0,-2.4,0,1.6,nan", "9,-0.8,0,-2.4,0,1.6,0.8"] {
            var options = SolveOptions()
            options.posture = text
            #expect {
                _ = try PathSolver(arm: arm, options: options).solve(path, tableFromBase: Self.base)
            } throws: { "\($0)".contains("solve.posture") && "\($0)".contains("7 joint positions") }
        }
    }

    @Test func aRuleIsTakenUpAsItWasKept() throws {
        let arm = try Support.arm("panda")
        for posture in ["home", "free", "0.3, -0.5,0.2,-2.0,-0.3,1.8,0.4"] {
            var made = SolveOptions()
            made.posture = posture
            made.strainMargin = 0.4
            let rule = try made.postureRule(arm)
            var taken = SolveOptions()
            let isTaken = taken.take(postureRule: rule, arm: arm)
            #expect(isTaken)
            #expect(try taken.postureRule(arm) == rule)
        }
        var other = SolveOptions()
        let isTaken = other.take(postureRule: "rule 999, limit 1.0 within 0.5, self-motion 5.0, reference 0,0,0,0,0,0,0", arm: arm)
        #expect(!isTaken && other == SolveOptions())
    }
}
