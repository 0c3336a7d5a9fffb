internal import Imaging
internal import Session

/// The first pass's work on the keyframes: seeds, gate, colours, activity.
struct AnalysisBuilder {
    let masker: HumanMasker
    let keyframes: [Keyframe]
    let tags: TagLookup
    let background: BackgroundModel?
    let others: OtherGrippers?

    private var options: HumanOptions { masker.options.human }

    /// What one look at every keyframe gives.
    private struct FirstLook {
        var features: [PixelFeatures] = []
        var colours = ColourModel()
        var entry = BorderEntry()
        /// By keyframe: what its seeds cover.
        var shares: [Double] = []
        var others: OtherGrippers?

        /// Keyframes that could be compared with anything.
        var judged: Int { features.reduce(0) { $0 + ($1.isCompared || $1.external != nil ? 1 : 0) } }
        var seeded: Int { shares.filter { $0 > 0 }.count }
    }

    func build() throws(HumanError) -> HumanAnalysis {
        var gains = background?.gains ?? []
        if background == nil { gains = try Vignetting.estimate(keyframes, masker: masker).gains(masker.geometry.camera) }
        let known = RecordingKnowledge(
            skin: skin(), tolerance: background == nil ? try chooseTolerance(gains) : options.backgroundTolerance, background: background,
            others: others)
        var look = try look(known, gains)
        let (isSeen, words) = gate(look, known)
        var analysis = HumanAnalysis(
            reason: words.refusal, seededKeyframes: look.seeded, keyframes: keyframes,
            active: Array(repeating: false, count: keyframes.count), seedShares: look.shares,
            isJudged: look.judged > 0 || options.judgeWithoutPoses, knowledge: known, gains: gains)
        if !analysis.isJudged { analysis.reason = "not judged: no keyframe has a pose and enough others to compare with" }
        guard isSeen else { return analysis }
        analysis.knowledge.others = try tellGrippers(&look, gains)
        analysis.entry = look.entry.allowed(share: options.entryShare, reach: options.entryReach)
        look.colours.finish()
        analysis.colours = try retrain(look.colours, &analysis, &look.features)
        analysis.activeKeyframes = analysis.active.filter { $0 }.count
        analysis.humanVisible = analysis.activeKeyframes > 0
        analysis.reason = "human in \(analysis.activeKeyframes) of \(keyframes.count) keyframes, seeds in \(words.found) (\(words.how))"
        return analysis
    }

    /// Skin in the recording's own light.
    private func skin() -> SkinModel {
        var skin = SkinModel(options: masker.options.skin)
        let sample = stride(from: 0, to: keyframes.count, by: max(1, keyframes.count / max(masker.options.skin.balancePictures, 1)))
            .map { keyframes[$0].image }
        skin.balance(on: sample, use: Array(repeating: masker.pixels.isBlocked.map { !$0 }, count: sample.count))
        return skin
    }

    private func seen(_ keyframe: Keyframe, _ picture: ColourPicture) throws(HumanError) -> SeenFrame {
        SeenFrame(
            frame: keyframe.frame, time: keyframe.time, image: keyframe.image, picture: picture, poses: keyframe.poses,
            classes: try masker.workingClasses(tags[keyframe.frame]), external: keyframe.external)
    }

    private func look(_ known: RecordingKnowledge, _ gains: [Float]) throws(HumanError) -> FirstLook {
        var out = FirstLook(others: others)
        var window = KeyframeWindow(keyframes, gains: gains)
        for (k, keyframe) in keyframes.enumerated() {
            window.forget(before: keyframe.time + -options.furthestNeighbour)
            let picture = try window.picture(k)
            let features = try masker.features(of: try seen(keyframe, picture), knowing: known, window: &window, asksRecording: true)
            let seeds = try seeds(features, &out.entry)
            out.shares.append(Double(seeds.reduce(0) { $0 + ($1 ? 1 : 0) }) / Double(masker.pixels.inside))
            learn(&out.colours, picture, features) { seeds[$0] }
            if let near = out.others?.isNear(keyframe.frame, masker: masker) {
                // A seed near the gripper may be a part of it whose colour is not known yet.
                for i in seeds.indices where seeds[i] { out.others?.colours.addHuman(picture.colours, at: i, isNear: near(i)) }
            }
            out.features.append(features)
        }
        return out
    }

