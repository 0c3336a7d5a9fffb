internal import Geometry

/// A corner of a triangle on its way to the picture.
struct DrawnVertex {
    /// In the camera's frame, metres.
    var point: Vector3
    /// In samples.
    var u: Float
    var v: Float
    /// Distance from the camera, metres.
    var distance: Float
    /// Light that falls on it, 0 to 1, and its highlight.
    var light: Float
    var highlight: Float
    /// From the optical axis, radians.
    var angle: Float
}

/// A z-buffer of samples: for each the nearest distance, the part and its light. Triangles are divided until straight lines are straight enough.
struct Rasterizer {
    let lens: LensProjection
    let samples: Int
    /// In samples.
    let width: Int
    let height: Int
    /// Square of what a chord may be off, samples.
    private let bend: Float
    private(set) var distance: [Float]
    /// Number of the part plus one; 0 where nothing is.
    private(set) var part: [UInt16]
    private(set) var light: [Float]
    private(set) var highlight: [Float]
    /// Rows and columns of samples that were drawn to; nil where none.
    private(set) var drawn: (x: ClosedRange<Int>, y: ClosedRange<Int>)?

    /// Edges longer than this are looked at for their bend, square samples.
    private static let short: Float = 36
    /// Nearer to the point behind the camera than this angle nothing is drawn: pictures mean nothing there.
    private static let behind: Float = 2.8

    init(_ lens: LensProjection, samples: Int, bend: Double) {
        self.lens = lens
        self.samples = samples
        width = lens.camera.width * samples
        height = lens.camera.height * samples
        self.bend = Float(bend * bend) * Float(samples * samples)
        distance = Array(repeating: .infinity, count: width * height)
        part = Array(repeating: 0, count: width * height)
        light = Array(repeating: 0, count: width * height)
        highlight = light
    }

    /// Empties what was drawn.
    mutating func clear() {
        guard let drawn else { return }
        for y in drawn.y {
            for i in y * width + drawn.x.lowerBound...y * width + drawn.x.upperBound {
                distance[i] = .infinity
                part[i] = 0
            }
        }
        self.drawn = nil
    }

    /// Calls `body` with the samples' parts, distances, light and highlights.
    func withSamples(
        _ body: (
            _ part: UnsafeBufferPointer<UInt16>, _ distance: UnsafeBufferPointer<Float>, _ light: UnsafeBufferPointer<Float>,
            _ highlight: UnsafeBufferPointer<Float>
        ) -> Void
    ) {
        part.withUnsafeBufferPointer { part in
            distance.withUnsafeBufferPointer { distance in
                light.withUnsafeBufferPointer { light in highlight.withUnsafeBufferPointer { body(part, distance, light, $0) } }
            }
        }
    }

    /// A point with its light, projected.
    @inline(__always) func vertex(_ point: Vector3, light: Float, highlight: Float) -> DrawnVertex {
        let (pixel, angle) = lens.project(point)
        let s = Double(samples)
        return DrawnVertex(
            point: point, u: Float((pixel.x + 0.5) * s - 0.5), v: Float((pixel.y + 0.5) * s - 0.5), distance: Float(point.length), light: light,
            highlight: highlight, angle: Float(angle))
    }

    private func middle(_ a: DrawnVertex, _ b: DrawnVertex) -> DrawnVertex {
        vertex((a.point + b.point) * 0.5, light: 0.5 * (a.light + b.light), highlight: 0.5 * (a.highlight + b.highlight))
    }

