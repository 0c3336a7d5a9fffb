internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// Marks of the log odds by which frames are judged.
enum HumanScore {
    /// Of the device, beyond the circle, and what is ruled out without being judged.
    static let blocked: Float = -9
    /// The least that what is cut out as human has, and the most that anything else has.
    static let cut: Float = 0.3
    /// The most that what was cut out and turned down has, where it is small or explained.
    static let turnedDown: Float = -1
}

extension HumanMasker {
    /// Log odds of human at working size, `HumanScore.blocked` outside the accepted regions; nil where no region is accepted.
    ///
    /// Naive Bayes of the recording's colours and of the motion evidence, cut along edges; regions must reach the border where
    /// the human comes in.
    func score(_ picture: ColourPicture, _ e: PixelFeatures, colours: ColourModel, entry: [Bool]) throws(HumanError) -> [Float]? {
        let o = options.human
        let (w, h) = (scale.width, scale.height)
        var score = [Float](repeating: HumanScore.blocked, count: w * h)
        let mix = BackgroundMixture(colours, weight: o.backgroundWeight, surprise: o.backgroundSurprise, prior: o.backgroundPrior)
        let (held, gripper) = (Float(o.heldWeight), Float(o.otherGripperWeight))
        score.withUnsafeMutableBufferPointer { score in
            picture.colours.withUnsafeBufferPointer { c in
                e.flags.withUnsafeBufferPointer { flags in
                    for i in score.indices where flags[i] & PixelFeatures.blocked == 0 {
                        var s: Float
                        if let predicted = e.prediction?.likelihood[i], !predicted.isNaN {
                            s = mix.odds(ColourModel.bin(c[3 &* i], c[3 &* i &+ 1], c[3 &* i &+ 2]), predicted: predicted)
                        } else {
                            s = Float(o.colourWeight) * colours.around(c, x: i % w, y: i / w, width: w, height: h) - Float(o.prior)
                            if e.prediction == nil, let share = e.share(i), let dense = e.denseShare(i) {
                                s += Float(o.motionWeight * (0.5 * (share + dense) - o.neutralDisagreement))
                            }
                        }
                        if let external = e.external { s += external[i] }
                        if flags[i] & PixelFeatures.held != 0 { s -= held }
                        if flags[i] & PixelFeatures.gripper != 0 { s = min(s, -gripper) }
                        score[i] = s
                    }
                }
            }
        }
        cut(&score, picture: picture, e)
        return try acceptRegions(score, e, entry)
    }

    /// Where the graph cut says human the score is at least a little above 0, elsewhere at most a little below.
    private func cut(_ score: inout [Float], picture: ColourPicture, _ e: PixelFeatures) {
        let o = options.human
        let (w, h) = (scale.width, scale.height)
        let table = edgeTable(o.edgeCost)
        let (limit, least, margin) = (Float(o.cutLimit), Float(o.cutOdds), o.cutMargin)
        // Far from anything likely there is nothing to cut.
        var (x0, y0, x1, y1) = (w, h, -1, -1)
        for y in 0..<h {
            for x in 0..<w where score[y * w + x] > least { (x0, y0, x1, y1) = (min(x0, x), min(y0, y), max(x1, x), max(y1, y)) }
        }
        (x0, y0, x1, y1) = (max(0, x0 - margin), max(0, y0 - margin), min(w - 1, x1 + margin), min(h - 1, y1 + margin))
        guard x0 <= x1, y0 <= y1 else { return }
        var places: [Int] = []
        var node = [Int32](repeating: -1, count: w * h)
        for y in y0...y1 {
            for i in (y * w + x0)...(y * w + x1) where !e.has(PixelFeatures.blocked, i) {
                node[i] = Int32(places.count)
                places.append(i)
            }
        }
        var graph = PixelGraph(count: places.count)
        picture.colours.withUnsafeBufferPointer { c in
            for (k, i) in places.enumerated() {
                graph.scores[k] = max(-limit, min(limit, score[i]))
                if i % w < x1, node[i + 1] >= 0 { graph.tie(k, Int(node[i + 1]), direction: 0, cost: table[colourStep(c, i, i + 1)]) }
                if i / w < y1, node[i + w] >= 0 { graph.tie(k, Int(node[i + w]), direction: 2, cost: table[colourStep(c, i, i + w)]) }
            }
        }
        let labels = GraphCut.label(graph)
        for i in 0..<(w * h) where !e.has(PixelFeatures.blocked, i) {
            let isHuman = node[i] >= 0 && labels[Int(node[i])]
            score[i] = isHuman ? max(score[i], HumanScore.cut) : min(score[i], -HumanScore.cut)
        }
    }

    /// Cost of an edge of the mask by the colour difference across it.
    func edgeTable(_ cost: Double) -> [Float] {
        let (levels, least) = (options.human.edgeLevels, options.human.leastEdgeCost)
        return (0..<256).map { Float(cost * (least + (1 - least) * exp(-Double($0 * $0) / (2 * levels * levels)))) }
    }

