internal import Geometry
internal import Imaging

/// Distances from a camera at the nodes of a grid, metres; 0 where nothing of the cloud is seen.
struct DepthMap: Sendable {
    /// Row by row.
    var distances: [Float]
    /// Nodes to a row.
    let columns: Int
    let rows: Int

    /// - Precondition: `distances` has one for each node of the warp's grid.
    init(distances: [Float], on warp: SurfaceWarp) {
        precondition(distances.count == warp.columns * warp.rows, "a depth map has a distance for each node")
        (self.distances, columns, rows) = (distances, warp.columns, warp.rows)
    }

    /// Whether a warp's nodes are the map's.
    func fits(_ warp: SurfaceWarp) -> Bool { warp.columns == columns && warp.rows == rows }

    /// Draws the cloud with a depth buffer; what lies near the front is averaged, the table is met exactly; small holes take their
    /// neighbours' depth.
    /// - Parameter wanted: nodes that are asked about; the others may stay 0; nil asks about all.
    init(cloud: BackgroundCloud, poses: RowPoses, warp: SurfaceWarp, wanted: PixelBox? = nil) {
        let o = cloud.options
        let all = PixelBox(x: 0, y: 0, width: warp.columns, height: warp.rows)
        // As far as holes are filled from.
        let window = wanted?.grown(by: o.holeReach + 1, within: (warp.columns, warp.rows)) ?? all
        let (near, margin) = (Float(1 + o.surfaceShare), Float(o.surfaceMargin))
        let (columns, rows) = (warp.columns, warp.rows)
        (self.columns, self.rows) = (columns, rows)
        let splats = Self.splats(cloud, poses, warp, window)
        var front = [Float](repeating: .infinity, count: columns * rows)
        var sum = [Float](repeating: 0, count: columns * rows)
        var (weight, tables) = (sum, sum)
        front.withUnsafeMutableBufferPointer { front in
            for s in splats {
                for y in Int(s.top)...Int(s.bottom) {
                    for k in (y &* columns &+ Int(s.left))...(y &* columns &+ Int(s.right)) where s.range < front[k] { front[k] = s.range }
                }
            }
        }
        sum.withUnsafeMutableBufferPointer { sum in
            weight.withUnsafeMutableBufferPointer { weight in
                tables.withUnsafeMutableBufferPointer { tables in
                    front.withUnsafeBufferPointer { front in
                        for s in splats {
                            for y in Int(s.top)...Int(s.bottom) {
                                for x in Int(s.left)...Int(s.right) {
                                    let k = y &* columns &+ x
                                    if s.range > front[k] * near + margin { continue }
                                    let (dx, dy) = (Float(x) - s.u, Float(y) - s.v)
                                    let w = 1 / (Self.softness + dx * dx + dy * dy)
                                    sum[k] += w * s.range
                                    weight[k] += w
                                    if s.isTable { tables[k] += w }
                                }
                            }
                        }
                    }
                }
            }
        }
        distances = [Float](repeating: 0, count: columns * rows)
        for y in window.y..<(window.y + window.height) {
            let pose = poses.pose(atHeight: warp.share(ofRow: y * warp.step))
            for k in (y * columns + window.x)..<(y * columns + window.x + window.width) where weight[k] > 0 {
                var range = sum[k] / weight[k]
                if 2 * tables[k] > weight[k], let bearing = warp.bearing(k) {
                    let exact = Float(-pose.translation.z / (pose.rotation * bearing).z)
                    if exact > 0, abs(exact / range - 1) < Float(o.tableSnap) { range = exact }
                }
                distances[k] = range
            }
        }
        fillHoles(rounds: o.holeReach, in: window)
    }

    /// Square of the distance from a node, in nodes, at which a point's weight is half of what it is on it.
    private static let softness: Float = 0.15

    /// A point as it falls on the nodes: those within half its cell's side, a little more so that neighbours meet.
    private struct Splat {
        var (left, right, top, bottom): (Int16, Int16, Int16, Int16)
        var u: Float
        var v: Float
        var range: Float
        var isTable: Bool
    }

