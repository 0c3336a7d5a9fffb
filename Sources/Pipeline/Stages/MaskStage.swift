internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Session

/// The masks of a demo, at the size at which humans are sought; `MaskFinisher` makes class maps of full-size pictures from them.
struct MaskedRecording: Sendable {
    /// The artefact's videos: the probability of human, 0 to 255, at working size, and the full-size pictures that holes are filled from, where
    /// there is a human.
    static let probability = "human.mov"
    static let plates = "plates.mov"
    /// The artefact's folder of what was found, see `MaskRecord`.
    static let record = "record"

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
    /// By frame, see `MaskUncertainty.entropy`.
    var entropies: [Double]
    var deviceShare: Double
    var notes: [String]
}

/// Finds the human in a demo's pictures.
struct MaskStage: Stage {
    static let name = "mask"
    static let version = 3
    static let scope = StageScope.recording

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, GripperStage.self, LocalizeStage.self, DeviceMaskStage.self]
    }
    func uses(_ request: ConvertRequest) -> [any Stage.Type] { [MapStage.self, BackgroundStage.self] }
    func options(_ configuration: Configuration) -> any Encodable { configuration.mask.withoutExport }

    func inputs(_ at: StageInput) throws -> [String: String] {
        let recording = try at.result(IngestStage.self)
        return [
            "ingest": at.key(IngestStage.self), "gripper": "\(try at.gripper(at.unit))", "localize": at.key(LocalizeStage.self),
            "device_mask": at.key(DeviceMaskStage.self), "background": at.optionalKey(BackgroundStage.self),
            "map": at.optionalKey(MapStage.self),
        ].merging(try UserModels.inputs(recording, at)) { a, _ in a }
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let recording = try at.result(IngestStage.self)
        let camera = try at.onSurface(at.result(LocalizeStage.self).camera)
        let background = try at.background(recording.size)
        let models = try UserModels.evidence(recording, hasBackground: background != nil, at)
        let mask = try at.deviceMask(recording)
        let masker = try HumanMasker(device: at.device(recording), mask: mask, options: at.configuration.mask)
        let pictures = MaskPictures(recording, at)
        // What models and labels say is of full-size pictures.
        let stream = models == nil ? pictures.working() : MaskPictures.video(recording)
        let tags = TagTable.byFrame(try recording.tags())
        let analysis = try masker.analyze(
            stream: stream, poses: camera, tags: tags, external: models?.source, background: background)
        let record = folder.appendingPathComponent(MaskedRecording.record, isDirectory: true)
        try FileManager.default.createDirectory(at: record, withIntermediateDirectories: true)
        let writer = try MaskRecordWriter(folder: record, analysis: analysis, masker: masker)
        let size = masker.workingSize
        let probability = try VideoWriter(
            folder.appendingPathComponent(MaskedRecording.probability), width: size.width, height: size.height, channels: 1,
            options: VideoWriter.Options(.ffv1, rate: Rational(30)))
        var written = 0
        let statistics = try masker.seek(
            stream: stream, poses: camera, tags: tags, external: models?.source, analysis: analysis
        ) { mask throws(HumanError) in
            try writer.append(mask)
            do {
                try probability.append(mask.humanProbability)
            } catch {
                throw HumanError.operation("writing the probability of human", reason: "\(error)")
            }
            written += 1
            if written % 30 == 0 { at.advanced(Double(written) / Double(recording.times.count)) }
        }
        try writer.finish()
        try probability.finish()
        if statistics.humanVisible { try Self.keepPlates(pictures, recording, in: folder) }
        pictures.release()
        let summary = MaskSummary(
            humanVisible: statistics.humanVisible, reason: statistics.reason, humanFrames: statistics.humanFrameCount,
            meanHumanShare: statistics.meanHumanShare, humanShares: statistics.humanShares,
            unresolvedShares: statistics.uncertainties.map(\.unresolvedShare), entropies: statistics.uncertainties.map(\.entropy),
            deviceShare: mask.deviceShare, notes: mask.notes + (models?.origins.map { "masks take evidence from \($0)" } ?? []))
        try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("mask.json"))
    }

    /// The export fills holes from these pictures before it has come to them.
    private static func keepPlates(_ pictures: MaskPictures, _ recording: IngestedRecording, in folder: URL) throws {
        let writer = try VideoWriter(
            folder.appendingPathComponent(MaskedRecording.plates), width: recording.summary.width, height: recording.summary.height,
            channels: 3, options: VideoWriter.Options(.ffv1, rate: Rational(30)))
        try pictures.plates()() { _, _, picture throws(HumanError) in
            do { try writer.append(picture.rgb) } catch { throw HumanError.operation("writing plates", reason: "\(error)") }
        }
        try writer.finish()
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> MaskedRecording {
        MaskedRecording(artefact: artefact, summary: try JSONText.decode(MaskSummary.self, from: artefact.file("mask.json")))
    }
}

extension MaskOptions {
    /// What masks do not depend on is as it comes: how holes are filled and arms drawn.
    var withoutExport: MaskOptions {
        var out = self
        (out.fill, out.overlay, out.fixedView) = (FillOptions(), OverlayOptions(), FixedViewOptions())
        return out
    }
}
