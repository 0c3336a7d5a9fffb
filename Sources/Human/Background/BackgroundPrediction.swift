internal import Geometry
internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// What the static scene predicts of a picture, and how far the picture is from it.
struct BackgroundPrediction: Sendable {
    /// Views that show the place; 0 where none does.
    var views: [UInt8]
    /// Natural logarithm of the density (a cubic level) of the picture's colour if the pixel shows the scene; NaN where `views` is 0.
    var likelihood: [Float]
    /// Distance from the plate in standard deviations, root mean square over the channels; NaN where `views` is 0. Empty at full size.
    var deviation: [Float]
    /// The views used, the nearest first, and the picture's brightness over theirs.
    var used: [UsedView]
}

/// Predicts pictures of one size from the scene's views: the median over the nearest ones, its spread from what a small shift would change,
/// from how far the views are apart, and from noise.
struct BackgroundPredictor: Sendable {
    let model: BackgroundModel
    /// Pixels of the pictures; its nodes lie where those of the depth maps do.
    let warp: SurfaceWarp
    /// Whether the pictures are the full-size ones.
    let isFull: Bool
    let options: BackgroundOptions

    /// A view and where the nodes fall in it.
    private struct Source {
        var view: BackgroundView
        var grid: SurfaceWarp.Grid
        var gain: Float
    }

    /// What of a picture is asked about.
    private struct Part {
        /// Pixels that are not; empty for none.
        var blocked: [Bool]
        /// Cells of the warp that are; empty for all.
        var wanted: [Bool]
        var box: PixelBox
    }

    /// A view's picture as it is read.
    private struct Texture {
        /// Three bytes a pixel.
        var values: [UInt8]
        /// Not 0 where nothing can be read between a pixel and its neighbours.
        var unusable: [UInt8]
    }

    /// - Parameters:
    ///   - colours: the picture's Y Cr Cb, the lens's fall-off undone.
    ///   - blocked: pixels that are not asked about; empty for none.
    ///   - wanted: cells of the warp that are asked about; empty asks about all.
    ///   - box: the part of the picture that `colours` and the answer hold; nil for all of it.
    ///   - used: views and brightness as found in a smaller picture; nil takes the nearest and finds their brightness.
    func predict(
        _ colours: [UInt8], poses: RowPoses, depth: DepthMap, blocked: [Bool], wanted: [Bool] = [], used: [UsedView]? = nil,
        box: PixelBox? = nil
    ) -> BackgroundPrediction {
        let box = box ?? PixelBox(x: 0, y: 0, width: warp.camera.width, height: warp.camera.height)
        let logs = used != nil ? [] : (0..<256).map { log(Float(max($0, 1))) }
        var sources: [Source] = []
        var all: [UsedView] = []
        for (at, k) in (used?.map(\.view) ?? model.nearest(to: poses, count: options.comparisons, turnDistance: options.turnDistance))
            .enumerated()
        {
            let view = model.views[k]
            var ranges = [Float](repeating: 0, count: depth.distances.count)
            var grid = warp.grid(from: poses, to: view.poses, distances: depth.distances, ranges: &ranges)
            hide(&grid, ranges, model.depths[k])
            let gain = used?[at].gain ?? exposure(colours, view, grid, blocked, logs)
            sources.append(Source(view: view, grid: grid, gain: gain))
            all.append(UsedView(view: k, gain: gain))
        }
        let n = box.count
        let part = Part(blocked: blocked, wanted: wanted, box: box)
        var plate = PredictedPicture(count: n)
        let band = warp.step * box.width
        let most = sources.count
        withUnsafeTemporaryAllocation(of: SIMD4<UInt8>.self, capacity: band * max(most, 1)) { values in
            for r in (box.y / warp.step)...min((box.y + box.height - 1) / warp.step, warp.rows - 2) {
                if !wanted.isEmpty, !wanted[(r * (warp.columns - 1))..<((r + 1) * (warp.columns - 1))].contains(true) { continue }
                for source in sources { sample(source, row: r, part, values, &plate.views) }
                let (top, bottom) = (max(r * warp.step, box.y), min(r * warp.step + warp.step, box.y + box.height))
                plate.merge(
                    UnsafeBufferPointer(values), rows: (top - box.y)..<(bottom - box.y), width: box.width,
                    from: r * warp.step - box.y, stride: band, most: most)
            }
        }
        var out = BackgroundPrediction(
            views: [], likelihood: [Float](repeating: .nan, count: n), deviation: isFull ? [] : [Float](repeating: .nan, count: n),
            used: all)
        if isFull { judgeFull(colours, plate, box, wanted, &out) } else { judge(colours, plate, box, &out) }
        out.views = plate.views
        return out
    }

