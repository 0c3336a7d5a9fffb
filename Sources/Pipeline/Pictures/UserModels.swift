internal import Foundation
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// The masks, plates and models that a user brings, as the mask and export stages take them.
enum UserModels {
    /// Says what is wrong with them before any work, as far as that can be known.
    static func check(_ request: ConvertRequest) throws(PipelineError) {
        for (option, folder) in [("--masks", request.masks), ("--plates", request.plates), ("--scribbles", request.scribbles)] {
            var isFolder: ObjCBool = false
            guard let folder else { continue }
            guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
                throw .usage(
                    "\(option) \(folder.path): is no folder",
                    accepted: "a folder with \(MaskFolderManifest.name) and a PNG a frame, or one such folder for each demo")
            }
        }
        guard let manifest = request.maskModel else { return }
        do {
            _ = try ONNXModel(manifest: manifest, runtime: request.onnxRuntime, options: request.configuration.mask.models)
        } catch {
            throw .failed(stage: "mask", "--mask-model: \(error)")
        }
    }

    /// What the mask stage's artefact depends on besides its own options.
    static func inputs(_ recording: IngestedRecording, _ at: StageInput) throws -> [String: String] {
        let request = at.request
        var inputs: [String: String] = [:]
        if let masks = try folder(request.masks, .masks, recording) { inputs["model/masks"] = try masks.key() }
        if let scribbles = try scribbles(recording, request) { inputs["model/scribbles"] = try scribbles.key() }
        if let command = request.maskCommand { inputs["model/command"] = command }
        if let manifest = request.maskModel {
            inputs["model/onnx"] = try ONNXModel(
                manifest: manifest, runtime: request.onnxRuntime, options: at.configuration.mask.models
            ).key
        }
        return inputs
    }

    /// What they say of a recording, frame by frame, and who says it; nil where there are none.
    /// - Parameter hasBackground: whether the masker knows the session's static background.
    static func evidence(
        _ recording: IngestedRecording, hasBackground: Bool, _ at: StageInput
    ) throws -> (source: ExternalMaskSource, origins: [String])? {
        let request = at.request
        let options = at.configuration.mask.models
        var answers: [any FrameMasks] = []
        var origins: [String] = []
        if let masks = try folder(request.masks, .masks, recording) {
            answers.append(masks)
            origins.append("masks of \(masks.manifest.origin)")
        }
        let stream = MaskPictures.video(recording)
        if let command = request.maskCommand {
            let masks = try CommandModel(command: command, options: options).masks(
                stream, recording: recording.file.unit, width: recording.summary.width, height: recording.summary.height,
                frames: recording.times.count)
            answers.append(masks)
            origins.append(masks.origin)
        }
        if let manifest = request.maskModel {
            let model = try ONNXModel(manifest: manifest, runtime: request.onnxRuntime, options: options)
            var masks = ModelMasks(origin: "model \(model.manifest.name) (\(model.manifest.licence))")
            try stream { (frame, _, picture) throws(HumanError) in try masks.add(try model.mask(picture, frame: frame), frame: frame) }
            answers.append(masks)
            origins.append(masks.origin)
        }
        let drawn = try scribbles(recording, request)
        let scribble = at.configuration.mask.scribble
        let classifier = try drawn.flatMap { try learn($0, recording, scribble, &origins) }
        guard !answers.isEmpty || drawn != nil else { return nil }
        let source: ExternalMaskSource = { (frame, _, picture) throws(HumanError) in
            var out: [ExternalMask] = []
            for answer in answers { if let mask = try answer.mask(frame: frame) { out.append(mask.evidence(options)) } }
            if let label = try drawn?.mask(frame: frame) { out.append(ScribbleClassifier.evidence(label: label.values, options: scribble)) }
            if let classifier { out.append(classifier.evidence(picture, hasBackground: hasBackground)) }
            return out
        }
        return (source, origins)
    }

    /// A demo's hand-drawn labels; nil where it has none.
    private static func scribbles(_ recording: IngestedRecording, _ request: ConvertRequest) throws -> MaskFolder? {
        guard let root = request.scribbles else { return nil }
        let places = [root, root.appendingPathComponent(recording.file.unit, isDirectory: true)]
        guard places.contains(where: { FileManager.default.fileExists(atPath: $0.appendingPathComponent(MaskFolderManifest.name).path) })
        else {
            return nil
        }
        return try folder(root, .masks, recording)
    }

    /// What a demo's labels say of its other frames; nil where they do not show both human and scene.
    private static func learn(
        _ drawn: MaskFolder, _ recording: IngestedRecording, _ options: ScribbleOptions, _ origins: inout [String]
    ) throws -> ScribbleClassifier? {
        var labels: [(picture: Image, mask: Image)] = []
        let wanted = Set(drawn.frames)
        let source = try recording.frames(.rgb)
        for i in 0..<recording.times.count {
            guard wanted.contains(i) else {
                guard try source.skipFrame() != nil else { break }
                continue
            }
            guard let frame = try source.nextFrame(), let mask = try drawn.mask(frame: i) else { break }
            if mask.values.pixels.contains(where: { $0 == 0 || $0 == 255 }) { labels.append((frame.image, mask.values)) }
        }
        let count = "\(labels.count) hand-drawn label\(labels.count == 1 ? "" : "s") (\(drawn.manifest.origin))"
        guard let classifier = ScribbleClassifier(labels: labels, options: options) else {
            origins.append("\(count), for their own frames alone: both human (255) and scene (0) must be drawn for the others")
            return nil
        }
        origins.append(
            "\(count), carried to all frames by \(options.forest.trees) trees from \(classifier.pixels.human) pixels of human and \(classifier.pixels.scene) of scene"
        )
        return classifier
    }

    /// Clean pictures that a user brings for a recording.
    static func plates(_ recording: IngestedRecording, _ request: ConvertRequest) throws -> MaskFolder? {
        try folder(request.plates, .plates, recording)
    }

    /// The folder itself where it holds a recording's pictures, else the one inside that is named like the demo.
    private static func folder(_ root: URL?, _ kind: MaskFolderManifest.Kind, _ recording: IngestedRecording) throws -> MaskFolder? {
        guard let root else { return nil }
        let own = FileManager.default.fileExists(atPath: root.appendingPathComponent(MaskFolderManifest.name).path)
        let unit = recording.file.unit
        return try MaskFolder(
            own ? root : root.appendingPathComponent(unit, isDirectory: true), kind: kind, recording: unit, width: recording.summary.width,
            height: recording.summary.height, recorded: (recording.summary.recorded.width, recording.summary.recorded.height),
            frames: recording.times.count)
    }
}

/// A source of masks, asked frame by frame; nil where it says nothing.
private protocol FrameMasks {
    func mask(frame: Int) throws(HumanError) -> ModelMask?
}

extension MaskFolder: FrameMasks {}
extension ModelMasks: FrameMasks {}
