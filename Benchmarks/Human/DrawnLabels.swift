import BenchmarkSupport
import Geometry
import Human
import Imaging
import Session

/// What a person's labels of a session's demo say: drawn by the truth, as rough strokes, on the frames that are asked for.
enum DrawnLabels {
    /// Nil where the frames asked for do not show both human and scene.
    static func source(_ session: PreparedSession, _ masker: HumanMasker, background: BackgroundModel?, count: Int) throws
        -> ExternalMaskSource?
    {
        let (demo, options) = (session.demo, masker.options.scribble)
        var entropies: [Double] = []
        let analysis = try masker.analyze(stream: demo.stream, poses: demo.poses, tags: demo.tags, background: background)
        _ = try masker.seek(stream: demo.stream, poses: demo.poses, tags: demo.tags, analysis: analysis) {
            (mask: WorkingMask) throws(HumanError) in entropies.append(mask.uncertainty.entropy)
        }
        let chosen = ScribbleChoice.frames(entropies, count: count)
        var labels: [Int: Image] = [:]
        let truth = try session.truth("classes.mov")
        for i in 0...(chosen.max() ?? 0) {
            guard let image = try truth.nextFrame()?.image else { break }
            guard chosen.contains(i) else { continue }
            // Two rows of four are left out.
            let strokes = image.pixels.indices.map { k -> UInt8 in k / image.width % 4 < 2 ? 128 : image.pixels[k] == 4 ? 255 : 0 }
            labels[i] = Image(width: image.width, height: image.height, channels: 1, pixels: strokes)
        }
        var pictures: [Int: Image] = [:]
        try demo.stream { (frame, _, picture) throws(HumanError) in if labels[frame] != nil { pictures[frame] = picture } }
        let pairs = labels.keys.sorted().compactMap { k in labels[k].flatMap { label in pictures[k].map { ($0, label) } } }
        guard let classifier = ScribbleClassifier(labels: pairs, options: options) else {
            say("\(session.name): labels of frames \(chosen) do not show both")
            return nil
        }
        return { [labels] (frame, _, picture) throws(HumanError) in
            (labels[frame].map { [ScribbleClassifier.evidence(label: $0, options: options)] } ?? []) + [
                classifier.evidence(picture, hasBackground: background != nil)
            ]
        }
    }
}
