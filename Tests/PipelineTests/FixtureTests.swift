import Foundation
import Geometry
import Mapping
import Pipeline
import Session
import Testing

/// The main job on the committed session, against the simulator's truth.
@Suite(.serialized) struct FixtureTests {
    private func truth(_ unit: String) throws -> Trajectory<Table, Camera> {
        try Trajectory(tum: fixture.appendingPathComponent("truth/\(unit)/camera.tum"))
    }

    private func reasons(_ outcome: ConvertOutcome, _ unit: String) -> Set<String> {
        Set(outcome.rejections.filter { $0.unit == unit }.map(\.reason))
    }

    @Test func theWholeSession() async throws {
        try await withTemporaryFolder { output in
            let device = fixture.appendingPathComponent("truth/device.yaml")
            let panda = try await convert(fixture, device: device, output: output)
            let demos = panda.report.recordings.filter { $0.role == .demo }
            #expect(demos.map(\.unit) == ["demo_out_of_reach", "demo_pick_place", "demo_pick_place_2", "demo_too_fast"])
            for demo in demos {
                let table = output.appendingPathComponent("work/session/localize/\(demo.unit)/camera.csv")
                let camera = try Trajectory<Table, Camera>(csv: table)
                let evaluation = try TrajectoryEvaluation.compare(camera, truth: truth(demo.unit))
                #expect(evaluation.completeness == 1, "\(demo.unit)")
                #expect(camera.states.allSatisfy { $0 == .tracked || $0 == .bridged })
                #expect(evaluation.positionRMSE <= 0.010, "\(demo.unit): \(evaluation.positionRMSE) m")
                #expect(evaluation.rotationRMSEDegrees <= 0.5, "\(demo.unit): \(evaluation.rotationRMSEDegrees) degrees")
                // In the table's own frame, where the arm will use it, nothing is aligned away.
                #expect(evaluation.positionRMSEUnaligned <= 0.015, "\(demo.unit): \(evaluation.positionRMSEUnaligned) m")
                try widths(of: demo.unit, in: output)
            }
            check(panda, arm: "panda")
            // The same session for another arm: the poses are there already.
            let xarm = try await convert(fixture, device: device, arm: "xarm7", output: output)
            check(xarm, arm: "xarm7")
        }
    }

    /// The feasible demos pass whole, the others are flagged for what is wrong with them and for nothing else.
    private func check(_ outcome: ConvertOutcome, arm: String) {
        let frames = outcome.report.frames
        #expect(frames.input == frames.output + frames.rejected && frames.input > 0)
        for recording in outcome.report.recordings where recording.role == .demo {
            #expect(recording.frames.input == recording.frames.output + recording.frames.rejected)
            #expect(recording.timeline.reduce(0) { $0 + $1.endFrame - $1.firstFrame } == recording.frames.input)
        }
        let fast: Set = ["joint_velocity", "joint_acceleration", "joint_torque"]
        for unit in ["demo_pick_place", "demo_pick_place_2"] {
            #expect(reasons(outcome, unit).isDisjoint(with: fast.union(["out_of_reach", "self_collision", "table_collision", "path_jump"])), "\(unit) for \(arm)")
            #expect(outcome.report.recordings.contains { $0.unit == unit && ($0.status == .converted || $0.status == .partly) })
        }
        let tooFast = reasons(outcome, "demo_too_fast").subtracting(["too_short", "idle"])
        #expect(!tooFast.isEmpty && tooFast.isSubset(of: fast), "\(arm): \(tooFast)")
        let outOfReach = reasons(outcome, "demo_out_of_reach").subtracting(["too_short", "idle"])
        #expect(outOfReach == ["out_of_reach"], "\(arm): \(outOfReach)")
        #expect(outcome.exitCode(strict: false) == 0 && outcome.exitCode(strict: true) == 2)
    }

    private func widths(of unit: String, in output: URL) throws {
        let table = try CSVTable(contentsOf: output.appendingPathComponent("work/session/calibrate/\(unit)/widths.csv"))
        let truth = try CSVTable(contentsOf: fixture.appendingPathComponent("truth/\(unit)/widths.csv"))
        let pairs = zip(table.rows, truth.rows).compactMap { row, true_ in Double(row[1]).flatMap { w in Double(true_[2]).map { (w, $0) } } }
        #expect(pairs.count == truth.rows.count, "\(unit): a width for every frame")
        // 0 is closed for us; the truth's own zero is the closed gripper too.
        let rms = (pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(max(pairs.count, 1))).squareRoot()
        #expect(rms < 0.002, "\(unit): width off by \(rms) m")
    }
}
