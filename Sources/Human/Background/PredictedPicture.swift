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
