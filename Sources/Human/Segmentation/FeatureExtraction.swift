internal import Geometry
internal import Imaging
internal import Session

extension HumanMasker {
    /// What is known of a frame's pixels.
    /// - Parameter asksRecording: whether the recording's other pictures are asked too where the static scene does not explain a pixel: a part of
    ///   the scene that the scene's own recording hardly shows is explained by them, and is no seed.
    func features(
        of seen: SeenFrame, knowing known: RecordingKnowledge, window: inout KeyframeWindow, asksRecording: Bool = false
    ) throws(HumanError) -> PixelFeatures {
        var out = PixelFeatures(classes: seen.classes, options: options.human)
        if let poses = seen.poses, let background = known.background {
            let prediction = predict(seen.picture, poses, depth(poses, background), background)
            out.residual = residual(prediction)
            if let gripper = try known.others?.mask(frame: seen.frame, seen.picture.colours, prediction: prediction, masker: self) {
                out.mark(gripper)
            }
            out.prediction = prediction
        }
        for i in try held(seen, window: &window) { out.flags[i] |= PixelFeatures.held }
        // What nothing but the static scene is asked about needs no skin.
        if out.residual == nil || asksRecording { markSkin(&out.flags, known.skin, seen.image) }
        out.external = seen.external
        let asked = known.background == nil ? [] : asksRecording ? try seedPixels(out) : nil
        if let asked { try ask(&out, seen, known.tolerance, asked: asked, &window) }
        return out
    }

    private func markSkin(_ flags: inout [UInt8], _ skin: SkinModel, _ image: Image) {
        let loose = Float(options.skin.looseDistance)
        let distances = skin.distances(image)
        for i in flags.indices where distances[i] <= loose { flags[i] |= PixelFeatures.skin }
    }

    /// Asks the recording's other pictures.
    /// - Parameter asked: pixels that are asked about; empty for all.
    private func ask(
        _ features: inout PixelFeatures, _ seen: SeenFrame, _ tolerance: Double, asked: [Bool], _ window: inout KeyframeWindow
    ) throws(HumanError) {
        guard let poses = seen.poses,
            let found = try disagreement(seen.picture, seen.time, poses, &window, tolerance, asked: asked)
        else { return }
        let all = features.disagreement.map { old in old.indices.map { old[$0] != Disagreement.unknown ? old[$0] : found[$0] } } ?? found
        features.disagreement = all
        features.dense = Disagreement.dense(
            all, blocked: pixels.isBlocked, width: scale.width, height: scale.height, radius: options.human.denseRadius)
    }

    /// The pixels that may be a seed or link one to the border, and those about them: regions that the static scene leaves unexplained, or does not
    /// show, and that are large enough; the recording's other pictures only ever explain more.
    /// - Returns: nil where there is none; empty for all pixels, where the scene is not known or there is evidence from models or labels.
    private func seedPixels(_ e: PixelFeatures) throws(HumanError) -> [Bool]? {
        guard let residual = e.residual, e.external == nil else { return [] }
        let o = options.human
        func level(_ share: Double) -> UInt8 { UInt8(max(0, min(255, (share * Disagreement.full).rounded(.down)))) }
        let (seed, weak) = (level(o.seedDisagreement), level(o.linkDisagreement))
        var (open, link) = ([UInt8](repeating: 0, count: residual.count), [UInt8](repeating: 0, count: residual.count))
        for i in residual.indices where !e.has(PixelFeatures.blocked | PixelFeatures.held | PixelFeatures.gripper, i) {
            if residual[i] >= seed && !pixels.backgroundRim[i] { open[i] = 255 }
            if residual[i] >= weak || pixels.backgroundRim[i] { link[i] = 255 }
        }
        let (candidates, links) = (image(open), image(link))
        let (parts, ways) = try Image.operation("seeds") { () throws(ImagingError) in
            (try candidates.opened(radius: 1).connectedComponents(), try links.closed(radius: 1).connectedComponents())
        }
        let area = min(o.backgroundSeedShare, o.backgroundGateShare) * Double(pixels.inside)
        let isLarge = [false] + parts.components.map { Double($0.area) >= area }
        var holds = [Bool](repeating: false, count: ways.components.count + 1)
        var reaches = holds
        for i in residual.indices where ways.labels[i] > 0 {
            if isLarge[Int(parts.labels[i])] { holds[Int(ways.labels[i])] = true }
            if pixels.border[i] { reaches[Int(ways.labels[i])] = true }
        }
        let wanted = holds.indices.map { holds[$0] && reaches[$0] && $0 > 0 }
        guard wanted.contains(true) else { return nil }
        return try about(
            residual.indices.map { wanted[Int(ways.labels[$0])] && residual[$0] >= weak && !pixels.isBlocked[$0] ? 255 : 0 })
    }

    /// Asks the recording's other pictures about regions that were found where they had not been asked.
    /// - Parameter score: log odds by which the regions were found.
    /// - Returns: whether anything was added.
    func complete(
        _ e: inout PixelFeatures, found score: [Float], _ seen: SeenFrame, _ window: inout KeyframeWindow, tolerance: Double
    ) throws(HumanError) -> Bool {
        guard let residual = e.residual, seen.poses != nil, e.external == nil else { return false }
        let o = options.human
        let least = UInt8(max(0, min(255, o.neutralDisagreement * Disagreement.full)))
        var open = [UInt8](repeating: 0, count: score.count)
        var (count, human) = (0, 0)
        for i in score.indices where score[i] > 0 {
            human += 1
            guard residual[i] > least, e.denseShare(i) == nil else { continue }
            open[i] = 255
            count += 1
        }
        // Fewer do not decide on a region.
        guard count > 0, Double(count) >= o.regionDisagreement * Double(human) else { return false }
        let before = e.disagreement
        try ask(&e, seen, tolerance, asked: about(open), &window)
        return e.disagreement != before
    }

