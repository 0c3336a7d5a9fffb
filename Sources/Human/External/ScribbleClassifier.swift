public import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// A recording's own human against its own scene, learned from a few hand-drawn labels, for all its frames.
///
/// Extremely randomised trees on `ScribbleFeatures`, both classes of one weight; what they say is averaged over a small neighbourhood and goes
/// to the masker as evidence beside geometry and colour. The same labels give the same classifier.
/// C. Li and K. Kitani, "Pixel-level hand detection in ego-centric videos", CVPR 2013; without their global illumination models: one recording
/// has one light.
public struct ScribbleClassifier: Sendable {
    public let options: ScribbleOptions
    /// Labelled pixels of human and of scene it was learned from.
    public let pixels: (human: Int, scene: Int)
    private let forest: Forest

    /// Nil where the labels do not show both human and scene.
    /// - Parameter labels: pictures (RGB) with their masks of the same size: 0 scene, 255 human, everything else says nothing.
    public init?(labels: [(picture: Image, mask: Image)], options: ScribbleOptions = ScribbleOptions()) {
        self.options = options
        var features: [[Float]] = []
        var classes: [Bool] = []
        var pixels = (human: 0, scene: 0)
        for (picture, mask) in labels {
            precondition(picture.width == mask.width && picture.height == mask.height, "a label has its picture's size")
            let scale = WorkingScale(width: picture.width, height: picture.height, maximumWidth: options.maximumWidth)
            // A working pixel counts where all of it is labelled alike: means of 0 and 255 alone.
            let means = scale.shrink(mask.gray).pixels
            let places = [UInt8(0), 255].map { value in means.indices.filter { means[$0] == value } }
            pixels.scene += places[0].count
            pixels.human += places[1].count
            guard places.contains(where: { !$0.isEmpty }) else { continue }
            let found = ScribbleFeatures(scale.shrink(picture.rgb), radii: options.radii)
            for (isHuman, own) in [(false, places[0]), (true, places[1])] {
                let wanted = min(own.count, max(options.samples, 1))
                for k in 0..<wanted {
                    features.append(found.sample(own[k * own.count / wanted]))
                    classes.append(isHuman)
                }
            }
        }
        guard min(pixels.human, pixels.scene) >= max(options.minimumPixels, 1) else { return nil }
        self.pixels = pixels
        forest = Forest(features: features, labels: classes, options: options.forest, seed: 1)
    }

    /// What it says of a picture.
    /// - Parameter hasBackground: whether the masker knows the session's static scene.
    public func evidence(_ picture: Image, hasBackground: Bool = false) -> ExternalMask {
        let scale = WorkingScale(width: picture.width, height: picture.height, maximumWidth: options.maximumWidth)
        let features = ScribbleFeatures(scale.shrink(picture.rgb), radii: options.radii)
        let n = features.width * features.height
        let chances = features.values.withUnsafeBufferPointer { values in
            (0..<n).map { i in
                forest.probability(UnsafeBufferPointer(rebasing: values[(i * features.count)..<((i + 1) * features.count)]))
            }
        }
        let radius = max(0, options.smoothing)
        let sums = boxSum(chances, width: features.width, height: features.height, radius: radius)
        let areas = boxSum([Float](repeating: 1, count: n), width: features.width, height: features.height, radius: radius)
        let (low, high) = (Float(1 - options.certainty), Float(options.certainty))
        return ExternalMask(
            probability: zip(sums, areas).map { min(max($0 / $1, low), high) }, width: features.width, height: features.height,
            weight: hasBackground ? options.backgroundWeight : options.weight)
    }

    /// What the labels say of their own frame.
    public static func evidence(label mask: Image, options: ScribbleOptions = ScribbleOptions()) -> ExternalMask {
        ExternalMask(mask: mask, weight: options.labelWeight)
    }
}
