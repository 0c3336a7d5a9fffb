internal import Geometry
internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

extension SceneModel {
    /// What a picture is compared with: the still scene as its views saw it from elsewhere.
    struct Residual: Sendable {
        /// Levels by which the picture differs from the scene, 0 to 250; 255 where no view shows the place.
        var levels: [UInt8]
        /// The scene's colour there (Y Cr Cb), exposure matched; undefined where `levels` is 255.
        var plate: [UInt8]
    }

    static let unknown: UInt8 = 255

    /// The views that look at a picture's scene from nearest by.
    func nearest(to poses: RowPoses, count: Int) -> [Int] {
        let own = poses.pose(atHeight: 0.5)
        let forward = own.rotation * Vector3(0, 0, 1)
        let scored = views.indices.map { k -> (Double, Int) in
            let other = views[k].middle
            let turn = acos(max(-1, min(1, forward.dot(other.rotation * Vector3(0, 0, 1)))))
            return ((own.translation - other.translation).length + 0.35 * turn, k)
        }
        return scored.sorted { $0 < $1 }.prefix(count).map(\.1)
    }

    /// Compares a working picture with the scene.
    func residual(_ picture: ScenePicture, poses: RowPoses, depth: DepthMap, warp: SurfaceWarp, blocked: [Bool], options o: SceneOptions) -> Residual {
        let n = warp.camera.width * warp.camera.height
        let most = max(1, o.comparisons)
        var samples = [UInt8](repeating: 0, count: 3 * n * most)
        var gaps = [UInt8](repeating: 0, count: n * most)
        var counts = [UInt8](repeating: 0, count: n)
        for k in nearest(to: poses, count: most) {
            sample(k, picture, poses, depth, warp, blocked, o, &samples, &gaps, &counts, most)
        }
        var levels = [UInt8](repeating: Self.unknown, count: n)
        var plate = [UInt8](repeating: 0, count: 3 * n)
        for i in 0..<n where counts[i] >= 1 {
            let count = Int(counts[i])
            let base = i * most
            // The median of the differences: views that something hides, or that are off by a pixel at an edge, are outvoted.
            var order = SIMD8<UInt16>(repeating: .max)
            for v in 0..<min(count, 8) { order[v] = UInt16(gaps[base + v]) << 4 | UInt16(v) }
            for a in 1..<max(2, min(count, 8)) {
                let x = order[a]
                var at = a
                while at > 0 && order[at - 1] > x {
                    order[at] = order[at - 1]
                    at -= 1
                }
                order[at] = x
            }
            let pick = order[(min(count, 8) - 1) / 2]
            levels[i] = UInt8(min(250, pick >> 4))
            let v = Int(pick & 15)
            for c in 0..<3 { plate[3 * i + c] = samples[3 * (base + v) + c] }
        }
        return Residual(levels: levels, plate: plate)
    }

