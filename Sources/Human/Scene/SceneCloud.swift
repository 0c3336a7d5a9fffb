internal import Geometry
#if canImport(Glibc)
    internal import Glibc
#endif

/// Points of the still scene that several views agree on, merged in cells.
struct SceneCloud: Sendable {
    struct Point: Sendable {
        /// Table frame, metres.
        var place: Vector3
        /// Side of the cell it stands for, metres.
        var size: Float
        /// Lies on the table.
        var isTable: Bool
    }

    private(set) var points: [Point] = []

    init(views: [ScenePose], distances: [[Float]], partners: [[Int]], camera: CameraModel, options o: SceneOptions) {
        struct Cell {
            var sum = Vector3.zero
            var count = 0
            var size: Float = 0
        }
        struct Key: Hashable {
            var level: Int32
            var x: Int32
            var y: Int32
            var z: Int32
        }
        var cells: [Key: Cell] = [:]
        let (w, h) = (camera.width, camera.height)
        let bearings = (0..<(w * h)).map { camera.unproject(Vector2(Double($0 % w), Double($0 / w))) }
        for (k, view) in views.enumerated() {
            let inverses = partners[k].map { views[$0].middle.inverse }
            for i in 0..<(w * h) where distances[k][i] > 0 {
                guard let bearing = bearings[i] else { continue }
                let pose = view.poses.pose(atHeight: Double(i / w) / Double(h - 1))
                let range = Double(distances[k][i])
                let point = pose.translation + range * (pose.rotation * bearing)
                var agreeing = 0
                for (p, inverse) in zip(partners[k], inverses) {
                    let local = inverse * point
                    guard let pixel = camera.project(local), camera.contains(pixel, margin: 1) else { continue }
                    let there = Double(distances[p][Int(pixel.y.rounded()) * w + Int(pixel.x.rounded())])
                    if there > 0, abs(there - local.length) < o.depthTolerance * max(there, 0.5 * there * there) { agreeing += 1 }
                    if agreeing >= o.agreeing { break }
                }
                guard agreeing >= o.agreeing else { continue }
                // Cells double in size as points get farther from the view.
                let level = Int32(max(0, log2(range / 0.6).rounded(.down)))
                let size = o.cell * Double(1 << level)
                func index(_ v: Double) -> Int32 { Int32(max(-1e6, min(1e6, (v / size).rounded(.down)))) }
                let key = Key(level: level, x: index(point.x), y: index(point.y), z: index(point.z))
                cells[key, default: Cell()].sum += point
                cells[key]?.count += 1
                cells[key]?.size = Float(size)
            }
        }
        let sorted = cells.filter { $0.value.count >= 2 }.sorted {
            ($0.key.level, $0.key.x, $0.key.y, $0.key.z) < ($1.key.level, $1.key.x, $1.key.y, $1.key.z)
        }
        points = sorted.map {
            let place = $0.value.sum / Double($0.value.count)
            return Point(place: place, size: $0.value.size, isTable: abs(place.z) < o.tableThickness)
        }
    }
}

/// Distances from a camera at the nodes of a grid, metres; 0 where nothing of the cloud is seen.
struct DepthMap: Sendable {
    var distances: [Float]

    init(distances: [Float]) { self.distances = distances }

