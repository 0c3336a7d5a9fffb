@testable import Dataset
@testable import Pipeline
import Foundation
import Geometry
import Session
import Testing

/// One demo with labels through the program into every format, then a second session into the same data sets: what is in them, that they only
/// grow, and what their real readers say.
@Suite(.serialized) struct ExportTests {
    private let demo = "demo_too_fast"

    /// A session of the one demo under a name. A session is known by its videos' bytes: behind each an empty box says which it is of.
    private func session(_ name: String, in folder: URL) throws -> URL {
        let session = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: session, withIntermediateDirectories: true)
        let box = [UInt8(0), 0, 0, UInt8(8 + name.utf8.count)] + Array("free\(name)".utf8)
        try (Data(contentsOf: fixture.appendingPathComponent("\(demo).mp4")) + Data(box)).write(
            to: session.appendingPathComponent("\(demo).mp4"))
        return session
    }

    private func convert(_ session: URL, _ output: URL, _ more: [String] = []) throws -> Finished {
        try run(
            program,
            [
                "convert", session.path, "--device", fixture.appendingPathComponent("truth/device.yaml").path, "--arm", "panda", "--output",
                output.path,
                "--poses", fixture.appendingPathComponent("truth/\(demo)/camera.tum").path, "--rate", "20", "--dynamics",
                "--format", "lerobot,lerobot-v2.1,umi,robomimic", "--state", "both", "--action", "ee", "--rotation", "rotvec",
                "--image-key",
                "hand", "--set", "curate.mistakes=weigh",
            ] + more)
    }

    /// Near the Panda's home: what is appended must take it up though nothing is said.
    private let posture = ["--posture", "0,-0.78,0,-2.35,0,1.57,0.78"]
    private let sets = ["lerobot", "lerobot_v21", "dataset.zarr.zip", "robomimic.hdf5", "lerobot_dynamics"]

    private func column(_ set: URL, _ name: String) throws -> [Double] {
        var source = try LeRobotSource(set)
        let place = try #require(source.features.filter { $0.kind != .video }.firstIndex { $0.name == name })
        return try source.episodes.indices.flatMap { try source.columns(of: $0)[place].doubles }
    }

    @Test func labelsGoIntoEveryFormatAndDataSetsOnlyGrow() async throws {
        try await withTemporaryFolder { folder in
            let output = folder.appendingPathComponent("out")
            let first = try session("first", in: folder)
            let labels =
                "recording,start,end,label,note\n\(demo),0,1,mistake,\n\(demo),0.5,1,recovery,\n\(demo),3.5,,idle,pause\n\(demo),,,task,tip it over\n"
            try Data(labels.utf8).write(to: first.appendingPathComponent("labels.csv"))
            let made = try convert(first, output, posture)
            #expect(made.code == 0, "\(made.lines.suffix(5))")
            for set in sets {
                let url = output.appendingPathComponent(set)
                #expect(try DatasetValidator.validate(url).filter { $0.severity == .error } == [], "\(set)")
                #expect(DatasetProvenance.read(url)?.sources.map(\.session) == ["first"], "\(set)")
            }
            // The way into the mistake weighs nothing, the recovery and all else count; what is idle is left out by name.
            let lerobot = output.appendingPathComponent("lerobot")
            let weights = try column(lerobot, "loss_weight")
            let frames = try column(lerobot, "diagnostic.source_frame")
            #expect(zip(weights, frames).allSatisfy { weight, frame in (weight == 0) == (frame < 15) } && weights.contains(0), "\(weights)")
            #expect(frames.max().map { $0 < 105 } == true)
            #expect(try DatasetSummary(contentsOf: output.appendingPathComponent("robomimic.hdf5")).tasks == ["tip it over"])
            let rejections = try CSVTable(contentsOf: output.appendingPathComponent("rejections.csv")).rows
            #expect(rejections.contains { $0[1...3] == ["curate", "labelled_idle", "pause"] }, "\(rejections)")
            let zarr = ZarrStore(zip: try ZipReader(path: output.appendingPathComponent("dataset.zarr.zip").path))
            #expect(try zarr.values("data/loss_weight", zarr.description("data/loss_weight")) == weights)
            // The dynamics split has the idle frames too, and says what each is.
            let dynamics = output.appendingPathComponent("lerobot_dynamics")
            let outcomes = try column(dynamics, "diagnostic.outcome")
            #expect(Set(outcomes) == [0, 1, 2, 5])
            #expect(try column(dynamics, "diagnostic.source_frame").max() == 119)
            let card = try String(contentsOf: dynamics.appendingPathComponent("README.md"), encoding: .utf8)
            #expect(card.contains("Of 120 recorded frames in 1 recordings 120 are in, 0 are out"), "\(card)")

            try grows(first, session("second", in: folder), output)
            try expectRealReadersAccept(["lerobot_v21", "dataset.zarr.zip", "robomimic.hdf5", "lerobot_dynamics"], in: output)
        }
    }

    @Test(arguments: [
        ("curate.validation_share=2", "a share from 0 to 0.9"), ("export.codec=h265", "h264, av1"), ("pair.base_left=1 2", "x y z yaw_deg"),
        ("export.square_width=5", "16 to 4096 pixels"), ("curate.keep=sigma<<3", "compared with a number"),
        ("export.image_key=a.b", "letters, digits and _"), ("export.rotation_limit=180", "at most 175"),
        ("solve.posture=0,1", "joint positions"), ("solve.posture=0,0,0,0,0,0,0", "inside its range"),
    ])
    func slipsAreSaidBeforeAnyWork(_ setting: String, _ says: String) async throws {
        try await withTemporaryFolder { folder in
            await #expect {
                _ = try await PipelineTests.convert(
                    fixture, device: fixture.appendingPathComponent("truth/device.yaml"), output: folder.appendingPathComponent("out"),
                    settings: [setting])
            } throws: { "\($0)".contains(says) }
            #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("out").path))
        }
    }

    /// The reference of rotations is the home's, so that all data sets of an arm agree, unless rows are turned far from it.
    @Test func rotationsAreAboutTheHome() {
        let down = Rotation(axis: Vector3(1, 0, 0), angle: .pi)
        func turned(_ degrees: [Double], about axis: Vector3) -> [Rotation] {
            degrees.map { Rotation(axis: axis, angle: $0 * .pi / 180) * down }
        }
        #expect(KeptRotations.reference(turned([-95, 0, 40], about: Vector3(0, 0, 1)), home: down) == down)
        let far = KeptRotations.reference(turned([60, 90, 130], about: Vector3(0, 0, 1)), home: down)
        #expect(far.angle(to: turned([90], about: Vector3(0, 0, 1))[0]) < 1e-6)
        #expect(KeptRotations.reference([], home: down) == down)
    }

    /// The demo of both sessions is one: what was appended has the joints of what was there, frame by frame.
    private func expectSameJoints(_ set: URL) throws {
        let frames = try column(set, "diagnostic.source_frame")
        let states = try column(set, "observation.state")
        let width = states.count / frames.count
        let count = try #require(DatasetProvenance.read(set)?.sources.first?.frames)
        func rows(_ part: Range<Int>) -> [Double: [[Double]]] {
            Dictionary(grouping: part) { frames[$0] }.mapValues { $0.map { Array(states[$0 * width..<$0 * width + 7]) } }
        }
        let (before, after) = (rows(0..<count), rows(count..<frames.count))
        #expect(before.count > 30 && before.keys.allSatisfy { after[$0] != nil })
        for (frame, joints) in before {
            let apart = zip(joints.flatMap { $0 }, after[frame, default: []].flatMap { $0 }).map { abs($0 - $1) }.max() ?? 1
            #expect(apart < 1e-6 && joints.count == after[frame]?.count, "frame \(frame): \(apart) rad")
        }
    }

    /// The same session changes nothing, another one is added and no file of data is written again.
    private func grows(_ first: URL, _ second: URL, _ output: URL) throws {
        let before = try result(output)
        let again = try convert(first, output, posture)
        #expect(again.code == 0 && !again.lines.contains { $0.contains("done in") })
        #expect(try result(output) == before)
        let other = try convert(second, output, ["--set", "export.codec=av1"])
        #expect(
            other.code == 1 && other.lines.contains { $0.contains("video.codec") && $0.contains("cannot be added") },
            "\(other.lines.suffix(3))")
        // Its failure is reported; the data sets are as they were.
        let refused = try result(output)
        #expect(
            refused.filter { name, _ in sets.contains { name.hasPrefix($0) } }
                == before.filter { name, _ in sets.contains { name.hasPrefix($0) } })
        let clash = try convert(second, output, ["--posture", "home"])
        #expect(
            clash.code == 64 && clash.lines.contains { $0.contains("holds session first, whose postures follow") },
            "\(clash.lines.suffix(3))")
        let changed = try result(output).filter { refused[$0.key] != $0.value }.keys.sorted()
        #expect(changed == [])
        let rows = try ["lerobot", "lerobot_dynamics"].map { set in
            let names = ["observation.state", "action", "diagnostic.source_frame"]
            return (set, try names.map { ($0, try column(output.appendingPathComponent(set), $0)) })
        }
        let added = try convert(second, output)
        #expect(added.code == 0, "\(added.lines.suffix(5))")
        let after = try result(output)
        // v2.1 has a file an episode; v3.0 fills up its last one, whose first rows stay as they were.
        for (name, bytes) in before
        where name.hasPrefix("lerobot_v21/") && (name.contains("/data/") || name.contains("/videos/")) || name.contains("meta/episodes/") {
            #expect(after[name] == bytes, "\(name) was written again")
        }
        for (set, columns) in rows {
            for (name, values) in columns where name != "diagnostic.speed_percentile" {
                #expect(try Array(column(output.appendingPathComponent(set), name).prefix(values.count)) == values, "\(set) \(name)")
            }
        }
        for set in sets {
            let url = output.appendingPathComponent(set)
            let sources = try #require(DatasetProvenance.read(url)?.sources)
            #expect(sources.map(\.session) == ["first", "second"], "\(set)")
            let rules = sources.map { $0.versions["posture_rule"] ?? "" }
            #expect(rules[0].contains("reference 0.0,-0.78,") && rules[0] == rules[1], "\(set): \(rules)")
            let charts = sources.map(\.rotations)
            #expect(charts[0] == charts[1] && (charts[0] == nil) == (set == "dataset.zarr.zip"), "\(set): \(charts)")
            #expect(charts[0]?.form == (set == "lerobot_dynamics" ? .rot6d : set == "dataset.zarr.zip" ? nil : .rotvec), "\(set)")
            #expect(sources.allSatisfy { $0.notes.contains { $0.hasPrefix("Postures of ") } }, "\(set)")
            #expect(try DatasetValidator.validate(url).filter { $0.severity == .error } == [], "\(set)")
        }
        // The first one's reports stand aside, its rejections are not forgotten.
        #expect(after["sessions/first/rejections.csv"] == before["rejections.csv"] && after["rejections.csv"] != before["rejections.csv"])
        try expectSameJoints(output.appendingPathComponent("lerobot"))
        // Without its end the demo is the slower one: so say the speeds of the whole, and the rows what held as they were written.
        let lerobot = output.appendingPathComponent("lerobot")
        #expect(try JSONValue.read(lerobot.appendingPathComponent("meta/speeds.json"))["percentile"]?.flattened == [0.5, 1])
        #expect(try Set(column(lerobot, "diagnostic.speed_percentile")) == [1])
        // Under another name it is the same session, and is not in there twice.
        let renamed = second.deletingLastPathComponent().appendingPathComponent("renamed")
        try FileManager.default.copyItem(at: second, to: renamed)
        let data = try result(output).filter { name, _ in sets.contains { name.hasPrefix($0) } }
        let twice = try convert(renamed, output)
        #expect(twice.code == 0, "\(twice.lines.suffix(3))")
        #expect(try result(output).filter { name, _ in sets.contains { name.hasPrefix($0) } } == data)
    }
}
