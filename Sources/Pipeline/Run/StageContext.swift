internal import Foundation
internal import Imaging
internal import Robot
internal import Session

/// What every stage sees of a run.
struct StageContext: Sendable {
    var request: ConvertRequest
    var store: ArtefactStore
    var progress: ProgressSink
    var provenance = ProvenanceLog()

    var configuration: Configuration { request.configuration }

    /// Makes a stage's artefact for a unit, or finds that it is there.
    func make<Options: Encodable>(
        _ stage: Stage, unit: String, options: Options, inputs: [String: String], body: (URL) throws -> Void
    ) throws -> Artefact {
        progress(.started(stage: stage, unit: unit))
        let clock = ContinuousClock()
        let start = clock.now
        let force = request.from.map { stage >= $0 } ?? false
        let artefact = try store.make(
            stage.rawValue, version: stage.version, unit: unit, options: try JSONText.line(options), inputs: inputs, force: force,
            body: body)
        let seconds = Double((clock.now - start).components.seconds) + Double((clock.now - start).components.attoseconds) * 1e-18
        progress(.finished(stage: stage, unit: unit, skipped: !artefact.isNew, seconds: seconds))
        return artefact
    }

    func advanced(_ stage: Stage, _ unit: String) -> @Sendable (Double) -> Void {
        let progress = progress
        return { progress(.advanced(stage: stage, unit: unit, fraction: $0)) }
    }
}

extension Arm {
    /// The names and hashes of the files that define this arm.
    func inputs() throws -> [String: String] {
        var inputs: [String: String] = [:]
        for file in files { inputs["arm/\(file.lastPathComponent)"] = try SHA256.hex(ofFile: file) }
        return inputs
    }
}
