internal import Geometry
public import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// Tells skin by colour: the ratios R/G and G/B of a white-balanced picture.
///
/// Melanin and haemoglobin put skin of every tone on one short line in ln(R/G), ln(G/B); lightness is left out, so that dark and light
/// skin are treated alike. Colour alone takes wood and orange plastic for skin: `HumanMasker` asks for motion too.
public struct SkinModel: Sendable {
    public var options: SkinOptions
    /// Factors on R and B against G that make the scene neutral.
    public var balanceRed = 1.0
    public var balanceBlue = 1.0

    public init(options: SkinOptions = SkinOptions()) { self.options = options }

    /// Sets the white balance from what is bright and nearly gray in the scene: paper, tags, walls.
    ///
    /// The mean of the scene would do worse: on a wooden table it calls wood gray and skin blue. Without enough such pixels nothing is changed.
    /// - Parameter use: which pixels are known to be scene; empty takes all.
    public mutating func balance(on images: [Image], use: [[Bool]] = []) {
        func scan(_ body: (Double, Double, Double) -> Void) {
            for (k, image) in images.enumerated() where image.channels == 3 {
                for i in 0..<(image.width * image.height) {
                    if !use.isEmpty && !use[k][i] { continue }
                    let (r, g, b) = (Double(image.pixels[3 * i]), Double(image.pixels[3 * i + 1]), Double(image.pixels[3 * i + 2]))
                    if max(r, g, b) <= 250 { body(r, g, b) }
                }
            }
        }
        var histogram = [Int](repeating: 0, count: 256)
        var count = 0
        scan { r, g, b in
            histogram[Int(g)] += 1
            count += 1
        }
        var bright = 255
        var above = 0
        while bright > 60, Double(above) < options.brightShare * Double(count) {
            above += histogram[bright]
            bright -= 1
        }
        var sums = (0.0, 0.0, 0.0)
        var neutral = 0
        let limit = options.maximumBalance
        scan { r, g, b in
            guard g >= Double(bright), r < g * limit, g < r * limit, b < g * limit, g < b * limit else { return }
            sums = (sums.0 + r, sums.1 + g, sums.2 + b)
            neutral += 1
        }
        guard Double(neutral) >= options.neutralShare * Double(count), neutral > 0 else { return }
        balanceRed = sums.1 / sums.0
        balanceBlue = sums.1 / sums.2
    }

    /// Squared Mahalanobis distance to skin of each pixel of an RGB picture; infinite where it is too dark or clipped.
    public func distances(_ image: Image) -> [Float] {
        let o = options
        let logs = (0..<256).map { Float(log(Double(max($0, 1)))) }
        let shiftRed = Float(log(balanceRed) - o.centreRedGreen)
        let shiftBlue = Float(-log(balanceBlue) - o.centreGreenBlue)
        let (a, b) = (Float(1 / (o.sigmaRedGreen * o.sigmaRedGreen)), Float(1 / (o.sigmaGreenBlue * o.sigmaGreenBlue)))
        let (low, high) = (Int(o.minimumBrightness), Int(o.maximumBrightness))
        let n = image.width * image.height
        var out = [Float](repeating: .infinity, count: n)
        guard image.channels == 3 else { return out }
        image.pixels.withUnsafeBufferPointer { p in
            for i in 0..<n {
                let (r, g, bl) = (Int(p[3 * i]), Int(p[3 * i + 1]), Int(p[3 * i + 2]))
                if g < low || g > high || r > 252 { continue }
                let u = logs[r] - logs[g] + shiftRed
                let v = logs[g] - logs[bl] + shiftBlue
                out[i] = u * u * a + v * v * b
            }
        }
        return out
    }
}
