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
        _ picture: Image, score: [Float], evidence e: Evidence, poses: RowPoses, scene: SceneModel, depth: DepthMap, colours: ColourModel,
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
        let columns = fine.columns - 1
        var wanted = [Bool](repeating: false, count: columns * (fine.rows - 1))
        var near = [Float](repeating: 0, count: depth.distances.count)
        for i in open.indices where open[i] {
            let (r, c) = (min(i / scale.width * scale.factor / fine.step, fine.rows - 2), min(i % scale.width * scale.factor / fine.step, columns - 1))
            wanted[r * columns + c] = true
            for k in [r * fine.columns + c, r * fine.columns + c + 1, (r + 1) * fine.columns + c, (r + 1) * fine.columns + c + 1] {
                near[k] = depth.distances[k]
            }
        }
        let own = scene.colours(picture, box)
        let found = ScenePredictor(scene: scene, warp: fine, isFull: true, options: options.scene).predict(
            own, poses: poses, depth: DepthMap(distances: near), blocked: [], wanted: wanted, used: prediction.used, box: box)
        let labels = cut(own, found, open: open, coarse: coarse, score: score, box: box, colours: colours, classes: classes, flags: e.flags)
        var out = scale.enlarge(coarse)
        for y in 0..<box.height {
            for x in 0..<box.width where labels[y * box.width + x] != (out[box.x + x, box.y + y] != 0) {
                out[box.x + x, box.y + y] = labels[y * box.width + x] ? 255 : 0
            }
        }
        return out
    }

    /// The full-size rectangle about the working pixels that are not 0, some full-size pixels wider; nil where there is none.
    func boundingBox(_ map: [UInt8], margin: Int) -> PixelBox? {
        var (x0, y0, x1, y1) = (Int.max, Int.max, -1, -1)
        map.withUnsafeBufferPointer { p in
            for y in 0..<scale.height {
                for x in 0..<scale.width where p[y &* scale.width &+ x] != 0 { (x0, y0, x1, y1) = (min(x0, x), min(y0, y), max(x1, x), max(y1, y)) }
            }
        }
        guard x1 >= 0 else { return nil }
        let f = scale.factor
        let (left, top) = (max(0, x0 * f - margin), max(0, y0 * f - margin))
        let (right, bottom) = (min(scale.fullWidth, (x1 + 1) * f + margin), min(scale.fullHeight, (y1 + 1) * f + margin))
        return PixelBox(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// The cut within the box; what is not open keeps its label.
    private func cut(
        _ own: [UInt8], _ found: ScenePrediction, open: [Bool], coarse: Image, score: [Float], box: PixelBox, colours: ColourModel,
        classes: Image, flags: [UInt8]
    ) -> [Bool] {
        let o = options.human
        let (f, bw) = (scale.factor, box.width)
        let limit = Float(o.cutLimit)
        let surprise = Float(log(max(o.sceneSurprise, 1e-6)))
        var unary = [Float](repeating: 0, count: box.count)
        var free = [Bool](repeating: false, count: box.count)
        for y in 0..<box.height {
            let row = min((box.y + y) / f, scale.height - 1) * scale.width
            for x in 0..<bw {
                let i = y * bw + x
                let j = row + min((box.x + x) / f, scale.width - 1)
                guard open[j] else {
                    unary[i] = coarse.pixels[j] != 0 ? 4 * limit : -4 * limit
                    continue
                }
                guard classes[box.x + x, box.y + y] == PixelClass.background.rawValue else { continue }
                free[i] = true
                let bin = ColourModel.bin(own[3 * i], own[3 * i + 1], own[3 * i + 2])
                let other = colours.logScene[bin]
                let foretold = found.likelihood[i]
                var s: Float
                if foretold.isNaN {
                    s = 0.5 * (colours.logHuman[bin] - other)
                } else {
                    let high = max(foretold, other + surprise)
                    s = Float(o.sceneWeight) * (colours.logHuman[bin] - high - log(1 + exp(-abs(foretold - other - surprise))))
                }
                if score[j] > -8 { s += Float(o.edgeCoarseWeight) * max(-limit, min(limit, score[j])) }
                s -= Float(o.scenePrior)
                if flags[j] & Evidence.gripper != 0 { s = min(s, -Float(o.otherGripperWeight)) }
                unary[i] = max(-limit, min(limit, s))
            }
        }
        let table = edgeTable(o.fineEdgeCost)
        var (right, down) = ([Float](repeating: 0, count: box.count), [Float](repeating: 0, count: box.count))
        own.withUnsafeBufferPointer { c in
            @inline(__always) func edge(_ i: Int, _ j: Int) -> Float {
                let chroma = abs(Int(c[3 * i + 1]) - Int(c[3 * j + 1])) + abs(Int(c[3 * i + 2]) - Int(c[3 * j + 2]))
                return table[min(abs(Int(c[3 * i]) - Int(c[3 * j])) / 2 + chroma, 255)]
            }
            for y in 0..<box.height {
                for x in 0..<bw {
                    let i = y * bw + x
                    if unary[i] == 0 && !free[i] { continue }
                    if x + 1 < bw, free[i] && (free[i + 1] || unary[i + 1] != 0) || free[i + 1] { right[i] = edge(i, i + 1) }
                    if y + 1 < box.height, free[i] && (free[i + bw] || unary[i + bw] != 0) || free[i + bw] { down[i] = edge(i, i + bw) }
                }
            }
        }
        return GraphCut.label(score: unary, right: right, down: down, width: bw, height: box.height)
    }

    /// Cost of an edge of the mask by the colour difference across it.
    func edgeTable(_ cost: Double) -> [Float] {
        let levels = options.human.edgeLevels
        return (0..<256).map { Float(cost * (0.12 + 0.88 * exp(-Double($0 * $0) / (2 * levels * levels)))) }
    }
}

extension SceneModel {
    /// Y Cr Cb of a part of a full-size RGB picture, the lens's fall-off undone.
    func colours(_ picture: Image, _ box: PixelBox) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 3 * box.count)
        picture.pixels.withUnsafeBufferPointer { p in
            fullGains.withUnsafeBufferPointer { gains in
                for y in 0..<box.height {
                    for x in 0..<box.width {
                        let j = (box.y + y) * picture.width + box.x + x
                        let i = 3 * (y * box.width + x)
                        let g = gains[j]
                        let (red, green, blue) = (Float(p[3 * j]) * g, Float(p[3 * j + 1]) * g, Float(p[3 * j + 2]) * g)
                        (out[i], out[i + 1], out[i + 2]) = yCrCb(red, green, blue)
                    }
                }
            }
        }
        return out
    }
}