    /// Adds a view's colours for one row of cells.
    /// - Parameters:
    ///   - values: by view, by pixel of the row of cells within the box.
    ///   - counts: views by pixel of the box.
    private func sample(
        _ source: Source, row: Int, _ part: Part, _ values: UnsafeMutableBufferPointer<SIMD4<UInt8>>, _ counts: inout [UInt8]
    ) {
        let (gain, view) = (source.gain, source.view)
        if isFull {
            model.fullGains.withUnsafeBufferPointer { gains in
                read(Texture(values: view.full.pixels, unusable: view.fullUnusable), source.grid, row, part, values, &counts) { rgb, j in
                    let even = rgb * (gains[j] * gain)
                    let (y, cr, cb) = yCrCb(even.x, even.y, even.z)
                    return SIMD4(y, cr, cb, 0)
                }
            }
        } else {
            read(Texture(values: view.picture.colours, unusable: view.unusable), source.grid, row, part, values, &counts) { ycc, _ in
                SIMD4(
                    UInt8(truncatingIfNeeded: Int32(min(255, ycc.x * gain + 0.5))), UInt8(truncatingIfNeeded: Int32(ycc.y + 0.5)),
                    UInt8(truncatingIfNeeded: Int32(ycc.z + 0.5)), 0)
            }
        }
    }

    @inline(__always) private func read(
        _ texture: Texture, _ grid: SurfaceWarp.Grid, _ row: Int, _ part: Part, _ values: UnsafeMutableBufferPointer<SIMD4<UInt8>>,
        _ counts: inout [UInt8], _ colour: (_ between: SIMD4<Float>, _ pixel: Int) -> SIMD4<UInt8>
    ) {
        let (w, h) = (warp.camera.width, warp.camera.height)
        let (right, bottom) = (Float(w - 1), Float(h - 1))
        let box = part.box
        let stride = warp.step * box.width
        let shift = row * warp.step - box.y
        let isOpen = part.blocked.isEmpty
        part.blocked.withUnsafeBufferPointer { blocked in
            texture.unusable.withUnsafeBufferPointer { unusable in
                texture.values.withUnsafeBytes { p in
                    counts.withUnsafeMutableBufferPointer { counts in
                        warp.forEachPixel(grid, row: row, wanted: part.wanted) { u, v, x, y in
                            if !(x >= 0 && y >= 0 && x < right && y < bottom) { return }
                            let (a, b) = (u &- box.x, v &- box.y)
                            if a < 0 || b < 0 || a >= box.width || b >= box.height { return }
                            if !isOpen && blocked[v &* w &+ u] { return }
                            let (x0, y0) = (Int32(x), Int32(y))
                            let j = Int(y0) &* w &+ Int(x0)
                            if unusable[j] != 0 { return }
                            let value = colour(bilinear(p, at: j, rowLength: w, x - Float(x0), y - Float(y0)), j)
                            let i = b &* box.width &+ a
                            values[Int(counts[i]) &* stride &+ i &- shift &* box.width] = value
                            counts[i] &+= 1
                        }
                    }
                }
            }
        }
    }

    /// Likelihood and deviation of the picture's colours.
    private func judge(_ colours: [UInt8], _ plate: PredictedPicture, _ box: PixelBox, _ out: inout BackgroundPrediction) {
        let spread = PredictionSpread(options, isFull: false)
        out.likelihood.withUnsafeMutableBufferPointer { likelihood in
            out.deviation.withUnsafeMutableBufferPointer { deviation in
                spread.judge(colours, plate, width: box.width, height: box.height, rows: 0..<box.height, columns: 0..<box.width) {
                    i, density, square in
                    likelihood[i] = density
                    deviation[i] = (square / 3).squareRoot()
                }
            }
        }
    }

    /// The same for the wanted cells at full size, the likelihood alone.
    private func judgeFull(
        _ colours: [UInt8], _ plate: PredictedPicture, _ box: PixelBox, _ wanted: [Bool], _ out: inout BackgroundPrediction
    ) {
        let spread = PredictionSpread(options, isFull: true)
        let (step, cells) = (warp.step, warp.columns - 1)
        out.likelihood.withUnsafeMutableBufferPointer { likelihood in
            for r in 0..<(warp.rows - 1) {
                let rows = max(0, r * step - box.y)..<max(0, r * step - box.y, min(r * step + step - box.y, box.height))
                if rows.isEmpty { continue }
                for c in 0..<cells where wanted.isEmpty || wanted[r * cells + c] {
                    let columns = max(0, c * step - box.x)..<max(0, c * step - box.x, min(c * step + step - box.x, box.width))
                    spread.judge(colours, plate, width: box.width, height: box.height, rows: rows, columns: columns) { i, density, _ in
                        likelihood[i] = density
                    }
                }
            }
        }
    }