    /// Draws a triangle that faces the camera; `number` is its part's. What an edge does depends on the edge alone: neighbours leave no gap.
    mutating func draw(_ a: DrawnVertex, _ b: DrawnVertex, _ c: DrawnVertex, number: UInt16, depth: Int = 0) {
        let low = min(a.angle, b.angle, c.angle)
        let high = max(a.angle, b.angle, c.angle)
        func length(_ p: DrawnVertex, _ q: DrawnVertex) -> Float { (p.u - q.u) * (p.u - q.u) + (p.v - q.v) * (p.v - q.v) }
        if depth < 9, max(length(a, b), length(b, c), length(c, a)) > Self.short || high > 2.4 {
            let nearest = Double(min(a.distance, b.distance, c.distance))
            let side = max((a.point - b.point).squaredLength, (b.point - c.point).squaredLength, (c.point - a.point).squaredLength)
            // A wide triangle may cross the picture though its corners are far out of sight.
            if low > Float(lens.reach) + 0.8, side < 0.16 * nearest * nearest { return }
            let (ab, bc, ca) = (middle(a, b), middle(b, c), middle(c, a))
            let limit = bend
            func bends(_ p: DrawnVertex, _ q: DrawnVertex, _ m: DrawnVertex) -> Bool {
                let (du, dv) = (m.u - 0.5 * (p.u + q.u), m.v - 0.5 * (p.v + q.v))
                if du * du + dv * dv > limit { return true }
                let near = Double(min(p.distance, q.distance))
                return max(p.angle, q.angle) > 2.4 && (p.point - q.point).squaredLength > 0.04 * near * near
            }
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
        if low > Float(lens.reach) || high > Self.behind { return }
        fill(a, b, c, number)
    }

    /// The columns of a row within the triangle, one more to each side; nil for none.
    @inline(__always) private static func span(
        _ x0: Int, _ x1: Int, _ u: Float, _ dy: Float, _ bx: Float, _ by: Float, _ cx: Float, _ cy: Float
    ) -> ClosedRange<Int>? {
        var (low, high) = (Float(x0), Float(x1))
        // Weights are at least 0, and so is what is left for the first corner.
        func cut(_ slope: Float, _ rest: Float) {
            if slope > 1e-12 { low = max(low, u - rest / slope - 1) } else if slope < -1e-12 { high = min(high, u - rest / slope + 1) }
        }
        cut(bx, by * dy)
        cut(cx, cy * dy)
        cut(-bx - cx, 1 - (by + cy) * dy)
        return low <= high ? Int(low)...min(x1, Int(high.rounded(.up))) : nil
    }

    private mutating func fill(_ a: DrawnVertex, _ b: DrawnVertex, _ c: DrawnVertex, _ number: UInt16) {
        let area = (b.u - a.u) * (c.v - a.v) - (b.v - a.v) * (c.u - a.u)
        let (left, right) = (min(a.u, b.u, c.u), max(a.u, b.u, c.u))
        let (top, bottom) = (min(a.v, b.v, c.v), max(a.v, b.v, c.v))
        guard abs(area) > 1e-9, area.isFinite, right >= 0, bottom >= 0, left < Float(width), top < Float(height) else { return }
        let x0 = max(0, Int(max(left, 0).rounded(.up))), x1 = min(width - 1, Int(min(right, Float(width)).rounded(.down)))
        let y0 = max(0, Int(max(top, 0).rounded(.up))), y1 = min(height - 1, Int(min(bottom, Float(height)).rounded(.down)))
        guard x0 <= x1, y0 <= y1 else { return }
        if let d = drawn {
            drawn = (min(d.x.lowerBound, x0)...max(d.x.upperBound, x1), min(d.y.lowerBound, y0)...max(d.y.upperBound, y1))
        } else {
            drawn = (x0...x1, y0...y1)
        }
        let k = 1 / area
        // Weights of b and c grow by these along a row and a column; a has what is left.
        let (bx, by) = ((c.v - a.v) * k, -(c.u - a.u) * k)
        let (cx, cy) = (-(b.v - a.v) * k, (b.u - a.u) * k)
        let (db, dc) = (b.distance - a.distance, c.distance - a.distance)
        let (lb, lc) = (b.light - a.light, c.light - a.light)
        let (hb, hc) = (b.highlight - a.highlight, c.highlight - a.highlight)
        let width = width
        distance.withUnsafeMutableBufferPointer { distance in
            part.withUnsafeMutableBufferPointer { part in
                light.withUnsafeMutableBufferPointer { light in
                    highlight.withUnsafeMutableBufferPointer { highlight in
                        for y in y0...y1 {
                            let dy = Float(y) - a.v
                            guard let span = Self.span(x0, x1, a.u, dy, bx, by, cx, cy) else { continue }
                            for x in span {
                                let dx = Float(x) - a.u
                                let wb = bx * dx + by * dy
                                let wc = cx * dx + cy * dy
                                // A hair beyond the edges, so that neighbours leave no gap.
                                if wb < -1e-4 || wc < -1e-4 || wb + wc > 1.0001 { continue }
                                let i = y * width + x
                                let d = a.distance + wb * db + wc * dc
                                if d >= distance[i] { continue }
                                distance[i] = d
                                part[i] = number
                                light[i] = a.light + wb * lb + wc * lc
                                highlight[i] = a.highlight + wb * hb + wc * hc
                            }
                        }
                    }
                }
            }
        }
    }
}