    /// Draws the cloud with a depth buffer; what lies near the front is averaged, the table is met exactly; small holes take their
    /// neighbours' depth.
    init(cloud: SceneCloud, poses: RowPoses, warp: SurfaceWarp) {
        let (columns, rows) = (warp.columns, warp.rows)
        let splats = Self.splats(cloud, poses, warp)
        var front = [Float](repeating: .infinity, count: columns * rows)
        var sum = [Float](repeating: 0, count: columns * rows)
        var (weight, tables) = (sum, sum)
        front.withUnsafeMutableBufferPointer { front in
            for s in splats {
                for y in s.rows {
                    for x in s.columns where s.range < front[y * columns + x] { front[y * columns + x] = s.range }
                }
            }
        }
        sum.withUnsafeMutableBufferPointer { sum in
            weight.withUnsafeMutableBufferPointer { weight in
                tables.withUnsafeMutableBufferPointer { tables in
                    for s in splats {
                        for y in s.rows {
                            for x in s.columns {
                                let k = y * columns + x
                                if s.range > front[k] * 1.06 + 0.01 { continue }
                                let (dx, dy) = (Float(x) - s.u, Float(y) - s.v)
                                let w = 1 / (0.15 + dx * dx + dy * dy)
                                sum[k] += w * s.range
                                weight[k] += w
                                if s.isTable { tables[k] += w }
                            }
                        }
                    }
                }
            }
        }
        distances = [Float](repeating: 0, count: columns * rows)
        for k in distances.indices where weight[k] > 0 {
            var range = sum[k] / weight[k]
            if 2 * tables[k] > weight[k], let bearing = warp.bearing(k) {
                let pose = poses.pose(atHeight: Double(k / columns * warp.step) / Double(max(warp.camera.height - 1, 1)))
                let exact = Float(-pose.translation.z / (pose.rotation * bearing).z)
                if exact > 0, abs(exact / range - 1) < 0.2 { range = exact }
            }
            distances[k] = range
        }
        for _ in 0..<6 { fillHoles(columns: columns, rows: rows) }
    }

    /// A point as it falls on the nodes: those within half its cell's side, a little more so that neighbours meet.
    private struct Splat {
        var rows: ClosedRange<Int>
        var columns: ClosedRange<Int>
        var u: Float
        var v: Float
        var range: Float
        var isTable: Bool
    }

    private static func splats(_ cloud: SceneCloud, _ poses: RowPoses, _ warp: SurfaceWarp) -> [Splat] {
        let step = Float(warp.step)
        let cameraFromTable = poses.pose(atHeight: 0.5).inverse
        let camera = warp.camera
        let focal = Float(camera.focalLength.x)
        let edge = SIMD2(Double(camera.width) + 4, Double(camera.height) + 4)
        var out: [Splat] = []
        out.reserveCapacity(cloud.points.count)
        for p in cloud.points {
            let local = cameraFromTable * p.place
            let range = Float(local.length)
            if local.z < -0.2 * Double(range) { continue }
            guard let pixel = camera.project(local), pixel.x > -4, pixel.y > -4, pixel.x < edge.x, pixel.y < edge.y else { continue }
            let radius = min(3.5, 0.62 * p.size * focal / (max(range, 0.05) * step) + 0.25)
            let (u, v) = (Float(pixel.x) / step, Float(pixel.y) / step)
            let x0 = max(0, Int((u - radius).rounded(.up)))
            let x1 = min(warp.columns - 1, Int((u + radius).rounded(.down)))
            let y0 = max(0, Int((v - radius).rounded(.up)))
            let y1 = min(warp.rows - 1, Int((v + radius).rounded(.down)))
            guard x0 <= x1, y0 <= y1 else { continue }
            out.append(Splat(rows: y0...y1, columns: x0...x1, u: u, v: v, range: range, isTable: p.isTable))
        }
        return out
    }

    /// Every node without depth takes that of the nearest one with depth (in steps along the grid): a guess for filling, not evidence.
    func extended(columns: Int, rows: Int) -> DepthMap {
        var out = self
        var queue = distances.indices.filter { distances[$0] > 0 }
        var next = 0
        while next < queue.count {
            let k = queue[next]
            next += 1
            let x = k % columns
            for (j, inside) in [(k - 1, x > 0), (k + 1, x + 1 < columns), (k - columns, k >= columns), (k + columns, k + columns < columns * rows)]
            where inside && out.distances[j] == 0 {
                out.distances[j] = out.distances[k]
                queue.append(j)
            }
        }
        return out
    }

    /// A hole takes the farthest of its neighbours when at least two are known: what is hidden lies behind.
    private mutating func fillHoles(columns: Int, rows: Int) {
        let old = distances
        for y in 0..<rows {
            for x in 0..<columns where old[y * columns + x] == 0 {
                var (far, known): (Float, Int) = (0, 0)
                for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                    let (u, v) = (x + dx, y + dy)
                    guard u >= 0, v >= 0, u < columns, v < rows, old[v * columns + u] > 0 else { continue }
                    far = max(far, old[v * columns + u])
                    known += 1
                }
                if known >= 1 { distances[y * columns + x] = far }
            }
        }
    }
}
