internal import Imaging
internal import Session

/// The first pass's work on the keyframes: seeds, gate, colours, activity.
struct AnalysisBuilder {
    let masker: HumanMasker
    let keyframes: [Keyframe]
    let tags: TagLookup
    let scene: BackgroundModel?
    let others: OtherGrippers?

    func build() throws(HumanError) -> HumanAnalysis {
        let o = masker.options.human
        var skin = SkinModel(options: masker.options.skin)
        let sample = stride(from: 0, to: keyframes.count, by: max(1, keyframes.count / 40)).map { keyframes[$0].image }
        skin.balance(on: sample, use: Array(repeating: masker.still.map { !$0 }, count: sample.count))
        var gains = scene?.gains ?? []
        if scene == nil { gains = try Vignetting.estimate(keyframes, masker: masker).gains(masker.camera) }
        let tolerance = scene == nil ? try chooseTolerance(gains) : o.sceneTolerance
        var window = KeyframeWindow(keyframes, gains: gains)
        var colours = ColourModel()
        var evidence: [PixelFeatures] = []
        var entry = BorderEntry()
        var shares: [Double] = []
        var others = others
        for (k, keyframe) in keyframes.enumerated() {
            window.forget(before: window.firstIndex(after: keyframe.time + -(o.furthestNeighbour + 1)))
            let picture = try window.picture(k)
            let e = try masker.evidence(
                picture, image: keyframe.image, time: keyframe.time, poses: keyframe.poses,
                classes: try masker.mask.classes(tags: tags[keyframe.frame]), window: &window,
                skin: skin, tolerance: tolerance, scene: scene, asksRecording: true, others: self.others, frame: keyframe.frame,
                outside: keyframe.outside)
            let seeds = try seeds(e, &entry)
            shares.append(Double(seeds.reduce(0) { $0 + ($1 ? 1 : 0) }) / Double(masker.inside))
            learn(&colours, picture, e) { seeds[$0] }
            if let near = others?.isNear(keyframe.frame, masker: masker) {
                // A seed near the gripper may be a part of it whose colour is not known yet.
                for i in seeds.indices where seeds[i] { others?.colours.addHuman(picture.colours, at: i, isNear: near(i)) }
            }
            evidence.append(e)
        }
        let judged = evidence.reduce(0) { $0 + ($1.disagreement == nil && $1.residual == nil && $1.outside == nil ? 0 : 1) }
        let seeded = shares.filter { $0 > 0 }.count
        let gate = o.gateKeyframes > 0 && shares.count >= o.gateKeyframes ? shares.sorted(by: >)[o.gateKeyframes - 1] : 0
        // Somebody carries another gripper: a little human is likely there.
        let least = scene == nil ? o.gateShare : others == nil ? o.sceneGateShare : o.sceneMinimumShare
        let compared = "\(judged) of \(keyframes.count) keyframes compared with the scene, tolerance \(tolerance)"
        let how = judged > 0 || !o.judgeWithoutPoses ? compared : "by skin colour alone"
        let found = "\(seeded), \((shares.max() ?? 0).percent) of the picture at most"
        var analysis = HumanAnalysis(
            humanVisible: false,
            reason: "no human: keyframes with a region that could be one: \(found);"
                + " \(o.gateKeyframes) with \(least.percent) are needed (\(how))",
            keyframeCount: keyframes.count, seededKeyframes: seeded, activeKeyframes: 0, keyframes: keyframes,
            active: Array(repeating: false, count: keyframes.count), skin: skin, tolerance: tolerance, gains: gains, entry: [],
            colours: nil,
            scene: scene, others: others
        )
        (analysis.seedShares, analysis.isJudged) = (shares, judged > 0 || o.judgeWithoutPoses)
        if !analysis.isJudged { analysis.reason = "not judged: no keyframe has a pose and enough others to compare with" }
        guard gate >= least else { return analysis }
        // The human's colours are known now: what is another gripper's is told anew.
        others?.colours.finishHuman()
        analysis.others = others
        if let others {
            for (k, keyframe) in keyframes.enumerated() {
                guard let prediction = evidence[k].prediction else { continue }
                let picture = try ColourPicture(keyframe.image, gains: gains, hasRanges: false)
                if let gripper = try others.mask(frame: keyframe.frame, picture.colours, prediction: prediction, masker: masker) {
                    evidence[k].mark(gripper)
                }
            }
        }
        analysis.entry = entry.allowed(share: o.entryShare, reach: o.entryReach)
        colours.finish()
        try retrain(&colours, &analysis, &evidence)
        analysis.colours = colours
        analysis.activeKeyframes = analysis.active.filter { $0 }.count
        analysis.humanVisible = analysis.activeKeyframes > 0
        analysis.reason = "human in \(analysis.activeKeyframes) of \(keyframes.count) keyframes, seeds in \(found) (\(how))"
        return analysis
    }