    private func sample(
        _ k: Int, _ picture: ScenePicture, _ poses: RowPoses, _ depth: DepthMap, _ warp: SurfaceWarp, _ blocked: [Bool], _ o: SceneOptions,
        _ samples: inout [UInt8], _ gaps: inout [UInt8], _ counts: inout [UInt8], _ most: Int
    ) {
        let (w, h) = (warp.camera.width, warp.camera.height)
        let view = views[k]
        var ranges = [Float](repeating: 0, count: depth.distances.count)
        var grid = warp.grid(from: poses, to: view.poses, distances: depth.distances, ranges: &ranges)
        hide(&grid, ranges, depths[k], warp, o)
        let gain = exposure(picture, view, grid, warp, blocked)
        let scaled = (0..<256).map { Float($0) * gain }
        let tolerance = (0..<256).map { Float(o.brightnessTolerance + o.relativeBrightnessTolerance * Double($0)) }
        picture.colours.withUnsafeBufferPointer { c in
            view.picture.ranges.withUnsafeBufferPointer { r in
                view.picture.colours.withUnsafeBufferPointer { vc in
                    view.blocked.withUnsafeBufferPointer { vb in
                        counts.withUnsafeMutableBufferPointer { counts in
                            gaps.withUnsafeMutableBufferPointer { gaps in
                                samples.withUnsafeMutableBufferPointer { samples in
                                    warp.forEachPixel(grid) { i, px, py in
                                        let (x, y) = (Int((px + 0.5).rounded(.down)), Int((py + 0.5).rounded(.down)))
                                        if x < 0 || y < 0 || x >= w || y >= h { return }
                                        let j = y * w + x
                                        if vb[j] { return }
                                        let count = Int(counts[i])
                                        if count >= most { return }
                                        let q = 6 * j
                                        let luma = Float(c[3 * i])
                                        let dy = max(0, max(scaled[Int(r[q])] - luma, luma - scaled[Int(r[q + 3])]) - tolerance[Int(c[3 * i])])
                                        let (cr, cb) = (Int(c[3 * i + 1]), Int(c[3 * i + 2]))
                                        let dr = max(0, Int(r[q + 1]) - cr, cr - Int(r[q + 4]))
                                        let db = max(0, Int(r[q + 2]) - cb, cb - Int(r[q + 5]))
                                        let slot = i * most + count
                                        gaps[slot] = UInt8(min(250, 0.6 * dy + Float(dr + db)))
                                        samples[3 * slot] = UInt8(min(255, scaled[Int(vc[3 * j])]))
                                        samples[3 * slot + 1] = vc[3 * j + 1]
                                        samples[3 * slot + 2] = vc[3 * j + 2]
                                        counts[i] += 1
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Takes out nodes that something nearer hides in the other view.
    private func hide(_ grid: inout SurfaceWarp.Grid, _ ranges: [Float], _ other: DepthMap, _ warp: SurfaceWarp, _ o: SceneOptions) {
        let factor = Float(1 + o.hiddenShare)
        let inverse = 1 / Float(warp.step)
        for k in grid.x.indices where !grid.x[k].isNaN {
            let (u, v) = (Int((grid.x[k] * inverse).rounded()), Int((grid.y[k] * inverse).rounded()))
            guard u >= 0, v >= 0, u < warp.columns, v < warp.rows else { continue }
            let there = other.distances[v * warp.columns + u]
            if there > 0, ranges[k] > there * factor + 0.01 { grid.x[k] = .nan }
        }
    }

    /// The picture's brightness over the view's: the median over a part of the pixels that both show.
    private func exposure(_ picture: ScenePicture, _ view: ScenePose, _ grid: SurfaceWarp.Grid, _ warp: SurfaceWarp, _ blocked: [Bool]) -> Float {
        let (w, h) = (warp.camera.width, warp.camera.height)
        var histogram = [Int](repeating: 0, count: 256)
        var total = 0
        for r in stride(from: 0, to: warp.rows, by: 3) {
            for c in stride(from: 0, to: warp.columns, by: 3) {
                let k = r * warp.columns + c
                let (px, py) = (grid.x[k], grid.y[k])
                guard !px.isNaN, c * warp.step < w, r * warp.step < h else { continue }
                let (x, y) = (Int(px.rounded()), Int(py.rounded()))
                guard x >= 0, y >= 0, x < w, y < h else { continue }
                let (i, j) = (r * warp.step * w + c * warp.step, y * w + x)
                let (a, b) = (picture.colours[3 * i], view.picture.colours[3 * j])
                if blocked[i] || view.blocked[j] || a < 16 || b < 16 || a > 245 || b > 245 { continue }
                // Steps of 1 % about 1.
                let step = Int((log(Float(a) / Float(b)) * 100).rounded()) + 128
                histogram[max(0, min(255, step))] += 1
                total += 1
            }
        }
        guard total > 60 else { return 1 }
        var seen = 0
        for (bin, count) in histogram.enumerated() {
            seen += count
            if 2 * seen >= total { return exp(Float(bin - 128) / 100) }
        }
        return 1
    }
}
