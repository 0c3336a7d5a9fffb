internal import Geometry
internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// A rectangle of full-size pixels.
struct PixelBox: Sendable, Equatable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int

    var count: Int { width * height }
}

extension HumanMasker {
    /// The human's outline at full size: about the working mask's edge every full-size pixel is held against the scene's own prediction and
    /// the human's colours, and cut anew.
    ///
    /// At working size a hand's fingers are two or three pixels wide: the mask's edge alone costs a tenth of its area.
    /// - Parameters:
    ///   - picture: full size, RGB.
    ///   - score: log odds at working size; human where above 0.
    ///   - classes: the picture's classes without the human: the mask's edge runs freely along what is not background.
    /// - Returns: 255 where human, full size.
    func refined(
        _ picture: Image, score: [Float], evidence e: PixelFeatures, poses: RowPoses, scene: BackgroundModel, depth: DepthMap, colours: ColourModel,
        classes: Image
    ) throws(HumanError) -> Image {
        let coarse = Image(width: scale.width, height: scale.height, channels: 1, pixels: score.map { $0 > 0 ? 255 : 0 })
        guard let prediction = e.prediction, scale.factor > 1, let first = scene.views.first, first.full.width == picture.width,
            first.full.height == picture.height
        else { return scale.enlarge(coarse) }
        let reach = options.human.edgeReach
        let (outer, inner) = try Image.operation("edge band") { () throws(ImagingError) in
            (try coarse.dilated(radius: reach), try coarse.eroded(radius: reach))
        }
        let open = outer.pixels.indices.map { outer.pixels[$0] != 0 && inner.pixels[$0] == 0 }
        guard let box = boundingBox(open.map { $0 ? 255 : 0 }, margin: 1) else { return scale.enlarge(coarse) }
        let fine = fullWarp
        precondition(depth.fits(fine), "working and full-size grids are one")
        let columns = fine.columns - 1
        var wanted = [Bool](repeating: false, count: columns * (fine.rows - 1))
        var near = [Float](repeating: 0, count: depth.distances.count)
        for i in open.indices where open[i] {
            let (r, c) = (i / scale.width * scale.factor / fine.step, i % scale.width * scale.factor / fine.step)
            if wanted[r * columns + c] { continue }
            wanted[r * columns + c] = true
            for k in [r * fine.columns + c, r * fine.columns + c + 1, (r + 1) * fine.columns + c, (r + 1) * fine.columns + c + 1] {
                near[k] = depth.distances[k]
            }
        }
        let own = scene.colours(picture, box, about: wanted, warp: fine)
        let found = BackgroundPredictor(scene: scene, warp: fine, isFull: true, options: options.scene).predict(
            own, poses: poses, depth: DepthMap(distances: near, on: fine), blocked: [], wanted: wanted, used: prediction.used, box: box)
        var out = scale.enlarge(coarse)
        cut(&out, own, found, open: open, score: score, box: box, colours: colours, classes: classes, flags: e.flags)
        return out
    }

