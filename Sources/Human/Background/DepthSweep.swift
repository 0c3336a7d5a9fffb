internal import Geometry

/// Depth of one picture by plane sweep over surfaces, with a few others.
struct DepthSweep {
    let warp: SurfaceWarp
    let surfaces: [Surface]
    let options: BackgroundOptions

    init(warp: SurfaceWarp, options: BackgroundOptions) {
        self.warp = warp
        self.options = options
        var list = [Surface.plane(height: 0)]
        for i in 1...max(1, options.heights) {
            list.append(.plane(height: options.maximumHeight * Double(i) / Double(max(1, options.heights))))
        }
        let (far, near) = (1 / options.furthest, 1 / options.nearest)
        let n = max(2, options.distances)
        for i in 0..<n { list.append(.sphere(distance: 1 / (far + (near - far) * Double(i) / Double(n - 1)))) }
        surfaces = list
    }

    /// Distance from the camera by pixel, metres; 0 where nothing fits.
    func distances(_ picture: BackgroundView, views: [BackgroundView]) -> [Float] {
        let (w, h) = (warp.camera.width, warp.camera.height)
        let n = w * h
        var best = [Float](repeating: .infinity, count: n)
        var chosen = [UInt8](repeating: 255, count: n)
        // Costs of the surfaces before and after the chosen one, for what lies between.
        var (last, before, after) = (best, best, best)
        let (better, alone) = (Float(options.betterHalfWeight), Float(options.loneHalfCost))
        var sums = [[Float]](repeating: [Float](repeating: 0, count: n), count: 2)
        var counts = sums
        for (s, surface) in surfaces.enumerated() {
            for g in 0..<2 { for i in 0..<n { (sums[g][i], counts[g][i]) = (0, 0) } }
            let reached = warp.distances(from: picture.poses, over: surface)
            var ranges = reached
            for (v, view) in views.enumerated() {
                let grid = warp.grid(from: picture.poses, to: view.poses, distances: reached, ranges: &ranges)
                compare(picture, view, grid, &sums[v % 2], &counts[v % 2])
            }
            // A place that one half of the views cannot see is judged by the other half.
            var cost = [Float](repeating: 0, count: n)
            var weight = cost
            for i in 0..<n {
                let (a, b) = (counts[0][i], counts[1][i])
                guard a + b > 0 else { continue }
                let (x, y) = (a > 0 ? sums[0][i] / a : .infinity, b > 0 ? sums[1][i] / b : .infinity)
                let low = min(x, y)
                cost[i] = a > 0 && b > 0 ? better * low + (1 - better) * max(x, y) : low + alone
                weight[i] = 1
            }
            let costs = boxSum(cost, width: w, height: h, radius: options.window)
            let weights = boxSum(weight, width: w, height: h, radius: options.window)
            let bonus = s == 0 ? 0 : Float(options.tableBonus)
            let isFirst = s == 0 || s == options.heights + 1
            for i in 0..<n {
                let value = weight[i] > 0 ? costs[i] / weights[i] + bonus : .infinity
                if !isFirst && Int(chosen[i]) == s - 1 { after[i] = value }
                if value < best[i] {
                    (best[i], chosen[i], after[i]) = (value, UInt8(s), .infinity)
                    before[i] = isFirst ? .infinity : last[i]
                }
                last[i] = value
            }
        }
        var out = [Float](repeating: 0, count: n)
        for i in 0..<n where chosen[i] != 255 && best[i] < Float(options.maximumCost) && !picture.blocked[i] {
            let s = Int(chosen[i])
            var surface = surfaces[s]
            let (p, b, q) = (before[i], best[i], after[i])
            if s > 0, p.isFinite, q.isFinite, p - 2 * b + q > 1e-4 {
                surface = between(s, Double(max(-0.5, min(0.5, 0.5 * (p - q) / (p - 2 * b + q)))))
            }
            out[i] = distance(i, picture.poses, surface)
        }
        return out
    }

    /// The surface a part of a step beyond one of the list.
    private func between(_ s: Int, _ part: Double) -> Surface {
        switch surfaces[s] {
        case .plane(let height): return .plane(height: height + part * options.maximumHeight / Double(max(1, options.heights)))
        case .sphere(let distance):
            let step = (1 / options.nearest - 1 / options.furthest) / Double(max(1, options.distances - 1))
            return .sphere(distance: 1 / max(1e-3, 1 / distance + part * step))
        }
    }

    private func distance(_ i: Int, _ poses: RowPoses, _ surface: Surface) -> Float {
        switch surface {
        case .sphere(let d): return Float(d)
        case .plane(let height):
            let (x, y) = (i % warp.camera.width, i / warp.camera.width)
            // The nodes' bearings would do only at nodes: the exact one here, once a pixel.
            guard let bearing = warp.camera.unproject(Vector2(Double(x), Double(y))) else { return 0 }
            let pose = poses.pose(atHeight: warp.share(ofRow: y))
            let s = (height - pose.translation.z) / (pose.rotation * bearing).z
            return s > SurfaceWarp.nearest && s < warp.reach ? Float(s) : 0
        }
    }

    private func compare(_ a: BackgroundView, _ b: BackgroundView, _ grid: SurfaceWarp.Grid, _ sums: inout [Float], _ counts: inout [Float])
    {
        let w = warp.camera.width
        let (right, bottom) = (Float(w) - 0.5, Float(warp.camera.height) - 0.5)
        let (mostLuma, mostChroma) = (options.mostLumaDifference, options.mostChromaDifference)
        sums.withUnsafeMutableBufferPointer { sums in
            counts.withUnsafeMutableBufferPointer { counts in
                a.picture.colours.withUnsafeBufferPointer { ac in
                    b.picture.colours.withUnsafeBufferPointer { bc in
                        a.detail.withUnsafeBufferPointer { ad in
                            b.detail.withUnsafeBufferPointer { bd in
                                a.blocked.withUnsafeBufferPointer { ab in
                                    b.blocked.withUnsafeBufferPointer { bb in
                                        warp.forEachPixel(grid) { i, px, py in
                                            if ab[i] { return }
                                            if !(px > -0.5 && py > -0.5 && px < right && py < bottom) { return }
                                            let j = Int(Int32(py + 0.5)) &* w &+ Int(Int32(px + 0.5))
                                            if bb[j] { return }
                                            let luma = min(abs(Int(ad[i]) - Int(bd[j])), mostLuma)
                                            let chroma =
                                                abs(Int(ac[3 * i + 1]) - Int(bc[3 * j + 1])) + abs(Int(ac[3 * i + 2]) - Int(bc[3 * j + 2]))
                                            sums[i] += Float(luma + min(chroma, mostChroma))
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
    }
}
