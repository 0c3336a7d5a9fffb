internal import Geometry
internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// The human's outline at full size: about the working mask's edge every full-size pixel is held against the scene's own prediction and the
/// human's colours, and cut anew.
///
/// At working size a hand's fingers are two or three pixels wide: the mask's edge alone costs a tenth of its area.
struct FineOutline: Sendable {
    let masker: HumanMasker
    let background: BackgroundModel
    let colours: BackgroundMixture

    private var scale: WorkingScale { masker.scale }
    private var options: HumanOptions { masker.options.human }

    /// A part of the picture in which the outline is sought.
    private struct Band {
        /// Working pixels.
        var open: [Bool]
        var box: PixelBox
        /// Cells of the full-size nodes that have an open pixel.
        var cells: [Bool]
        /// Y Cr Cb by pixel of the box, the lens's fall-off undone; defined in the cells and beside them.
        var picture: [UInt8]
    }

    /// - Parameters:
    ///   - picture: full size, RGB.
    ///   - finding: human where its score is above 0.
    ///   - classes: the picture's classes without the human, full size: the mask's edge runs freely along what is not background.
    /// - Returns: 255 where human, full size.
    func outline(
        _ picture: Image, _ finding: FrameFinding, _ score: ScoreMap, poses: RowPoses, classes: Image
    ) throws(HumanError) -> Image {
        let coarse = Image(width: scale.width, height: scale.height, channels: 1, pixels: score.area.map { $0 ? 255 : 0 })
        var out = scale.enlarge(coarse)
        guard scale.factor > 1, let first = background.views.first, first.full.width == picture.width, first.full.height == picture.height,
            let band = try band(coarse, picture)
        else { return out }
        let depth = depth(band, poses)
        let found = BackgroundPredictor(
            model: background, warp: masker.geometry.fullNodes, isFull: true, options: masker.options.background
        ).predict(band.picture, poses: poses, depth: depth, blocked: [], wanted: band.cells, used: finding.used, box: band.box)
        cut(&out, band, found, finding, score, classes)
        return out
    }

    /// Nil where the mask has no edge.
    private func band(_ coarse: Image, _ picture: Image) throws(HumanError) -> Band? {
        let reach = options.edgeReach
        let (outer, inner) = try Image.operation("edge band") { () throws(ImagingError) in
            (try coarse.dilated(radius: reach), try coarse.eroded(radius: reach))
        }
        let open = outer.pixels.indices.map { outer.pixels[$0] != 0 && inner.pixels[$0] == 0 }
        guard let box = scale.boundingBox(open.map { $0 ? 255 : 0 }, margin: 1) else { return nil }
        let nodes = masker.geometry.fullNodes
        let columns = nodes.columns - 1
        var cells = [Bool](repeating: false, count: columns * (nodes.rows - 1))
        for i in open.indices where open[i] {
            cells[i / scale.width * scale.factor / nodes.step * columns + i % scale.width * scale.factor / nodes.step] = true
        }
        return Band(open: open, box: box, cells: cells, picture: background.colours(picture, box, about: cells, warp: nodes))
    }

    /// The depth at the corners of the band's cells alone, at the full-size nodes.
    private func depth(_ band: Band, _ poses: RowPoses) -> DepthMap {
        let nodes = masker.geometry.fullNodes
        let cells = band.cells
        let (box, step) = (band.box, nodes.step)
        let (x0, y0) = (box.x / step, box.y / step)
        let depth = masker.depth(
            poses, background,
            wanted: PixelBox(
                x: x0, y: y0, width: (box.x + box.width - 1) / step + 2 - x0, height: (box.y + box.height - 1) / step + 2 - y0))
        precondition(depth.fits(nodes), "working and full-size grids are one")
        let (columns, cellColumns) = (nodes.columns, nodes.columns - 1)
        var distances = [Float](repeating: 0, count: depth.distances.count)
        for cell in cells.indices where cells[cell] {
            let k = cell / cellColumns * columns + cell % cellColumns
            for j in [k, k + 1, k + columns, k + columns + 1] { distances[j] = depth.distances[j] }
        }
        return DepthMap(distances: distances, on: nodes)
    }