    /// The smallest factor on the tolerances with which the scene still explains itself.
    ///
    /// A human covers few of the pixels of all sampled keyframes together, so a quantile over them says how well the scene does.
    private func chooseTolerance(_ gains: [Float]) throws(HumanError) -> Double {
        let o = masker.options.human
        let ladder = o.toleranceLadder.sorted(by: >)
        let posed = keyframes.indices.filter { keyframes[$0].poses != nil }
        let count = min(o.toleranceKeyframes, posed.count)
        var chosen = ladder.first ?? 1
        for factor in ladder {
            var window = KeyframeWindow(keyframes, gains: gains)
            var histogram = [Int](repeating: 0, count: 256)
            for k in (0..<count).map({ posed[(2 * $0 + 1) * posed.count / (2 * count)] }) {
                guard let poses = keyframes[k].poses else { continue }
                window.forget(before: window.firstIndex(after: keyframes[k].time + -(o.furthestNeighbour + 1)))
                let picture = try window.picture(k)
                guard let d = try masker.disagreement(picture, keyframes[k].time, poses, &window, factor) else { continue }
                let classes = masker.working(try masker.mask.classes(tags: tags[keyframes[k].frame]))
                let blocked = classes.pixels.map { $0 != PixelClass.background.rawValue }
                let dense = Disagreement.dense(
                    d, blocked: blocked, width: masker.scale.width, height: masker.scale.height, radius: o.denseRadius)
                for i in dense.indices where !blocked[i] && !masker.rim[i] && dense[i] != Disagreement.unknown {
                    histogram[Int(dense[i])] += 1
                }
            }
            let total = histogram.reduce(0, +)
            guard total > 0 else { break }
            var seen = 0
            let value = histogram.firstIndex { bin in
                seen += bin
                return Double(seen) >= o.toleranceQuantile * Double(total)
            }
            guard Double(value ?? 255) / Disagreement.full <= o.toleranceDisagreement else { break }
            chosen = factor
        }
        return chosen
    }

    /// Judges the keyframes with the first colours, learns the colours again from what was found, and judges once more.
    private func retrain(_ colours: inout ColourModel, _ analysis: inout HumanAnalysis, _ evidence: inout [PixelFeatures]) throws(HumanError) {
        for round in 0..<2 {
            var next = ColourModel()
            var window = KeyframeWindow(keyframes, gains: analysis.gains)
            for (k, keyframe) in keyframes.enumerated() {
                window.forget(before: window.firstIndex(after: keyframe.time + -(masker.options.human.furthestNeighbour + 1)))
                let picture = try ColourPicture(keyframe.image, gains: analysis.gains, hasRanges: false)
                var score = try masker.score(picture, evidence[k], colours: colours, entry: analysis.entry)
                if let found = score,
                    try masker.complete(&evidence[k], found: found, picture, keyframe, &window, tolerance: analysis.tolerance)
                {
                    score = try masker.score(picture, evidence[k], colours: colours, entry: analysis.entry)
                }
                analysis.active[k] = score != nil && isSeeded(near: k, analysis.seedShares)
                if round == 0 { learn(&next, picture, evidence[k]) { i in score.map { $0[i] > 1 } ?? false } }
            }
            guard round == 0 else { return }
            guard next.humanCount > 0 else { return }
            next.finish()
            colours = next
        }
    }

