@testable import Dataset
@testable import Pipeline
import Foundation
import Imaging
import Session
import Testing

/// What a sensor beside the camera read, as a feature of the data sets.
@Suite(.serialized) struct SamplesTests {
    /// Samples of functions that interpolation keeps: 3t, 2 - t, 5.
    private func write(
        _ url: URL, header: String = "time,fx,fy,temperature", times: some Sequence<Double>, scale: Double = 1,
        without: Range<Double> = 0..<0
    ) throws {
        let rows = times.filter { !without.contains($0) }.map { "\($0 * scale),\(3 * $0),\(2 - $0),5" }
        try Data(([header] + rows).joined(separator: "\n").utf8).write(to: url)
    }

    private func file(_ small: SmallSession, _ unit: String, _ name: String = "force") -> URL {
        small.session.appendingPathComponent("\(unit).\(name).csv")
    }

    private var clock: StrideThrough<Double> { stride(from: 0.003, through: 3.1, by: 0.0117) }

    /// Every row of every format has the sensor's numbers at the moment that its picture shows.
    @Test func rowsHaveWhatTheSensorRead() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            for unit in ["a", "b"] { try write(file(small, unit), times: clock) }
            let output = folder.appendingPathComponent("out")
            let outcome = try await small.convert(output, formats: [.lerobot, .lerobot21, .umi, .robomimic])
            #expect(outcome.exitCode(strict: true) == 0 && outcome.report.ignoredFiles == [])
            let table = try ParquetReader(path: output.appendingPathComponent("lerobot/data/chunk-000/file-000.parquet").path)
            let force = try table.doubles("observation.force")
            let frames = try table.integers("diagnostic.source_frame")
            #expect(frames.count == 2 * SmallSession.frames && force.count == 3 * frames.count)
            #expect(try table.integers("diagnostic.retimed").allSatisfy { $0 == 0 })
            for (row, frame) in frames.enumerated() {
                let t = Double(frame) / 30
                // Held before the first sample.
                let read = max(t, 0.003)
                #expect(abs(force[3 * row] - 3 * read) < 1e-5 && abs(force[3 * row + 1] - 2 + read) < 1e-5 && force[3 * row + 2] == 5)
            }
            let info = try LeRobotInfo(DatasetFolder(output.appendingPathComponent("lerobot")))
            let feature = try #require(info.features.first { $0.name == "observation.force" })
            #expect(feature.names == ["fx", "fy", "temperature"] && feature.shape == [3])
            let store = ZarrStore(zip: try ZipReader(path: output.appendingPathComponent("dataset.zarr.zip").path))
            #expect(try store.values("data/robot0_force", try store.description("data/robot0_force")) == force)
            let hdf5 = try HDF5File.reading(output.appendingPathComponent("robomimic.hdf5"))
            #expect(try (0..<2).flatMap { try hdf5.doubles("/data/demo_\($0)/obs/force").values } == force)
            for set in outcome.report.dataSets {
                let problems = try DatasetValidator.validate(output.appendingPathComponent(set.path))
                #expect(problems.filter { $0.severity == .error } == [], "\(set.path)")
            }
            // The same again makes nothing again; another file makes its demo again.
            _ = try await small.convert(output, formats: [.lerobot, .lerobot21, .umi, .robomimic])
            try write(file(small, "b"), header: "time,fx,fy,temperature", times: stride(from: 0, through: 1.5, by: 0.02))
            let again = try await small.convert(output, formats: [.lerobot, .lerobot21, .umi, .robomimic])
            let made = Set(again.usage.filter { !$0.isSkipped }.map { "\($0.stage)/\($0.unit)" })
            #expect(
                made.contains("episodes/b") && made.contains("export/session") && !made.contains("episodes/a") && !made.contains("mask/b"))
        }
    }

    /// Frames that no sample is near are left out by name, and every frame is accounted for.
    @Test func gapsAreLeftOut() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder, demos: [("a", "demo_pick_place", 0), ("b", "demo_pick_place_2", 60)], frames: 90)
            try write(file(small, "a"), times: clock)
            // Ends early, and has a gap; what a sensor could not read is an empty row.
            try write(file(small, "b"), times: stride(from: 0, through: 2.5, by: 0.01), without: 1.0..<1.4)
            let rows = try String(contentsOf: file(small, "b"), encoding: .utf8)
            try Data((rows + "\n2.505,NaN,NaN,NaN\n2.9,,,\n").utf8).write(to: file(small, "b"))
            let output = folder.appendingPathComponent("out")
            let outcome = try await small.convert(output, formats: [.lerobot])
            #expect(try expectAccount(outcome, output))
            let lost = outcome.rejections.filter { $0.reason == "no_samples" }
            #expect(lost.map(\.unit) == ["b", "b"] && lost.allSatisfy { $0.detail.contains("b.force.csv has no sample within 0.05 s") })
            // 0.99 + 0.05 to 1.4 - 0.05, and from 2.5 + 0.05 on.
            #expect(lost.map(\.firstFrame) == [32, 77] && lost.map(\.endFrame) == [41, 90], "\(lost)")
        }
    }

    /// A file that cannot be used costs its demo, with the place and the reason; the other demo is converted.
    @Test func faultsAreSaidByPlace() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            try write(file(small, "a"), times: clock)
            let all = Array(clock)
            let cases: [(says: String, plant: (URL) throws -> Void)] = [
                (
                    "line 4, fy",
                    { try Data("time,fx,fy,temperature\n0,0,0,0\n0.1,0,0,0\n0.2,0,nan,0\n".utf8).write(to: $0) }
                ),
                ("does not come after the row above", { try self.write($0, times: all.reversed()) }),
                ("milliseconds", { try self.write($0, times: stride(from: 0, through: 3, by: 0.05), scale: 1000) }),
                ("is of other times", { try self.write($0, times: all.map { $0 + 50 }) }),
                ("holds no sample", { try Data("time,fx,fy,temperature\n".utf8).write(to: $0) }),
                ("a data set has one kind of row", { try self.write($0, header: "time,fx,fy,tz", times: all) }),
            ]
            for (n, (says, plant)) in cases.enumerated() {
                try plant(file(small, "b"))
                let outcome = try await small.convert(folder.appendingPathComponent("out\(n)"), formats: [.lerobot])
                let row = try #require(
                    outcome.rejections.first { $0.unit == "b" && $0.reason == "samples" }, "\(says): \(outcome.rejections)")
                #expect(row.detail.contains(says) && row.detail.contains("b.force.csv"), "\(row.detail)")
                #expect(outcome.exitCode(strict: false) == 1 && outcome.report.frames.output == SmallSession.frames)
            }
        }
    }

    /// A demo without the file where others have one is left out by name; a data set without the feature does not grow by one with it.
    @Test func setsAreOfOneKindOfRow() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let output = folder.appendingPathComponent("out")
            try write(file(small, "a"), times: clock)
            let one = try await small.convert(output, formats: [.lerobot, .robomimic])
            #expect(one.rejections.map(\.reason) == ["no_samples"] && one.rejections.allSatisfy { $0.detail.contains("b.force.csv") })
            #expect(one.report.frames.output == SmallSession.frames && one.exitCode(strict: false) == 0)
            let other = try SmallSession(
                folder.appendingPathComponent("more"), name: "tuesday", demos: [("c", "demo_pick_place_2", 0)])
            let refused = try await other.convert(output, formats: [.lerobot, .robomimic])
            #expect(refused.report.frames.output == 0)
            #expect(refused.rejections.contains { $0.detail.contains("observation.force") }, "\(refused.rejections)")
            #expect(try rows(output.appendingPathComponent("lerobot")).episodes == [SmallSession.frames])
        }
    }

    /// Names that a data set cannot have are a fault of the request; a file without times is none of ours.
    @Test func namesAreLookedAtFirst() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder, demos: [("a", "demo_pick_place", 0)], frames: 30)
            let output = folder.appendingPathComponent("out")
            for (name, header) in [("gripper", "time,x"), ("force", "time,x,x"), ("force", "time,a b"), ("depth_image", "time,x")] {
                try write(file(small, "a", name), header: header, times: [0])
                await #expect(throws: PipelineError.self, "\(name) \(header)") { try await small.convert(output) }
                try FileManager.default.removeItem(at: file(small, "a", name))
            }
            try Data("who,what\nme,this\n".utf8).write(to: file(small, "a", "notes"))
            let outcome = try await small.convert(output, formats: [.lerobot])
            #expect(outcome.report.frames.output == 30 && outcome.report.ignoredFiles == ["a.notes.csv"])
        }
    }
}
