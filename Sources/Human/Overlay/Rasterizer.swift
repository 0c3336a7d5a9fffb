internal import Geometry

/// A triangle that was drawn, its light and distance as a plane over the samples.
struct DrawnFacet {
    let part: Int
    private let u, v: Float
    /// Light, highlight and distance at a corner, and what they grow by along a row and along a column.
    private let first, right, down: SIMD4<Float>

    init(part: Int, at a: DrawnVertex, right: SIMD4<Float>, down: SIMD4<Float>) {
        self.part = part
        (u, v, first) = (a.u, a.v, SIMD4(a.light, a.highlight, a.distance, 0))
        (self.right, self.down) = (right, down)
    }

    /// At a sample.
    @inline(__always) func surface(_ x: Float, _ y: Float) -> (light: Float, highlight: Float, distance: Float) {
        let at = first + right * (x - u) + down * (y - v)
        return (at.x, at.y, at.z)
    }
}

/// A z-buffer of samples: for each the nearest distance and the triangle. Triangles are divided until straight lines are straight enough.
final class Rasterizer {
    let lens: LensProjection
    let samples: Int
    /// In samples.
    let width: Int
    let height: Int
    /// Eight samples of a row in one line of the processor's cache: their distances in metres (infinite where nothing is), then their numbers
    /// in `facets` (0 there).
    private let blocks: UnsafeMutableRawPointer
    private let blocksInRow: Int
    /// The first says nothing.
    private(set) var facets: [DrawnFacet] = []
    /// By row of samples: the columns that may have been drawn to.
    private let columns: UnsafeMutablePointer<Range<Int>>
    /// Square of what a chord may be off, samples.
    private let bend: Float
    /// Edges shorter than this do not bend by more, square samples.
    private let short: Float

    /// Nearer to the point behind the camera than this angle nothing is drawn: pictures mean nothing there.
    private static let behind: Float = 2.8
    /// An edge whose ends differ by more of their distance is drawn in parts.
    private static let foreshortening: Float = 0.1

    init(_ lens: LensProjection, samples: Int, bend: Double) {
        self.lens = lens
        self.samples = samples
        width = lens.camera.width * samples
        height = lens.camera.height * samples
        blocksInRow = (width + 7) / 8
        let limit = Float(bend) * Float(samples)
        self.bend = limit * limit
        // A chord of length c runs off a curve of radius f by c²/8f; lenses bend lines by less than a quarter of that radius.
        short = 2 * limit * Float(min(lens.camera.focalLength.x, lens.camera.focalLength.y)) * Float(samples)
        columns = .allocate(capacity: height)
        columns.initialize(repeating: 0..<0, count: height)
        blocks = .allocate(byteCount: blocksInRow * height * Self.block, alignment: Self.block)
        for k in 0..<blocksInRow * height { Self.empty(blocks + k * Self.block) }
    }

    deinit {
        columns.deallocate()
        blocks.deallocate()
    }

    /// Bytes of eight samples.
    private static let block = 64

    @inline(__always) private static func empty(_ block: UnsafeMutableRawPointer) {
        block.storeBytes(of: SIMD8(repeating: .infinity), as: SIMD8<Float>.self)
        block.storeBytes(of: SIMD8(repeating: 0), toByteOffset: 32, as: SIMD8<UInt32>.self)
    }

    /// Empties what was drawn.
    func clear() {
        for y in 0..<height where !columns[y].isEmpty {
            for k in columns[y].lowerBound / 8...(columns[y].upperBound - 1) / 8 { Self.empty(blocks + (y * blocksInRow + k) * Self.block) }
            columns[y] = 0..<0
        }
        facets.removeAll(keepingCapacity: true)
    }

    /// The number in `facets` of what a sample shows; 0 for nothing.
    @inline(__always) func facet(_ x: Int, _ y: Int) -> Int {
        Int(blocks.load(fromByteOffset: (y * blocksInRow + (x >> 3)) * Self.block + 32 + 4 * (x & 7), as: UInt32.self))
    }

    /// The columns of a row of pixels in which something may have been drawn.
    func drawnColumns(ofPixels y: Int) -> Range<Int> {
        var (low, high) = (Int.max, 0)
        for row in y * samples..<(y + 1) * samples where !columns[row].isEmpty {
            (low, high) = (min(low, columns[row].lowerBound), max(high, columns[row].upperBound))
        }
        return high > 0 ? low / samples..<(high - 1) / samples + 1 : 0..<0
    }

    /// Appends the first of eight points with their light, projected.
    @inline(__always) func project(
        _ x: SIMD8<Float>, _ y: SIMD8<Float>, _ z: SIMD8<Float>, _ light: SIMD8<Float>, _ highlight: SIMD8<Float>, first: Int,
        into out: inout [DrawnVertex]
    ) {
        let (u, v, angle, range) = place(x, y, z)
        for k in 0..<first {
            out.append(
                DrawnVertex(
                    point: SIMD3(x[k], y[k], z[k]), u: u[k], v: v[k], distance: range[k], light: light[k], highlight: highlight[k],
                    angle: angle[k]))
        }
    }

