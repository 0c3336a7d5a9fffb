internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Mapping
internal import Session

/// The rig's device mask for each size of the session's pictures.
struct SessionDeviceMasks: Sendable {
    var masks: [PictureSize: DeviceMask]
    var notes: [String]
}

/// What is rigid in the pictures of the rig, from all recordings of one picture size: `device_WIDTHxHEIGHT.json`.
struct DeviceMaskStage: Stage {
    static let name = "device_mask"
    static let version = 1
    static let scope = StageScope.session

    func needs(_ request: ConvertRequest) -> [any Stage.Type] { [IngestStage.self, GripperStage.self] }
    func uses(_ request: ConvertRequest) -> [any Stage.Type] { request.usesMap ? [MapStage.self] : [] }
    func options(_ configuration: Configuration) -> any Encodable { configuration.mask }

    private struct Index: Codable {
        var sizes: [PictureSize]
        var notes: [String]
    }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs = ["map": at.optionalKey(MapStage.self)]
        for file in at.going(IngestStage.self) {
            inputs[file.unit] = at.key(IngestStage.self, of: file.unit)
            inputs["\(file.unit)/gripper"] = "\(try at.gripper(file.unit))"
        }
        return inputs
    }

    func make(_ at: StageInput, in folder: URL) throws {
        var bySize: [PictureSize: [IngestedRecording]] = [:]
        for file in at.going(IngestStage.self) {
            let recording = try at.result(IngestStage.self, of: file.unit)
            bySize[recording.size, default: []].append(recording)
        }
        var index = Index(sizes: [], notes: [])
        for (size, recordings) in bySize.sorted(by: { $0.key < $1.key }) where recordings.contains(where: { $0.file.role == .demo }) {
            let mask = try Self.mask(recordings, at)
            try FileBytes.write(mask.encoded(), to: folder.appendingPathComponent("device_\(size).json"))
            index.sizes.append(size)
        }
        if index.sizes.count > 1 {
            index.notes.append(
                "the demos' pictures are \(index.sizes.map(\.description).joined(separator: " and ")): each size has a device mask of its own"
            )
        }
        try FileBytes.write(JSONText.encode(index), to: folder.appendingPathComponent("masks.json"))
    }

    private static func mask(_ recordings: [IngestedRecording], _ at: StageInput) throws -> DeviceMask {
        let masks = at.configuration.mask
        let size = recordings[0].size
        var builder = try DeviceMaskBuilder(
            device: at.device(recordings[0]), width: size.width, height: size.height, options: masks.device)
        for (n, recording) in recordings.enumerated() {
            let tags = try recording.tags()
            for (frame, picture) in try recording.devicePictures() {
                try builder.add(prepared: picture, tags: tags[frame], recording: n)
            }
            at.advanced(Double(n + 1) / Double(recordings.count))
        }
        let mask = try builder.build()
        guard let map = try at.optional(MapStage.self), let source = recordings.first(where: { $0.file.unit == map.unit }),
            source.file.role == .mapping
        else { return mask }
        // The poses of the mapping recording tell what of the mask is scene.
        return try HumanMasker(device: at.device(source), mask: mask, options: masks).trimmed(
            stream: MaskPictures(source, at).working(), poses: at.onSurface(map.camera), tags: TagTable.byFrame(source.tags()))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> SessionDeviceMasks {
        let index = try JSONText.decode(Index.self, from: artefact.file("masks.json"))
        var masks: [PictureSize: DeviceMask] = [:]
        for size in index.sizes {
            let file = artefact.file("device_\(size).json")
            masks[size] = try DeviceMask(bytes: FileBytes.read(file), path: file.path)
        }
        return SessionDeviceMasks(masks: masks, notes: index.notes)
    }

    func verdict(_ output: SessionDeviceMasks) -> SessionVerdict { SessionVerdict(notes: output.notes) }
}

extension StageInput {
    /// The device mask of a recording's picture size.
    func deviceMask(_ recording: IngestedRecording) throws -> DeviceMask {
        guard let mask = try result(DeviceMaskStage.self).masks[recording.size] else {
            throw UnitFailure(reason: "no_device_mask", detail: "no device mask was made for pictures of \(recording.size)")
        }
        return mask
    }
}