    private func image(_ pixels: [UInt8]) -> Image { Image(width: scale.width, height: scale.height, channels: 1, pixels: pixels) }

    /// Some pixels and those about them, as far as votes and the mean over a neighbourhood reach.
    private func about(_ pixels: [UInt8]) throws(HumanError) -> [Bool] {
        let region = image(pixels)
        return try Image.operation("regions") { () throws(ImagingError) in
            try region.dilated(radius: options.human.denseRadius + 1).pixels.map { $0 != 0 }
        }
    }

    /// How far other keyframes, carried over by the poses, disagree with a picture; nil where too few can be compared with.
    /// - Parameters:
    ///   - asked: pixels that are asked about; empty for all.
    ///   - asksBlocked: whether the device's pixels are asked about too.
    func disagreement(
        _ picture: ColourPicture, _ time: Timestamp<VideoClock>, _ poses: RowPoses, _ window: inout KeyframeWindow, _ tolerance: Double,
        asked: [Bool] = [], asksBlocked: Bool = false
    ) throws(HumanError) -> [UInt8]? {
        let chosen = window.neighbours(of: time, options: options.human)
        guard chosen.count >= options.human.minimumViews else { return nil }
        var views: [Disagreement.View] = []
        for i in chosen {
            guard let other = window.poses(i) else { continue }
            views.append(Disagreement.View(picture: try window.picture(i), poses: other, isBefore: window.isBefore(i, time)))
        }
        let question = Disagreement.Question(
            asked: asked, blocked: pixels.isBlocked, asksBlocked: asksBlocked, tolerance: tolerance)
        return Disagreement.between(picture, poses, and: views, over: geometry, question, options: options.human)
    }

    /// What the static scene predicts of a working picture.
    func predict(_ picture: ColourPicture, _ poses: RowPoses, _ depth: DepthMap, _ background: BackgroundModel) -> BackgroundPrediction {
        BackgroundPredictor(model: background, warp: geometry.nodes, isFull: false, options: options.background).predict(
            picture.colours, poses: poses, depth: depth, blocked: pixels.isBlocked)
    }

    /// The scene's depth at the nodes within the circle.
    /// - Parameter wanted: nodes that are asked about; nil asks about all.
    func depth(_ poses: RowPoses, _ background: BackgroundModel, wanted: PixelBox? = nil) -> DepthMap {
        var depth = DepthMap(cloud: background.cloud, poses: poses, warp: geometry.nodes, wanted: wanted)
        for k in pixels.seenNodes.indices where !pixels.seenNodes[k] { depth.distances[k] = 0 }
        return depth
    }

    /// The deviation from the static scene as a share, averaged over a small neighbourhood; the device and the unknown left out.
    private func residual(_ prediction: BackgroundPrediction) -> [UInt8] {
        let low = Float(options.human.backgroundDeviation)
        let full = Float(Disagreement.full)
        let slope = full / Float(options.human.backgroundLevels)
        let shares = prediction.deviation.withUnsafeBufferPointer { d in
            d.map { $0.isNaN ? Disagreement.unknown : UInt8(truncatingIfNeeded: Int32(max(0, min(full, ($0 - low) * slope)))) }
        }
        return Disagreement.dense(
            shares, blocked: pixels.isBlocked, width: scale.width, height: scale.height, radius: 1, keepsUnknown: true)
    }

    /// Pixels near the tool that are the same in the pictures just before and after: carried by the jaws.
    private func held(_ seen: SeenFrame, window: inout KeyframeWindow) throws(HumanError) -> [Int] {
        let o = options.human
        let tool = device.cameraFromTool.translation
        guard let center = geometry.camera.project(tool), let side = geometry.camera.project(tool + Vector3(o.heldRadius, 0, 0)) else {
            return []
        }
        let near = window.near(seen.time, within: o.heldGap...max(o.heldSpan, o.heldGap))
        guard near.count >= 2 else { return [] }
        let places = places(about: center, radius: (side - center).length)
        var votes = [Int](repeating: 0, count: places.count)
        for k in near { Self.vote(&votes, places, seen.picture, try window.picture(k), limit: o.colourTolerance) }
        return places.indices.filter { Double(votes[$0]) >= o.heldAgreement * Double(near.count) }.map { places[$0] }
    }

    private func places(about center: Vector2, radius: Double) -> [Int] {
        let (w, h) = (scale.width, scale.height)
        var out: [Int] = []
        for y in max(0, Int(center.y - radius))..<max(0, min(h, Int(center.y + radius) + 1)) {
            for x in max(0, Int(center.x - radius))..<max(0, min(w, Int(center.x + radius) + 1)) {
                if (Vector2(Double(x), Double(y)) - center).length <= radius { out.append(y * w + x) }
            }
        }
        return out
    }

    /// One vote for each place at which two pictures are alike.
    private static func vote(_ votes: inout [Int], _ places: [Int], _ picture: ColourPicture, _ other: ColourPicture, limit: Double) {
        picture.colours.withUnsafeBufferPointer { c in
            other.lowest.withUnsafeBufferPointer { low in
                other.highest.withUnsafeBufferPointer { high in
                    for (n, i) in places.enumerated() {
                        @inline(__always) func gap(_ k: Int) -> Int {
                            let v = Int(c[3 &* i &+ k])
                            return max(0, Int(low[3 &* i &+ k]) &- v, v &- Int(high[3 &* i &+ k]))
                        }
                        if 0.5 * Double(gap(0)) + Double(gap(1) &+ gap(2)) < limit { votes[n] &+= 1 }
                    }
                }
            }
        }
    }
}