    /// In samples; angles and distances.
    @inline(__always) private func place(
        _ x: SIMD8<Float>, _ y: SIMD8<Float>, _ z: SIMD8<Float>
    ) -> (u: SIMD8<Float>, v: SIMD8<Float>, angle: SIMD8<Float>, range: SIMD8<Float>) {
        let (u, v, angle) = lens.project(x, y, z)
        let s = Float(samples)
        let shift = 0.5 * s - 0.5
        return (u * s + shift, v * s + shift, angle, (x * x + y * y + z * z).squareRoot())
    }

    /// The middles of a triangle's edges.
    private func middles(_ a: DrawnVertex, _ b: DrawnVertex, _ c: DrawnVertex) -> (ab: DrawnVertex, bc: DrawnVertex, ca: DrawnVertex) {
        let (p, q, r) = ((a.point + b.point) * 0.5, (b.point + c.point) * 0.5, (c.point + a.point) * 0.5)
        let (u, v, angle, range) = place(
            SIMD8(p.x, q.x, r.x, r.x, r.x, r.x, r.x, r.x), SIMD8(p.y, q.y, r.y, r.y, r.y, r.y, r.y, r.y),
            SIMD8(p.z, q.z, r.z, r.z, r.z, r.z, r.z, r.z))
        func middle(_ k: Int, _ point: SIMD3<Float>, _ a: DrawnVertex, _ b: DrawnVertex) -> DrawnVertex {
            DrawnVertex(
                point: point, u: u[k], v: v[k], distance: range[k], light: 0.5 * (a.light + b.light),
                highlight: 0.5 * (a.highlight + b.highlight),
                angle: angle[k])
        }
        return (middle(0, p, a, b), middle(1, q, b, c), middle(2, r, c, a))
    }

    /// Draws a triangle that faces the camera; `number` is its part's. What an edge does depends on the edge alone: neighbours leave no gap.
    func draw(_ a: DrawnVertex, _ b: DrawnVertex, _ c: DrawnVertex, number: Int, depth: Int = 0) {
        let low = min(a.angle, b.angle, c.angle)
        let high = max(a.angle, b.angle, c.angle)
        if depth < 9, high > 2.4 || isLong(a, b) || isLong(b, c) || isLong(c, a) {
            let nearest = min(a.distance, b.distance, c.distance)
            let side = max(Self.squared(a.point - b.point), Self.squared(b.point - c.point), Self.squared(c.point - a.point))
            // A wide triangle may cross the picture though its corners are far out of sight.
            if low > lens.reach + 0.8, side < 0.16 * nearest * nearest { return }
            let (ab, bc, ca) = middles(a, b, c)
            let next = depth + 1
            switch (bends(a, b, ab), bends(b, c, bc), bends(c, a, ca)) {
            case (false, false, false): break
            case (true, true, true):
                draw(a, ab, ca, number: number, depth: next)
                draw(ab, b, bc, number: number, depth: next)
                draw(ca, bc, c, number: number, depth: next)
                return draw(ab, bc, ca, number: number, depth: next)
            case (true, true, false):
                draw(a, ab, c, number: number, depth: next)
                draw(ab, bc, c, number: number, depth: next)
                return draw(ab, b, bc, number: number, depth: next)
            case (false, true, true):
                draw(b, bc, a, number: number, depth: next)
                draw(bc, ca, a, number: number, depth: next)
                return draw(bc, c, ca, number: number, depth: next)
            case (true, false, true):
                draw(c, ca, b, number: number, depth: next)
                draw(ca, ab, b, number: number, depth: next)
                return draw(ca, a, ab, number: number, depth: next)
            case (true, false, false):
                draw(a, ab, c, number: number, depth: next)
                return draw(ab, b, c, number: number, depth: next)
            case (false, true, false):
                draw(b, bc, a, number: number, depth: next)
                return draw(bc, c, a, number: number, depth: next)
            case (false, false, true):
                draw(c, ca, b, number: number, depth: next)
                return draw(ca, a, b, number: number, depth: next)
            }
        }
        if low > lens.reach || high > Self.behind { return }
        fill(a, b, c, number)
    }

    @inline(__always) private static func squared(_ v: SIMD3<Float>) -> Float { v.x * v.x + v.y * v.y + v.z * v.z }

    /// Whether an edge is to be looked at for its bend.
    @inline(__always) private func isLong(_ p: DrawnVertex, _ q: DrawnVertex) -> Bool {
        let (du, dv) = (p.u - q.u, p.v - q.v)
        let length = du * du + dv * dv
        return length > short || length > 36 && abs(p.distance - q.distance) > Self.foreshortening * min(p.distance, q.distance)
    }

