internal import Estimation
#if canImport(Glibc)
    internal import Glibc
#endif

/// Printed matter: what sheets, posters and boxes carry.
extension Canvas {
    /// A random saturated colour.
    static func ink(_ random: inout RandomSource) -> Colour {
        let hue = Float(random.uniform(0, 6))
        let low = Float(random.uniform(0.08, 0.35))
        let high = Float(random.uniform(0.55, 0.9))
        func channel(_ shift: Float) -> Float {
            let k = (hue + shift).truncatingRemainder(dividingBy: 6)
            return low + (high - low) * min(max(min(k, 4 - k), 0), 1)
        }
        return Colour(channel(5), channel(3), channel(1))
    }

    /// Prints a sheet: paper, then text lines, a picture of shapes, or a chart, by `kind`.
    mutating func sheet(centre: SIMD2<Float>, half: SIMD2<Float>, angle: Float, kind: Int, random: inout RandomSource, texel: Float) {
        let paper = kind == 1 ? Self.ink(&random) * 0.4 + 0.5 : Colour(repeating: Float(random.uniform(0.86, 0.97)))
        rectangle(centre: centre, half: half, angle: angle, colour: paper)
        let along = SIMD2(cosf(angle), sinf(angle))
        let across = SIMD2(-along.y, along.x)
        func place(_ p: SIMD2<Float>) -> SIMD2<Float> { centre + p.x * along + p.y * across }
        switch kind {
        case 0:
            // Text: lines of words 4 mm high, a heading on top.
            let dark = Colour(repeating: 0.12)
            let step = 0.0095 / texel
            var y = -half.y + 0.018 / texel
            var isHeading = true
            while y < half.y - 0.012 / texel {
                let tall = (isHeading ? 0.0045 : 0.0022) / texel
                var x = -half.x + 0.014 / texel
                while x < half.x - 0.03 / texel {
                    let word = Float(random.uniform(0.004, 0.012)) / texel
                    if random.uniform() < 0.93 {
                        rectangle(centre: place(SIMD2(x + word, y)), half: SIMD2(word, tall), angle: angle, colour: dark)
                    }
                    x += 2 * word + 0.005 / texel
                    if isHeading, x > 0 { break }
                }
                y += isHeading ? 1.7 * step : step
                isHeading = false
            }
        case 1:
            for _ in 0..<26 {
                let p = SIMD2(Float(random.uniform(-0.85, 0.85)) * half.x, Float(random.uniform(-0.85, 0.85)) * half.y)
                let room = min(half.x - abs(p.x), half.y - abs(p.y))
                let size = min(Float(random.uniform(0.006, 0.035)) / texel, room)
                let colour = Self.ink(&random)
                if random.uniform() < 0.5 {
                    disc(centre: place(p), radius: size, colour: colour)
                } else {
                    let shape = SIMD2(size, size * Float(random.uniform(0.25, 1)))
                    rectangle(centre: place(p), half: shape * 0.7, angle: Float(random.uniform(0, 3)), colour: colour)
                }
            }
        default:
            // A chart: a frame, bars of different heights, a legend.
            let ink = Self.ink(&random) * 0.8
            rectangle(centre: place(SIMD2(0, 0.05 * half.y)), half: half * 0.82, angle: angle, colour: Colour(repeating: 0.2))
            rectangle(centre: place(SIMD2(0, 0.05 * half.y)), half: half * 0.82 - 0.0015 / texel, angle: angle, colour: paper * 0.97)
            let bars = 9
            for i in 0..<bars {
                let tall = Float(random.uniform(0.1, 0.75)) * half.y
                let x = (Float(i) + 0.5) / Float(bars) * 1.5 - 0.75
                let colour = i % 3 == 0 ? Self.ink(&random) : ink
                let at = SIMD2(x * half.x, 0.85 * half.y - tall)
                rectangle(centre: place(at), half: SIMD2(0.055 * half.x, tall), angle: angle, colour: colour)
            }
        }
    }

    /// A sheet's worth of pictures over the whole canvas: for boxes and posters. `texel` in metres.
    static func cover(size: Int, texel: Float, random: inout RandomSource) -> Canvas {
        let side = Float(size)
        var canvas = Canvas(width: size, height: size, fill: ink(&random) * 0.5 + 0.3)
        for _ in 0..<70 {
            let centre = SIMD2(Float(random.uniform()) * side, Float(random.uniform()) * side)
            let half = SIMD2(Float(random.uniform(0.004, 0.03)), Float(random.uniform(0.004, 0.02))) / texel
            if random.uniform() < 0.35 {
                canvas.disc(centre: centre, radius: half.x, colour: ink(&random))
            } else {
                canvas.rectangle(centre: centre, half: half, angle: Float(Int(random.uniform(0, 4))) * 0.7854, colour: ink(&random))
            }
        }
        return canvas
    }
}
