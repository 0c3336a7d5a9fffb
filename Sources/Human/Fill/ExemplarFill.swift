internal import Imaging

/// Continues a picture into a hole by copying small squares of it.
///
/// The square on the hole's edge that is known best and that the strongest edge runs into comes first; the square of the known picture near by
/// that is most like it fills it (A. Criminisi, P. Pérez, K. Toyama, "Region filling and object removal by exemplar-based image inpainting",
/// 2004). Unlike there, what is not known of a square is compared with a smooth guess, for less weight, so that no colour comes in that
/// nothing round about calls for; and the copy is brought to the brightness of what is known of the square.
struct ExemplarFill {
    private let width: Int
    private let height: Int
    private let options: FillOptions
    private let half: Int
    private var colours: [SIMD3<Float>]
    private var isOpen: [Bool]
    private var confidence: [Float]
    /// What is to be filled still, in order.
    private var open: [Int]
    /// Middles of squares that are known throughout.
    private let isSource: [Bool]

    /// - Parameters:
    ///   - guess: the picture, smoothly painted in.
    ///   - target: by pixel, what is to be filled.
    ///   - known: by pixel, what may be copied.
    init(_ guess: Image, target: [Bool], known: [Bool], options: FillOptions) {
        (width, height, self.options, half) = (guess.width, guess.height, options, max(1, options.exemplarSize / 2))
        isOpen = target
        open = target.indices.filter { target[$0] }
        confidence = zip(target, known).map { !$0 && $1 ? 1 : 0 }
        colours = guess.pixels.withUnsafeBufferPointer { p in
            target.indices.map { SIMD3(Float(p[3 * $0]), Float(p[3 * $0 + 1]), Float(p[3 * $0 + 2])) }
        }
        let (w, h, r) = (guess.width, guess.height, half)
        let unknown = boxSum(confidence.map { 1 - $0 }, width: w, height: h, radius: r)
        isSource = unknown.indices.map {
            unknown[$0] < 0.5 && $0 % w >= r && $0 % w < w - r && $0 / w >= r && $0 / w < h - r
        }
    }

    /// Fills all of it and returns the picture's colours.
    mutating func run() -> [SIMD3<Float>] {
        while let (middle, trust) = next() {
            let square = places(of: middle)
            guard let source = best(for: middle) else {
                // Nothing near by to copy: the guess stays.
                for i in square { isOpen[i] = false }
                continue
            }
            let shift = source - middle
            var difference = SIMD3<Float>.zero
            var count: Float = 0
            for i in square where !isOpen[i] && confidence[i] > 0 {
                difference += colours[i] - colours[i + shift]
                count += 1
            }
            let most = SIMD3<Float>(repeating: Float(options.exemplarBrightness))
            let offset = count > 0 ? (difference / count).clamped(lowerBound: -most, upperBound: most) : .zero
            for i in square where isOpen[i] {
                colours[i] = colours[i + shift] + offset
                confidence[i] = trust
                isOpen[i] = false
            }
        }
        return colours
    }

    private func places(of middle: Int) -> [Int] {
        let (x, y) = (middle % width, middle / width)
        return (max(0, y - half)...min(height - 1, y + half)).flatMap { v in
            (max(0, x - half)...min(width - 1, x + half)).map { v * width + $0 }
        }
    }

    /// The open place on the edge of what is known to fill next, and how well its square is known.
    private mutating func next() -> (middle: Int, trust: Float)? {
        open.removeAll { !isOpen[$0] }
        var found: (middle: Int, trust: Float)?
        var most: Float = -1
        func isEdge(_ i: Int) -> Bool { !isOpen[i] && confidence[i] > 0 }
        for i in open {
            let (x, y) = (i % width, i / width)
            guard x > 0, y > 0, x < width - 1, y < height - 1 else { continue }
            guard isEdge(i - 1) || isEdge(i + 1) || isEdge(i - width) || isEdge(i + width) else { continue }
            var sum: Float = 0
            for v in max(0, y - half)...min(height - 1, y + half) {
                for u in max(0, x - half)...min(width - 1, x + half) { sum += confidence[v * width + u] }
            }
            let side = Float(2 * half + 1)
            let trust = sum / (side * side)
            // How strongly an edge runs into the hole: along it brightness does not change.
            let normal = SIMD2(
                Float(isOpen[i + 1] ? 1 : 0) - (isOpen[i - 1] ? 1 : 0), Float(isOpen[i + width] ? 1 : 0) - (isOpen[i - width] ? 1 : 0))
            let slope = SIMD2(brightness(i + 1) - brightness(i - 1), brightness(i + width) - brightness(i - width))
            let priority = trust * (abs(slope.x * normal.y - slope.y * normal.x) + 4)
            if priority > most { (most, found) = (priority, (i, trust)) }
        }
        return found ?? open.first.map { ($0, 0) }
    }

    private func brightness(_ i: Int) -> Float { (colours[i].x + 2 * colours[i].y + colours[i].z) / 4 }

    /// The middle of the known square most like that about a place.
    private func best(for middle: Int) -> Int? {
        let (x, y) = (middle % width, middle / width)
        guard x >= half, y >= half, x < width - half, y < height - half else { return nil }
        var best: (cost: Float, place: Int)?
        let guessed = Float(options.guessTrust)
        func cost(_ source: Int, _ limit: Float) -> Float {
            var sum: Float = 0
            for v in -half...half {
                for u in -half...half {
                    let i = middle + v * width + u
                    let d = colours[i] - colours[i + source - middle]
                    sum += (d * d).sum() * (isOpen[i] ? guessed : confidence[i] > 0 ? 1 : 0)
                }
                if sum > limit { return .infinity }
            }
            return sum
        }
        func ask(_ u: Int, _ v: Int) {
            guard u >= 0, v >= 0, u < width, v < height, isSource[v * width + u] else { return }
            let c = cost(v * width + u, best?.cost ?? .infinity)
            if c < best?.cost ?? .infinity { best = (c, v * width + u) }
        }
        let reach = options.exemplarReach
        for v in stride(from: y - reach, through: y + reach, by: 2) {
            for u in stride(from: x - reach, through: x + reach, by: 2) { ask(u, v) }
        }
        if let (_, near) = best {
            for v in -1...1 { for u in -1...1 where u != 0 || v != 0 { ask(near % width + u, near / width + v) } }
        }
        return best?.place
    }
}
