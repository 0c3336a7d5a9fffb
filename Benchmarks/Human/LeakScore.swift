import Human
import Imaging

#if canImport(Glibc)
    import Glibc
#endif

/// Whether a small forest finds the filled region: the area under its ROC curve on frames it has not seen.
///
/// By pixel: colour against the mean of the surroundings, gradient, noise in two sizes. It learns on even frames and is judged on odd ones.
/// By place, samples lie in the hole and in the ring about it: the clean frames, judged in the same way, say how much the place alone gives
/// away. By pairs, the same pixels of the hole are taken from the filled and from the clean picture: only the filling can be known.
struct LeakScore {
    private var features: [[Float]] = []
    private var isFilled: [Bool] = []
    private var isTraining: [Bool] = []
    private var frames = 0

    /// The hole against the ring about it.
    mutating func add(_ picture: Image, hole: Image, protected: (Int) -> Bool) throws {
        defer { frames += 1 }
        let near = try hole.dilated(radius: 4)
        let far = try hole.dilated(radius: 24)
        let looks = try Looks(picture)
        for i in places(in: picture, where: { (hole.pixels[$0] != 0 || (far.pixels[$0] != 0 && near.pixels[$0] == 0)) && !protected($0) }) {
            add(looks.features(at: i), hole.pixels[i] != 0)
        }
    }

    /// The hole as it was filled against the same pixels without a human.
    mutating func add(_ filled: Image, against clean: Image, hole: Image) throws {
        defer { frames += 1 }
        let (own, other) = (try Looks(filled), try Looks(clean))
        for i in places(in: filled, where: { hole.pixels[$0] != 0 }) {
            add(own.features(at: i), true)
            add(other.features(at: i), false)
        }
    }

    private mutating func add(_ sample: [Float], _ filled: Bool) {
        features.append(sample)
        isFilled.append(filled)
        isTraining.append(frames % 2 == 0)
    }

    /// One in 61 of the pixels that are asked for, by chance.
    private func places(in picture: Image, where isAsked: (Int) -> Bool) -> [Int] {
        var state = UInt64(frames) &* 0x9E37_79B9_7F4A_7C15 &+ 77
        var out: [Int] = []
        for y in 4..<(picture.height - 4) {
            for i in (y * picture.width + 4)..<(y * picture.width + picture.width - 4) where isAsked(i) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                if (state >> 40) % 61 == 0 { out.append(i) }
            }
        }
        return out
    }

    /// A picture and its means, from which a pixel's features are read.
    private struct Looks {
        let ycc: Image
        let wide: Image
        let narrow: Image
        let middle: Image

        init(_ picture: Image) throws {
            ycc = try picture.converted(.rgbToYCrCb)
            wide = try ycc.gaussianBlurred(sigma: 12)
            narrow = try ycc.gaussianBlurred(sigma: 1)
            middle = try ycc.gaussianBlurred(sigma: 3)
        }

        func features(at i: Int) -> [Float] {
            let w = ycc.width
            var f: [Float] = []
            for c in 0..<3 { f.append(Float(ycc.pixels[3 * i + c]) - Float(wide.pixels[3 * i + c])) }
            let gx = Float(ycc.pixels[3 * (i + 1)]) - Float(ycc.pixels[3 * (i - 1)])
            let gy = Float(ycc.pixels[3 * (i + w)]) - Float(ycc.pixels[3 * (i - w)])
            f.append((gx * gx + gy * gy).squareRoot())
            for (radius, base) in [(1, narrow), (3, middle)] {
                var sum: Float = 0
                for v in -radius...radius {
                    for u in -radius...radius {
                        let j = 3 * (i + v * w + u)
                        sum += abs(Float(ycc.pixels[j]) - Float(base.pixels[j]))
                    }
                }
                f.append(sum / Float((2 * radius + 1) * (2 * radius + 1)))
            }
            return f
        }
    }

    /// Learned on half of the frames, judged on the others: it may know the scene's own colours by place. 0.5 finds nothing, 1 finds all.
    func area() -> Double {
        let train = features.indices.filter { isTraining[$0] }
        return Self.area(
            learned: train.map { (features[$0], isFilled[$0]) },
            judged: features.indices.filter { !isTraining[$0] }.map { (features[$0], isFilled[$0]) })
    }

    /// Learned on other sessions: only what filling itself leaves behind can be known.
    func area(learnedOn others: [LeakScore]) -> Double {
        Self.area(
            learned: others.flatMap { other in
                stride(from: 0, to: other.features.count, by: 3).map { (other.features[$0], other.isFilled[$0]) }
            },
            judged: zip(features, isFilled).map { ($0, $1) })
    }

    private static func area(learned: [([Float], Bool)], judged: [([Float], Bool)]) -> Double {
        guard learned.contains(where: { $0.1 }), learned.contains(where: { !$0.1 }), !judged.isEmpty else { return .nan }
        var options = ForestOptions()
        options.trees = 30
        options.depth = 8
        let forest = Forest(features: learned.map(\.0), labels: learned.map(\.1), options: options, seed: 5)
        let scored = judged.map { (Double(forest.probability($0.0)), $0.1) }.sorted { $0.0 < $1.0 }
        // Mann-Whitney with mid-ranks for ties.
        var (rankSum, positives, i) = (0.0, 0.0, 0)
        while i < scored.count {
            var j = i
            while j < scored.count, scored[j].0 == scored[i].0 { j += 1 }
            let rank = 0.5 * Double(i + j + 1)
            for k in i..<j where scored[k].1 {
                rankSum += rank
                positives += 1
            }
            i = j
        }
        let negatives = Double(scored.count) - positives
        return positives == 0 || negatives == 0 ? .nan : (rankSum - positives * (positives + 1) / 2) / (positives * negatives)
    }
}
