import Foundation
import Geometry
import Mapping
import Pipeline
import Robot
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
                #expect(evaluation.positionRMSE <= 0.001, "\(demo.unit): \(evaluation.positionRMSE) m")
                #expect(evaluation.rotationRMSEDegrees <= 0.05, "\(demo.unit): \(evaluation.rotationRMSEDegrees) degrees")
                // In the table's own frame, where the arm will use it, nothing is aligned away.
                #expect(evaluation.positionRMSEUnaligned <= 0.002, "\(demo.unit): \(evaluation.positionRMSEUnaligned) m")
                #expect(evaluation.rotationRMSEUnalignedDegrees <= 0.15, "\(demo.unit): \(evaluation.rotationRMSEUnalignedDegrees) degrees")
                #expect(camera.covariances.allSatisfy { $0 != nil })
                try widths(of: demo.unit, in: output)
            }
            check(panda, arm: "panda")
            try StageGoldens.check(output.appendingPathComponent("work/session"))
            try replays(output)
            try expectRealReadersAccept(["lerobot", "dataset.zarr.zip"], in: output)
            try await oneAtATime(device: device, like: output)
            try await cutInsteadOfRepaired(device: device, output: output)
            // The same session for another arm: the poses are there already.
            let xarm = try await convert(fixture, device: device, arm: "xarm7", output: output)
            check(xarm, arm: "xarm7")
            try replays(output)
        }
    }

    /// Every episode that was written drives a simulated arm inside all its limits, within 2 mm and 0.5 degrees of the recorded tool.
    private func replays(_ output: URL) throws {
        let set = try DataSetReplay(contentsOf: output, arm: nil)
        #expect(!set.episodes.isEmpty && set.notes.isEmpty)
        let foot = try #require(set.tableFromBase)
        for episode in set.episodes {
            let report = try Replay(arm: try arm(set.armName)).run(episode.path, tableFromBase: foot)
            #expect(report.passes && report.goodFrames == report.frames, "\(episode.unit): \(report.verdict)")
            #expect(try #require(report.recordedPositionError) <= 0.002 && report.contacts.isEmpty)
        }
    }

    /// From the pictures again, one recording at a time: the map and the poses have the same bytes.
    private func oneAtATime(device: URL, like output: URL) async throws {
        try await withTemporaryFolder { folder in
            _ = try await convert(fixture, device: device, output: folder, only: "demo_pick_place_2", jobs: 1)
            let work = output.appendingPathComponent("work/session")
            let again = try contents(of: folder.appendingPathComponent("work/session"))
            #expect(again.keys.contains("localize/demo_pick_place_2/camera.csv") && again.keys.contains { $0.hasPrefix("map/") })
            // What comes later hangs on all demos together: where the arm stands, the device's mask.
            for (name, bytes) in again where ["ingest/", "map/", "localize/"].contains(where: { name.hasPrefix($0) }) {
                #expect(try Data(contentsOf: work.appendingPathComponent(name)) == bytes, "\(name)")
            }
        }
    }

    /// Without repair the too fast demo is flagged for that and for nothing else.
    private func cutInsteadOfRepaired(device: URL, output: URL) async throws {
        let outcome = try await convert(
            fixture, device: device, output: output, only: "demo_too_fast", settings: ["feasibility.repair=none"])
        let tooFast = reasons(outcome, "demo_too_fast").subtracting(["too_short", "idle"])
        #expect(!tooFast.isEmpty && tooFast.isSubset(of: Self.fast), "\(tooFast)")
        #expect(outcome.exitCode(strict: true) == 2)
    }

    private static let fast: Set = ["joint_velocity", "joint_acceleration", "joint_torque"]

    /// The feasible demos pass whole, the fast one is repaired, the other is flagged for what is wrong with it and for nothing else.
    private func check(_ outcome: ConvertOutcome, arm: String) {
        let frames = outcome.report.frames
        #expect(frames.input == frames.output + frames.rejected && frames.input > 0)
        for recording in outcome.report.recordings where recording.role == .demo {
            #expect(recording.frames.input == recording.frames.output + recording.frames.rejected)
            #expect(recording.timeline.reduce(0) { $0 + $1.endFrame - $1.firstFrame } == recording.frames.input)
        }
        for unit in ["demo_pick_place", "demo_pick_place_2"] {
            #expect(
                reasons(outcome, unit).isDisjoint(
                    with: Self.fast.union(["out_of_reach", "self_collision", "table_collision", "path_jump"])), "\(unit) for \(arm)")
            #expect(outcome.report.recordings.contains { $0.unit == unit && ($0.status == .converted || $0.status == .partly) })
        }
        // Speed alone is at fault: the demo is slowed down where it is too fast, all its frames are there, and the report says what was done.
        #expect(reasons(outcome, "demo_too_fast").subtracting(["idle"]).isEmpty, "\(arm): \(reasons(outcome, "demo_too_fast"))")
        let fastDemo = outcome.report.recordings.first { $0.unit == "demo_too_fast" }
        #expect(fastDemo?.episodes.contains { !$0.changes.isEmpty && $0.isFeasible } ?? false)
        #expect(fastDemo?.verdict.contains("slowed to") ?? false, "\(fastDemo?.verdict ?? "")")
        let outOfReach = reasons(outcome, "demo_out_of_reach").subtracting(["too_short", "idle"])
        #expect(outOfReach == ["out_of_reach"], "\(arm): \(outOfReach)")
        #expect(outcome.exitCode(strict: false) == 0 && outcome.exitCode(strict: true) == 2)
    }

    private func widths(of unit: String, in output: URL) throws {
        let table = try CSVTable(contentsOf: output.appendingPathComponent("work/session/gripper_state/\(unit)/widths.csv"))
        let truth = try CSVTable(contentsOf: fixture.appendingPathComponent("truth/\(unit)/widths.csv"))
        let pairs = zip(table.rows, truth.rows).compactMap { row, true_ in Double(row[1]).flatMap { w in Double(true_[2]).map { (w, $0) } }
        }
        #expect(pairs.count == truth.rows.count, "\(unit): a width for every frame")
        // 0 is closed for us; the truth's own zero is the closed gripper too.
        let rms = (pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(max(pairs.count, 1))).squareRoot()
        #expect(rms < 0.002, "\(unit): width off by \(rms) m")
    }
}