    /// Labels what is open in the box anew; what is not open keeps its label, and what is not background is not human.
    /// - Parameter out: the working mask at full size.
    private func cut(
        _ out: inout Image, _ band: Band, _ found: BackgroundPrediction, _ finding: FrameFinding, _ score: ScoreMap, _ classes: Image
    ) {
        let (f, box, full) = (scale.factor, band.box, scale.fullWidth)
        let bw = box.width
        let limit = Float(options.cutLimit)
        let (odds, coarseWeight) = (score.odds, Float(options.edgeCoarseWeight))
        let gripper = -Float(options.otherGripperWeight)
        var places: [Int32] = []
        var scores: [Float] = []
        var node = [Int32](repeating: -1, count: box.count)
        for y in box.y..<(box.y + box.height) {
            let row = y / f * scale.width
            for u in (box.x / f)..<min(scale.width, (box.x + bw - 1) / f + 1) where band.open[row + u] {
                let j = row + u
                let isGripper = finding.marks?.has(MarkMap.gripper, j) ?? false
                for x in (u * f)..<min(u * f + f, full) {
                    guard classes.pixels[y &* full &+ x] == PixelClass.background.rawValue else {
                        out.pixels[y &* full &+ x] = 0
                        continue
                    }
                    let i = (y &- box.y) &* bw &+ x &- box.x
                    let bin = ColourModel.bin(band.picture[3 &* i], band.picture[3 &* i &+ 1], band.picture[3 &* i &+ 2])
                    var s = found.likelihood[i].isNaN ? colours.odds(bin) : colours.odds(bin, predicted: found.likelihood[i])
                    if odds[j] > HumanScore.blocked { s += coarseWeight * max(-limit, min(limit, odds[j])) }
                    if isGripper { s = min(s, gripper) }
                    node[i] = Int32(truncatingIfNeeded: places.count)
                    places.append(Int32(truncatingIfNeeded: i))
                    scores.append(max(-limit, min(limit, s)))
                }
            }
        }
        var graph = PixelGraph(count: places.count)
        graph.scores = scores
        tie(&graph, places, node, band, out)
        for (k, isHuman) in GraphCut.label(graph).enumerated() {
            let i = Int(places[k])
            out.pixels[(box.y + i / bw) * full + box.x + i % bw] = isHuman ? 255 : 0
        }
    }

    /// A neighbour that is not open pulls with its label; one that is not background does not pull.
    private func tie(_ graph: inout PixelGraph, _ places: [Int32], _ node: [Int32], _ band: Band, _ out: Image) {
        let (f, box, full) = (scale.factor, band.box, scale.fullWidth)
        let bw = box.width
        let table = masker.edgeTable(options.fineEdgeCost)
        band.picture.withUnsafeBufferPointer { c in
            for k in places.indices {
                let i = Int(places[k])
                let (x, y) = (i % bw, i / bw)
                func meet(_ j: Int, _ u: Int, _ v: Int, _ direction: Int?) {
                    if node[j] >= 0 {
                        if let direction { graph.tie(k, Int(node[j]), direction: direction, cost: table[colourStep(c, i, j)]) }
                    } else if !band.open[v / f * scale.width + u / f] {
                        graph.scores[k] += out.pixels[v * full + u] != 0 ? table[colourStep(c, i, j)] : -table[colourStep(c, i, j)]
                    }
                }
                if x + 1 < bw { meet(i + 1, box.x + x + 1, box.y + y, 0) }
                if x > 0 { meet(i - 1, box.x + x - 1, box.y + y, nil) }
                if y + 1 < box.height { meet(i + bw, box.x + x, box.y + y + 1, 2) }
                if y > 0 { meet(i - bw, box.x + x, box.y + y - 1, nil) }
            }
        }
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
                        let row = y / step * columns
                        for cell in 0..<columns where near[row + cell] {
                            let (start, end) = (max(cell * step, box.x), min(cell * step + step, box.x + box.width))
                            for x in start..<max(start, end) {
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
