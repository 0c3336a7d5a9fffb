internal import Geometry
internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// What the still scene foretells of a picture, and how far the picture is from it.
struct ScenePrediction: Sendable {
    /// Y Cr Cb by pixel, exposure matched; undefined where `views` is 0.
    var plate: [UInt8]
    /// Views that show the place; 0 where none does.
    var views: [UInt8]
    /// Natural logarithm of the density (a cubic level) of the picture's colour if the pixel shows the scene; NaN where `views` is 0.
    var likelihood: [Float]
    /// Distance from the plate in standard deviations, root mean square over the channels; NaN where `views` is 0.
    var deviation: [Float]
    /// The views used, the nearest first, and the picture's brightness over theirs.
    var used: [(view: Int, gain: Float)]
}

/// Predicts pictures of one size from the scene's views: the median over the nearest ones, its spread from what a small shift would change,
/// from how far the views are apart, and from noise.
struct ScenePredictor: Sendable {
    let scene: SceneModel
    /// Pixels of the pictures; its nodes lie where those of the depth maps do.
    let warp: SurfaceWarp
    /// Whether the pictures are the full-size ones.
    let isFull: Bool
    let options: SceneOptions

    /// Sampled views of some pixels.
    private struct Samples {
        var values: [UInt8]
        var counts: [UInt8]
        let most: Int
    }

    /// - Parameters:
    ///   - colours: the picture's Y Cr Cb, the lens's fall-off undone.
    ///   - blocked: pixels that are not asked about.
    ///   - wanted: cells of the warp that are asked about; empty asks about all.
    ///   - box: the part of the picture that `colours` and the answer hold; nil for all of it.
    ///   - used: views and brightness as found in a smaller picture; nil takes the nearest and finds their brightness.
    func predict(
        _ colours: [UInt8], poses: RowPoses, depth: DepthMap, blocked: [Bool], wanted: [Bool] = [], used: [(view: Int, gain: Float)]? = nil,
        box: PixelBox? = nil
    ) -> ScenePrediction {
        let box = box ?? PixelBox(x: 0, y: 0, width: warp.camera.width, height: warp.camera.height)
        let n = box.count
        let chosen = used?.map(\.view) ?? scene.nearest(to: poses, count: options.comparisons)
        var samples = Samples(
            values: [UInt8](repeating: 0, count: 3 * n * chosen.count), counts: [UInt8](repeating: 0, count: n), most: chosen.count)
        var gains: [(view: Int, gain: Float)] = []
        for (at, k) in chosen.enumerated() {
            gains.append((k, sample(k, colours, poses, depth, blocked, wanted, used?[at].gain, box, &samples)))
        }
        var out = ScenePrediction(
            plate: [UInt8](repeating: 0, count: 3 * n), views: samples.counts, likelihood: [Float](repeating: .nan, count: n),
            deviation: [Float](repeating: .nan, count: n), used: gains)
        var apart = [UInt8](repeating: 0, count: 2 * n)
        median(samples, &out.plate, &apart)
        judge(colours, apart, box, &out)
        return out
    }

