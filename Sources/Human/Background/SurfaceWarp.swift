internal import Geometry
internal import Session

/// A surface on which a pixel may lie.
enum Surface: Sendable, Equatable {
    /// z = height in the table's frame, metres.
    case plane(height: Double)
    /// At a distance from the camera, metres.
    case sphere(distance: Double)
}

extension HumanOptions {
    /// The surfaces in the order they are tried: the table, the far, then what stands between.
    var surfaces: [Surface] {
        let planes = planeHeights.map { Surface.plane(height: $0) }
        return planes.prefix(1) + sphereDistances.map { Surface.sphere(distance: $0) } + planes.dropFirst()
    }
}

/// The camera's pose while a frame was exposed: one per row of the warp's grid.
struct RowPoses: Sendable {
    var tableFromCamera: [Transform<Table, Camera>]

    /// Poses by interpolation in a trajectory; nil where the frame (or its neighbour, for rows exposed before or after it) has none.
    init?(trajectory: Trajectory<Table, Camera>, frame: Int, rows: Int, readout: Double) {
        guard trajectory.states[frame] != .lost else { return nil }
        let middle = trajectory.poses[frame]
        if readout == 0 || rows < 2 {
            tableFromCamera = [middle]
            return
        }
        let time = trajectory.times[frame]
        tableFromCamera = (0..<rows).map { row in
            let t = time + (Double(row) / Double(rows - 1) - 0.5) * readout
            let other = t < time ? frame - 1 : frame + 1
            guard trajectory.times.indices.contains(other), trajectory.states[other] != .lost else { return middle }
            let span = trajectory.times[other] - time
            guard abs(span) > 1e-6, abs(span) < 0.2 else { return middle }
            return middle.interpolated(to: trajectory.poses[other], fraction: (t - time) / span)
        }
    }

    /// The pose at a share (0 top, 1 bottom) of the picture's height.
    @inline(__always) func pose(atHeight share: Double) -> Transform<Table, Camera> {
        if tableFromCamera.count == 1 { return tableFromCamera[0] }
        let i = Int(share * Double(tableFromCamera.count - 1) + 0.5)
        return tableFromCamera[max(0, min(tableFromCamera.count - 1, i))]
    }
}

/// Carries pixels of one picture to another over a surface: exact at the nodes of a grid, bilinear between.
///
/// The nodes lie `step` pixels apart and reach beyond the last pixel, so that every pixel lies in a cell; a picture made smaller by a whole factor
/// and the full one with that factor on the step have the same grid, whatever their sizes: ⌈⌈w / f⌉ / s⌉ = ⌈w / (f s)⌉.
struct SurfaceWarp: Sendable {
    let camera: CameraModel
    let step: Int
    let columns: Int
    let rows: Int
    /// The nearest and the farthest a point on a plane may be, metres.
    static let nearest = 0.02
    let reach: Double
    /// Of the nodes; nil beyond the lens's reach.
    private let bearings: [Vector3?]
    /// The same by coordinate, NaN beyond the lens's reach, each row of nodes padded to whole eights.
    private let across: [Float]
    private let along: [Float]
    private let ahead: [Float]
    private let padded: Int
    private let lens: FloatLens

    init(camera: CameraModel, step: Int, reach: Double) {
        self.camera = camera
        self.step = step
        self.reach = reach
        columns = (camera.width + step - 1) / step + 1
        rows = (camera.height + step - 1) / step + 1
        var bearings: [Vector3?] = []
        for r in 0..<rows {
            for c in 0..<columns { bearings.append(camera.unproject(Vector2(Double(c * step), Double(r * step)))) }
        }
        let known = Self.extended(bearings, columns: columns, rows: rows)
        self.bearings = known
        lens = FloatLens(camera)
        let (wide, columns, rows) = ((columns + 7) / 8 * 8, columns, rows)
        padded = wide
        func coordinate(_ axis: (Vector3) -> Double) -> [Float] {
            (0..<(wide * rows)).map { i in i % wide < columns ? known[i / wide * columns + i % wide].map { Float(axis($0)) } ?? .nan : .nan
            }
        }
        across = coordinate { $0.x }
        along = coordinate { $0.y }
        ahead = coordinate { $0.z }
    }

