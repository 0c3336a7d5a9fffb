internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// A recording's own colours of human and of scene: two histograms over Y (16 bins), Cr and Cb (32 bins of 4 levels).
struct ColourModel: Sendable {
    static let lumaBins = 16
    static let chromaBins = 32
    private var human: [Float]
    private var scene: [Float]
    private(set) var logOdds: [Float] = []
    /// Natural logarithms of the densities (a cubic level) of human and of scene.
    private(set) var logHuman: [Float] = []
    private(set) var logScene: [Float] = []

    static let bins = lumaBins * chromaBins * chromaBins

    init() {
        human = [Float](repeating: 0, count: Self.bins)
        scene = human
    }

    /// A finished model of which only the densities are known.
    /// - Precondition: `bins` numbers each.
    init(logHuman: [Float], logScene: [Float]) {
        precondition(logHuman.count == Self.bins && logScene.count == Self.bins, "a model of colours has a density for each bin")
        self.init()
        (self.logHuman, self.logScene) = (logHuman, logScene)
    }

    @inline(__always) static func bin(_ y: UInt8, _ cr: UInt8, _ cb: UInt8) -> Int {
        let r = max(0, min(31, (Int(cr) - 64) >> 2))
        let b = max(0, min(31, (Int(cb) - 64) >> 2))
        return ((Int(y) >> 4) * chromaBins + r) * chromaBins + b
    }

    mutating func addHuman(_ c: [UInt8], at i: Int) { human[Self.bin(c[3 * i], c[3 * i + 1], c[3 * i + 2])] += 1 }
    mutating func addScene(_ c: [UInt8], at i: Int) { scene[Self.bin(c[3 * i], c[3 * i + 1], c[3 * i + 2])] += 1 }

    var humanCount: Float { human.reduce(0, +) }

    /// Turns counts into log odds, both sides smoothed by one [1 2 1]³ pass and normalised; ±4 at most.
    mutating func finish() {
        let a = Self.smoothed(human)
        let b = Self.smoothed(scene)
        let (na, nb) = (max(a.reduce(0, +), 1), max(b.reduce(0, +), 1))
        // One count in a thousand bins of prior on either side: an unseen colour says nothing.
        let floor: Float = 2e-5
        // Bins are 16 x 4 x 4 levels; a twentieth of the density is spread over all colours that occur.
        let flat: Float = 0.05 / Float(220 * 70 * 70)
        logHuman = a.map { log(0.95 * $0 / na / 256 + flat) }
        logScene = b.map { log(0.95 * $0 / nb / 256 + flat) }
        logOdds = zip(a, b).map { max(-4, min(4, log(($0 / na + floor) / ($1 / nb + floor)))) }
    }

    private static func smoothed(_ values: [Float]) -> [Float] {
        var v = values
        for stride in [1, chromaBins, chromaBins * chromaBins] {
            var out = v
            for i in v.indices {
                let position = (i / stride) % (stride == chromaBins * chromaBins ? lumaBins : chromaBins)
                let last = (stride == chromaBins * chromaBins ? lumaBins : chromaBins) - 1
                let below = position > 0 ? v[i - stride] : 0
                let above = position < last ? v[i + stride] : 0
                out[i] = 0.5 * v[i] + 0.25 * (below + above)
            }
            v = out
        }
        return v
    }

    /// Log odds of human of a pixel of Y Cr Cb values and of its neighbourhood, half each.
    @inline(__always) func around(_ c: UnsafeBufferPointer<UInt8>, x: Int, y: Int, width: Int, height: Int) -> Float {
        var (own, sum): (Float, Float) = (0, 0)
        for v in max(0, y - 1)...min(height - 1, y + 1) {
            for u in max(0, x - 1)...min(width - 1, x + 1) {
                let p = 3 &* (v &* width &+ u)
                let odds = logOdds[Self.bin(c[p], c[p &+ 1], c[p &+ 2])]
                if u == x && v == y { own = odds }
                sum += odds
            }
        }
        return 0.5 * own + sum / 18
    }

    /// Log odds of human for each pixel of Y Cr Cb values.
    func evaluate(_ c: [UInt8]) -> [Float] {
        let n = c.count / 3
        return [Float](unsafeUninitializedCapacity: n) { out, initialized in
            c.withUnsafeBufferPointer { p in
                logOdds.withUnsafeBufferPointer { odds in
                    for i in 0..<n { out[i] = odds[Self.bin(p[3 * i], p[3 * i + 1], p[3 * i + 2])] }
                }
            }
            initialized = n
        }
    }
}

/// Log odds of human where the static scene is known: the human's colours against what the scene predicts, which a small share of its pixels
/// do not follow.
struct BackgroundMixture: Sendable {
    private let human: [Float]
    private let scene: [Float]
    private let weight: Float
    private let surprise: Float
    private let prior: Float
    /// ln(1 + e^−x) in steps of 1/64 up to 16.
    private static let tail: [Float] = (0...1025).map { Float(log1p(exp(-Double($0) / 64))) }
    private let tail = Self.tail

    init(_ colours: ColourModel, weight: Double, surprise: Double, prior: Double) {
        (human, scene) = (colours.logHuman, colours.logScene)
        self.weight = Float(weight)
        self.surprise = Float(log(max(surprise, 1e-6)))
        self.prior = Float(prior)
    }

    /// - Parameters:
    ///   - bin: of the pixel's colour.
    ///   - predicted: log density of the colour if the pixel shows the scene.
    @inline(__always) func odds(_ bin: Int, predicted: Float) -> Float {
        // log((1 − ε) e^predicted + ε e^scene)
        let other = scene[bin] + surprise
        let apart = min(abs(predicted - other) * 64, 1024)
        let step = Int(Int32(apart))
        let rest = tail[step] + (tail[step + 1] - tail[step]) * (apart - Float(step))
        return weight * (human[bin] - max(predicted, other) - rest) - prior
    }

    /// The same where the scene's own view is not known, by the colours alone; half as sure.
    @inline(__always) func odds(_ bin: Int) -> Float { 0.5 * (human[bin] - scene[bin]) - prior }
}

/// Half the step in brightness and the steps in chroma between two pixels of Y Cr Cb values, at most 255.
@inline(__always) func colourStep(_ c: UnsafeBufferPointer<UInt8>, _ i: Int, _ j: Int) -> Int {
    let (p, q) = (3 &* i, 3 &* j)
    let luma = abs(Int(c[p]) &- Int(c[q])) / 2
    return min(luma &+ abs(Int(c[p &+ 1]) &- Int(c[q &+ 1])) &+ abs(Int(c[p &+ 2]) &- Int(c[q &+ 2])), 255)
}
