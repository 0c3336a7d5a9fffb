import Foundation
import Pipeline
import Testing

@Suite struct SessionLayoutTests {
    private func make(_ files: [(String, Int)], in folder: URL) throws {
        for (path, size) in files {
            let url = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(count: size).write(to: url)
        }
    }

    private func roles(_ layout: SessionLayout) -> [String: RecordingRole] {
        Dictionary(uniqueKeysWithValues: layout.recordings.map { ($0.unit, $0.role) })
    }

    @Test func umisSortedFolderIsReadAsItIs() async throws {
        try await withTemporaryFolder { folder in
            try make(
                [
                    ("demos/mapping/raw_video.mp4", 10), ("demos/gripper_calibration_C1_2024/raw_video.mp4", 5),
                    ("demos/demo_C1_a/raw_video.mp4", 90),
                    ("demos/demo_C1_b/raw_video.MP4", 7), ("raw_videos/x.mp4", 1), ("dataset_plan.pkl", 1),
                ], in: folder)
            let layout = try SessionLayout(folder: folder, externalPoses: false)
            #expect(
                roles(layout) == [
                    "mapping": .mapping, "gripper_calibration_C1_2024": .gripperCalibration, "demo_C1_a": .demo, "demo_C1_b": .demo,
                ])
            #expect(layout.ignored == ["dataset_plan.pkl", "raw_videos"])
        }
    }

    @Test func rawVideosLieAtAnyDepthAndTheLargestMaps() async throws {
        try await withTemporaryFolder { folder in
            try make(
                [
                    ("raw_videos/100GOPRO/GX010001.MP4", 5), ("raw_videos/101GOPRO/GX010001.MP4", 50),
                    ("raw_videos/101GOPRO/deep/GX010002.MP4", 7),
                    ("raw_videos/gripper_calibration/a.mp4", 3), ("notes.txt", 1),
                ], in: folder)
            let layout = try SessionLayout(folder: folder, externalPoses: false)
            #expect(
                roles(layout) == ["GX010001": .demo, "101GOPRO_GX010001": .mapping, "GX010002": .demo, "a": .gripperCalibration])
            #expect(layout.notes.contains { $0.contains("101GOPRO_GX010001") && $0.contains("largest") })
            #expect(layout.ignored == ["notes.txt"])
        }
    }

    @Test func truthAndDataSetsAreNotSearched() async throws {
        try await withTemporaryFolder { folder in
            try make(
                [("a.mp4", 5), ("truth/a/clean.mp4", 50), ("old/lerobot/meta/info.json", 1), ("old/lerobot/videos/v.mp4", 9)], in: folder)
            let layout = try SessionLayout(folder: folder, externalPoses: false)
            #expect(layout.recordings.map(\.unit) == ["a"])
            #expect(layout.ignored == ["old", "truth"])
        }
    }
}
