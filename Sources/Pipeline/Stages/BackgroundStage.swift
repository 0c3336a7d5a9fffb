internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Session

/// The session's static background, from its mapping recording.
struct BackgroundStage: Stage {
    static let name = "background"
    static let version = 1
    static let scope = StageScope.session

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, GripperStage.self, MapStage.self, DeviceMaskStage.self]
    }
    func applies(to request: ConvertRequest) -> Bool { request.usesMap }
    func options(_ configuration: Configuration) -> any Encodable { configuration.mask.withoutExport }

    func inputs(_ at: StageInput) throws -> [String: String] {
        let unit = try at.part(MapStage.self).unit
        return [
            "ingest": at.key(IngestStage.self, of: unit), "gripper": "\(try at.gripper(unit))", "map": at.key(MapStage.self),
            "device_mask": at.key(DeviceMaskStage.self),
        ]
    }

    private struct Note: Codable {
        /// Why there is no background; nil where there is one.
        var missing: String?
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let map = try at.result(MapStage.self)
        let recording = try at.result(IngestStage.self, of: map.unit)
        let pictures = MaskPictures(recording, at)
        var note = Note()
        if recording.file.role != .mapping {
            note.missing = "the session has no mapping recording: a background taken from a demo would hold its human"
        } else if let mask = try at.result(DeviceMaskStage.self).masks[recording.size] {
            let masker = try HumanMasker(device: at.device(recording), mask: mask, options: at.configuration.mask)
            if let model = try masker.background(
                stream: pictures.background(), poses: at.onSurface(map.camera), tags: TagTable.byFrame(recording.tags()))
            {
                try model.write(to: folder)
            } else {
                note.missing = "\(map.unit): too few of its pictures have a pose"
            }
            pictures.release()
        } else {
            note.missing = "\(map.unit) is \(recording.size), no demo is of that size"
        }
        try FileBytes.write(JSONText.encode(note), to: folder.appendingPathComponent("note.json"))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> BackgroundModel? {
        guard try JSONText.decode(Note.self, from: artefact.file("note.json")).missing == nil else { return nil }
        let map = try at.result(MapStage.self)
        let recording = try at.result(IngestStage.self, of: map.unit)
        guard let mask = try at.result(DeviceMaskStage.self).masks[recording.size] else { return nil }
        let masker = try HumanMasker(device: at.device(recording), mask: mask, options: at.configuration.mask)
        return try masker.background(contentsOf: artefact.folder, poses: at.onSurface(map.camera), tags: TagTable.byFrame(recording.tags()))
    }
}

extension StageInput {
    /// The session's static background for pictures of one size; nil where there is none.
    func background(_ size: PictureSize) throws -> BackgroundModel? {
        guard let map = try optional(MapStage.self), try recordingSize(map.unit) == size else { return nil }
        return try optional(BackgroundStage.self) ?? nil
    }

    private func recordingSize(_ unit: String) throws -> PictureSize { try part(IngestStage.self, of: unit).size }
}
