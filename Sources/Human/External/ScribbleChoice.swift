#if canImport(Glibc)
    internal import Glibc
#endif

/// Which frames of a recording a hand-drawn label would help most on.
public enum ScribbleChoice {
    /// Entropy below which nothing is in doubt, bits a pixel.
    public static let least = 1e-4

    /// The frames with the most entropy, spread over the recording: each that is chosen (or labelled already) lowers the worth of those about it.
    /// - Parameters:
    ///   - entropies: by frame, entropy times coverage, see `MaskUncertainty.entropy`.
    ///   - taken: frames that have a label.
    /// - Returns: `count` frames, the most telling first, then those furthest from all others; fewer where the recording has no more.
    public static func frames(_ entropies: [Double], count: Int, taken: [Int] = []) -> [Int] {
        guard count > 0, !entropies.isEmpty else { return [] }
        let reach = max(1, Double(entropies.count) / Double(2 * (count + taken.count)))
        var worth = entropies
        func spend(_ frame: Int) {
            for i in worth.indices {
                let d = Double(i - frame) / reach
                worth[i] *= 1 - exp(-d * d)
            }
        }
        for frame in taken { spend(frame) }
        var chosen: [Int] = []
        while chosen.count < count, let best = worth.indices.max(by: { worth[$0] < worth[$1] }), worth[best] >= least {
            chosen.append(best)
            spend(best)
        }
        // Nothing else is in doubt: a human that was never noticed is found anywhere.
        while chosen.count < min(count, entropies.count - taken.count) {
            let known = taken + chosen
            func gap(_ i: Int) -> Int { known.map { abs($0 - i) }.min() ?? -abs(2 * i - entropies.count) }
            guard let far = entropies.indices.max(by: { gap($0) < gap($1) }) else { break }
            chosen.append(far)
        }
        return chosen
    }
}
