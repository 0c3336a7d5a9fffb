internal import Imaging
internal import Session

/// The first pass's work on the keyframes: seeds, gate, colours, activity.
struct AnalysisBuilder {
    let masker: HumanMasker
    let keyframes: [Keyframe]
    let tags: TagLookup
    private var skin: SkinModel
    private let band: [Bool]?
    private let inside: Int

    init(masker: HumanMasker, keyframes: [Keyframe], tags: TagLookup) {
        self.masker = masker
        self.keyframes = keyframes
        self.tags = tags
        skin = SkinModel(options: masker.options.skin)
        band = try? masker.borderBand()
        inside = masker.insideCount()
    }

    mutating func build() throws(HumanError) -> HumanAnalysis {
        let o = masker.options.human
        let fixed = masker.working(masker.mask.fixed)
        let free = fixed.pixels.map { $0 == PixelClass.background.rawValue }
        let sample = stride(from: 0, to: keyframes.count, by: max(1, keyframes.count / 40)).map { keyframes[$0].image }
        skin.balance(on: sample, use: Array(repeating: free, count: sample.count))
        var window = SceneWindow(keyframes)
        var colours = ColourModel()
        var seeded: [Int] = []
        var judged = 0
        // Scene colours come from every keyframe, human colours from seeds.
        for (k, keyframe) in keyframes.enumerated() {
            window.forget(before: window.firstIndex(after: keyframe.time + -(o.furthestNeighbour + 1)))
            let picture = try window.picture(k)
            let evidence = try masker.evidence(
                picture, image: keyframe.image, time: keyframe.time, poses: keyframe.poses, tags: tags[keyframe.frame], window: &window,
                skin: skin)
            if evidence.scene != nil { judged += 1 }
            let seeds = try seeds(evidence)
            if seeds.contains(true) { seeded.append(k) }
            for i in 0..<seeds.count where !(fixed.pixels[i] == PixelClass.outside.rawValue) {
                if seeds[i] {
                    colours.addHuman(picture.colours, at: i)
                } else if isScene(evidence, i) {
                    colours.addScene(picture.colours, at: i)
                }
            }
        }
        let how = judged > 0 ? "\(judged) of \(keyframes.count) keyframes compared with the scene" : "no poses: by skin colour alone"
        var analysis = HumanAnalysis(
            humanVisible: false,
            reason: "no human: \(seeded.count) keyframes with a region that could be one, \(o.gateKeyframes) are needed (\(how))",
            keyframeCount: keyframes.count, seededKeyframes: seeded.count, activeKeyframes: 0, keyframes: keyframes,
            active: Array(repeating: false, count: keyframes.count), skin: skin, colours: nil)
        guard seeded.count >= o.gateKeyframes else { return analysis }
        colours.finish()
        try retrain(&colours, &analysis, fixed: fixed)
        analysis.colours = colours
        analysis.activeKeyframes = analysis.active.filter { $0 }.count
        analysis.humanVisible = analysis.activeKeyframes > 0
        analysis.reason = "human in \(analysis.activeKeyframes) of \(keyframes.count) keyframes, seeds in \(seeded.count) (\(how))"
        return analysis
    }

    /// Judges the keyframes with the first colours and learns the colours again from what was found.
    private func retrain(_ colours: inout ColourModel, _ analysis: inout HumanAnalysis, fixed: Image) throws(HumanError) {
        let o = masker.options.human
        for round in 0..<2 {
            var next = ColourModel()
            var window = SceneWindow(keyframes)
            for (k, keyframe) in keyframes.enumerated() {
                window.forget(before: window.firstIndex(after: keyframe.time + -(o.furthestNeighbour + 1)))
                let picture = try window.picture(k)
                let evidence = try masker.evidence(
                    picture, image: keyframe.image, time: keyframe.time, poses: keyframe.poses, tags: tags[keyframe.frame], window: &window,
                    skin: skin)
                let score = try masker.score(picture, evidence, colours: colours)
                analysis.active[k] = score != nil
                guard round == 0 else { continue }
                for i in 0..<fixed.pixels.count where fixed.pixels[i] != PixelClass.outside.rawValue {
                    if let score, score[i] > 1 {
                        next.addHuman(picture.colours, at: i)
                    } else if isScene(evidence, i) {
                        next.addScene(picture.colours, at: i)
                    }
                }
            }
            if round == 0 {
                guard next.humanCount > 0 else { return }
                next.finish()
                colours = next
            }
        }
    }

    /// Known not to be human: the device, what other views agree on, what the jaws hold.
    private func isScene(_ e: Evidence, _ i: Int) -> Bool {
        if e.blocked[i] || e.held[i] { return true }
        guard let scene = e.scene else { return e.skin[i] > Float(masker.options.skin.looseDistance) }
        return scene.oneSided[i] >= 0 && scene.oneSided[i] <= Float(1 - masker.options.human.sceneAgreement)
    }

    /// Regions that can only be human: unexplained by the scene, reaching the border, skin-like or large.
    private func seeds(_ e: Evidence) throws(HumanError) -> [Bool] {
        let o = masker.options.human
        let (w, h) = (masker.scale.width, masker.scale.height)
        let loose = Float(masker.options.skin.looseDistance)
        var candidate = Image(width: w, height: h, channels: 1)
        for i in 0..<(w * h) where !e.blocked[i] && !e.held[i] {
            if let scene = e.scene {
                if scene.oneSided[i] >= Float(o.seedDisagreement) { candidate.pixels[i] = 255 }
            } else if e.skin[i] <= loose {
                candidate.pixels[i] = 255
            }
        }
        let cleaned = candidate
        let parts = try Image.operation("seeds") { () throws(ImagingError) in try cleaned.opened(radius: 1).connectedComponents() }
        var border = [Int](repeating: 0, count: parts.components.count + 1)
        var skinlike = border
        let band: [Bool] = if let known = self.band { known } else { try masker.borderBand() }
        for i in 0..<(w * h) where parts.labels[i] > 0 {
            if band[i] { border[Int(parts.labels[i])] += 1 }
            if e.skin[i] <= loose { skinlike[Int(parts.labels[i])] += 1 }
        }
        let accepted = [false] + parts.components.map { c in
            let share = Double(c.area) / Double(inside)
            guard border[c.label] > 0 else { return false }
            if Double(skinlike[c.label]) >= o.seedSkinShare * Double(c.area) { return share >= o.seedShare }
            return e.scene != nil && share >= o.plainSeedShare
        }
        return parts.labels.map { accepted[Int($0)] }
    }
}
