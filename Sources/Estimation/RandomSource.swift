/// A seeded source of random numbers: SplitMix64 (Steele, Lea, Flood 2014). The same seed gives the same numbers on every machine.
public struct RandomSource: RandomNumberGenerator, Sendable {
    var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Standard normal, as the sum of twelve uniforms less six: its tails end at ±6.
    public mutating func normal() -> Double {
        var s = -6.0
        for _ in 0..<12 { s += uniform() }
        return s
    }

    /// `count` different indices below `bound`, in random order.
    public mutating func sample(_ count: Int, below bound: Int) -> [Int] {
        precondition(count <= bound, "cannot draw more different numbers than there are")
        var picked: [Int] = []
        while picked.count < count {
            let i = Int(next() % UInt64(bound))
            if !picked.contains(i) { picked.append(i) }
        }
        return picked
    }
}

/// Fits a model to data with outliers: Fischler and Bolles's random sample consensus, with the number of rounds cut as inliers are found.
public enum RandomConsensus {
    public struct Result<Model: Sendable>: Sendable {
        public var model: Model
        public var inliers: [Int]
    }

    /// - Parameters:
    ///   - fit: models that a minimal sample gives (none, one or several).
    ///   - error: of one datum under a model; an inlier is below `threshold`.
    /// - Returns: the model with the most inliers, the first found among equals; nil when no sample gave a model.
    public static func search<Model: Sendable>(
        count: Int, sampleSize: Int, threshold: Double, rounds: Int, confidence: Double = 0.999, seed: UInt64,
        fit: ([Int]) -> [Model], error: (Model, Int) -> Double
    ) -> Result<Model>? {
        guard count >= sampleSize else { return nil }
        var random = RandomSource(seed: seed)
        var best: Result<Model>?
        var limit = rounds
        var round = 0
        while round < limit {
            round += 1
            for model in fit(random.sample(sampleSize, below: count)) {
                let inliers = (0..<count).filter { error(model, $0) < threshold }
                if inliers.count > best?.inliers.count ?? 0 {
                    best = Result(model: model, inliers: inliers)
                    let good = Double(inliers.count) / Double(count)
                    var allGood = 1.0
                    for _ in 0..<sampleSize { allGood *= good }
                    // Rounds until one sample is clean with the wanted confidence, by counting: no logarithm needed.
                    var missed = 1.0
                    var needed = 0
                    while missed > 1 - confidence, needed < rounds {
                        missed *= 1 - allGood
                        needed += 1
                    }
                    limit = min(limit, max(needed, round))
                }
            }
        }
        return best
    }
}
