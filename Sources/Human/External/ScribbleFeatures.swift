internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// Colour and texture about each pixel, by which a recording's own human is told from its scene.
///
/// L*a*b*, hue as a vector times saturation, saturation, value; of L*, a*, b* mean and standard deviation over squares of several sizes. No
/// positions: with few labels they cost more than they tell. Linear in pixels, whatever the squares' sizes.
struct ScribbleFeatures {
    /// Features a pixel.
    let count: Int
    let width: Int
    let height: Int
    /// Row by row, `count` numbers a pixel.
    let values: [Float]

    /// - Parameter picture: RGB.
    init(_ picture: Image, radii: [Int]) {
        (width, height) = (picture.width, picture.height)
        let n = width * height
        let count = 7 + 6 * radii.count
        self.count = count
        var lab = [[Float]](repeating: [Float](repeating: 0, count: n), count: 3)
        var out = [Float](repeating: 0, count: n * count)
        for i in 0..<n {
            let (r, g, b) = (picture.pixels[3 * i], picture.pixels[3 * i + 1], picture.pixels[3 * i + 2])
            let own = Self.lab(r, g, b)
            let (cosine, sine, saturation, value) = Self.hue(Float(r), Float(g), Float(b))
            for (k, v) in [own.0, own.1, own.2, cosine, sine, saturation, value].enumerated() { out[i * count + k] = v }
            (lab[0][i], lab[1][i], lab[2][i]) = own
        }
        for (k, radius) in radii.enumerated() {
            let areas = boxSum([Float](repeating: 1, count: n), width: width, height: height, radius: radius)
            for c in 0..<3 {
                let sums = boxSum(lab[c], width: width, height: height, radius: radius)
                let squares = boxSum(lab[c].map { $0 * $0 }, width: width, height: height, radius: radius)
                for i in 0..<n {
                    let mean = sums[i] / areas[i]
                    out[i * count + 7 + 6 * k + c] = mean
                    out[i * count + 10 + 6 * k + c] = max(0, squares[i] / areas[i] - mean * mean).squareRoot()
                }
            }
        }
        values = out
    }

    /// One pixel's features.
    func sample(_ i: Int) -> [Float] { Array(values[(i * count)..<((i + 1) * count)]) }

    private static let linear: [Float] = (0..<256).map { v in
        let x = Float(v) / 255
        return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4)
    }

    /// f of CIELAB by 1/4096.
    private static let root: [Float] = (0...4096).map { v in
        let t = Float(v) / 4096
        return t > 216.0 / 24389 ? cbrtf(t) : (24389.0 / 27 * t + 16) / 116
    }

    /// CIELAB under D65 from sRGB.
    private static func lab(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> (Float, Float, Float) {
        let (R, G, B) = (linear[Int(r)], linear[Int(g)], linear[Int(b)])
        func f(_ t: Float) -> Float { root[Int(max(0, min(1, t)) * 4096)] }
        let x = f((0.4124564 * R + 0.3575761 * G + 0.1804375 * B) / 0.95047)
        let y = f(0.2126729 * R + 0.7151522 * G + 0.0721750 * B)
        let z = f((0.0193339 * R + 0.1191920 * G + 0.9503041 * B) / 1.08883)
        return (116 * y - 16, 500 * (x - y), 200 * (y - z))
    }

    /// Hue as cosine and sine times saturation, saturation, value; 0 to 255.
    private static func hue(_ r: Float, _ g: Float, _ b: Float) -> (Float, Float, Float, Float) {
        let value = max(r, g, b)
        let chroma = value - min(r, g, b)
        guard value > 0, chroma > 0 else { return (0, 0, 0, value) }
        let saturation = 255 * chroma / value
        // The hexagon's opponent axes have hue as their angle.
        let (alpha, beta) = (r - 0.5 * (g + b), 0.8660254 * (g - b))
        let length = max((alpha * alpha + beta * beta).squareRoot(), 1e-6)
        return (saturation * alpha / length, saturation * beta / length, saturation, value)
    }
}