    private static func splats(_ cloud: BackgroundCloud, _ poses: RowPoses, _ warp: SurfaceWarp, _ window: PixelBox) -> [Splat] {
        let inverse = 1 / Float(warp.step)
        let focal = Float(warp.camera.focalLength.x) * inverse
        let o = cloud.options
        let (largest, share, margin) = (Float(o.largestSplat), Float(o.splatShare), Float(o.splatMargin))
        let (columns, rows) = (warp.columns, warp.rows)
        precondition(columns < 1 << 15 && rows < 1 << 15, "a depth map has fewer than 32768 nodes to a side")
        let (first, last) = ((x: window.x, y: window.y), (x: window.x + window.width - 1, y: window.y + window.height - 1))
        let reach = SIMD2(Float(warp.camera.width) + 4, Float(warp.camera.height) + 4)
        // Rounded up, for v > −8: the processor's own rounding is a call.
        @inline(__always) func up(_ v: Float) -> Int {
            let whole = Int(v + 8)
            return (Float(whole) < v + 8 ? whole + 1 : whole) - 8
        }
        return [Splat](unsafeUninitializedCapacity: cloud.points.count) { out, count in
            cloud.points.withUnsafeBufferPointer { points in
                cloud.project(FloatLens(warp.camera), poses.pose(atHeight: 0.5).inverse) { k, px, py, range in
                    guard px > -4, py > -4, px < reach.x, py < reach.y else { return }
                    let radius = min(largest, share * points[k].size * focal / max(range, 0.05) + margin)
                    let (u, v) = (px * inverse, py * inverse)
                    let (x0, y0) = (max(first.x, up(u - radius)), max(first.y, up(v - radius)))
                    let (x1, y1) = (min(last.x, Int(u + radius + 8) - 8), min(last.y, Int(v + radius + 8) - 8))
                    guard x0 <= x1, y0 <= y1 else { return }
                    out.initializeElement(
                        at: count,
                        to: Splat(
                            left: Int16(truncatingIfNeeded: x0), right: Int16(truncatingIfNeeded: x1), top: Int16(truncatingIfNeeded: y0),
                            bottom: Int16(truncatingIfNeeded: y1), u: u, v: v, range: range, isTable: points[k].isTable))
                    count += 1
                }
            }
        }
    }

    /// Every node without depth takes that of the nearest one with depth (in steps along the grid): a guess for filling, not evidence.
    func extended() -> DepthMap {
        var out = self
        var queue = distances.indices.filter { distances[$0] > 0 }
        var next = 0
        while next < queue.count {
            let k = queue[next]
            next += 1
            let x = k % columns
            for (j, inside) in [
                (k - 1, x > 0), (k + 1, x + 1 < columns), (k - columns, k >= columns), (k + columns, k + columns < columns * rows),
            ]
            where inside && out.distances[j] == 0 {
                out.distances[j] = out.distances[k]
                queue.append(j)
            }
        }
        return out
    }

    /// A hole takes the farthest of its neighbours: what is hidden lies behind.
    /// - Parameter rounds: by how many nodes the known may grow.
    private mutating func fillHoles(rounds: Int, in window: PixelBox) {
        var holes = (window.y..<(window.y + window.height)).flatMap { y in
            ((y * columns + window.x)..<(y * columns + window.x + window.width)).filter { distances[$0] == 0 }
        }
        for _ in 0..<rounds {
            var found: [(Int, Float)] = []
            var left: [Int] = []
            distances.withUnsafeBufferPointer { d in
                for k in holes {
                    let x = k % columns
                    var far: Float = 0
                    if x + 1 < columns { far = max(far, d[k + 1]) }
                    if x > 0 { far = max(far, d[k - 1]) }
                    if k + columns < d.count { far = max(far, d[k + columns]) }
                    if k >= columns { far = max(far, d[k - columns]) }
                    if far > 0 { found.append((k, far)) } else { left.append(k) }
                }
            }
            if found.isEmpty { return }
            for (k, far) in found { distances[k] = far }
            holes = left
        }
    }
}