    private func sample(
        _ k: Int, _ colours: [UInt8], _ poses: RowPoses, _ depth: DepthMap, _ blocked: [Bool], _ wanted: [Bool], _ known: Float?, _ box: PixelBox,
        _ samples: inout Samples
    ) -> Float {
        let (w, h) = (warp.camera.width, warp.camera.height)
        let view = scene.views[k]
        var ranges = [Float](repeating: 0, count: depth.distances.count)
        var grid = warp.grid(from: poses, to: view.poses, distances: depth.distances, ranges: &ranges)
        hide(&grid, ranges, scene.depths[k])
        let gain = known ?? exposure(colours, view, grid, blocked)
        let most = samples.most
        let gains = scene.fullGains
            samples.counts.withUnsafeMutableBufferPointer { counts in
                samples.values.withUnsafeMutableBufferPointer { values in
                    blocked.withUnsafeBufferPointer { own in
                        if isFull {
                            view.full.pixels.withUnsafeBufferPointer { p in
                                view.fullBlocked.pixels.withUnsafeBufferPointer { b in
                                    gains.withUnsafeBufferPointer { gains in
                                        warp.forEachPixel(grid, wanted: wanted) { i, x, y in
                                            let (v, u) = (i / w - box.y, i % w - box.x)
                                            if u < 0 || v < 0 || u >= box.width || v >= box.height { return }
                                            let i = v * box.width + u
                                            if !(x >= 0 && y >= 0 && x < Float(w - 1) && y < Float(h - 1)) { return }
                                            let (x0, y0) = (Int(x), Int(y))
                                            let j = y0 * w + x0
                                            if b[j] | b[j + 1] | b[j + w] | b[j + w + 1] != 0 { return }
                                            let (fx, fy) = (x - Float(x0), y - Float(y0))
                                            func at(_ c: Int) -> Float { bilinear(p, at: 3 * j + c, rowLength: 3 * w, fx, fy) }
                                            let g = gains[j] * gain
                                            let (red, green, blue) = (at(0) * g, at(1) * g, at(2) * g)
                                            let slot = 3 * (i * most + Int(counts[i]))
                                            (values[slot], values[slot + 1], values[slot + 2]) = yCrCb(red, green, blue)
                                            counts[i] += 1
                                        }
                                    }
                                }
                            }
                        } else {
                            view.picture.colours.withUnsafeBufferPointer { p in
                                view.blocked.withUnsafeBufferPointer { b in
                                    warp.forEachPixel(grid, wanted: wanted) { i, x, y in
                                        if own[i] || !(x >= 0 && y >= 0 && x < Float(w - 1) && y < Float(h - 1)) { return }
                                        let (x0, y0) = (Int(x), Int(y))
                                        let j = y0 * w + x0
                                        if b[j] || b[j + 1] || b[j + w] || b[j + w + 1] { return }
                                        let (fx, fy) = (x - Float(x0), y - Float(y0))
                                        func at(_ c: Int) -> Float { bilinear(p, at: 3 * j + c, rowLength: 3 * w, fx, fy) }
                                        let slot = 3 * (i * most + Int(counts[i]))
                                        let luma = at(0)
                                        values[slot] = UInt8(max(0, min(255, luma * gain + 0.5)))
                                        values[slot + 1] = UInt8(at(1) + 0.5)
                                        values[slot + 2] = UInt8(at(2) + 0.5)
                                        counts[i] += 1
                                    }
                                }
                            }
                        }
                    }
                }
            }
        return gain
    }

