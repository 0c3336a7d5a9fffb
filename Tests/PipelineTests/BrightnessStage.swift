@testable import Pipeline
import Foundation
import Imaging
import Session

/// How bright each demo's pictures are, 0 to 255: `brightness.json`.
struct BrightnessStage: Stage {
    static let name = "brightness"
    static let version = 1
    static let scope = StageScope.recording

    // What it cannot do without, which options it has, and what goes into its key.
    func needs(_ request: ConvertRequest) -> [any Stage.Type] { [IngestStage.self] }
    func options(_ configuration: Configuration) -> any Encodable { [String: String]() }
    func inputs(_ at: StageInput) throws -> [String: String] { ["ingest": at.key(IngestStage.self)] }

    func make(_ at: StageInput, in folder: URL) throws {
        let pictures = try at.result(IngestStage.self).devicePictures().map(\.image)
        guard !pictures.isEmpty else { throw UnitFailure(reason: "no_pictures", detail: "\(at.unit): no picture was kept") }
        let means = pictures.map { Double($0.pixels.reduce(0) { $0 + Int($1) }) / Double($0.pixels.count) }
        try FileBytes.write(JSONText.encode(means), to: folder.appendingPathComponent("brightness.json"))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> [Double] {
        try JSONText.decode([Double].self, from: artefact.file("brightness.json"))
    }
}
