@testable import Pipeline
import Foundation
import Robot
import Session
import Testing

/// `docs/extending.md` shows a stage and a format as they are compiled here.
struct ExtendingTests {
    @Test(arguments: ["Tests/PipelineTests/BrightnessStage.swift", "Tests/DatasetTests/CSVFormat.swift"])
    func theExamplesInTheDocsAreTheFiles(_ path: String) throws {
        let page = try String(contentsOf: package.appendingPathComponent("docs/extending.md"), encoding: .utf8)
        let file = try String(contentsOf: package.appendingPathComponent(path), encoding: .utf8)
        #expect(page.contains("```swift\n\(file)```"), "docs/extending.md does not show \(path) as it is: `make examples` puts it there")
    }

    /// One more stage is one type and one place in the list: it is run, skipped the second time, and its failure is its recording's.
    @Test func aStageIsOneTypeAndOneLine() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder)
            let device = try Device(contentsOf: small.device)
            var request = ConvertRequest(
                session: small.session, device: device, deviceFile: small.device, arm: try arm("panda"),
                output: folder.appendingPathComponent("out"), poses: small.poses)
            let layout = try SessionLayout(folder: small.session, externalPoses: true)
            func run() async throws -> (board: Board, context: RunContext) {
                let context = RunContext(
                    request: request, store: ArtefactStore(root: request.output), progress: { _ in },
                    identity: SessionIdentity(demos: ["x"], name: "s"))
                let runner = Runner(context: context, executor: InProcessExecutor(), stages: [IngestStage.self, BrightnessStage.self])
                return (try await runner.run(Board(recordings: layout.recordings)), context)
            }
            let (board, context) = try await run()
            let artefact = try #require(board.artefact("brightness", "a"))
            let means = try context.read(BrightnessStage.self, artefact, unit: "a", board: board)
            #expect(means.count >= 30 && means.allSatisfy { (20...235).contains($0) }, "\(means)")
            let again = try await run()
            #expect(again.context.usage.all.allSatisfy { $0.isSkipped })
            request.faults = [StageFault(stage: "brightness", unit: "b", kind: .fail)]
            request.from = nil
            try FileManager.default.removeItem(at: artefact.folder.deletingLastPathComponent())
            let failed = try await run()
            #expect(failed.board.stops["b"]?.stage == "brightness" && failed.board.artefact("brightness", "a") != nil)
        }
    }
}
