internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

extension HumanMasker {
    /// Log odds of human at working size, −9 outside the accepted regions; nil where no region is accepted.
    ///
    /// Naive Bayes of the recording's colours and of the motion evidence, smoothed along edges; regions must reach the border where
    /// the human comes in.
    func score(_ picture: ScenePicture, _ e: Evidence, colours: ColourModel, entry: [Bool]) throws(HumanError) -> [Float]? {
        let o = options.human
        let (w, h) = (scale.width, scale.height)
        let n = w * h
        let colour = colours.evaluate(picture.colours)
        let wide = boxSum(colour, width: w, height: h, radius: 1)
        var score = [Float](repeating: -9, count: n)
        let surprise = Float(log(max(o.sceneSurprise, 1e-6)))
        for i in 0..<n where !e.has(Evidence.blocked, i) {
            var s = Float(o.colourWeight) * (0.5 * colour[i] + wide[i] / 18) - Float(o.prior)
            if let prediction = e.prediction {
                let bin = ColourModel.bin(picture.colours[3 * i], picture.colours[3 * i + 1], picture.colours[3 * i + 2])
                let other = colours.logScene[bin] + surprise
                let foretold = prediction.likelihood[i]
                if !foretold.isNaN {
                    // log((1 − ε) e^foretold + ε e^scene)
                    let high = max(foretold, other)
                    s = Float(o.sceneWeight) * (colours.logHuman[bin] - high - log(1 + exp(-abs(foretold - other)))) - Float(o.scenePrior)
                }
            } else if let share = e.share(i), let dense = e.denseShare(i) {
                s += Float(o.motionWeight * (0.5 * (share + dense) - o.neutralDisagreement))
            }
            if let outside = e.outside { s += outside[i] }
            if e.has(Evidence.held, i) { s -= Float(o.heldWeight) }
            if e.has(Evidence.gripper, i) { s = min(s, -Float(o.otherGripperWeight)) }
            score[i] = s
        }
        if o.edgeCost > 0 { cut(&score, picture: picture, e) } else { smooth(&score, picture: picture, e) }
        return try acceptRegions(score, e, entry)
    }

    /// Where the graph cut says human the score is at least a little above 0, elsewhere at most a little below.
    private func cut(_ score: inout [Float], picture: ScenePicture, _ e: Evidence) {
        let o = options.human
        let (w, h) = (scale.width, scale.height)
        let n = w * h
        let table = edgeTable(o.edgeCost)
        var (right, down) = ([Float](repeating: 0, count: n), [Float](repeating: 0, count: n))
        picture.colours.withUnsafeBufferPointer { c in
            @inline(__always) func edge(_ i: Int, _ j: Int) -> Float {
                let d =
                    abs(Int(c[3 * i]) - Int(c[3 * j])) / 2 + abs(Int(c[3 * i + 1]) - Int(c[3 * j + 1]))
                    + abs(Int(c[3 * i + 2]) - Int(c[3 * j + 2]))
                return table[min(d, 255)]
            }
            for y in 0..<h {
                for x in 0..<w {
                    let i = y * w + x
                    if e.has(Evidence.blocked, i) { continue }
                    if x + 1 < w, !e.has(Evidence.blocked, i + 1) { right[i] = edge(i, i + 1) }
                    if y + 1 < h, !e.has(Evidence.blocked, i + w) { down[i] = edge(i, i + w) }
                }
            }
        }
        let limit = Float(o.cutLimit)
        // Far from anything likely there is nothing to cut.
        var (x0, y0, x1, y1) = (w, h, -1, -1)
        for i in 0..<n where score[i] > -1 { (x0, y0, x1, y1) = (min(x0, i % w), min(y0, i / w), max(x1, i % w), max(y1, i / w)) }
        (x0, y0, x1, y1) = (max(0, x0 - 4), max(0, y0 - 4), min(w - 1, x1 + 4), min(h - 1, y1 + 4))
        let (bw, bh) = (x1 - x0 + 1, y1 - y0 + 1)
        guard bw > 0, bh > 0 else { return }
        func part(_ values: [Float]) -> [Float] {
            var out: [Float] = []
            out.reserveCapacity(bw * bh)
            for y in y0...y1 { out += values[(y * w + x0)...(y * w + x1)] }
            return out
        }
        let labels = GraphCut.label(
            score: part(score).map { max(-limit, min(limit, $0)) }, right: part(right), down: part(down), width: bw, height: bh)
        for i in 0..<n where !e.has(Evidence.blocked, i) {
            let (x, y) = (i % w - x0, i / w - y0)
            let isHuman = x >= 0 && y >= 0 && x < bw && y < bh && labels[y * bw + x]
            score[i] = isHuman ? max(score[i], 0.3) : min(score[i], -0.3)
        }
    }

