import Foundation
import Geometry
import Pipeline
import Robot
import Session
import Testing

/// Real recordings through the whole pipeline.
@Suite(.serialized, .enabled(if: isShared("recordings/umi-cup-episode"), "the real recordings are not here"))
struct RealRecordingTests {
    @Test func theUMIEpisodeBecomesBothDataSetsThatTheRealReadersLoad() async throws {
        try await withTemporaryFolder { folder in
            let session = shared.appendingPathComponent("recordings/umi-cup-episode")
            let outcome = try await convert(
                session, device: package.appendingPathComponent("Calibration/devices/gopro10_umi_224.yaml"), output: folder,
                poses: session.appendingPathComponent("state.csv"), settings: ["ingest.frame_rate=59.94", "solve.base=search"])
            let demo = try #require(outcome.report.recordings.first)
            #expect(demo.spikes.map(\.frame) == [1, 57, 64, 77, 83, 334, 340, 346])
            #expect(demo.frames.input == 400 && demo.frames.output + demo.frames.rejected == 400)
            #expect(demo.frames.output >= 200, "\(demo.verdict)")
            print("figure\tconvert.umi_episode\t\(demo.frames.output)\t")
            #expect(Set(outcome.report.dataSets.map(\.format)) == ["lerobot", "umi"])
            #expect(outcome.report.dataSets.allSatisfy { $0.rate == 60 })
            // What was written can be done by the arm that it was written for.
            let set = try DataSetReplay(contentsOf: folder, arm: nil)
            let foot = try #require(set.tableFromBase)
            var (good, all, error) = (0, 0, 0.0)
            for episode in set.episodes {
                let report = try Replay(arm: try arm(set.armName)).run(episode.path, tableFromBase: foot)
                #expect(report.passes && report.goodFrames == report.frames, "\(report.verdict)")
                (good, all, error) = (good + report.goodFrames, all + report.frames, max(error, report.recordedPositionError ?? 0))
            }
            print("figure\treplay.umi_episode_frames\t\(good) of \(all)\t")
            print("figure\treplay.umi_episode_error\t\((1000 * error).fixed(1))\tmm")
            try expectRealReadersAccept(["lerobot", "dataset.zarr.zip"], in: folder)
        }
    }

    @Test(.enabled(if: isShared("recordings/gopro-hero7-stabilised.mp4")))
    func stabilisedFootageIsRefusedByName() async throws {
        try await withTemporaryFolder { folder in
            let session = folder.appendingPathComponent("session")
            try FileManager.default.createDirectory(at: session, withIntermediateDirectories: true)
            let name = "gopro-hero7-stabilised"
            try FileManager.default.createSymbolicLink(
                at: session.appendingPathComponent("\(name).mp4"),
                withDestinationURL: shared.appendingPathComponent("recordings/\(name).mp4"))
            let output = folder.appendingPathComponent("out")
            let device = try guessedDevice(in: folder)
            let finished = try run(program, ["convert", session.path, "--device", device.path, "--arm", "panda", "--output", output.path])
            #expect(finished.code == 1)
            let table = try CSVTable(contentsOf: output.appendingPathComponent("rejections.csv"))
            #expect(finished.lines.contains { $0.contains("stabilised") })
            #expect(table.rows.contains { $0[0] == name && $0[1] == "ingest" && $0[2] == "stabilised" }, "\(table.rows)")
        }
    }

    /// A device for footage whose intrinsics nobody knows: a plain guess.
    private func guessedDevice(in folder: URL) throws -> URL {
        let device = Device(
            name: "guess",
            camera: CameraModel(
                lens: .pinhole, width: 848, height: 480, focalLength: Vector2(430, 430), principalPoint: Vector2(423.5, 239.5)))
        let url = folder.appendingPathComponent("guess.yaml")
        try FileBytes.write(device.yaml(), to: url)
        return url
    }
}
