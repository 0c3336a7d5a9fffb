@testable import Pipeline
import Dataset
import Foundation
import Imaging
import Session
import Testing

/// One recording's failure, or one of the session's, takes nothing else with it, and every frame is accounted for in what was written.
@Suite(.serialized) struct FaultTests {
    /// A clip of another picture shape that sorts first: the good demos are in the data set, the clip is named once.
    @Test func aClipOfAnotherShapeIsNamedAndNothingElseVanishes() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            try small.add("a_clip", of: "demo_pick_place", from: 0, frames: 20, crop: (480, 270))
            let output = folder.appendingPathComponent("out")
            let ended = try run(program, small.arguments(output))
            #expect(ended.code == 1, "\(ended.lines)")
            #expect(ended.lines.count { $0.contains("picture_size: the pictures are 480x270") } == 2, "\(ended.lines)")
            #expect(!ended.lines.contains { $0.contains("UnitFailure") })
            let table = try CSVTable(contentsOf: output.appendingPathComponent("rejections.csv"))
            let own = table.rows.filter { $0[0] == "a_clip" }
            #expect(own.count == 1 && own[0][2] == "picture_size" && own[0][4] == "0" && own[0][5] == "20", "\(own)")
            #expect(try rows(output.appendingPathComponent("lerobot")).episodes == [SmallSession.frames, SmallSession.frames])
            #expect(ended.lines.contains { $0.hasPrefix("frames: 110 in, 90 out, 20 rejected") }, "\(ended.lines)")
        }
    }

    /// Exactly one stage fails for one demo.
    @Test(arguments: ["ingest", "localize", "gripper_state", "episodes", "solve", "feasibility", "mask"])
    func aStageFailsForOneDemo(_ stage: String) async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            let outcome = try await small.convert(output, faults: [StageFault(stage: stage, unit: "a", kind: .fail)])
            #expect(outcome.exitCode(strict: false) == 1)
            let own = outcome.rejections.filter { $0.unit == "a" }
            #expect(own.count == 1 && own[0].stage == stage && own[0].frameCount == SmallSession.frames, "\(own)")
            #expect(outcome.report.recordings.first { $0.unit == "b" }?.status == .converted)
            #expect(try rows(output.appendingPathComponent("lerobot")).episodes == [SmallSession.frames])
            #expect(try rows(output.appendingPathComponent("dataset.zarr.zip")).episodes == [SmallSession.frames])
            #expect(try expectAccount(outcome, output))
            // Without the fault the same command makes good what was missing.
            let whole = try await small.convert(output)
            #expect(whole.exitCode(strict: false) == 0 && whole.report.frames.output == 2 * SmallSession.frames)
            #expect(try rows(output.appendingPathComponent("lerobot")).episodes == [SmallSession.frames, SmallSession.frames])
        }
    }

    /// A stage of the session fails: the recordings that need it stop with that reason, none is said to be exported.
    @Test(arguments: ["gripper", "pair", "base", "device_mask", "join", "curate", "export"])
    func aStageOfTheSessionFails(_ stage: String) async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            let outcome = try await small.convert(output, faults: [StageFault(stage: stage, unit: "session", kind: .fail)])
            #expect(outcome.exitCode(strict: false) == 1 && outcome.report.dataSets.isEmpty)
            #expect(outcome.report.frames.output == 0 && outcome.report.frames.rejected == 2 * SmallSession.frames)
            for unit in ["a", "b"] {
                let own = outcome.rejections.filter { $0.unit == unit }
                #expect(own.count == 1 && own[0].reason == "no_\(stage)" && own[0].detail.contains("on purpose"), "\(own)")
            }
            #expect(try expectAccount(outcome, output))
            #expect(try await small.convert(output).report.frames.output == 2 * SmallSession.frames)
        }
    }

    /// A picture that can no longer be decoded when it is exported: that demo alone is left out of the data sets.
    @Test func aDemoFailsInTheExport() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            _ = try await small.convert(output, faults: [StageFault(stage: "export", unit: "session", kind: .fail)])
            // The masks of one demo are cut short, with a manifest that says so: only the export reads them to their end.
            let record = output.appendingPathComponent("work/session/mask/a/human.mov")
            let short = output.appendingPathComponent("work/session/mask/b/human.mov")
            let writer = try VideoWriter(
                record, width: 240, height: 180, channels: 1, options: VideoWriter.Options(.ffv1, rate: Rational(30)))
            for _ in 0..<5 { try writer.append(Image(width: 240, height: 180, channels: 1)) }
            try writer.finish()
            #expect(try Data(contentsOf: short) != Data(contentsOf: record))
            let manifest = output.appendingPathComponent("work/session/mask/a/manifest.json")
            var said = try JSONText.decode(ArtefactStore.Manifest.self, from: manifest)
            let bytes = try Data(contentsOf: record)
            said.files["human.mov"] = ArtefactStore.Manifest.File(bytes: bytes.count, sha256: SHA256.hex(of: [UInt8](bytes)))
            try Data(JSONText.encode(said)).write(to: manifest)
            let outcome = try await small.convert(output)
            let own = outcome.rejections.filter { $0.unit == "a" }
            #expect(own.count == 1 && own[0].stage == "export" && own[0].reason == "unreadable", "\(own)")
            #expect(outcome.exitCode(strict: false) == 1)
            #expect(try rows(output.appendingPathComponent("lerobot")).episodes == [SmallSession.frames])
            #expect(try expectAccount(outcome, output))
        }
    }

    /// What the data set holds is counted in it: a data set that lost rows is no success, whoever took them.
    @Test func whatIsReportedIsWhatIsInTheDataSet() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            _ = try await small.convert(output, formats: [.lerobot])
            // The table with the rows of both demos is put in the place of one with the rows of one of them.
            let other = folder.appendingPathComponent("other")
            try FileManager.default.removeItem(at: small.session.appendingPathComponent("b.mp4"))
            _ = try await small.convert(other, formats: [.lerobot])
            let rows = "lerobot/data/chunk-000/file-000.parquet"
            try FileManager.default.removeItem(at: output.appendingPathComponent(rows))
            try FileManager.default.copyItem(at: other.appendingPathComponent(rows), to: output.appendingPathComponent(rows))
            try small.add("b", of: "demo_pick_place_2", from: 60)
            let outcome = try await small.convert(output, formats: [.lerobot])
            #expect(outcome.exitCode(strict: false) == 1)
            #expect(outcome.report.faults.count == 1 && outcome.report.faults[0].hasPrefix("lerobot: "), "\(outcome.report.faults)")
            #expect(outcome.report.frames.input == outcome.report.frames.output + outcome.report.frames.rejected)
            #expect(outcome.rejections.contains { $0.reason == "not_written" })
        }
    }

    /// A trap in one recording's stage ends that recording alone.
    @Test func aTrapEndsOneRecording() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            let ended = try run(program, small.arguments(output), environment: ["GRIPTRACE_FAULTS": "feasibility/a/trap"])
            #expect(ended.code == 1, "\(ended.lines)")
            let line = ended.lines.first { $0.hasPrefix("error: a: failed") } ?? ""
            #expect(line.contains("crashed") && line.contains("feasibility") && line.contains("signal"), "\(ended.lines)")
            #expect(try rows(output.appendingPathComponent("lerobot")).episodes == [SmallSession.frames])
            #expect(ended.lines.contains { $0.hasPrefix("frames: 90 in, 45 out, 45 rejected") })
        }
    }

    /// Nothing of the session that is only used takes a demo with it.
    @Test func withoutABackgroundTheConversionGoesOnAndSaysSo() async throws {
        try await withTemporaryFolder { output in
            var request = try fixtureRequest(output)
            request.faults = [StageFault(stage: "background", unit: "session", kind: .fail)]
            let outcome = try await Converter(request, progress: { _ in }).run()
            #expect(outcome.exitCode(strict: false) == 0)
            #expect(outcome.report.notes.contains { $0.contains("without the static background") && $0.contains("on purpose") })
            #expect(outcome.report.frames.output == 120)
            request = try fixtureRequest(output)
            request.faults = [StageFault(stage: "map", unit: "session", kind: .fail)]
            request.from = "map"
            let stopped = try await Converter(request, progress: { _ in }).run()
            #expect(stopped.exitCode(strict: false) == 1 && stopped.report.frames.output == 0)
            #expect(stopped.rejections.first { $0.unit == "demo_too_fast" }?.reason == "no_map")
            #expect(stopped.report.recordings.first { $0.role == .mapping }?.status == .failed)
        }
    }

    private func fixtureRequest(_ output: URL) throws -> ConvertRequest {
        let device = fixture.appendingPathComponent("truth/device.yaml")
        return ConvertRequest(
            session: fixture, device: try Device(contentsOf: device), deviceFile: device, arm: try arm("panda"), output: output,
            only: "demo_too_fast", jobs: 2)
    }
}
