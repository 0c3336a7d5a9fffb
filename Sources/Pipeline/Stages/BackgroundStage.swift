internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Mapping
internal import Session
internal import Synchronization

/// The session's static background from its mapping recording; nil where that has too few pictures with a pose.
struct BackgroundStage: Stage {
    static let name = "background"
    static let version = 1
    static let scope = StageScope.session

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, GripperStage.self, MapStage.self, DeviceMaskStage.self]
    }
    /// A background taken from a demo would hold its human.
    func applies(to request: ConvertRequest) -> Bool { request.usesMap }
    func options(_ configuration: Configuration) -> any Encodable { configuration.mask }

    func inputs(_ at: StageInput) throws -> [String: String] {
        let unit = try at.part(MapStage.self).unit
        return ["ingest": at.key(IngestStage.self, of: unit), "map": at.key(MapStage.self), "device_mask": at.key(DeviceMaskStage.self)]
    }

    func make(_ at: StageInput, in folder: URL) throws {
        try FileBytes.write([10], to: folder.appendingPathComponent("background.json"))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> SceneModel? {
        let map = try at.result(MapStage.self)
        let recording = try at.result(IngestStage.self, of: map.unit)
        guard recording.file.role == .mapping, let mask = try at.result(DeviceMaskStage.self).masks[recording.size] else { return nil }
        let masker = try HumanMasker(device: at.device(recording), mask: mask, options: at.configuration.mask)
        return try masker.scene(
            stream: WorkingPictures.stream(recording, at), poses: map.camera, tags: TagTable.byFrame(recording.tags()))
    }
}
