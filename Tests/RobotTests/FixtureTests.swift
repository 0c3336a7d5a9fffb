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
        let joints = try PathSolver(arm: arm).solve(path, tableFromBase: Self.base)
        let report = try Feasibility(arm: arm).report(joints, tableFromBase: Self.base)
        let words = Set(report.spans.filter(\.fails).map(\.check))
        let bad = report.reasons.indices.filter { report.reasons[$0] != nil }
        guard let span = try trueSpan(demo, name) else {
            #expect(report.feasible, "\(report.verdict)")
            return
        }
        #expect(demo == "demo_out_of_reach" ? words == [.outOfReach] : words == [.jointVelocity, .jointAcceleration], "\(report.verdict)")
        // One frame for the tenth of the speed limit that is kept in hand.
        #expect(abs((bad.first ?? -9) - span.lowerBound) <= 1 && abs((bad.last ?? -9) - span.upperBound) <= 1)
    }

    /// 1 mm and 0.2 degrees of white noise on every pose, as a tracker makes, does not turn a good demonstration into a bad one.
    @Test(.enabled(if: exists), arguments: ["demo_pick_place", "demo_pick_place_2"], ["panda", "xarm7"])
    func trackingNoiseIsNotMotion(_ demo: String, _ name: String) throws {
        let arm = try Support.arm(name)
        var path = try path(demo)
        var dice = Dice(state: 77)
        for i in 0..<path.count {
            let (dp, dr) = (Vector3(dice.normal(), dice.normal(), dice.normal()), Vector3(dice.normal(), dice.normal(), dice.normal()))
            path.poses[i].translation += dp * 0.001
            path.poses[i].rotation = path.poses[i].rotation * Rotation(vector: dr * (0.2 * .pi / 180))
        }
        let joints = try PathSolver(arm: arm).solve(path, tableFromBase: Self.base)
        let report = try Feasibility(arm: arm).report(joints, tableFromBase: Self.base)
        #expect(report.feasible, "\(report.verdict)")
        #expect(report.smoothing.hasPrefix("cutoff ") && report.smoothing != "cutoff 10 Hz")
    }
}