    private func acceptRegions(_ score: [Float], _ e: PixelFeatures, _ entry: [Bool]) throws(HumanError) -> [Float]? {
        let o = options.human
        let (w, h) = (scale.width, scale.height)
        func above(_ odds: Double) -> Image {
            Image(width: w, height: h, channels: 1, pixels: score.map { Double($0) > odds ? 255 : 0 })
        }
        let sure = above(0)
        let parts = try Image.operation("human regions") { () throws(ImagingError) in
            try sure.connectedComponents()
        }
        guard !parts.components.isEmpty else { return nil }
        let entries = try entries(parts, through: above(o.linkOdds), allowed: entry)
        var unexplained = [Int](repeating: 0, count: parts.components.count + 1)
        for i in score.indices where parts.labels[i] > 0 {
            if !e.isCompared || Double(e.external?[i] ?? 0) > o.sureOdds || (e.unexplained(i) ?? 0) > o.neutralDisagreement {
                unexplained[Int(parts.labels[i])] += 1
            }
        }
        let slivers = try gripperSlivers(parts, e)
        let accepted =
            [false]
            + parts.components.map {
                Double($0.area) >= (e.prediction == nil ? o.minimumShare : o.backgroundMinimumShare) * Double(pixels.inside)
                    && entries[$0.label] != nil
                    && Double(unexplained[$0.label]) >= o.regionDisagreement * Double($0.area) && !slivers[$0.label]
            }
        let kept = try e.prediction == nil ? accepted : withoutLone(parts, accepted)
        guard kept.contains(true) else { return nil }
        let regions = Image(width: w, height: h, channels: 1, pixels: parts.labels.map { kept[Int($0)] ? 255 : 0 })
        // What was turned down stays in doubt only where it is large and the scene does not explain it.
        let least = (e.prediction == nil ? o.seedShare : o.backgroundSeedShare) * Double(pixels.inside)
        let isLarge = [false] + parts.components.map { Double($0.area) >= least }
        return score.indices.map { i in
            if regions.pixels[i] != 0 { return score[i] }
            let isOpen = isLarge[Int(parts.labels[i])] && (e.unexplained(i) ?? 1) > o.neutralDisagreement
            return min(score[i], isOpen ? -HumanScore.cut : HumanScore.turnedDown)
        }
    }

    /// Of the accepted components those which are large, touch the border, or lie beside such a one.
    private func withoutLone(_ parts: ConnectedComponents, _ accepted: [Bool]) throws(HumanError) -> [Bool] {
        let o = options.human
        var firm = [false] + parts.components.map { accepted[$0.label] && Double($0.area) >= o.loneShare * Double(pixels.inside) }
        for i in pixels.border.indices where pixels.border[i] && accepted[Int(parts.labels[i])] { firm[Int(parts.labels[i])] = true }
        guard firm != accepted, firm.contains(true) else { return firm }
        let large = Image(width: scale.width, height: scale.height, channels: 1, pixels: parts.labels.map { firm[Int($0)] ? 255 : 0 })
        let near = try Image.operation("human regions") { () throws(ImagingError) in try large.dilated(radius: o.loneReach) }
        var out = firm
        for i in near.pixels.indices where near.pixels[i] != 0 && accepted[Int(parts.labels[i])] { out[Int(parts.labels[i])] = true }
        return out
    }

    /// By component's label: an edge of another gripper. It runs along the gripper, does not come in from the border, and is not clearly of the
    /// human's colours.
    private func gripperSlivers(_ parts: ConnectedComponents, _ e: PixelFeatures) throws(HumanError) -> [Bool] {
        let o = options.human
        var out = [Bool](repeating: false, count: parts.components.count + 1)
        guard e.flags.contains(where: { $0 & PixelFeatures.gripper != 0 }) else { return out }
        let gripper = Image(
            width: scale.width, height: scale.height, channels: 1, pixels: e.flags.map { $0 & PixelFeatures.gripper != 0 ? 255 : 0 })
        let near = try Image.operation("another gripper's edge") { () throws(ImagingError) in try gripper.dilated(radius: o.otherEdgeReach)
        }
        var counts = [(near: Int, human: Int, border: Int)](repeating: (0, 0, 0), count: out.count)
        for i in e.flags.indices where parts.labels[i] > 0 {
            let k = Int(parts.labels[i])
            if near.pixels[i] != 0 { counts[k].near += 1 }
            if e.has(PixelFeatures.notGripper, i) { counts[k].human += 1 }
            if pixels.backgroundRim[i] { counts[k].border += 1 }
        }
        for c in parts.components {
            let n = counts[c.label]
            out[c.label] = n.border == 0 && Double(n.near) >= o.otherEdgeShare * Double(c.area) && 2 * n.human < c.area
        }
        return out
    }
}
