internal import Dataset
internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// What an export wrote of one format; the artefact's `datasets.json` lists them.
struct ExportSummary: Codable, Equatable, Sendable {
    var format: String
    /// Relative to the output folder.
    var path: String
    var episodes: Int
    var frames: Int
    var rate: Int
}

/// One episode as it was written; the artefact's `episodes.json` lists them.
struct WrittenEpisode: Codable, Equatable, Sendable {
    struct Side: Codable, Equatable, Sendable {
        var unit: String
        /// Frames of the recording that the episode is of.
        var span: FrameSpan
        /// The frames that its rows show, row by row.
        var frames: [Int]
    }

    var demo: String
    /// `""`, or the folder of demos kept single-armed.
    var folder: String
    /// By side, in the demo's order.
    var sides: [Side]
    /// Places of the sides in the order of the data set's columns.
    var written: [Int]
    var rows: Int
}

/// What the export came to.
struct Exported: Sendable {
    var artefact: Artefact
    var sets: [ExportSummary]
    var episodes: [WrittenEpisode]
    var strips: [StripTap.Strip]
    /// Processor time that writing the data sets took, seconds.
    var writingSeconds: Double
    /// Exported pixels of each recording by where they come from.
    var provenance: ProvenanceLog
}

/// Writes the kept episodes of all demos into data sets, all formats in one pass over the pictures.
struct ExportStage: Stage {
    static let name = "export"
    static let version = 5
    static let scope = StageScope.session
    static let dependsOnArm = true

    var retriesFrom: (any Stage.Type)? { JoinStage.self }

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [
            IngestStage.self, GripperStage.self, LocalizeStage.self, GripperStateStage.self, EpisodesStage.self, PairStage.self,
            BaseStage.self, DeviceMaskStage.self, SolveStage.self, FeasibilityStage.self, MaskStage.self, JoinStage.self, CurateStage.self,
        ]
    }

    func uses(_ request: ConvertRequest) -> [any Stage.Type] { [MapStage.self, BackgroundStage.self] }

    private struct Settings: Encodable {
        var export: ExportOptions
        var fill: FillOptions
        var overlay: OverlayOptions?
    }

    func options(_ configuration: Configuration) -> any Encodable {
        Settings(export: configuration.export, fill: configuration.mask.fill, overlay: configuration.mask.overlay)
    }

    func files(_ at: StageInput) throws -> [String: URL] {
        at.going(MaskStage.self).reduce(into: [:]) { all, file in
            all.merge(file.named("video/\(file.unit)")) { $1 }
            all.merge(at.sampleFiles(file)) { $1 }
        }
    }

    func inputs(_ at: StageInput) throws -> [String: String] {
        let request = at.request
        var inputs = [
            "curate": at.key(CurateStage.self), "join": at.key(JoinStage.self), "pair": at.key(PairStage.self),
            "base": at.key(BaseStage.self),
            "device_mask": at.key(DeviceMaskStage.self), "background": at.optionalKey(BackgroundStage.self),
            "map": at.optionalKey(MapStage.self),
            "formats": request.formats.map(\.name).joined(separator: " "), "dynamics": request.dynamics ? "yes" : "no",
            "masks": request.exportsMasks ? "yes" : "no", "weighed": request.labels != nil || request.values != nil ? "yes" : "no",
            "arm": try JSONText.line(request.arm.inputs()),
        ]
        if !at.run.samples.isEmpty { inputs["samples"] = try JSONText.line(at.run.samples) }
        if let overlay = request.overlay { inputs["overlay"] = try JSONText.line(overlay.inputs()) }
        for file in at.going(MaskStage.self) {
            let unit = file.unit
            inputs["\(unit)/ingest"] = at.key(IngestStage.self, of: unit)
            inputs["\(unit)/localize"] = at.key(LocalizeStage.self, of: unit)
            inputs["\(unit)/gripper_state"] = at.key(GripperStateStage.self, of: unit)
            inputs["\(unit)/episodes"] = at.key(EpisodesStage.self, of: unit)
            inputs["\(unit)/solve"] = at.key(SolveStage.self, of: unit)
            inputs["\(unit)/feasibility"] = at.key(FeasibilityStage.self, of: unit)
            inputs["\(unit)/mask"] = at.key(MaskStage.self, of: unit)
            if let plates = try UserModels.plates(at.result(IngestStage.self, of: unit), at.request) {
                inputs["\(unit)/plates"] = try plates.key()
            }
        }
        return inputs
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let groups = try ExportGroup.all(at)
        var run = ExportRun(at, folder: folder)
        for group in groups { try run.write(group) }
        try FileBytes.write(JSONText.encode(run.summaries), to: folder.appendingPathComponent("datasets.json"))
        try FileBytes.write(JSONText.encode(run.episodes), to: folder.appendingPathComponent("episodes.json"))
        try FileBytes.write(JSONText.encode(run.strips), to: folder.appendingPathComponent("strips.json"))
        try run.provenance.write(to: folder)
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> Exported {
        let provenance = ProvenanceLog()
        try provenance.read(from: artefact.folder)
        return Exported(
            artefact: artefact, sets: try JSONText.decode([ExportSummary].self, from: artefact.file("datasets.json")),
            episodes: try JSONText.decode([WrittenEpisode].self, from: artefact.file("episodes.json")),
            strips: try JSONText.decode([StripTap.Strip].self, from: artefact.file("strips.json")), writingSeconds: 0,
            provenance: provenance)
    }

    /// A data set that somebody removed, or that does not hold this session any more, is written again: the artefact does not stand for it.
    func stands(_ artefact: Artefact, _ at: StageInput) throws -> Bool {
        for set in try JSONText.decode([ExportSummary].self, from: artefact.file("datasets.json")) {
            let url = at.request.output.appendingPathComponent(set.path)
            guard ExportPlan.stands(url, identity: at.run.identity, key: artefact.key) else { return false }
        }
        guard at.request.exportsMasks else { return true }
        return at.going(MaskStage.self).allSatisfy { file in
            FileManager.default.fileExists(atPath: MaskExportTap.root(at.request).appendingPathComponent(file.unit).path)
        }
    }
}

/// Demos that go into data sets together: those of one arm, or of two.
struct ExportGroup {
    /// `""`, or `single` for demos that are kept single-armed in a session of two grippers.
    var folder: String
    var demos: [ExportDemo]

    /// With at least one episode.
    var policy: [ExportDemo] { demos.filter { !$0.curated.episodes.isEmpty } }

    static func all(_ at: StageInput) throws -> [ExportGroup] {
        let joined = try at.result(JoinStage.self).rejections
        var demos: [ExportDemo] = []
        var failed: [String: Stop] = [:]
        for curated in try at.result(CurateStage.self).demos {
            do { demos.append(try ExportDemo(curated, at, joined: joined)) } catch {
                for side in curated.demo.sides { failed[side.unit] = ExportRun.stop(error) }
            }
        }
        if !failed.isEmpty { throw RecordingsFailed(stops: failed) }
        let paired = demos.filter { $0.sides.count > 1 }
        guard !paired.isEmpty else { return [ExportGroup(folder: "", demos: demos)] }
        let alone = demos.filter { $0.sides.count == 1 }
        return [ExportGroup(folder: "", demos: paired)] + (alone.isEmpty ? [] : [ExportGroup(folder: "single", demos: alone)])
    }
}