    /// Whether seeds enough were found for a human to be in the recording, and what is to be said of it.
    private func gate(
        _ look: FirstLook, _ known: RecordingKnowledge
    ) -> (isSeen: Bool, words: (refusal: String, found: String, how: String)) {
        let o = options
        let gate = o.gateKeyframes > 0 && look.shares.count >= o.gateKeyframes ? look.shares.sorted(by: >)[o.gateKeyframes - 1] : 0
        // Somebody carries another gripper: a little human is likely there.
        let least = background == nil ? o.gateShare : others == nil ? o.backgroundGateShare : o.backgroundMinimumShare
        let compared = "\(look.judged) of \(keyframes.count) keyframes compared with the scene, tolerance \(known.tolerance)"
        let how = look.judged > 0 || !o.judgeWithoutPoses ? compared : "by skin colour alone"
        let found = "\(look.seeded), \((look.shares.max() ?? 0).percent) of the picture at most"
        let refusal =
            "no human: keyframes with a region that could be one: \(found); \(o.gateKeyframes) with \(least.percent) are needed (\(how))"
        return (gate >= least, (refusal, found, how))
    }

    /// The human's colours are known now: what is another gripper's is told anew.
    private func tellGrippers(_ look: inout FirstLook, _ gains: [Float]) throws(HumanError) -> OtherGrippers? {
        guard var others = look.others else { return nil }
        others.colours.finishHuman()
        for (k, keyframe) in keyframes.enumerated() {
            guard let prediction = look.features[k].prediction else { continue }
            let picture = try ColourPicture(keyframe.image, gains: gains, hasRanges: false)
            if let gripper = try others.mask(frame: keyframe.frame, picture.colours, prediction: prediction, masker: masker) {
                look.features[k].mark(gripper)
            }
        }
        return others
    }

    /// The smallest factor on the tolerances with which the scene still explains itself.
    ///
    /// A human covers few of the pixels of all sampled keyframes together, so a quantile over them says how well the scene does.
    private func chooseTolerance(_ gains: [Float]) throws(HumanError) -> Double {
        let ladder = options.toleranceLadder.sorted(by: >)
        let posed = keyframes.indices.filter { keyframes[$0].poses != nil }
        let count = min(options.toleranceKeyframes, posed.count)
        let sample = (0..<count).map { posed[(2 * $0 + 1) * posed.count / (2 * count)] }
        var chosen = ladder.first ?? 1
        for factor in ladder {
            let histogram = try disagreements(of: sample, gains, factor)
            let total = histogram.reduce(0, +)
            guard total > 0 else { break }
            var seen = 0
            let value = histogram.firstIndex { bin in
                seen += bin
                return Double(seen) >= options.toleranceQuantile * Double(total)
            }
            guard Double(value ?? 255) / Disagreement.full <= options.toleranceDisagreement else { break }
            chosen = factor
        }
        return chosen
    }

    /// How often each disagreement occurs in some keyframes.
    private func disagreements(of sample: [Int], _ gains: [Float], _ factor: Double) throws(HumanError) -> [Int] {
        var window = KeyframeWindow(keyframes, gains: gains)
        var histogram = [Int](repeating: 0, count: 256)
        for k in sample {
            guard let poses = keyframes[k].poses else { continue }
            window.forget(before: keyframes[k].time + -options.furthestNeighbour)
            let picture = try window.picture(k)
            guard let d = try masker.disagreement(picture, keyframes[k].time, poses, &window, factor) else { continue }
            let classes = try masker.workingClasses(tags[keyframes[k].frame])
            let blocked = classes.pixels.map { $0 != PixelClass.background.rawValue }
            let dense = Disagreement.dense(
                d, blocked: blocked, width: masker.scale.width, height: masker.scale.height, radius: options.denseRadius)
            for i in dense.indices where !blocked[i] && !masker.pixels.rim[i] && dense[i] != Disagreement.unknown {
                histogram[Int(dense[i])] += 1
            }
        }
        return histogram
    }

    /// Judges the keyframes with the first colours, learns the colours again from what was found, and judges once more.
    private func retrain(
        _ first: ColourModel, _ analysis: inout HumanAnalysis, _ features: inout [PixelFeatures]
    ) throws(HumanError) -> ColourModel {
        var colours = first
        for round in 0..<2 {
            var next = ColourModel()
            var window = KeyframeWindow(keyframes, gains: analysis.gains)
            for (k, keyframe) in keyframes.enumerated() {
                window.forget(before: keyframe.time + -options.furthestNeighbour)
                let seen = try seen(keyframe, try ColourPicture(keyframe.image, gains: analysis.gains, hasRanges: false))
                var score = try masker.score(seen.picture, features[k], colours: colours, entry: analysis.entry)
                if let found = score, try masker.complete(&features[k], found: found, seen, &window, tolerance: analysis.tolerance) {
                    score = try masker.score(seen.picture, features[k], colours: colours, entry: analysis.entry)
                }
                analysis.active[k] = score != nil && isSeeded(near: k, analysis.seedShares)
                if round == 0 { learn(&next, seen.picture, features[k]) { i in score.map { Double($0[i]) > options.sureOdds } ?? false } }
            }
            guard round == 0, next.humanCount > 0 else { break }
            next.finish()
            colours = next
        }
        return colours
    }

