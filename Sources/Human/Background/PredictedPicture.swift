internal import Geometry
#if canImport(Glibc)
    internal import Glibc
#endif

/// The picture that the scene's views predict, and how far they are apart.
struct PredictedPicture: Sendable {
    /// Views that show the place.
    var views: [UInt8]
    /// Median Y Cr Cb; undefined where no view shows the place.
    private(set) var colours: [SIMD4<UInt8>]
    /// Median distance of the views from it: of Y, and of Cr and Cb together.
    private(set) var apart: [SIMD2<UInt8>]

    init(count: Int) {
        views = [UInt8](repeating: 0, count: count)
        colours = [SIMD4<UInt8>](unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
        apart = [SIMD2<UInt8>](unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
    }

    /// Medians of the samples of some rows.
    /// - Parameters:
    ///   - values: by view, `stride` apart; row `from` first.
    ///   - most: views at most.
    mutating func merge(_ values: UnsafeBufferPointer<SIMD4<UInt8>>, rows: Range<Int>, width: Int, from: Int, stride: Int, most: Int) {
        let start = from * width
        views.withUnsafeBufferPointer { views in
            colours.withUnsafeMutableBufferPointer { colours in
                apart.withUnsafeMutableBufferPointer { apart in
                    withUnsafeTemporaryAllocation(of: SIMD4<UInt8>.self, capacity: 2 * max(most, 1)) { sorted in
                        for i in (rows.lowerBound * width)..<(rows.upperBound * width) {
                            let count = Int(views[i])
                            if count == 0 { continue }
                            let at = i &- start
                            let middle: SIMD4<UInt8>
                            var far: SIMD4<UInt8>
                            if count == 5 {
                                let v = (
                                    values[at], values[at &+ stride], values[at &+ 2 &* stride], values[at &+ 3 &* stride],
                                    values[at &+ 4 &* stride]
                                )
                                middle = Self.median(v.0, v.1, v.2, v.3, v.4)
                                far = Self.median(
                                    Self.distance(v.0, middle), Self.distance(v.1, middle), Self.distance(v.2, middle),
                                    Self.distance(v.3, middle),
                                    Self.distance(v.4, middle))
                            } else {
                                for k in 0..<count { sorted[k] = values[at &+ k &* stride] }
                                middle = Self.median(sorted, count)
                                for k in 0..<count { sorted[k] = Self.distance(values[at &+ k &* stride], middle) }
                                far = Self.median(sorted, count)
                            }
                            colours[i] = middle
                            apart[i] = SIMD2(far.x, far.y)
                        }
                    }
                }
            }
        }
    }

    /// |ΔY| and |ΔCr| + |ΔCb|.
    @inline(__always) private static func distance(_ a: SIMD4<UInt8>, _ b: SIMD4<UInt8>) -> SIMD4<UInt8> {
        let d = most(a, b) &- least(a, b)
        return SIMD4(d.x, UInt8(truncatingIfNeeded: min(255, UInt32(d.y) &+ UInt32(d.z))), 0, 0)
    }

    @inline(__always) private static func least(_ a: SIMD4<UInt8>, _ b: SIMD4<UInt8>) -> SIMD4<UInt8> {
        a.replacing(with: b, where: b .< a)
    }
    @inline(__always) private static func most(_ a: SIMD4<UInt8>, _ b: SIMD4<UInt8>) -> SIMD4<UInt8> { a.replacing(with: b, where: b .> a) }

    /// By lane.
    @inline(__always) private static func median(
        _ a: SIMD4<UInt8>, _ b: SIMD4<UInt8>, _ c: SIMD4<UInt8>, _ d: SIMD4<UInt8>, _ e: SIMD4<UInt8>
    ) -> SIMD4<UInt8> {
        let low = most(least(a, b), least(c, d))
        let high = least(most(a, b), most(c, d))
        return most(least(low, high), least(e, most(low, high)))
    }

    /// By lane, of the first ones, which are sorted; of an even number the mean of the two in the middle.
    private static func median(_ v: UnsafeMutableBufferPointer<SIMD4<UInt8>>, _ count: Int) -> SIMD4<UInt8> {
        for n in 1..<max(count, 1) {
            var x = v[n]
            for k in 0..<n { (v[k], x) = (least(v[k], x), most(v[k], x)) }
            v[n] = x
        }
        let high = v[count / 2]
        if count % 2 == 1 { return high }
        let low = v[count / 2 - 1]
        // Rounded up.
        return (low | high) &- ((low ^ high) &>> 1)
    }
}

/// How far a picture may be from the plate: from what a small shift would change, from how far the views are apart, and from noise.
struct PredictionSpread: Sendable {
    private let shift: Float
    private let few: Float
    private let bleed: Float
    /// Squares, by channel; of luma by its level.
    private let luma: [Float]
    private let chroma: Float

    init(_ o: BackgroundOptions, isFull: Bool) {
        shift = Float(o.shift * o.shift)
        few = Float(o.fewViewsNoise)
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
                                    let lacking = count >= 3 ? 0 : few / Float(count)
                                    let ay = 1.5 * Float(apart[i].x) + lacking
                                    let ac = 0.75 * Float(apart[i].y) + lacking
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