    /// The median by channel, and the median distance from it of Y and of the chroma.
    private func median(_ samples: Samples, _ plate: inout [UInt8], _ apart: inout [UInt8]) {
        let most = samples.most
        samples.values.withUnsafeBufferPointer { v in
            samples.counts.withUnsafeBufferPointer { counts in
                plate.withUnsafeMutableBufferPointer { plate in
                    apart.withUnsafeMutableBufferPointer { apart in
                        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(most, 1)) { sorted in
                            func middle(_ count: Int) -> UInt8 {
                                for a in 1..<max(count, 1) {
                                    let x = sorted[a]
                                    var at = a
                                    while at > 0 && sorted[at - 1] > x {
                                        sorted[at] = sorted[at - 1]
                                        at -= 1
                                    }
                                    sorted[at] = x
                                }
                                return count % 2 == 1 ? sorted[count / 2] : UInt8((Int(sorted[count / 2 - 1]) + Int(sorted[count / 2]) + 1) / 2)
                            }
                            for i in counts.indices where counts[i] > 0 {
                                let count = Int(counts[i])
                                let start = 3 * i * most
                                for c in 0..<3 {
                                    for k in 0..<count { sorted[k] = v[start + 3 * k + c] }
                                    plate[3 * i + c] = middle(count)
                                }
                                for k in 0..<count { sorted[k] = UInt8(abs(Int(v[start + 3 * k]) - Int(plate[3 * i]))) }
                                apart[2 * i] = middle(count)
                                for k in 0..<count {
                                    let red = abs(Int(v[start + 3 * k + 1]) - Int(plate[3 * i + 1]))
                                    let blue = abs(Int(v[start + 3 * k + 2]) - Int(plate[3 * i + 2]))
                                    sorted[k] = UInt8(min(255, red + blue))
                                }
                                apart[2 * i + 1] = middle(count)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Likelihood and deviation of the picture's colours.
    private func judge(_ colours: [UInt8], _ apart: [UInt8], _ box: PixelBox, _ out: inout ScenePrediction) {
        let (w, h) = (box.width, box.height)
        let o = options
        let shift = Float(o.shift)
        let (lumaNoise, chromaNoise) = (Float(o.lumaNoise), Float(o.chromaNoise))
        let relative = Float(o.relativeNoise)
        let few = Float(o.fewViewsNoise)
        let bleed = isFull ? Float(o.chromaBleed * o.chromaBleed) : 0
        let full = Float(-1.5 * log(2 * Double.pi))
        out.likelihood.withUnsafeMutableBufferPointer { likelihood in
            out.deviation.withUnsafeMutableBufferPointer { deviation in
                out.plate.withUnsafeBufferPointer { p in
                    out.views.withUnsafeBufferPointer { views in
                        for y in 0..<h {
                            for x in 0..<w {
                                let i = y * w + x
                                if views[i] == 0 { continue }
                                // What a shift of the plate would change: differences to the neighbours that are known.
                                var slope = SIMD3<Float>.zero
                                let own = SIMD3(Float(p[3 * i]), Float(p[3 * i + 1]), Float(p[3 * i + 2]))
                                @inline(__always) func meet(_ a: Int, _ b: Int) {
                                    let known = (views[a] > 0, views[b] > 0)
                                    let u = known.0 ? SIMD3(Float(p[3 * a]), Float(p[3 * a + 1]), Float(p[3 * a + 2])) : own
                                    let v = known.1 ? SIMD3(Float(p[3 * b]), Float(p[3 * b + 1]), Float(p[3 * b + 2])) : own
                                    let d1 = u - own
                                    let d2 = v - own
                                    slope += pointwiseMax(d1 * d1, d2 * d2)
                                }
                                if x > 0 && x + 1 < w { meet(i - 1, i + 1) }
                                if y > 0 && y + 1 < h { meet(i - w, i + w) }
                                // Video holds chroma at half size: colours bleed over edges by a pixel.
                                var (bledRed, bledBlue): (Float, Float) = (0, 0)
                                if bleed > 0, x > 0, y > 0, x + 1 < w, y + 1 < h {
                                    for j in [i - 1, i + 1, i - w, i + w] {
                                        let red = Float(colours[3 * j + 1]) - Float(colours[3 * i + 1])
                                        let blue = Float(colours[3 * j + 2]) - Float(colours[3 * i + 2])
                                        (bledRed, bledBlue) = (max(bledRed, red * red), max(bledBlue, blue * blue))
                                    }
                                }
                                let lacking = views[i] >= 3 ? Float(0) : few / Float(views[i])
                                let ay = 1.5 * Float(apart[2 * i]) + lacking
                                let ac = 0.75 * Float(apart[2 * i + 1]) + lacking
                                let noise = lumaNoise + relative * own.x
                                let vy = noise * noise + shift * shift * slope.x + ay * ay
                                let vr = chromaNoise * chromaNoise + shift * shift * slope.y + ac * ac + bleed * bledRed
                                let vb = chromaNoise * chromaNoise + shift * shift * slope.z + ac * ac + bleed * bledBlue
                                let dy = Float(colours[3 * i]) - own.x
                                let dr = Float(colours[3 * i + 1]) - own.y
                                let db = Float(colours[3 * i + 2]) - own.z
                                let square = dy * dy / vy + dr * dr / vr + db * db / vb
                                likelihood[i] = full - 0.5 * (square + log(vy * vr * vb))
                                deviation[i] = (square / 3).squareRoot()
                            }
                        }
                    }
                }
            }
        }
    }

    /// Takes out nodes that something nearer hides in the other view.
    private func hide(_ grid: inout SurfaceWarp.Grid, _ ranges: [Float], _ other: DepthMap) {
        let factor = Float(1 + options.hiddenShare)
        let inverse = 1 / Float(warp.step)
        for k in grid.x.indices where !grid.x[k].isNaN {
            let (u, v) = (Int((grid.x[k] * inverse).rounded()), Int((grid.y[k] * inverse).rounded()))
            guard u >= 0, v >= 0, u < warp.columns, v < warp.rows else { continue }
            let there = other.distances[v * warp.columns + u]
            if there > 0, ranges[k] > there * factor + 0.01 { grid.x[k] = .nan }
        }
    }

    /// The picture's brightness over the view's: the median over a part of the pixels that both show.
    private func exposure(_ colours: [UInt8], _ view: ScenePose, _ grid: SurfaceWarp.Grid, _ blocked: [Bool]) -> Float {
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
                let (a, b) = (colours[3 * i], view.picture.colours[3 * j])
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

/// The value between four neighbours of one channel of an interleaved RGB or Y Cr Cb picture.
/// - Parameters:
///   - at: index of the upper left one.
///   - fx: how far to the right of it, 0 to 1; `fy` how far below.
@inline(__always) func bilinear(_ p: UnsafeBufferPointer<UInt8>, at: Int, rowLength: Int, _ fx: Float, _ fy: Float) -> Float {
    let top = Float(p[at]) + (Float(p[at + 3]) - Float(p[at])) * fx
    let q = at + rowLength
    let low = Float(p[q]) + (Float(p[q + 3]) - Float(p[q])) * fx
    return top + (low - top) * fy
}

/// Y Cr Cb (BT.601, full range) of red, green and blue, rounded.
@inline(__always) func yCrCb(_ red: Float, _ green: Float, _ blue: Float) -> (UInt8, UInt8, UInt8) {
    let luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return (
        UInt8(max(0, min(255, luma + 0.5))), UInt8(max(0, min(255, (red - luma) * 0.713 + 128.5))),
        UInt8(max(0, min(255, (blue - luma) * 0.564 + 128.5)))
    )
}
