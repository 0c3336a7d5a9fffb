internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

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
    /// The doubt that is left of a frame once its class map is made.
    ///
    /// A pixel is unresolved that its own evidence calls human with at least `human.unresolvedProbability`, and that the map neither takes out
    /// nor knows for something else. Where the frame was not judged pixel by pixel, what the nearest keyframe's seeds covered is in doubt; a
    /// recording that could not be judged at all is in doubt everywhere.
    /// - Parameters:
    ///   - score: log odds at working size; nil where no region was accepted.
    ///   - seedShare: see `HumanAnalysis.seedShare(near:)`.
    func doubt(score: [Float]?, classes: Image, seedShare: Double) -> MaskUncertainty {
        guard let score else { return MaskUncertainty(unresolvedShare: seedShare, entropy: seedShare) }
        let isOpen = unresolved(score)
        let map = working(classes)
        let open = [PixelClass.background.rawValue, PixelClass.unknown.rawValue]
        var unresolved = 0
        var bits = 0.0
        for i in score.indices where score[i] > -9 {
            if isOpen[i], open.contains(map.pixels[i]) { unresolved += 1 }
            bits += Double(Self.entropy(score[i]))
        }
        return MaskUncertainty(unresolvedShare: Double(unresolved) / Double(inside), entropy: bits / Double(inside))
    }

    /// By working pixel: its own evidence says human as soon as `human.unresolvedProbability` asks for.
    func unresolved(_ score: [Float]) -> [Bool] {
        let p = min(max(options.human.unresolvedProbability, 1e-3), 1 - 1e-3)
        let least = Float(log(p / (1 - p)))
        return score.map { $0 > -9 && $0 >= least }
    }

    /// Of a chance given by its log odds, bits.
    private static func entropy(_ odds: Float) -> Float {
        let p = 1 / (1 + exp(-odds))
        guard p > 1e-6, p < 1 - 1e-6 else { return 0 }
        return -(p * log2(p) + (1 - p) * log2(1 - p))
    }
}
