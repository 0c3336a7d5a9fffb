internal import Imaging

/// What the masker does not know of a frame.
public struct MaskUncertainty: Sendable, Equatable {
    /// Pixels that may be human and are not taken out, as a share of the picture inside the image circle.
    public var unresolvedShare = 0.0
    /// Mean entropy of human against not, bits a pixel: where a hand-drawn label would tell most.
    public var entropy = 0.0

    public init(unresolvedShare: Double = 0, entropy: Double = 0) {
        self.unresolvedShare = unresolvedShare
        self.entropy = entropy
    }
}

extension HumanMasker {
    /// What is uncertain of a frame once its class map is made, at working size.
    ///
    /// A pixel is unresolved that its own evidence calls human with at least `human.unresolvedProbability`, and that the map neither takes out
    /// nor knows for something else. Where the frame was not judged pixel by pixel, what the nearest keyframe's seeds covered is uncertain; a
    /// recording that could not be judged at all is uncertain everywhere.
    /// - Parameters:
    ///   - score: nil where no region was accepted.
    ///   - seedShare: see `HumanAnalysis.seedShare(near:)`.
    func uncertainty(_ score: ScoreMap?, _ classes: Image, seedShare: Double) -> MaskUncertainty {
        guard let score else { return MaskUncertainty(unresolvedShare: seedShare, entropy: seedShare) }
        let least = options.human.unresolvedOdds
        let isOpen = (0...UInt8.max).map { ScoreMap.isJudged($0) && ScoreMap.odds[Int($0)] >= least }
        let (background, unknown) = (PixelClass.background.rawValue, PixelClass.unknown.rawValue)
        var unresolved = 0
        var counts = [Int](repeating: 0, count: 256)
        for (level, pixelClass) in zip(score.levels.pixels, classes.pixels) {
            counts[Int(level)] += 1
            if isOpen[Int(level)], pixelClass == background || pixelClass == unknown { unresolved += 1 }
        }
        let bits = counts.indices.reduce(0.0) { $0 + Double(counts[$1]) * ScoreMap.entropy[$1] }
        return MaskUncertainty(unresolvedShare: Double(unresolved) / Double(pixels.inside), entropy: bits / Double(pixels.inside))
    }

    /// The probability of human by working pixel, 0 to 255, of a frame whose class map is made.
    ///
    /// How sure the score is, in the direction that the class map took: with `c` the logistic of the score's size it is `c` where the map says
    /// human and `1 − c` elsewhere. It is 0 for the device, beyond the circle, where the score is at its lower end, and where no region was
    /// accepted; a recording that could not be judged says half everywhere inside the circle. Margins keep what their own evidence says.
    /// - Parameter score: nil where no region was accepted.
    func probability(_ score: ScoreMap?, _ classes: Image, isJudged: Bool) -> Image {
        var out = Image(width: scale.width, height: scale.height, channels: 1)
        guard let score else {
            if !isJudged { for i in pixels.isBlocked.indices where !pixels.isBlocked[i] { out.pixels[i] = 128 } }
            return out
        }
        let human = PixelClass.human.rawValue
        let (yes, no) = (ScoreMap.sureness.map { UInt8((255 * $0).rounded()) }, ScoreMap.sureness.map { UInt8((255 * (1 - $0)).rounded()) })
        let levels = score.levels.pixels
        for i in levels.indices where levels[i] > ScoreMap.lowest || classes.pixels[i] == human {
            out.pixels[i] = classes.pixels[i] == human ? yes[Int(levels[i])] : no[Int(levels[i])]
        }
        return out
    }
}
