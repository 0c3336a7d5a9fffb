internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

extension HumanMasker {
    /// Log odds of human at working size, −9 outside the accepted regions; nil where no region is accepted.
    ///
    /// Naive Bayes of the recording's colours and of the motion evidence, smoothed along edges; regions must reach the border or be clearly
    /// skin that the scene does not explain.
    func score(_ picture: ScenePicture, _ e: Evidence, colours: ColourModel) throws(HumanError) -> [Float]? {
        let o = options.human
        let (w, h) = (scale.width, scale.height)
        let n = w * h
        let colour = colours.evaluate(picture.colours)
        let wide = boxSum(colour, width: w, height: h, radius: 1)
        var score = [Float](repeating: -9, count: n)
        for i in 0..<n where !e.has(Evidence.blocked, i) {
            var s = Float(o.colourWeight) * (0.5 * colour[i] + wide[i] / 18) - Float(o.prior)
            if let share = e.share(i), let dense = e.denseShare(i) {
                s += Float(o.motionWeight * (0.5 * (share + dense) - o.neutralDisagreement))
            }
            if e.has(Evidence.held, i) { s -= Float(o.heldWeight) }
            score[i] = s
        }
        smooth(&score, picture: picture, e)
        return try acceptRegions(score, e)
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
                                let d = abs(Int(c[3 * i]) - Int(c[3 * j])) / 2 + abs(Int(c[3 * i + 1]) - Int(c[3 * j + 1]))
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

    private func acceptRegions(_ score: [Float], _ e: Evidence) throws(HumanError) -> [Float]? {
        let o = options.human
        let (w, h) = (scale.width, scale.height)
        var candidate = Image(width: w, height: h, channels: 1)
        for i in 0..<(w * h) where score[i] > 0 { candidate.pixels[i] = 255 }
        let cleaned = candidate
        let parts = try Image.operation("human regions") { () throws(ImagingError) in try cleaned.opened(radius: 1).connectedComponents() }
        guard !parts.components.isEmpty else { return nil }
        var link = Image(width: w, height: h, channels: 1)
        for i in 0..<(w * h) where score[i] > Float(o.linkOdds) { link.pixels[i] = 255 }
        let reaching = try reachesBorder(parts, through: link)
        var skinlike = [Int](repeating: 0, count: parts.components.count + 1)
        var unexplained = skinlike
        for i in 0..<(w * h) where parts.labels[i] > 0 {
            let label = Int(parts.labels[i])
            if e.has(Evidence.skin, i) { skinlike[label] += 1 }
            if let share = e.denseShare(i), share >= o.seedDisagreement { unexplained[label] += 1 }
        }
        let accepted = [false] + parts.components.map { c in
            guard Double(c.area) >= o.minimumShare * Double(inside) else { return false }
            if reaching[c.label] { return true }
            return 2 * skinlike[c.label] >= c.area && 2 * unexplained[c.label] >= c.area
        }
        var kept = Image(width: w, height: h, channels: 1)
        var any = false
        for i in 0..<(w * h) where accepted[Int(parts.labels[i])] {
            kept.pixels[i] = 255
            any = true
        }
        guard any else { return nil }
        let regions = kept
        let rim = try Image.operation("human regions") { () throws(ImagingError) in try regions.dilated(radius: 1) }
        // Where opening cut a tip off, its score still says human: the rim takes it back.
        return score.indices.map { rim.pixels[$0] != 0 ? score[$0] : min(score[$0], -1) }
    }
}