    /// Whether a keyframe has a seed, or others shortly before and after it have: what is like a human in colour alone, outside of that, is none.
    private func isSeeded(near k: Int, _ shares: [Double]) -> Bool {
        guard scene != nil else { return true }
        let reach = max(0, masker.options.human.seedReach)
        return shares[max(0, k - reach)...k].contains { $0 > 0 } && shares[k...min(shares.count - 1, k + reach)].contains { $0 > 0 }
    }

    private func learn(_ colours: inout ColourModel, _ picture: ColourPicture, _ e: PixelFeatures, human: (Int) -> Bool) {
        let outside = PixelClass.outside.rawValue
        for i in 0..<e.flags.count where masker.fixed.pixels[i] != outside {
            if human(i) { colours.addHuman(picture.colours, at: i) } else if isScene(e, i) { colours.addScene(picture.colours, at: i) }
        }
    }

    /// Known not to be human: the device, what other views agree on, what the jaws hold.
    private func isScene(_ e: PixelFeatures, _ i: Int) -> Bool {
        if e.has(PixelFeatures.blocked | PixelFeatures.held | PixelFeatures.gripper, i) { return true }
        guard e.disagreement != nil || e.residual != nil else { return !e.has(PixelFeatures.skin, i) }
        // What keeps still is not the scene's for that: only the static scene itself says so where it is known.
        let share = e.sceneShare(i) ?? e.unexplained(i)
        return share.map { $0 <= 1 - masker.options.human.sceneAgreement } ?? false
    }

    /// Regions that can only be human: unexplained by the scene, reaching the border, skin-like or large.
    private func seeds(_ e: PixelFeatures, _ entry: inout BorderEntry) throws(HumanError) -> [Bool] {
        let o = masker.options.human
        let (w, h) = (masker.scale.width, masker.scale.height)
        let rim = scene == nil ? masker.rim : masker.sceneRim
        let (least, plain) =
            scene == nil
            ? (o.seedShare, o.plainSeedShare)
            : others == nil ? (o.sceneSeedShare, o.sceneGateShare) : (o.sceneMinimumShare, o.sceneMinimumShare)
        var candidate = Image(width: w, height: h, channels: 1)
        var link = candidate
        for i in 0..<(w * h) where !e.has(PixelFeatures.blocked | PixelFeatures.held | PixelFeatures.gripper, i) {
            let word = Double(e.outside?[i] ?? 0)
            // What the static scene does not explain stays a seed unless somebody is sure.
            if word > 1 {
                (candidate.pixels[i], link.pixels[i]) = (255, 255)
            } else if word < (e.sceneShare(i) == nil ? -1 : -o.outsideVeto) {
                continue
            } else if e.disagreement != nil || e.residual != nil {
                let share = rim[i] ? nil : e.unexplained(i)
                if let share, share >= o.seedDisagreement { candidate.pixels[i] = 255 }
                if share.map({ $0 >= o.linkDisagreement }) ?? true { link.pixels[i] = 255 }
            } else if o.judgeWithoutPoses, e.has(PixelFeatures.skin, i) {
                candidate.pixels[i] = 255
                link.pixels[i] = 255
            }
        }
        let parts = try Image.operation("seeds") { [candidate] () throws(ImagingError) in
            try candidate.opened(radius: 1).connectedComponents()
        }
        let entries = try masker.entries(parts, through: link)
        var skinlike = [Int](repeating: 0, count: parts.components.count + 1)
        for i in 0..<(w * h) where parts.labels[i] > 0 && (e.has(PixelFeatures.skin, i) || (e.outside?[i] ?? 0) > 1) {
            skinlike[Int(parts.labels[i])] += 1
        }
        let accepted =
            [false]
            + parts.components.map { c in
                let share = Double(c.area) / Double(masker.inside)
                guard entries[c.label] != nil else { return false }
                if Double(skinlike[c.label]) >= o.seedSkinShare * Double(c.area) { return share >= least }
                return (e.disagreement != nil || e.residual != nil) && share >= plain
            }
        for (label, pixel) in entries.enumerated() where accepted[label] {
            if let pixel { entry.add(masker.sectors[pixel], weight: scene == nil ? 1 : parts.components[label - 1].area) }
        }
        return parts.labels.map { accepted[Int($0)] }
    }
}

extension Double {
    /// As a percentage with one digit, for messages.
    var percent: String { "\((self * 1000).rounded() / 10) %" }
}
