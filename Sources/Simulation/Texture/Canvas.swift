internal import Estimation
#if canImport(Glibc)
    internal import Glibc
#endif

/// A picture to paint textures on, linear 0 to 1, with edges softened over one texel.
struct Canvas: Sendable {
    typealias Colour = SIMD3<Float>

    let width: Int
    let height: Int
    var pixels: [Colour]

    init(width: Int, height: Int, fill: Colour = Colour(repeating: 1)) {
        self.width = width
        self.height = height
        pixels = Array(repeating: fill, count: width * height)
    }

    /// Paints where `coverage` (0 to 1, of texel centres) says, within a box of texels.
    mutating func paint(
        x: ClosedRange<Float>, y: ClosedRange<Float>, colour: Colour, coverage: (Float, Float) -> Float
    ) {
        let x0 = max(0, Int(x.lowerBound.rounded(.down)))
        let x1 = min(width - 1, Int(x.upperBound.rounded(.up)))
        let y0 = max(0, Int(y.lowerBound.rounded(.down)))
        let y1 = min(height - 1, Int(y.upperBound.rounded(.up)))
        guard x0 <= x1, y0 <= y1 else { return }
        for j in y0...y1 {
            for i in x0...x1 {
                let a = min(max(coverage(Float(i) + 0.5, Float(j) + 0.5), 0), 1)
                if a > 0 { pixels[j * width + i] += a * (colour - pixels[j * width + i]) }
            }
        }
    }

    /// A rectangle with centre, half sides and turn, all in texels and radians.
    mutating func rectangle(centre: SIMD2<Float>, half: SIMD2<Float>, angle: Float = 0, colour: Colour) {
        let (c, s) = (cosf(angle), sinf(angle))
        let reach = SIMD2(abs(c) * half.x + abs(s) * half.y + 1, abs(s) * half.x + abs(c) * half.y + 1)
        paint(x: (centre.x - reach.x)...(centre.x + reach.x), y: (centre.y - reach.y)...(centre.y + reach.y), colour: colour) { x, y in
            let (dx, dy) = (x - centre.x, y - centre.y)
            return min(min(half.x - abs(c * dx + s * dy), half.y - abs(c * dy - s * dx)) + 0.5, 1)
        }
    }

    mutating func disc(centre: SIMD2<Float>, radius: Float, colour: Colour) {
        let r = radius + 1
        paint(x: (centre.x - r)...(centre.x + r), y: (centre.y - r)...(centre.y + r), colour: colour) { x, y in
            radius - ((x - centre.x) * (x - centre.x) + (y - centre.y) * (y - centre.y)).squareRoot() + 0.5
        }
    }

    func halved() -> Canvas {
        var out = Canvas(width: max(1, width / 2), height: max(1, height / 2))
        for j in 0..<out.height {
            for i in 0..<out.width {
                let k = 2 * j * width + 2 * i
                out.pixels[j * out.width + i] = 0.25 * ((pixels[k] + pixels[k + 1]) + (pixels[k + width] + pixels[k + width + 1]))
            }
        }
        return out
    }

    /// Smooth noise in 0...1 with features of about one unit.
    static func noise(_ x: Float, _ y: Float, seed: UInt64) -> Float {
        let (fx, fy) = (x.rounded(.down), y.rounded(.down))
        let (i, j) = (Int(fx), Int(fy))
        var (s, t) = (x - fx, y - fy)
        s = s * s * (3 - 2 * s)
        t = t * t * (3 - 2 * t)
        let a = RandomSource.lattice(i, j, seed)
        let b = RandomSource.lattice(i + 1, j, seed)
        let c = RandomSource.lattice(i, j + 1, seed)
        let d = RandomSource.lattice(i + 1, j + 1, seed)
        let top = a + s * (b - a)
        return top + t * (c + s * (d - c) - top)
    }

    /// A sum of four octaves of `noise`, in 0...1.
    static func clouds(_ x: Float, _ y: Float, seed: UInt64) -> Float {
        var sum: Float = 0
        var weight: Float = 0.5
        var scale: Float = 1
        for octave in 0..<4 {
            sum += weight * noise(x * scale, y * scale, seed: seed &+ UInt64(octave))
            weight *= 0.5
            scale *= 2.03
        }
        return sum / 0.9375
    }
}