    /// Takes out nodes that something nearer hides in the other view.
    private func hide(_ grid: inout SurfaceWarp.Grid, _ ranges: [Float], _ other: DepthMap) {
        let (factor, margin) = (Float(1 + options.hiddenShare), Float(options.hiddenMargin))
        let inverse = 1 / Float(warp.step)
        precondition(other.fits(warp), "the view's depth lies at the nodes of the warp")
        let (columns, rows) = (warp.columns, warp.rows)
        grid.x.withUnsafeMutableBufferPointer { x in
            grid.y.withUnsafeBufferPointer { y in
                ranges.withUnsafeBufferPointer { ranges in
                    other.distances.withUnsafeBufferPointer { distances in
                        for k in x.indices where x[k] * inverse > -0.5 && y[k] * inverse > -0.5 {
                            let (u, v) = (Int(x[k] * inverse + 0.5), Int(y[k] * inverse + 0.5))
                            guard u < columns, v < rows else { continue }
                            let there = distances[v &* columns &+ u]
                            if there > 0, ranges[k] > there * factor + margin { x[k] = .nan }
                        }
                    }
                }
            }
        }
    }

    /// The picture's brightness over the view's: the median over a part of the pixels that both show.
    private func exposure(_ colours: [UInt8], _ view: BackgroundView, _ grid: SurfaceWarp.Grid, _ blocked: [Bool], _ logs: [Float]) -> Float
    {
        let (w, h) = (warp.camera.width, warp.camera.height)
        let (darkest, brightest) = (options.darkestWitness, options.brightestWitness)
        var histogram = [Int](repeating: 0, count: 256)
        var total = 0
        for r in stride(from: 0, to: warp.rows, by: 3) where r * warp.step < h {
            for c in stride(from: 0, to: warp.columns, by: 3) where c * warp.step < w {
                let k = r * warp.columns + c
                let (px, py) = (grid.x[k], grid.y[k])
                guard px > -0.5, py > -0.5 else { continue }
                let (x, y) = (Int(px + 0.5), Int(py + 0.5))
                guard x < w, y < h else { continue }
                let (i, j) = (r * warp.step * w + c * warp.step, y * w + x)
                let (a, b) = (Int(colours[3 * i]), Int(view.picture.colours[3 * j]))
                if blocked[i] || view.blocked[j] || min(a, b) < darkest || max(a, b) > brightest { continue }
                // Steps of 1 % about 1.
                let step = Int((logs[a] - logs[b]) * 100 + 1000.5) - 1000 + 128
                histogram[max(0, min(255, step))] += 1
                total += 1
            }
        }
        guard total > options.exposureWitnesses else { return 1 }
        var seen = 0
        for (bin, count) in histogram.enumerated() {
            seen += count
            if 2 * seen >= total { return exp(Float(bin - 128) / 100) }
        }
        return 1
    }
}

/// The values between four neighbours of an interleaved RGB or Y Cr Cb picture, by channel; the fourth is undefined.
/// - Parameters:
///   - at: index of the upper left pixel; not of the last column or row.
///   - fx: how far to the right of it, 0 to 1; `fy` how far below.
@inline(__always) func bilinear(_ p: UnsafeRawBufferPointer, at j: Int, rowLength w: Int, _ fx: Float, _ fy: Float) -> SIMD4<Float> {
    // A pixel to the right is read with the byte before it: nothing lies behind the last one.
    @inline(__always) func left(_ i: Int) -> SIMD4<Float> {
        SIMD4<Float>(unsafeBitCast(p.loadUnaligned(fromByteOffset: 3 &* i, as: UInt32.self), to: SIMD4<UInt8>.self))
    }
    @inline(__always) func right(_ i: Int) -> SIMD4<Float> {
        SIMD4<Float>(unsafeBitCast(p.loadUnaligned(fromByteOffset: 3 &* i &+ 2, as: UInt32.self) &>> 8, to: SIMD4<UInt8>.self))
    }
    let (a, b) = (left(j), left(j &+ w))
    let top = a + (right(j) - a) * fx
    return top + (b + (right(j &+ w) - b) * fx - top) * fy
}

/// Y Cr Cb (BT.601, full range) of red, green and blue, rounded.
@inline(__always) func yCrCb(_ red: Float, _ green: Float, _ blue: Float) -> (UInt8, UInt8, UInt8) {
    let luma = 0.299 * red + 0.587 * green + 0.114 * blue
    @inline(__always) func byte(_ v: Float) -> UInt8 { UInt8(truncatingIfNeeded: Int32(max(0, min(255, v)))) }
    return (byte(luma + 0.5), byte((red - luma) * 0.713 + 128.5), byte((blue - luma) * 0.564 + 128.5))
}
