internal import Geometry
internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

extension BackgroundFill {
    /// Adds one view's colours, its exposure matched on the ring.
    /// - Parameters:
    ///   - depth: the view's own, for what it hides; nil asks nothing of it.
    ///   - limit: the highest value of the view's `blocked` that may be copied from.
    ///   - most: colours a pixel may have.
    func sample(
        _ view: FillView, hiddenBy depth: DepthMap?, limit: UInt8 = 0, most: Int, _ target: FillTarget, _ samples: inout FillSamples
    ) {
        var ranges = [Float](repeating: 0, count: target.distances.count)
        var grid = warp.grid(from: target.poses, to: view.poses, distances: target.distances, ranges: &ranges)
        depth?.hide(&grid, ranges, warp: warp, options: options.background)
        let region = target.region
        let (w, h, room) = (region.width, region.height, samples.room)
        var touched: [Int32] = []
        var exposure = FillExposure(options: options.fill)
        let gains = model.fullGains
        view.picture.pixels.withUnsafeBufferPointer { p in
            view.blocked.pixels.withUnsafeBufferPointer { blocked in
                region.place.withUnsafeBufferPointer { place in
                    samples.colours.withUnsafeMutableBufferPointer { colours in
                        samples.counts.withUnsafeMutableBufferPointer { counts in
                            warp.forEachPixel(grid, wanted: region.wanted) { i, x, y in
                                let k = Int(place[i])
                                if k < 0 || counts[k] >= most { return }
                                if !(x >= 1 && y >= 1 && x < Float(w - 2) && y < Float(h - 2)) { return }
                                let (x0, y0) = (Int(x), Int(y))
                                let j = y0 * w + x0
                                let kind = max(blocked[j], blocked[j + 1], blocked[j + w], blocked[j + w + 1])
                                if kind > limit { return }
                                let at = k * room + Int(counts[k])
                                let colour = Self.cubic(p, 3 * (j - w - 1), 3 * w, x - Float(x0), y - Float(y0)) * (gains[j] / gains[i])
                                for c in 0..<3 { colours[3 * at + c] = colour[c] }
                                if !samples.kinds.isEmpty { samples.kinds[at] = kind }
                                counts[k] += 1
                                touched.append(Int32(k))
                                if !region.isHole[k] { exposure.add(target.picture.pixels[3 * i + 1], colour.y) }
                            }
                        }
                    }
                }
            }
        }
        guard let gain = exposure.gain else { return }
        for k in touched {
            let base = 3 * (Int(k) * room + Int(samples.counts[Int(k)]) - 1)
            for c in 0..<3 { samples.colours[base + c] *= gain }
        }
    }

    /// Catmull-Rom interpolation of R G B over 4x4 pixels from `at` on: bilinear would blur fine print.
    @inline(__always) private static func cubic(_ p: UnsafeBufferPointer<UInt8>, _ at: Int, _ stride: Int, _ fx: Float, _ fy: Float)
        -> SIMD3<Float>
    {
        @inline(__always) func weights(_ f: Float) -> SIMD4<Float> {
            let (f2, f3) = (f * f, f * f * f)
            return SIMD4(-0.5 * f + f2 - 0.5 * f3, 1 - 2.5 * f2 + 1.5 * f3, 0.5 * f + 2 * f2 - 1.5 * f3, -0.5 * f2 + 0.5 * f3)
        }
        let (wx, wy) = (weights(fx), weights(fy))
        var sum = SIMD3<Float>.zero
        for v in 0..<4 {
            var row = SIMD3<Float>.zero
            for u in 0..<4 {
                let q = at + v * stride + 3 * u
                row += wx[u] * SIMD3(Float(p[q]), Float(p[q + 1]), Float(p[q + 2]))
            }
            sum += wy[v] * row
        }
        return sum
    }

    /// The mean of the nearest few views that lie near the median of all; a lone or contradicted one counts as a single view.
    /// - Returns: how far they spread, levels summed over the channels.
    func choose(_ samples: FillSamples, _ k: Int, _ found: inout Region.Found) -> Float {
        let (mean, agreeing, spread) = samples.agreement(k, options: options.fill)
        var sum = SIMD3<Float>.zero
        var used = 0
        if agreeing >= options.fill.minimumViews {
            for v in 0..<Int(samples.counts[k]) where used < options.fill.meanViews {
                let x = samples.colour(k, v)
                let d = x - mean
                if abs(d.x) + abs(d.y) + abs(d.z) <= Float(options.fill.viewTolerance) {
                    sum += x
                    used += 1
                }
            }
            if used == 0 { (sum, used) = (mean, 1) }
            found.views[k] = agreeing
        } else {
            (sum, used) = (samples.colour(k, 0), 1)
            found.views[k] = 1
        }
        for c in 0..<3 { found.colours[3 * k + c] = sum[c] / Float(used) }
        return spread
    }
}

/// How much brighter a picture is than a view: the median ratio of their greens over the ring.
private struct FillExposure {
    let options: FillOptions
    /// In steps of a hundredth of the natural logarithm about 1.
    private var histogram = [Int](repeating: 0, count: 256)
    private var witnesses = 0

    init(options: FillOptions) { self.options = options }

    @inline(__always) mutating func add(_ picture: UInt8, _ view: Float) {
        let darkest = Float(options.darkestWitness)
        guard view > darkest, Float(picture) > darkest else { return }
        histogram[max(0, min(255, Int((log(Float(picture) / view) * 100).rounded()) + 128))] += 1
        witnesses += 1
    }

    /// Nil where too few places tell, or nothing is to be done.
    var gain: Float? {
        guard witnesses > options.exposureWitnesses else { return nil }
        var seen = 0
        let bin = histogram.firstIndex { count in
            seen += count
            return 2 * seen >= witnesses
        }
        let gain = exp(Float((bin ?? 128) - 128) / 100)
        return abs(gain - 1) > Float(options.exposureStep) ? gain : nil
    }
}

extension DepthMap {
    /// Takes out the nodes of a grid that fall behind what this view's scene shows there.
    func hide(_ grid: inout SurfaceWarp.Grid, _ ranges: [Float], warp: SurfaceWarp, options: BackgroundOptions) {
        precondition(fits(warp), "the view's depth lies at the nodes of the warp")
        let inverse = 1 / Float(warp.step)
        let (factor, margin) = (Float(1 + options.hiddenShare), Float(options.hiddenMargin))
        for k in grid.x.indices where !grid.x[k].isNaN {
            let (u, v) = (Int((grid.x[k] * inverse).rounded()), Int((grid.y[k] * inverse).rounded()))
            guard u >= 0, v >= 0, u < warp.columns, v < warp.rows else { continue }
            let there = distances[v * warp.columns + u]
            if there > 0, ranges[k] > there * factor + margin { grid.x[k] = .nan }
        }
    }
}