    /// The full-size rectangle about the working pixels that are not 0, some full-size pixels wider; nil where there is none.
    func boundingBox(_ map: [UInt8], margin: Int) -> PixelBox? {
        var (x0, y0, x1, y1) = (Int.max, Int.max, -1, -1)
        map.withUnsafeBufferPointer { p in
            for y in 0..<scale.height {
                for x in 0..<scale.width where p[y &* scale.width &+ x] != 0 {
                    (x0, y0, x1, y1) = (min(x0, x), min(y0, y), max(x1, x), max(y1, y))
                }
            }
        }
        guard x1 >= 0 else { return nil }
        let f = scale.factor
        let (left, top) = (max(0, x0 * f - margin), max(0, y0 * f - margin))
        let (right, bottom) = (min(scale.fullWidth, (x1 + 1) * f + margin), min(scale.fullHeight, (y1 + 1) * f + margin))
        return PixelBox(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// Labels what is open in the box anew; what is not open keeps its label, and what is not background is not human.
    /// - Parameter out: the working mask at full size.
    private func cut(
        _ out: inout Image, _ own: [UInt8], _ found: BackgroundPrediction, open: [Bool], score: [Float], box: PixelBox, colours: ColourModel,
        classes: Image, flags: [UInt8]
    ) {
        let o = options.human
        let (f, bw, full) = (scale.factor, box.width, scale.fullWidth)
        let limit = Float(o.cutLimit)
        let mix = BackgroundMixture(colours, weight: o.sceneWeight, surprise: o.sceneSurprise, prior: o.scenePrior)
        var places: [Int32] = []
        var scores: [Float] = []
        var node = [Int32](repeating: -1, count: box.count)
        for y in box.y..<(box.y + box.height) {
            let row = y / f * scale.width
            for u in (box.x / f)..<min(scale.width, (box.x + bw - 1) / f + 1) where open[row + u] {
                let j = row + u
                for x in (u * f)..<min(u * f + f, full) {
                    guard classes.pixels[y &* full &+ x] == PixelClass.background.rawValue else {
                        out.pixels[y &* full &+ x] = 0
                        continue
                    }
                    let i = (y &- box.y) &* bw &+ x &- box.x
                    let bin = ColourModel.bin(own[3 &* i], own[3 &* i &+ 1], own[3 &* i &+ 2])
                    var s = found.likelihood[i].isNaN ? mix.odds(bin) : mix.odds(bin, predicted: found.likelihood[i])
                    if score[j] > -8 { s += Float(o.edgeCoarseWeight) * max(-limit, min(limit, score[j])) }
                    if flags[j] & PixelFeatures.gripper != 0 { s = min(s, -Float(o.otherGripperWeight)) }
                    node[i] = Int32(truncatingIfNeeded: places.count)
                    places.append(Int32(truncatingIfNeeded: i))
                    scores.append(max(-limit, min(limit, s)))
                }
            }
        }
        var graph = PixelGraph(count: places.count)
        graph.scores = scores
        let table = edgeTable(o.fineEdgeCost)
        own.withUnsafeBufferPointer { c in
            for k in places.indices {
                let i = Int(places[k])
                let (x, y) = (i % bw, i / bw)
                // A neighbour that is not open pulls with its label; one that is not background does not pull.
                func meet(_ j: Int, _ u: Int, _ v: Int, _ direction: Int?) {
                    if node[j] >= 0 {
                        if let direction { graph.tie(k, Int(node[j]), direction: direction, cost: table[colourStep(c, i, j)]) }
                    } else if !open[v / f * scale.width + u / f] {
                        graph.scores[k] += out.pixels[v * full + u] != 0 ? table[colourStep(c, i, j)] : -table[colourStep(c, i, j)]
                    }
                }
                if x + 1 < bw { meet(i + 1, box.x + x + 1, box.y + y, 0) }
                if x > 0 { meet(i - 1, box.x + x - 1, box.y + y, nil) }
                if y + 1 < box.height { meet(i + bw, box.x + x, box.y + y + 1, 2) }
                if y > 0 { meet(i - bw, box.x + x, box.y + y - 1, nil) }
            }
        }
        for (k, isHuman) in GraphCut.label(graph).enumerated() {
            let i = Int(places[k])
            out.pixels[(box.y + i / bw) * full + box.x + i % bw] = isHuman ? 255 : 0
        }
    }

    /// Cost of an edge of the mask by the colour difference across it.
    func edgeTable(_ cost: Double) -> [Float] {
        let levels = options.human.edgeLevels
        return (0..<256).map { Float(cost * (0.12 + 0.88 * exp(-Double($0 * $0) / (2 * levels * levels)))) }
    }
}

extension BackgroundModel {
    /// Y Cr Cb of a part of a full-size RGB picture, the lens's fall-off undone.
    /// - Parameter cells: of the warp; what is neither in one nor beside one stays undefined.
    func colours(_ picture: Image, _ box: PixelBox, about cells: [Bool], warp: SurfaceWarp) -> [UInt8] {
        let (rows, columns, step) = (warp.rows - 1, warp.columns - 1, warp.step)
        var near = [Bool](repeating: false, count: cells.count)
        for k in cells.indices where cells[k] {
            for r in max(0, k / columns - 1)...min(rows - 1, k / columns + 1) {
                for c in max(0, k % columns - 1)...min(columns - 1, k % columns + 1) { near[r * columns + c] = true }
            }
        }
        return [UInt8](unsafeUninitializedCapacity: 3 * box.count) { out, count in
            picture.pixels.withUnsafeBufferPointer { p in
                fullGains.withUnsafeBufferPointer { gains in
                    for y in box.y..<(box.y + box.height) {
                        let row = min(y / step, rows - 1) * columns
                        for cell in 0..<columns where near[row + cell] {
                            let end = cell == columns - 1 ? box.x + box.width : min(cell * step + step, box.x + box.width)
                            for x in max(cell * step, box.x)..<max(cell * step, box.x, end) {
                                let j = y &* picture.width &+ x
                                let i = 3 &* ((y &- box.y) &* box.width &+ x &- box.x)
                                let g = gains[j]
                                (out[i], out[i &+ 1], out[i &+ 2]) = yCrCb(
                                    Float(p[3 &* j]) * g, Float(p[3 &* j &+ 1]) * g, Float(p[3 &* j &+ 2]) * g)
                            }
                        }
                    }
                }
            }
            count = 3 * box.count
        }
    }
}
