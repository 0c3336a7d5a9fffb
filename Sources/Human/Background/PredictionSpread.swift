#if canImport(Glibc)
    internal import Glibc
#endif

/// How far a picture may be from the predicted one: from what a small shift would change, from how far the views are apart, and from noise.
struct PredictionSpread: Sendable {
    private let shift: Float
    /// Views below which noise is added, and how much.
    private let few: (count: Int, noise: Float)
    private let apart: (luma: Float, chroma: Float)
    private let bleed: Float
    /// Squares, by channel; of luma by its level.
    private let luma: [Float]
    private let chroma: Float

    init(_ o: BackgroundOptions, isFull: Bool) {
        shift = Float(o.shift * o.shift)
        few = (o.fewViews, Float(o.fewViewsNoise))
        apart = (Float(o.lumaSpread), Float(o.chromaSpread))
        bleed = isFull ? Float(o.chromaBleed * o.chromaBleed) : 0
        luma = (0..<256).map { level in
            let noise = Float(o.lumaNoise) + Float(o.relativeNoise) * Float(level)
            return noise * noise
        }
        chroma = Float(o.chromaNoise) * Float(o.chromaNoise)
    }

    /// Calls `body(pixel, log density, squared distance)` for the pixels of a part of the box that a view shows.
    @inline(__always) func judge(
        _ picture: [UInt8], _ plate: PredictedPicture, width w: Int, height h: Int, rows: Range<Int>, columns: Range<Int>,
        _ body: (_ pixel: Int, _ density: Float, _ square: Float) -> Void
    ) {
        let full = Float(-1.5 * log(2 * Double.pi))
        picture.withUnsafeBufferPointer { c in
            plate.views.withUnsafeBufferPointer { views in
                plate.colours.withUnsafeBufferPointer { p in
                    plate.apart.withUnsafeBufferPointer { apart in
                        luma.withUnsafeBufferPointer { luma in
                            for y in rows {
                                for x in columns {
                                    let i = y &* w &+ x
                                    let count = views[i]
                                    if count == 0 { continue }
                                    let own = SIMD4<Float>(p[i])
                                    // What a shift of the plate would change: differences to the neighbours that are known.
                                    @inline(__always) func square(_ j: Int) -> SIMD4<Float> {
                                        if views[j] == 0 { return .zero }
                                        let d = SIMD4<Float>(p[j]) - own
                                        return d * d
                                    }
                                    @inline(__always) func larger(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> SIMD4<Float> {
                                        a.replacing(with: b, where: b .> a)
                                    }
                                    var slope = SIMD4<Float>.zero
                                    if x > 0 && x &+ 1 < w { slope = larger(square(i &- 1), square(i &+ 1)) }
                                    if y > 0 && y &+ 1 < h { slope += larger(square(i &- w), square(i &+ w)) }
                                    let seen = SIMD4<Float>(Float(c[3 &* i]), Float(c[3 &* i &+ 1]), Float(c[3 &* i &+ 2]), own.w)
                                    // Video holds chroma at half size: colours bleed over edges by a pixel.
                                    var bled = SIMD4<Float>.zero
                                    if bleed > 0, x > 0, y > 0, x &+ 1 < w, y &+ 1 < h {
                                        @inline(__always) func other(_ j: Int) -> SIMD4<Float> {
                                            let d = SIMD4<Float>(0, Float(c[3 &* j &+ 1]) - seen.y, Float(c[3 &* j &+ 2]) - seen.z, 0)
                                            return d * d
                                        }
                                        bled = larger(larger(other(i &- 1), other(i &+ 1)), larger(other(i &- w), other(i &+ w)))
                                    }
                                    let lacking = count >= few.count ? 0 : few.noise / Float(count)
                                    let ay = self.apart.luma * Float(apart[i].x) + lacking
                                    let ac = self.apart.chroma * Float(apart[i].y) + lacking
                                    let noise = SIMD4<Float>(luma[Int(p[i].x)] + ay * ay, chroma + ac * ac, chroma + ac * ac, 1)
                                    let variance = noise + shift * slope + bleed * bled
                                    let d = seen - own
                                    let share = d * d / variance
                                    let sum = share.x + share.y + share.z
                                    body(i, full - 0.5 * (sum + log(variance.x * variance.y * variance.z)), sum)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
