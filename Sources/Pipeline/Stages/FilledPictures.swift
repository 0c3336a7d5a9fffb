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
        /// Share of the picture that is not as it was recorded.
        var filledShare = 0.0
    }

    private let pictures: StampedFrames
    private let classes: VideoReader
    private let filler: Filler?
    private let paintsTags: Bool
    private let tags: [[TagDetection]]

    init(recording: IngestedRecording, poses: LocalizedPoses, tags: Artefact, masked: MaskedRecording, context: StageContext) throws {
        let options = context.configuration.mask
        let file = masked.artefact.file("classes.mov")
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
            filler = Filler(device: try recording.device(context.request.device), plates: plates, poses: poses.camera, options: options)
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
        guard let filler else { return Frame(picture: frame.image, original: frame.image, classes: map.image) }
        let filled = try filler.fill(frame.image, classes: map.image, time: frame.time, fingerTags: tags[frame.index])
        return Frame(
            picture: filled.picture, original: frame.image, classes: map.image, filledShare: filled.observedShare + filled.inventedShare)
    }
}
