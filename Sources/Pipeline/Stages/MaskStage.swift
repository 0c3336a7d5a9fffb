internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Session

/// The masks of a demo.
struct MaskedRecording: Sendable {
    /// The artefact's videos: a `PixelClass` by pixel, and the probability of human, 0 to 255, at the size at which humans are sought.
    static let classes = "classes.mov"
    static let probability = "human.mov"

    var artefact: Artefact
    var summary: MaskSummary
}

/// The artefact's `mask.json`.
struct MaskSummary: Codable, Equatable, Sendable {
    var humanVisible: Bool
    var reason: String
    var humanFrames: Int
    var meanHumanShare: Double
    /// By frame.
    var humanShares: [Double]
    /// By frame: what may be human and is not taken out, as a share of the picture.
    var unresolvedShares: [Double]
    /// By frame, see `HumanDoubt.entropy`.
    var entropies: [Double]
    var deviceShare: Double
    var notes: [String]
}

/// Finds the human in a demo's pictures.
struct MaskStage: Stage {
    static let name = "mask"
    static let version = 2
    static let scope = StageScope.recording

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, GripperStage.self, LocalizeStage.self, DeviceMaskStage.self]
    }
    func uses(_ request: ConvertRequest) -> [any Stage.Type] { [BackgroundStage.self] }
    func options(_ configuration: Configuration) -> any Encodable { configuration.mask.withoutExport }

    func inputs(_ at: StageInput) throws -> [String: String] {
        let recording = try at.result(IngestStage.self)
        return [
            "ingest": at.key(IngestStage.self), "gripper": "\(try at.gripper(at.unit))", "localize": at.key(LocalizeStage.self),
            "device_mask": at.key(DeviceMaskStage.self), "background": at.optionalKey(BackgroundStage.self),
        ].merging(try UserModels.inputs(recording, at)) { a, _ in a }
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let recording = try at.result(IngestStage.self)
        let poses = try at.result(LocalizeStage.self)
        let scene = try at.background()
        let models = try UserModels.evidence(recording, hasScene: scene != nil, at)
        let mask = try at.deviceMask(recording)
        let masker = try HumanMasker(device: at.device(recording), mask: mask, options: at.configuration.mask)
        let writer = try VideoWriter(
            folder.appendingPathComponent(MaskedRecording.classes), width: recording.summary.width, height: recording.summary.height,
            channels: 1, options: VideoWriter.Options(.ffv1, rate: Rational(30)))
        let size = masker.workingSize
        let chances = try VideoWriter(
            folder.appendingPathComponent(MaskedRecording.probability), width: size.width, height: size.height, channels: 1,
            options: VideoWriter.Options(.ffv1, rate: Rational(30)))
        var written = 0
        let statistics = try masker.run(
            stream: WorkingPictures.stream(recording, at), poses: poses.camera, tags: TagTable.byFrame(recording.tags()),
            outside: models?.source, scene: scene
        ) { frame throws(HumanError) in
            do {
                try writer.append(frame.classes)
                try chances.append(frame.humanProbability ?? Image(width: size.width, height: size.height, channels: 1))
            } catch {
                throw HumanError.operation("writing the class map", reason: "\(error)")
            }
            written += 1
            if written % 30 == 0 { at.advanced(Double(written) / Double(recording.times.count)) }
        }
        try writer.finish()
        try chances.finish()
        let summary = MaskSummary(
            humanVisible: statistics.humanVisible, reason: statistics.reason, humanFrames: statistics.humanFrameCount,
            meanHumanShare: statistics.meanHumanShare, humanShares: statistics.humanShares,
            unresolvedShares: statistics.doubts.map(\.unresolvedShare), entropies: statistics.doubts.map(\.entropy),
            deviceShare: mask.deviceShare, notes: mask.notes + (models?.origins.map { "masks take evidence from \($0)" } ?? []))
        try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("mask.json"))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> MaskedRecording {
        MaskedRecording(artefact: artefact, summary: try JSONText.decode(MaskSummary.self, from: artefact.file("mask.json")))
    }
}

extension StageInput {
    /// The session's static background; nil where there is none.
    func background() throws -> SceneModel? { try optional(BackgroundStage.self) ?? nil }
}

extension MaskOptions {
    /// What masks do not depend on is as it comes: how holes are filled and arms drawn.
    var withoutExport: MaskOptions {
        var out = self
        (out.fill, out.overlay, out.fixedView) = (FillOptions(), OverlayOptions(), FixedViewOptions())
        return out
    }
}
