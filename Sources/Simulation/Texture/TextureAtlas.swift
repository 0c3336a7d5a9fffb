/// Pictures on surfaces, with mip levels, all in one flat array so that the ray caster reads them through one pointer.
///
/// Sides are powers of two; addresses wrap. Channels are 8-bit red, green, blue and an unused fourth.
struct TextureAtlas: Sendable {
    struct Entry: Sendable {
        var width: Int
        var height: Int
        /// Where each mip level starts in `texels`; 12 at most.
        var offsets: SIMD16<Int32>
        var levels: Int
    }

    private(set) var texels: [SIMD4<UInt8>] = []
    private(set) var entries: [Entry] = []

    /// Adds a picture and its mip levels (2×2 box means); gives its number.
    mutating func add(_ canvas: Canvas) -> Int32 {
        precondition(canvas.width.nonzeroBitCount == 1 && canvas.height.nonzeroBitCount == 1, "texture sides are powers of two")
        var entry = Entry(width: canvas.width, height: canvas.height, offsets: .zero, levels: 0)
        var level = canvas
        while true {
            entry.offsets[entry.levels] = Int32(texels.count)
            entry.levels += 1
            texels.reserveCapacity(texels.count + level.pixels.count)
            for p in level.pixels {
                let c = (p.clamped(lowerBound: .zero, upperBound: .one) * 255).rounded(.toNearestOrEven)
                texels.append(SIMD4(UInt8(c.x), UInt8(c.y), UInt8(c.z), 255))
            }
            if entry.levels == 12 || level.width == 1 || level.height == 1 { break }
            level = level.halved()
        }
        entries.append(entry)
        return Int32(entries.count - 1)
    }
}

/// Read access to an atlas inside a hot loop.
struct TextureReader {
    let texels: UnsafePointer<SIMD4<UInt8>>
    let entries: UnsafePointer<TextureAtlas.Entry>

    /// Trilinear look-up. `u`, `v`: texels of the finest level, a texel's centre at one half. `footprint`: texels under one ray.
    @inline(__always) func sample(_ id: Int32, _ u: Float, _ v: Float, footprint: Float) -> SIMD3<Float> {
        let entry = entries + Int(id)
        let limit = Float(entry.pointee.levels - 1)
        // log2, straight between powers of two: continuous, and good to 9 % of a level.
        let x = max(footprint, 1)
        let level = min(Float(x.exponent) + x.significand - 1, limit)
        let low = Int(level)
        let f = level - Float(low)
        let a = bilinear(entry, low, u, v)
        if f < 0.02 { return a }
        return a + f * (bilinear(entry, min(low + 1, entry.pointee.levels - 1), u, v) - a)
    }

    @inline(__always) private func bilinear(
        _ entry: UnsafePointer<TextureAtlas.Entry>, _ level: Int, _ u: Float, _ v: Float
    ) -> SIMD3<Float> {
        let scale = 1 / Float(1 << level)
        let x = u * scale - 0.5
        let y = v * scale - 0.5
        let fx = x.rounded(.down)
        let fy = y.rounded(.down)
        let w = entry.pointee.width >> level
        let h = entry.pointee.height >> level
        let x0 = Int(fx) & (w - 1)
        let y0 = Int(fy) & (h - 1)
        let x1 = (x0 + 1) & (w - 1)
        let y1 = (y0 + 1) & (h - 1)
        let base = texels + Int(entry.pointee.offsets[level])
        let a = SIMD4<Float>(base[y0 * w + x0])
        let b = SIMD4<Float>(base[y0 * w + x1])
        let c = SIMD4<Float>(base[y1 * w + x0])
        let d = SIMD4<Float>(base[y1 * w + x1])
        let s = x - fx
        let t = y - fy
        let top = a + s * (b - a)
        let bottom = c + s * (d - c)
        let m = (top + t * (bottom - top)) * Float(1.0 / 255)
        return SIMD3(m.x, m.y, m.z)
    }
}