    /// Whether a keyframe has a seed, or others shortly before and after it have: what is like a human in colour alone, outside of that, is none.
    private func isSeeded(near k: Int, _ shares: [Double]) -> Bool {
        guard background != nil else { return true }
        let reach = max(0, options.seedReach)
        return shares[max(0, k - reach)...k].contains { $0 > 0 } && shares[k...min(shares.count - 1, k + reach)].contains { $0 > 0 }
    }

    private func learn(_ colours: inout ColourModel, _ picture: ColourPicture, _ e: PixelFeatures, human: (Int) -> Bool) {
        let outside = PixelClass.outside.rawValue
        for i in 0..<e.flags.count where masker.pixels.classes.pixels[i] != outside {
            if human(i) { colours.addHuman(picture.colours, at: i) } else if isScene(e, i) { colours.addScene(picture.colours, at: i) }
        }
    }

    /// Known not to be human: the device, what other views agree on, what the jaws hold.
    private func isScene(_ e: PixelFeatures, _ i: Int) -> Bool {
        if e.has(PixelFeatures.blocked | PixelFeatures.held | PixelFeatures.gripper, i) { return true }
        guard e.isCompared else { return !e.has(PixelFeatures.skin, i) }
        // What keeps still is not the scene's for that: only the static scene itself says so where it is known.
        let share = e.backgroundShare(i) ?? e.unexplained(i)
        return share.map { $0 <= 1 - options.sceneAgreement } ?? false
    }

    /// Regions that can only be human: unexplained by the scene, reaching the border, skin-like or large.
    private func seeds(_ e: PixelFeatures, _ entry: inout BorderEntry) throws(HumanError) -> [Bool] {
        let o = options
        let (least, plain) =
            background == nil
            ? (o.seedShare, o.plainSeedShare)
            : others == nil ? (o.backgroundSeedShare, o.backgroundGateShare) : (o.backgroundMinimumShare, o.backgroundMinimumShare)
        let (candidate, link) = candidates(e)
        let parts = try Image.operation("seeds") { () throws(ImagingError) in
            try candidate.opened(radius: 1).connectedComponents()
        }
        let entries = try masker.entries(parts, through: link)
        var skinlike = [Int](repeating: 0, count: parts.components.count + 1)
        for i in e.flags.indices
        where parts.labels[i] > 0 && (e.has(PixelFeatures.skin, i) || Double(e.external?[i] ?? 0) > options.sureOdds) {
            skinlike[Int(parts.labels[i])] += 1
        }
        let accepted =
            [false]
            + parts.components.map { c in
                let share = Double(c.area) / Double(masker.pixels.inside)
                guard entries[c.label] != nil else { return false }
                if Double(skinlike[c.label]) >= o.seedSkinShare * Double(c.area) { return share >= least }
                return e.isCompared && share >= plain
            }
        for (label, pixel) in entries.enumerated() where accepted[label] {
            if let pixel { entry.add(masker.pixels.sectors[pixel], weight: background == nil ? 1 : parts.components[label - 1].area) }
        }
        return parts.labels.map { accepted[Int($0)] }
    }

    /// Pixels that may be a seed, and those that may link one to the border.
    private func candidates(_ e: PixelFeatures) -> (candidate: Image, link: Image) {
        let o = options
        let rim = background == nil ? masker.pixels.rim : masker.pixels.backgroundRim
        var candidate = Image(width: masker.scale.width, height: masker.scale.height, channels: 1)
        var link = candidate
        for i in e.flags.indices where !e.has(PixelFeatures.blocked | PixelFeatures.held | PixelFeatures.gripper, i) {
            let word = Double(e.external?[i] ?? 0)
            // What the static scene does not explain stays a seed unless somebody is sure.
            if word > o.sureOdds {
                (candidate.pixels[i], link.pixels[i]) = (255, 255)
            } else if word < (e.backgroundShare(i) == nil ? -o.sureOdds : -o.externalVeto) {
                continue
            } else if e.isCompared {
                let share = rim[i] ? nil : e.unexplained(i)
                if let share, share >= o.seedDisagreement { candidate.pixels[i] = 255 }
                if share.map({ $0 >= o.linkDisagreement }) ?? true { link.pixels[i] = 255 }
            } else if o.judgeWithoutPoses, e.has(PixelFeatures.skin, i) {
                (candidate.pixels[i], link.pixels[i]) = (255, 255)
            }
        }
        return (candidate, link)
    }
}

extension Double {
    /// As a percentage with one digit, for messages.
    var percent: String { "\((self * 1000).rounded() / 10) %" }
}
