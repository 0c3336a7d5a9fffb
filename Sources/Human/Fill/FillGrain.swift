internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// How a filled hole's sharpness and grain differ from the picture's.
struct GrainMatch {
    /// What fine detail is multiplied by.
    var gain: Float = 1
    /// Standard deviation of the fine detail of the noise that is then missing, levels.
    var noise: Float = 0
    /// Correlation of the noise of neighbouring pixels: video's is smoothed by the codec.
    var correlation: Float = 0
}

extension Region {
    /// Brightness to add to each pixel of the hole, so that it is as sharp and as noisy as the picture about it.
    ///
    /// Fine detail is what differs from the mean over 3x3 pixels (binomial).
    /// - Parameter seed: of the frame: the same frame gets the same noise.
    func grain(_ found: Found, picture: Image, seed: UInt64, options: FillOptions) -> [Float] {
        var out = [Float](repeating: 0, count: pixels.count)
        guard options.matchesGrain, box.width > 4, box.height > 4 else { return out }
        let own = luma(found)
        let match = match(own, found, picture, options: options)
        if match.gain != 1 {
            for k in pixels.indices where isHole[k] {
                let detail = detail(own, local[k])
                if !detail.isNaN { out[k] = (match.gain - 1) * detail }
            }
        }
        guard match.noise > Float(options.leastGrain) else { return out }
        let noise = noise(seed, correlation: match.correlation)
        var (sum, count) = (Float(0), Float(1))
        for i in noise.indices {
            let d = detail(noise, i)
            if !d.isNaN { (sum, count) = (sum + d * d, count + 1) }
        }
        let scale = match.noise / max(sum / count, 1e-6).squareRoot()
        for k in pixels.indices where isHole[k] && found.views[k] > 0 { out[k] += scale * noise[local[k]] }
        return out
    }

    /// A place of the ring: how lively the found picture is about it, the fine detail of both, and their difference along the row.
    private struct Witness {
        var activity: Float
        var detail: Float
        var own: Float
        var difference: (here: Float, next: Float, third: Float)
    }

    /// What the found colours lack in sharpness and grain, as the ring tells, where the picture itself is known.
    ///
    /// The variance of fine detail is that of structure, by a gain, and that of noise, the same everywhere: the ring's flatter and livelier
    /// halves give the two. Means of several views have less noise, and are a little blurred; of a frame that motion blurs they are too sharp.
    private func match(_ own: [Float], _ found: Found, _ picture: Image, options: FillOptions) -> GrainMatch {
        let witnesses = witnesses(own, found, picture, most: options.mostGrainWitnesses)
        guard witnesses.count >= options.grainWitnesses else { return GrainMatch() }
        let half = witnesses.count / 2
        let most = Float(options.mostDetail * options.mostDetail)
        func energies(_ part: ArraySlice<Witness>) -> (theirs: Float, own: Float) {
            let n = Float(part.count)
            return (part.reduce(0) { $0 + min($1.detail * $1.detail, most) } / n, part.reduce(0) { $0 + min($1.own * $1.own, most) } / n)
        }
        let (flat, lively) = (energies(witnesses[..<half]), energies(witnesses[half...]))
        // Where there is no structure to compare, the gain is 1.
        let steady = Float(options.steadyDetail * options.steadyDetail)
        func gain(_ theirs: Float, _ own: Float) -> Float {
            let ratio = ((max(theirs, 0) + steady) / (max(own, 0) + steady)).squareRoot()
            return max(Float(options.leastSharpening), min(Float(options.mostSharpening), ratio))
        }
        var out = GrainMatch()
        out.gain = gain(lively.theirs - flat.theirs, lively.own - flat.own)
        if flat.theirs < out.gain * out.gain * flat.own { out.gain = gain(lively.theirs + flat.theirs, lively.own + flat.own) }
        // Noise lifts the smoothest places as it lifts all others; what views that are off by a part of a pixel lack does not.
        let sizes = witnesses[..<half].map { abs($0.detail) }.sorted()
        let ownSizes = witnesses[..<half].map { out.gain * abs($0.own) }.sorted()
        // Shares, and what part of the standard deviation that share of a normal distribution lies within.
        let missing = [(0.1, Float(0.1257)), (0.3, 0.3853), (0.5, 0.6745)].map { share, part in
            let i = Int(share * Double(half))
            return (sizes[i] * sizes[i] - ownSizes[i] * ownSizes[i]) / (part * part)
        }
        out.noise = min(max(missing.min() ?? 0, 0).squareRoot(), Float(options.mostGrain))
        // How the difference of the two changes over one pixel and over three.
        var (near, far) = (Float(0), Float(0))
        for d in witnesses[..<half].map(\.difference) {
            let (a, b) = (d.next - d.here, d.third - d.here)
            if !(a + b).isNaN { (near, far) = (near + a * a, far + b * b) }
        }
        out.correlation = far > 0 ? max(0, min(Float(options.mostCorrelation), 1 - near / far)) : 0
        return out
    }

