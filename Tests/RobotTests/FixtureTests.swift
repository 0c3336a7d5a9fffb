import Foundation
import Geometry
import Session
import Testing

@testable import Robot

/// The simulated session's true tool paths: what its own, separate kinematics say of each demonstration is what the verdict must say.
@Suite struct FixtureTests {
    static let truth = Support.root.appendingPathComponent("Fixtures/session/truth")
    static let exists = FileManager.default.fileExists(atPath: truth.appendingPathComponent("demo_too_fast/tool.tum").path)
    static let base = Transform<Table, Base>(rotation: .identity, translation: Vector3(-0.5, 0, 0))

    /// Each path with the best postures that it can have by itself: what is judged here is feasibility, not the rule of postures.
    private static let free: SolveOptions = {
        var options = SolveOptions()
        options.posture = "free"
        return options
    }()

    func path(_ demo: String) throws -> Trajectory<Table, Tool> {
        let text = try String(contentsOf: Self.truth.appendingPathComponent("\(demo)/tool.tum"), encoding: .utf8)
        var path = Trajectory<Table, Tool>()
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let v = line.split(separator: " ").compactMap { Double($0) }
            try #require(v.count == 8)
            path.append(
                Timestamp(seconds: v[0]),
                Transform(rotation: Rotation(xyzw: Vector4(v[4], v[5], v[6], v[7])), translation: Vector3(v[1], v[2], v[3])))
        }
        return path
    }

    /// The first and the last frame that the recorder itself calls infeasible.
    private func trueSpan(_ demo: String, _ arm: String) throws -> ClosedRange<Int>? {
        let text = try String(contentsOf: Self.truth.appendingPathComponent("\(demo)/feasible.csv"), encoding: .utf8)
        var frames: [Int] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
            if cells.count > 4, cells[0] == arm, cells[3] == "0", let frame = Int(cells[1]) { frames.append(frame) }
        }
        guard let first = frames.first, let last = frames.last else { return nil }
        return first...last
    }

    @Test(
        .enabled(if: exists), arguments: ["demo_pick_place", "demo_pick_place_2", "demo_too_fast", "demo_out_of_reach"], ["panda", "xarm7"])
    func verdictIsTheRecorders(_ demo: String, _ name: String) throws {
        let arm = try Support.arm(name)
        let path = try path(demo)
        let joints = try PathSolver(arm: arm, options: Self.free).solve(path, tableFromBase: Self.base)
        let report = try Feasibility(arm: arm).report(joints, tableFromBase: Self.base)
        let words = Set(report.spans.filter(\.fails).map(\.check))
        let bad = report.reasons.indices.filter { report.reasons[$0] != nil }
        guard let span = try trueSpan(demo, name) else {
            #expect(report.feasible, "\(report.verdict)")
            return
        }
        #expect(demo == "demo_out_of_reach" ? words == [.outOfReach] : words == [.jointVelocity, .jointAcceleration], "\(report.verdict)")
        // One frame for the tenth of the speed limit that is kept in hand.
        let found = "\(bad.first ?? -9) to \(bad.last ?? -9), truly \(span)"
        #expect(abs((bad.first ?? -9) - span.lowerBound) <= 1 && abs((bad.last ?? -9) - span.upperBound) <= 1, "\(found)")
    }

    /// 1 mm and 0.2 degrees of white noise on every pose, as a tracker makes.
    private func noisy(_ demo: String) throws -> Trajectory<Table, Tool> {
        var path = try path(demo)
        var dice = Dice(state: 77)
        for i in 0..<path.count {
            let (dp, dr) = (Vector3(dice.normal(), dice.normal(), dice.normal()), Vector3(dice.normal(), dice.normal(), dice.normal()))
            path.poses[i].translation += dp * 0.001
            path.poses[i].rotation = path.poses[i].rotation * Rotation(vector: dr * (0.2 * .pi / 180))
        }
        return path
    }

    /// By the rule of postures too no frame of it is lost, and none is slowed to less than two thirds.
    @Test(.enabled(if: exists), arguments: ["demo_pick_place", "demo_pick_place_2"], ["panda", "xarm7"])
    func homesPosturesKeepANoisyDemonstration(_ demo: String, _ name: String) throws {
        let arm = try Support.arm(name)
        let path = try noisy(demo)
        let joints = try PathSolver(arm: arm).solve(path, tableFromBase: Self.base)
        let verdict = try Feasibility(arm: arm).verdict(joints, tableFromBase: Self.base, tool: path)
        #expect(verdict.kept.feasible, "\(verdict.verdict)")
        #expect(verdict.changes.allSatisfy { $0.slowest > 2.0 / 3 }, "\(verdict.changes.map(\.slowest))")
    }

    /// That noise does not turn a good demonstration into a bad one.
    @Test(.enabled(if: exists), arguments: ["demo_pick_place", "demo_pick_place_2"], ["panda", "xarm7"])
    func trackingNoiseIsNotMotion(_ demo: String, _ name: String) throws {
        let arm = try Support.arm(name)
        let path = try noisy(demo)
        let joints = try PathSolver(arm: arm, options: Self.free).solve(path, tableFromBase: Self.base)
        let report = try Feasibility(arm: arm).report(joints, tableFromBase: Self.base)
        #expect(report.feasible, "\(report.verdict)")
        #expect(report.smoothing.hasPrefix("cutoff ") && report.smoothing != "cutoff 10 Hz")
    }
}