    @inline(__always) private func bends(_ p: DrawnVertex, _ q: DrawnVertex, _ middle: DrawnVertex) -> Bool {
        if !isLong(p, q), max(p.angle, q.angle) <= 2.4 { return false }
        let (du, dv) = (middle.u - 0.5 * (p.u + q.u), middle.v - 0.5 * (p.v + q.v))
        if du * du + dv * dv > bend { return true }
        let near = min(p.distance, q.distance)
        return max(p.angle, q.angle) > 2.4 && Self.squared(p.point - q.point) > 0.04 * near * near
    }

    private func fill(_ a: DrawnVertex, _ b: DrawnVertex, _ c: DrawnVertex, _ number: Int) {
        let area = (b.u - a.u) * (c.v - a.v) - (b.v - a.v) * (c.u - a.u)
        let (left, right) = (min(a.u, b.u, c.u), max(a.u, b.u, c.u))
        let (top, bottom) = (min(a.v, b.v, c.v), max(a.v, b.v, c.v))
        guard abs(area) > 1e-9, area.isFinite, right >= 0, bottom >= 0, left < Float(width), top < Float(height) else { return }
        // The first at or after, the last at or before.
        let x0 = Self.ceiling(max(left, 0)), x1 = min(width - 1, Int(min(right, Float(width))))
        let y0 = Self.ceiling(max(top, 0)), y1 = min(height - 1, Int(min(bottom, Float(height))))
        guard x0 <= x1, y0 <= y1 else { return }
        let k = 1 / area
        // Weights of b and c grow by these along a row and a column; a has what is left.
        let (bx, by) = ((c.v - a.v) * k, -(c.u - a.u) * k)
        let (cx, cy) = (-(b.v - a.v) * k, (b.u - a.u) * k)
        let lb = SIMD4(b.light - a.light, b.highlight - a.highlight, b.distance - a.distance, 0)
        let lc = SIMD4(c.light - a.light, c.highlight - a.highlight, c.distance - a.distance, 0)
        if facets.isEmpty { facets.append(DrawnFacet(part: 0, at: a, right: .zero, down: .zero)) }
        let id = SIMD8<UInt32>(repeating: UInt32(facets.count))
        facets.append(DrawnFacet(part: number, at: a, right: lb * bx + lc * cx, down: lb * by + lc * cy))
        let ends = (RowEnd(bx), RowEnd(cx), RowEnd(-bx - cx))
        let lanes = SIMD8<Float>(0, 1, 2, 3, 4, 5, 6, 7)
        for y in y0...y1 {
            let dy = Float(y) - a.v
            let (ry, sy) = (by * dy, cy * dy)
            // Where the weights are at least 0 and so is what is left for the first corner, one more to each side.
            var (low, high) = (Float(x0), Float(x1))
            ends.0.cut(&low, &high, a.u, ry)
            ends.1.cut(&low, &high, a.u, sy)
            ends.2.cut(&low, &high, a.u, 1 - (ry + sy))
            guard low <= high else { continue }
            let (from, to) = (Int(low), min(x1, Int(high) + 1))
            let old = columns[y]
            columns[y] = old.isEmpty ? from..<to + 1 : min(old.lowerBound, from)..<max(old.upperBound, to + 1)
            for k in from >> 3...to >> 3 {
                let at = blocks + (y * blocksInRow + k) * Self.block
                let dx = lanes + (Float(8 * k) - a.u)
                let wb = bx * dx + ry
                let wc = cx * dx + sy
                let far = a.distance + wb * lb.z + wc * lc.z
                let before = at.load(as: SIMD8<Float>.self)
                // A hair beyond the edges, so that neighbours leave no gap.
                let isInside = (wb .>= -1e-4) .& (wc .>= -1e-4) .& (wb + wc .<= 1.0001) .& (far .< before)
                at.storeBytes(of: before.replacing(with: far, where: isInside), as: SIMD8<Float>.self)
                let numbers = at.load(fromByteOffset: 32, as: SIMD8<UInt32>.self)
                at.storeBytes(of: numbers.replacing(with: id, where: isInside), toByteOffset: 32, as: SIMD8<UInt32>.self)
            }
        }
    }

    /// Of a number that is not negative.
    @inline(__always) private static func ceiling(_ v: Float) -> Int {
        let whole = Int(v)
        return Float(whole) < v ? whole + 1 : whole
    }
}

/// Where along a row a weight that grows evenly comes to nothing.
private struct RowEnd {
    private let slope, inverse: Float

    init(_ slope: Float) {
        self.slope = slope
        inverse = 1 / slope
    }

    /// - Parameter weight: at column `u`.
    @inline(__always) func cut(_ low: inout Float, _ high: inout Float, _ u: Float, _ weight: Float) {
        if slope > 1e-12 { low = max(low, u - weight * inverse - 1) } else if slope < -1e-12 { high = min(high, u - weight * inverse + 1) }
    }
}
