internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Session

/// A demo's pictures with the human filled, one after another; frames nobody wants are passed over cheaply.
///
/// Where no human was found the pictures pass through untouched. Else the recording is gone through once beforehand for the pictures that
/// holes are filled from.
final class FilledPictures {
    struct Frame {
        /// Nil for a frame that was not wanted.
        var picture: Image?
        var original: Image?
        var classes: Image?
        /// A `Provenance` raw value per pixel; nil where all of it is as it was recorded.
        var provenance: Image?
        /// Share of the picture that is not as it was recorded.
        var filledShare = 0.0
    }

    private let pictures: StampedFrames
    private let classes: VideoReader
    private var filler: Filler?
    private let paintsTags: Bool
    private let tags: [[TagDetection]]
    private let plates: MaskFolder?
    private let overlay: WristOverlay?
    /// Where the exported pixels are counted; nil where nobody asks.
    private let log: ProvenanceLog?
    private let unit: String

    /// - Parameter counts: whether these are the pictures that are exported, and so are counted.
    convenience init(_ source: ExportSource, counts: Bool, context: StageContext) throws {
        let overlay = try WristOverlay(
            recording: source.recording, poses: source.poses, path: source.path, judged: source.judged, base: source.base, context: context)
        try self.init(
            recording: source.recording, poses: source.poses, tags: source.tags, masked: source.masked, overlay: overlay, counts: counts,
            context: context)
    }

    init(
        recording: IngestedRecording, poses: LocalizedPoses, tags: Artefact, masked: MaskedRecording, overlay: WristOverlay? = nil,
        counts: Bool = false, context: StageContext
    ) throws {
        self.overlay = overlay
        plates = try UserModels.plates(recording, context: context)
        log = counts ? context.provenance : nil
        unit = recording.file.unit
        let options = context.configuration.mask
        let file = masked.artefact.file(MaskedRecording.classes)
        paintsTags = options.fill.paintFingerTags
        self.tags = try Tags.read(tags, frameCount: recording.times.count)
        if masked.summary.humanVisible {
            var plates = PlateStore(options: options.fill)
            let pictures = try recording.frames(.rgb)
            let classes = try VideoReader(file, options: VideoReader.Options(.gray))
            while let frame = try pictures.nextFrame(), let map = try classes.nextFrame() {
                plates.offer(
                    MaskedFrame(frame: frame.index, time: frame.time, picture: frame.image, classes: map.image, humanShare: 0))
            }
            filler = Filler(
                device: try recording.device(context.request.device), plates: plates, poses: poses.camera, options: options,
                scene: try masked.scenery?.get())
        } else if paintsTags {
            filler = Filler(device: try recording.device(context.request.device), plates: nil, poses: nil, options: options)
        } else {
            filler = nil
        }
        pictures = try recording.frames(.rgb)
        classes = try VideoReader(file, options: VideoReader.Options(.gray))
    }

    /// The next frame, or nil after the last one.
    func next(wanted: Bool) throws -> Frame? {
        guard wanted else {
            guard try pictures.skipFrame() != nil, try classes.skipFrame() != nil else { return nil }
            return Frame()
        }
        guard let frame = try pictures.nextFrame(), let map = try classes.nextFrame() else { return nil }
        var filled = FilledFrame(untouched: frame.image)
        if let plate = try plates?.plate(frame: frame.index) {
            put(plate, where: map.image.removalMask, in: &filled)
        } else if let done = try filler?.fill(frame.image, classes: map.image, time: frame.time, fingerTags: tags[frame.index]) {
            filled = done
        }
        if let overlay { _ = try overlay.draw(on: &filled, classes: map.image, index: frame.index) }
        let original = filled.provenance.pixels.reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
        let isOriginal = original == filled.provenance.pixels.count
        log?.add(unit, isOriginal ? nil : filled.provenance, pixels: original)
        return Frame(
            picture: filled.picture, original: frame.image, classes: map.image, provenance: isOriginal ? nil : filled.provenance,
            filledShare: 1 - Double(original) / Double(max(filled.provenance.pixels.count, 1)))
    }

    /// A user's clean picture in the place of the human: nobody here saw it, so it counts as invented.
    private func put(_ plate: Image, where hole: Image, in filled: inout FilledFrame) {
        for i in hole.pixels.indices where hole.pixels[i] != 0 {
            for c in 0..<3 { filled.picture.pixels[3 * i + c] = plate.pixels[3 * i + c] }
            filled.provenance.pixels[i] = Provenance.invented.rawValue
        }
    }
}