    /// Cells at the circle's rim have nodes beyond the lens's reach: those go on as their two neighbours inwards do.
    private static func extended(_ bearings: [Vector3?], columns: Int, rows: Int) -> [Vector3?] {
        var out = bearings
        for r in 0..<rows {
            for c in 0..<columns where bearings[r * columns + c] == nil {
                var sum = Vector3.zero
                for (dr, dc) in [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)] {
                    let (r2, c2) = (r + 2 * dr, c + 2 * dc)
                    guard r2 >= 0, r2 < rows, c2 >= 0, c2 < columns, let near = bearings[(r + dr) * columns + c + dc],
                        let far = bearings[r2 * columns + c2]
                    else { continue }
                    sum += 2 * near - far
                }
                if sum.length > 0 { out[r * columns + c] = sum.normalized }
            }
        }
        return out
    }

    /// Where each node falls in the other picture, in its pixels; x is NaN where nowhere.
    struct Grid {
        var x: [Float]
        var y: [Float]
    }

    func grid(from: RowPoses, to: RowPoses, over surface: Surface) -> Grid {
        var ranges = [Float](repeating: 0, count: columns * rows)
        return grid(from: from, to: to, distances: distances(from: from, over: surface), ranges: &ranges)
    }

    /// The cells that have a pixel of a kind, (rows − 1) × (columns − 1).
    func cells(where isWanted: (_ pixel: Int) -> Bool) -> [Bool] {
        var out = [Bool](repeating: false, count: (columns - 1) * (rows - 1))
        for y in 0..<camera.height {
            for x in 0..<camera.width where isWanted(y &* camera.width &+ x) {
                out[y / step * (columns - 1) + x / step] = true
            }
        }
        return out
    }

    /// How far each node's ray goes to a surface, metres; 0 where it does not meet it within reach.
    /// - Parameter wanted: cells whose corners are asked about; empty asks about all.
    func distances(from: RowPoses, over surface: Surface, wanted: [Bool] = []) -> [Float] {
        var out = [Float](repeating: 0, count: columns * rows)
        func isAsked(_ k: Int) -> Bool {
            let (r, c) = (k / columns, k % columns)
            return wanted.isEmpty
                || (max(0, r - 1)...min(rows - 2, r)).contains { row in
                    (max(0, c - 1)...min(columns - 2, c)).contains { wanted[row * (columns - 1) + $0] }
                }
        }
        for r in 0..<rows {
            let pose = from.pose(atHeight: share(ofRow: r * step))
            // The third row of the rotation: how steeply a ray falls.
            let down = pose.rotation.inverse * Vector3(0, 0, 1)
            for k in (r * columns)..<(r * columns + columns) where isAsked(k) {
                guard let bearing = bearings[k] else { continue }
                switch surface {
                case .plane(let height):
                    let s = (height - pose.translation.z) / down.dot(bearing)
                    if s > Self.nearest, s < reach { out[k] = Float(s) }
                case .sphere(let distance): out[k] = Float(distance)
                }
            }
        }
        return out
    }

    /// The same for nodes whose distance from the camera is known; 0 is unknown and falls nowhere.
    ///
    /// In single precision, eight nodes at once: within a tenth of a pixel. The row a node falls on, and with it the other camera's pose, is taken from
    /// the node above, and is the middle one where that is not known.
    /// - Parameter ranges: is set to each node's distance from the other camera.
    func grid(from: RowPoses, to: RowPoses, distances: [Float], ranges: inout [Float]) -> Grid {
        var out = Grid(x: [Float](repeating: .nan, count: columns * rows), y: [Float](repeating: 0, count: columns * rows))
        let inverses = [0, 0.5, 1].map { to.pose(atHeight: $0).inverse }
        let isRolling = to.tableFromCamera.count > 1
        let scale = 1 / Float(max(camera.height - 1, 1))
        var shares = [SIMD8<Float>](repeating: SIMD8(repeating: 0), count: padded / 8)
        for r in 0..<rows {
            let pose = from.pose(atHeight: share(ofRow: r * step))
            let motions = inverses.map { FloatMotion($0 * pose) }
            for c in stride(from: 0, to: columns, by: 8) {
                let count = min(8, columns - c)
                var d = SIMD8<Float>(repeating: 0)
                for i in 0..<count { d[i] = distances[r * columns + c + i] }
                if d == .zero { continue }
                let (x, y, z) = (d * eight(across, r, c), d * eight(along, r, c), d * eight(ahead, r, c))
                var local = motions[1].apply(x, y, z)
                var (u, v) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
                if isRolling {
                    let (middle, top, bottom) = (local, motions[0].apply(x, y, z), motions[2].apply(x, y, z))
                    let share = shares[c / 8]
                    let isAbove = share .< 0
                    local.x += share * (bottom.x - middle.x).replacing(with: middle.x - top.x, where: isAbove)
                    local.y += share * (bottom.y - middle.y).replacing(with: middle.y - top.y, where: isAbove)
                    local.z += share * (bottom.z - middle.z).replacing(with: middle.z - top.z, where: isAbove)
                    (u, v) = lens.project(local.x, local.y, local.z)
                    shares[c / 8] = Self.share(v, scale)
                } else {
                    (u, v) = lens.project(local.x, local.y, local.z)
                }
                let range = (local.x * local.x + local.y * local.y + local.z * local.z).squareRoot()
                for i in 0..<count where d[i] > 0 && abs(u[i]) < 1e5 && abs(v[i]) < 1e5 {
                    let k = r * columns + c + i
                    (out.x[k], out.y[k], ranges[k]) = (u[i], v[i], range[i])
                }
            }
        }
        return out
    }

    /// Where a pixel lies between the picture's top (−1) and bottom (1); the middle where that is not known.
    @inline(__always) private static func share(_ v: SIMD8<Float>, _ scale: Float) -> SIMD8<Float> {
        let share = 2 * scale * v - 1
        return share.replacing(with: 1, where: share .> 1).replacing(with: -1, where: share .< -1).replacing(
            with: 0, where: share .!= share)
    }

    @inline(__always) private func eight(_ values: [Float], _ r: Int, _ c: Int) -> SIMD8<Float> {
        values.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4 * (r * padded + c), as: SIMD8<Float>.self) }
    }

    /// Where a row of pixels lies in the picture, 0 top, 1 bottom; 0 in a picture of one row.
    @inline(__always) func share(ofRow y: Int) -> Double { Double(y) / Double(max(camera.height - 1, 1)) }

    /// The unit bearing of a node in the camera's frame; nil beyond the lens.
    func bearing(_ node: Int) -> Vector3? { bearings[node] }

    /// Calls `body(index, x, y)` with the pixel's place in the other picture for every pixel whose cell is known and wanted.
    /// - Parameter wanted: by cell, (rows − 1) × (columns − 1); empty wants all.
    @inline(__always) func forEachPixel(_ grid: Grid, wanted: [Bool] = [], _ body: (_ index: Int, _ x: Float, _ y: Float) -> Void) {
        for r in 0..<(rows - 1) { forEachPixel(grid, row: r, wanted: wanted) { u, v, x, y in body(v &* camera.width &+ u, x, y) } }
    }

    /// Calls `body(u, v, x, y)` for the pixels (u, v) of one row of cells.
    @inline(__always) func forEachPixel(
        _ grid: Grid, row r: Int, wanted: [Bool] = [], _ body: (_ u: Int, _ v: Int, _ x: Float, _ y: Float) -> Void
    ) {
        let (w, h) = (camera.width, camera.height)
        let inverse = 1 / Float(step)
        // A cell that is torn apart straddles the lens's edge.
        let torn = Float(8 * step)
        let yEnd = min(r * step + step, h)
        grid.x.withUnsafeBufferPointer { gx in
            grid.y.withUnsafeBufferPointer { gy in
                wanted.withUnsafeBufferPointer { wanted in
                    for c in 0..<(columns - 1) {
                        if !wanted.isEmpty && !wanted[r &* (columns - 1) &+ c] { continue }
                        let n = r &* columns &+ c
                        let (x00, x10, x01, x11) = (gx[n], gx[n &+ 1], gx[n &+ columns], gx[n &+ columns &+ 1])
                        if (x00 + x10 + x01 + x11).isNaN { continue }
                        let (y00, y10, y01, y11) = (gy[n], gy[n &+ 1], gy[n &+ columns], gy[n &+ columns &+ 1])
                        if abs(x10 - x00) + abs(y10 - y00) > torn || abs(x01 - x00) + abs(y01 - y00) > torn { continue }
                        let xEnd = min(c &* step &+ step, w)
                        for y in (r * step)..<yEnd {
                            let fy = Float(y &- r &* step) * inverse
                            var px = x00 + (x01 - x00) * fy
                            var py = y00 + (y01 - y00) * fy
                            let dx = (x10 + (x11 - x10) * fy - px) * inverse
                            let dy = (y10 + (y11 - y10) * fy - py) * inverse
                            for x in (c &* step)..<xEnd {
                                body(x, y, px, py)
                                px += dx
                                py += dy
                            }
                        }
                    }
                }
            }
        }
    }
}