    /// Averages with like-coloured neighbours; the device does not leak in.
    private func smooth(_ score: inout [Float], picture: ScenePicture, _ e: Evidence) {
        let (w, h) = (scale.width, scale.height)
        let weights = (0..<256).map { Float(exp(-Double($0) / 12)) }
        for _ in 0..<options.human.smoothingPasses {
            let old = score
            old.withUnsafeBufferPointer { old in
                picture.colours.withUnsafeBufferPointer { c in
                    for y in 1..<(h - 1) {
                        for x in 1..<(w - 1) {
                            let i = y * w + x
                            if e.has(Evidence.blocked, i) { continue }
                            var sum = old[i] * 2
                            var total: Float = 2
                            for j in [i - 1, i + 1, i - w, i + w] {
                                if e.has(Evidence.blocked, j) { continue }
                                let d =
                                    abs(Int(c[3 * i]) - Int(c[3 * j])) / 2 + abs(Int(c[3 * i + 1]) - Int(c[3 * j + 1]))
                                    + abs(Int(c[3 * i + 2]) - Int(c[3 * j + 2]))
                                let weight = weights[min(d, 255)]
                                sum += weight * old[j]
                                total += weight
                            }
                            score[i] = sum / total
                        }
                    }
                }
            }
        }
    }

    private func acceptRegions(_ score: [Float], _ e: Evidence, _ entry: [Bool]) throws(HumanError) -> [Float]? {
        let o = options.human
        let (w, h) = (scale.width, scale.height)
        func above(_ odds: Double) -> Image {
            Image(width: w, height: h, channels: 1, pixels: score.map { Double($0) > odds ? 255 : 0 })
        }
        let sure = above(0)
        let isCut = o.edgeCost > 0
        let parts = try Image.operation("human regions") { () throws(ImagingError) in
            try (isCut ? sure : sure.opened(radius: 1)).connectedComponents()
        }
        guard !parts.components.isEmpty else { return nil }
        let entries = try entries(parts, through: above(o.linkOdds), allowed: entry)
        var unexplained = [Int](repeating: 0, count: parts.components.count + 1)
        for i in score.indices where parts.labels[i] > 0 {
            if (e.disagreement == nil && e.residual == nil) || (e.outside?[i] ?? 0) > 1 || (e.unexplained(i) ?? 0) > o.neutralDisagreement { unexplained[Int(parts.labels[i])] += 1 }
        }
        let accepted =
            [false]
            + parts.components.map {
                Double($0.area) >= (e.prediction == nil ? o.minimumShare : o.sceneMinimumShare) * Double(inside) && entries[$0.label] != nil
                    && Double(unexplained[$0.label]) >= o.regionDisagreement * Double($0.area)
            }
        guard accepted.contains(true) else { return nil }
        let regions = Image(width: w, height: h, channels: 1, pixels: parts.labels.map { accepted[Int($0)] ? 255 : 0 })
        if isCut { return score.indices.map { regions.pixels[$0] != 0 ? score[$0] : min(score[$0], -0.3) } }
        // Likely pixels about a region belong to it, and so do the gaps within: a hand is one piece.
        let likely = above(o.growOdds)
        let (near, body) = try Image.operation("human regions") { () throws(ImagingError) in
            (try regions.dilated(radius: o.growRadius), try regions.closed(radius: o.growRadius))
        }
        return score.indices.map { i in
            if body.pixels[i] != 0 || near.pixels[i] != 0 && likely.pixels[i] != 0 { return max(score[i], score[i] <= -9 ? -9 : 0.3) }
            return min(score[i], -1)
        }
    }
}