    /// At most so many places of the ring, spread over it, the flattest first.
    private func witnesses(_ own: [Float], _ found: Found, _ picture: Image, most: Int) -> [Witness] {
        let w = box.width
        func theirs(_ k: Int) -> Float {
            let p = 3 * pixels[k]
            return Self.luma(Float(picture.pixels[p]), Float(picture.pixels[p + 1]), Float(picture.pixels[p + 2]))
        }
        /// Of the pixel beside one of the ring; nil where it is not ring.
        func ring(_ i: Int) -> Int? {
            let k = Int(place[i])
            return k >= 0 && !isHole[k] && found.views[k] > 0 ? k : nil
        }
        let all = pixels.indices.filter { !isHole[$0] && found.views[$0] > 0 }
        var out: [Witness] = []
        for k in stride(from: 0, to: all.count, by: max(1, all.count / max(most, 1))).map({ all[$0] }) {
            let (i, j) = (pixels[k], local[k])
            guard i > 2 * width, i + 2 * width + 3 < place.count, j >= 2 * w, j + 2 * w + 3 < own.count else { continue }
            let activity = abs(own[j + 2] - own[j - 2]) + abs(own[j + 2 * w] - own[j - 2 * w])
            let detail = detail(own, j)
            if (activity + detail).isNaN { continue }
            var mean: Float = 0
            var isKnown = true
            for v in -1...1 {
                for u in -1...1 {
                    if let n = ring(i + v * width + u) {
                        mean += theirs(n) * Float((2 - abs(u)) * (2 - abs(v)))
                    } else {
                        isKnown = false
                    }
                }
            }
            guard isKnown else { continue }
            func difference(_ step: Int) -> Float { ring(i + step).map { theirs($0) - own[j + step] } ?? .nan }
            out.append(
                Witness(
                    activity: activity, detail: theirs(k) - mean / 16, own: detail,
                    difference: (difference(0), difference(1), difference(3))))
        }
        // Stable: places of one activity stay in the order of the picture.
        return out.enumerated().sorted { ($0.element.activity, $0.offset) < ($1.element.activity, $1.offset) }.map(\.element)
    }

    private static func luma(_ r: Float, _ g: Float, _ b: Float) -> Float { 0.299 * r + 0.587 * g + 0.114 * b }

    /// Found brightness by pixel of the rectangle; NaN where there is none.
    private func luma(_ found: Found) -> [Float] {
        var out = [Float](repeating: .nan, count: box.width * box.height)
        for k in pixels.indices where found.views[k] > 0 {
            out[local[k]] = Self.luma(found.colours[3 * k], found.colours[3 * k + 1], found.colours[3 * k + 2])
        }
        return out
    }

    /// What differs from the mean over 3x3 pixels (binomial); NaN where one of them is not known.
    @inline(__always) private func detail(_ p: [Float], _ i: Int) -> Float {
        let w = box.width
        guard i > w, i + w + 1 < p.count else { return .nan }
        let sides = p[i - 1] + p[i + 1] + p[i - w] + p[i + w]
        let corners = p[i - w - 1] + p[i - w + 1] + p[i + w - 1] + p[i + w + 1]
        return 0.75 * p[i] - 0.125 * sides - 0.0625 * corners
    }

    /// Noise by pixel of the rectangle, from the pixel's place in the picture and the seed.
    private func noise(_ seed: UInt64, correlation: Float) -> [Float] {
        let w = box.width
        let first = (pixels.first ?? 0) / width * width
        var out = [Float](repeating: 0, count: w * box.height)
        for i in out.indices { out[i] = Self.noise(seed, first + i / w * width + i % w) }
        // [a 1 a] has this correlation of neighbours.
        let a = correlation > 0 ? (1 - (1 - 2 * correlation * correlation).squareRoot()) / (2 * correlation) : 0
        guard a > 0 else { return out }
        for step in [1, w] {
            let before = out
            for i in step..<(out.count - step) { out[i] = before[i] + a * (before[i - step] + before[i + step]) }
        }
        return out
    }

    /// A nearly normal number of unit variance that belongs to a frame and a pixel.
    private static func noise(_ seed: UInt64, _ pixel: Int) -> Float {
        var v = seed ^ UInt64(pixel) &* 0x9E37_79B9_7F4A_7C15
        v = (v ^ v >> 30) &* 0xBF58_476D_1CE4_E5B9
        v = (v ^ v >> 27) &* 0x94D0_49BB_1331_11EB
        v ^= v >> 31
        let sum = Float(v & 0xffff) + Float(v >> 16 & 0xffff) + Float(v >> 32 & 0xffff) + Float(v >> 48)
        return (sum - 131_070) / 37_837
    }
}
