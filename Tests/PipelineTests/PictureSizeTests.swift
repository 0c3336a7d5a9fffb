import Dataset
import Foundation
import Pipeline
import Session
import Testing

/// Every picture size goes through every stage.
@Suite(.serialized) struct PictureSizeTests {
    /// Those that labs record and crop, and some that no working size divides.
    @Test(arguments: [
        (2704, 2028), (2704, 1520), (1920, 1080), (1180, 1080), (960, 874), (641, 359), (224, 224), (333, 251), (487, 365),
    ])
    func aSizeGoesThroughEveryStage(_ width: Int, _ height: Int) async throws {
        try await withTemporaryFolder { folder in
            let frames = width > 1000 ? 10 : 16
            let small = try SmallSession(folder, demos: [("a", "demo_pick_place_2", 80)], size: (width, height), frames: frames)
            let output = folder.appendingPathComponent("out")
            let outcome = try await small.convert(
                output, settings: ["episodes.minimum_seconds=0.2", "gripper_state.gripper.minimum_calibration_share=0"],
                formats: [.lerobot, .umi])
            let demo = try #require(outcome.report.recordings.first)
            #expect(demo.video.contains("\(width)x\(height)"), "\(demo.video)")
            #expect(demo.status == .converted || demo.status == .partly, "\(demo.verdict) \(outcome.rejections)")
            #expect(try expectAccount(outcome, output))
            #expect(outcome.report.frames.output > 0)
        }
    }
}
