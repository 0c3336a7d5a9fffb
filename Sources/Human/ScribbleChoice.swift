#if canImport(Glibc)
    internal import Glibc
#endif

/// Which frames of a recording a hand-drawn label would help most on.
public enum ScribbleChoice {
    /// The frames with the most entropy, spread over the recording: each that is chosen (or labelled already) lowers the worth of those about it.
    /// - Parameters:
    ///   - entropies: by frame, entropy times coverage, see `HumanDoubt.entropy`.
    ///   - taken: frames that have a label.
    ///   - least: entropy below which a frame is not worth a label, bits a pixel.
    /// - Returns: at most `count` frames, the most telling first.
    public static func frames(_ entropies: [Double], count: Int, taken: [Int] = [], least: Double = 1e-4) -> [Int] {
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
        return chosen
    }
}
