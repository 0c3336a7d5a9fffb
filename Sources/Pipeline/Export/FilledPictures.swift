internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Session

/// A demo's pictures with the human filled, one after another; frames nobody needs are passed over cheaply.
final class FilledPictures {
    struct Frame {
        /// As it is exported; nil for a frame whose picture is not needed.
        var picture: Image?
        var original: Image?
        /// Nil for a frame of which nothing is needed.
        var classes: Image?
        var humanProbability: Image?
        /// A `Provenance` raw value per pixel; nil where all of it is as it was recorded.
        var provenance: Image?
        /// Share of the picture that is not as it was recorded.
        var filledShare = 0.0
    }

    private let pictures: StampedFrames
    private let probability: VideoReader
    private var finisher: MaskFinisher
    private var filler: Filler?
    private let tags: [[TagDetection]]
    private let plates: MaskFolder?
    private let overlay: WristOverlay?
    private let needs: [PictureNeed]
    /// Frames whose exported pixels are counted.
    private let counted: Set<Int>
    private let log: ProvenanceLog
    private let unit: String
    private var index = 0

    /// - Parameters:
    ///   - needs: by frame.
    ///   - counted: the frames that are exported.
    init(_ side: ExportSide, needs: [PictureNeed], counted: Set<Int>, at: StageInput, log: ProvenanceLog) throws {
        let recording = side.recording
        let artefact = side.masked.artefact
        (self.needs, self.counted, self.log, unit) = (needs, counted, log, side.unit)
        overlay = try WristOverlay(side, at)
        plates = try UserModels.plates(recording, at.request)
        let options = at.configuration.mask
        tags = try recording.tags()
        let background = try at.background(recording.size)
        finisher = try MaskFinisher(
            masker: HumanMasker(device: side.device, mask: at.deviceMask(recording), options: options),
            record: MaskRecord(folder: artefact.file(MaskedRecording.record)), background: background, poses: side.poses.camera,
            tags: TagTable.byFrame(tags))
        if side.masked.summary.humanVisible {
            var plates = PlateStore()
            let reader = try VideoReader(artefact.file(MaskedRecording.plates))
            for frame in PlateStore.frames(of: recording.times.count, options: options.fill) {
                guard let picture = try reader.nextFrame() else { break }
                try plates.add(finisher.finish(picture.image, frame: frame, time: recording.times[frame]))
            }
            filler = Filler(device: side.device, plates: plates, poses: side.poses.camera, options: options, background: background)
        } else if options.fill.paintFingerTags {
            filler = Filler(device: side.device, plates: nil, poses: nil, options: options)
        } else {
            filler = nil
        }
        pictures = try recording.frames(.rgb)
        probability = try VideoReader(artefact.file(MaskedRecording.probability), options: VideoReader.Options(.gray))
    }

    /// The next frame, or nil after the last one.
    func next() throws -> Frame? {
        guard index < needs.count else { return nil }
        defer { index += 1 }
        guard needs[index] > .nothing else {
            guard try pictures.skipFrame() != nil, try probability.skipFrame() != nil else { return nil }
            return Frame()
        }
        guard let frame = try pictures.nextFrame(), let probability = try probability.nextFrame() else { return nil }
        let masked = try finisher.finish(frame.image, frame: index, time: frame.time)
        guard needs[index] == .filled else { return Frame(classes: masked.classes, humanProbability: probability.image) }
        var filled = FilledFrame(untouched: frame.image)
        if let plate = try plates?.plate(frame: index) {
            put(plate, where: masked.classes.removalMask, in: &filled)
        } else if let done = try filler?.fill(frame.image, classes: masked.classes, time: frame.time, fingerTags: tags[index]) {
            filled = done
        }
        if let overlay { _ = try overlay.draw(on: &filled, classes: masked.classes, index: index) }
        let original = filled.provenance.pixels.reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
        let isOriginal = original == filled.provenance.pixels.count
        if counted.contains(index) { log.add(unit, isOriginal ? nil : filled.provenance, pixels: original) }
        return Frame(
            picture: filled.picture, original: frame.image, classes: masked.classes, humanProbability: probability.image,
            provenance: isOriginal ? nil : filled.provenance,
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
