internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

extension HumanMasker {
    /// The chance of human by working pixel, 0 to 255, of a frame whose class map is made.
    ///
    /// How sure the score is, in the direction that the class map took at full size: with `c` the logistic of the score's size and `h` the share of
    /// the working pixel that the map calls human, the chance is `h·c + (1 − h)·(1 − c)`. It is 0 for the device, beyond the circle, and where no
    /// region was accepted; a recording that could not be judged says half everywhere inside the circle. Margins keep what their own evidence says.
    /// - Parameter score: log odds at working size; nil where no region was accepted.
    func probability(score: [Float]?, classes: Image, isJudged: Bool) -> Image {
        var out = Image(width: scale.width, height: scale.height, channels: 1)
        guard let score else {
            if !isJudged { for i in still.indices where !still[i] { out.pixels[i] = 128 } }
            return out
        }
        let human = PixelClass.human.rawValue
        var counts = [Int](repeating: 0, count: score.count)
        classes.pixels.withUnsafeBufferPointer { c in
            for y in 0..<scale.fullHeight {
                for x in 0..<scale.fullWidth where c[y &* scale.fullWidth &+ x] == human {
                    counts[y / scale.factor &* scale.width &+ x / scale.factor] &+= 1
                }
            }
        }
        for i in score.indices where score[i] > -9 || counts[i] > 0 {
            let sure = 1 / (1 + exp(-abs(score[i])))
            let share = Float(counts[i]) / Float(scale.pixels(in: i))
            out.pixels[i] = UInt8((255 * (share * sure + (1 - share) * (1 - sure))).rounded())
        }
        return out
    }
}
