internal import Geometry
internal import Imaging
internal import Session

/// What the first pass found.
public struct HumanAnalysis: Sendable {
    /// Whether a human was seen at all; where not, every mask is empty and no picture is changed.
    public var humanVisible: Bool
    /// Why, in one line with its numbers, for the report.
    public var reason: String
    /// Keyframes looked at, with a seed region, and in which the human was then found.
    public var keyframeCount: Int
    public var seededKeyframes: Int
    public var activeKeyframes: Int
    var keyframes: [Keyframe]
    /// Per keyframe: the human was found in it.
    var active: [Bool]
    /// Per keyframe: the share of the picture that could be human before the recording as a whole was asked.
    var seedShares: [Double] = []
    /// Whether any keyframe could be compared with the scene.
    var isJudged = true
    var skin: SkinModel
    /// The factor on the tolerances that was chosen.
    public var tolerance: Double
    /// What undoes the lens's fall-off, by working pixel.
    var gains: [Float]
    /// Sectors of the border through which the human comes in.
    var entry: [Bool]
    var colours: ColourModel?
    var scene: BackgroundModel?
    var others: OtherGrippers?
}

/// Everything known about one working picture before it is judged, a byte a pixel.
struct PixelFeatures: Sendable {
    /// See `Disagreement.between`; nil without poses.
    var disagreement: [UInt8]?
    /// The same averaged over a small neighbourhood, the device left out: a human is a dense patch, noise and edges are specks.
    var dense: [UInt8] = []
    /// Sets of `blocked`, `held`, `skin`.
    var flags: [UInt8]
    /// Log odds of human from outside; nil without.
    var outside: [Float]?
    /// How far the pixel and its neighbours are from the static scene, as a share times `Disagreement.full`, `unknown` where the scene is
    /// not known; nil without a scene.
    var residual: [UInt8]?
    /// What the static scene predicts; nil without a scene.
    var prediction: BackgroundPrediction?
    /// The scene's depth from here; nil without a scene.
    var depth: DepthMap?

    /// The device and what lies beyond the circle.
    static let blocked: UInt8 = 1
    /// Steady in the picture between the jaws.
    static let held: UInt8 = 2
    /// May be another gripper: near its tag, of the device's colours.
    static let gripper: UInt8 = 8
    /// May be skin by its colour.
    static let skin: UInt8 = 4
    /// Near another gripper's tag and of the human's colours rather than a gripper's.
    static let notGripper: UInt8 = 16

    /// Sets which pixels may be another gripper's, and which beside it are not.
    mutating func mark(_ found: GripperMask) {
        for i in flags.indices {
            flags[i] &= ~(PixelFeatures.gripper | PixelFeatures.notGripper)
            if found.gripper[i] { flags[i] |= PixelFeatures.gripper } else if found.human[i] { flags[i] |= PixelFeatures.notGripper }
        }
    }

    @inline(__always) func has(_ flag: UInt8, _ i: Int) -> Bool { flags[i] & flag != 0 }

    /// The disagreement as a share; nil where unknown.
    @inline(__always) func share(_ i: Int) -> Double? {
        guard let disagreement, disagreement[i] != Disagreement.unknown else { return nil }
        return Double(disagreement[i]) / Disagreement.full
    }

    /// How little is known of why the pixel looks as it does, 0 to 1: by the static scene where that is known, else by the recording's other
    /// pictures. What the scene does not hold but the pictures before or after do is a thing that was moved, a part of the scene that is badly known, or, if it looks like skin, a human who
    /// keeps still.
    @inline(__always) func unexplained(_ i: Int) -> Double? {
        guard let residual, residual[i] != Disagreement.unknown else { return denseShare(i) }
        let share = Double(residual[i]) / Disagreement.full
        guard !has(PixelFeatures.skin, i), let other = denseShare(i) else { return share }
        return share * (0.25 + 0.75 * min(1, other / 0.4))
    }

    /// How far the pixel is from the static scene; nil where that is not known.
    @inline(__always) func sceneShare(_ i: Int) -> Double? {
        guard let residual, residual[i] != Disagreement.unknown else { return nil }
        return Double(residual[i]) / Disagreement.full
    }

    /// The neighbourhood's disagreement as a share; nil where the pixel's own is unknown.
    @inline(__always) func denseShare(_ i: Int) -> Double? {
        guard let disagreement, disagreement[i] != Disagreement.unknown, dense[i] != Disagreement.unknown else { return nil }
        return Double(dense[i]) / Disagreement.full
    }
}

extension HumanMasker {
    /// PixelFeatures for a picture at working size.
    /// - Parameter classes: of the full-size picture, before any human is sought.
    /// - Parameter asksRecording: whether the recording's other pictures are asked too where the static scene does not explain a pixel: a part of
    ///   the scene that the scene's own recording hardly shows is explained by them, and is no seed.
    func evidence(
        _ picture: ColourPicture, image: Image, time: Timestamp<VideoClock>, poses: RowPoses?, classes full: Image,
        window: inout KeyframeWindow,
        skin: SkinModel, tolerance: Double, scene: BackgroundModel?, asksRecording: Bool = false, others: OtherGrippers? = nil, frame: Int = 0,
        outside: [Float]?
    ) throws(HumanError) -> PixelFeatures {
        let classes = working(full)
        let background = PixelClass.background.rawValue
        var out = PixelFeatures(disagreement: nil, flags: classes.pixels.map { $0 == background ? 0 : PixelFeatures.blocked })
        if let poses, let scene {
            let depth = depth(poses, scene)
            let prediction = predict(picture, poses, depth, scene)
            out.depth = depth
            out.residual = residual(prediction)
            if let gripper = try others?.mask(frame: frame, picture.colours, prediction: prediction, masker: self) { out.mark(gripper) }
            out.prediction = prediction
        }
        mark(&out.flags, PixelFeatures.held, try held(picture, time: time, window: &window))
        // What nothing but the static scene is asked about needs no skin.
        if out.residual == nil || asksRecording { markSkin(&out.flags, skin, image) }
        out.outside = outside
        let asked = scene == nil ? [] : asksRecording ? try seedPixels(out) : nil
        if let poses, let asked, let found = try disagreement(picture, time, poses, &window, tolerance, asked: asked) {
            out.disagreement = found
            out.dense = Disagreement.dense(
                found, blocked: still, width: scale.width, height: scale.height, radius: options.human.denseRadius)
        }
        return out
    }

    private func mark(_ flags: inout [UInt8], _ flag: UInt8, _ pixels: [Int]) { for i in pixels { flags[i] |= flag } }

    private func markSkin(_ flags: inout [UInt8], _ skin: SkinModel, _ image: Image) {
        let loose = Float(options.skin.looseDistance)
        let distances = skin.distances(image)
        for i in flags.indices where distances[i] <= loose { flags[i] |= PixelFeatures.skin }
    }

    /// The pixels that may be a seed or link one to the border, and those about them: regions that the static scene leaves unexplained, or does not
    /// show, and that are large enough; the recording's other pictures only ever explain more.
    /// - Returns: nil where there is none; empty for all pixels, where the scene is not known or there is evidence from outside.
    private func seedPixels(_ e: PixelFeatures) throws(HumanError) -> [Bool]? {
        guard let residual = e.residual, e.outside == nil else { return [] }
        let o = options.human
        func level(_ share: Double) -> UInt8 { UInt8(max(0, min(255, (share * Disagreement.full).rounded(.down)))) }
        let (seed, weak) = (level(o.seedDisagreement), level(o.linkDisagreement))
        var (open, link) = ([UInt8](repeating: 0, count: residual.count), [UInt8](repeating: 0, count: residual.count))
        for i in residual.indices where !e.has(PixelFeatures.blocked | PixelFeatures.held | PixelFeatures.gripper, i) {
            if residual[i] >= seed && !sceneRim[i] { open[i] = 255 }
            if residual[i] >= weak || sceneRim[i] { link[i] = 255 }
        }
        let (candidates, links) = (image(open), image(link))
        let (parts, ways) = try Image.operation("seeds") { () throws(ImagingError) in
            (try candidates.opened(radius: 1).connectedComponents(), try links.closed(radius: 1).connectedComponents())
        }
        let area = min(o.sceneSeedShare, o.sceneGateShare) * Double(inside)
        let isLarge = [false] + parts.components.map { Double($0.area) >= area }
        var holds = [Bool](repeating: false, count: ways.components.count + 1)
        var reaches = holds
        for i in residual.indices where ways.labels[i] > 0 {
            if isLarge[Int(parts.labels[i])] { holds[Int(ways.labels[i])] = true }
            if band[i] { reaches[Int(ways.labels[i])] = true }
        }
        let wanted = holds.indices.map { holds[$0] && reaches[$0] && $0 > 0 }
        guard wanted.contains(true) else { return nil }
        let region = image(residual.indices.map { wanted[Int(ways.labels[$0])] && residual[$0] >= weak && !still[$0] ? 255 : 0 })
        // As far as votes and the mean over a neighbourhood reach.
        let near = try Image.operation("seeds") { () throws(ImagingError) in try region.dilated(radius: o.denseRadius + 1) }
        return near.pixels.map { $0 != 0 }
    }

    /// Asks the recording's other pictures about regions that were found where they had not been asked.
    /// - Returns: whether anything was added.
    func complete(
        _ e: inout PixelFeatures, found score: [Float], _ picture: ColourPicture, _ keyframe: Keyframe, _ window: inout KeyframeWindow,
        tolerance: Double
    ) throws(HumanError) -> Bool {
        guard let residual = e.residual, let poses = keyframe.poses, e.outside == nil else { return false }
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
        let region = image(open)
        let near = try Image.operation("regions") { () throws(ImagingError) in try region.dilated(radius: o.denseRadius + 1) }
        guard let found = try disagreement(picture, keyframe.time, poses, &window, tolerance, asked: near.pixels.map { $0 != 0 }) else {
            return false
        }
        let all = e.disagreement.map { old in old.indices.map { old[$0] != Disagreement.unknown ? old[$0] : found[$0] } } ?? found
        e.disagreement = all
        e.dense = Disagreement.dense(all, blocked: still, width: scale.width, height: scale.height, radius: o.denseRadius)
        return true
    }

    private func image(_ pixels: [UInt8]) -> Image { Image(width: scale.width, height: scale.height, channels: 1, pixels: pixels) }

    /// How far other keyframes, carried over by the poses, disagree with a picture; nil where too few can be compared with.
    /// - Parameter asksBlocked: whether the device's pixels are asked about too.
    func disagreement(
        _ picture: ColourPicture, _ time: Timestamp<VideoClock>, _ poses: RowPoses, _ window: inout KeyframeWindow, _ tolerance: Double,
        asked: [Bool] = [], asksBlocked: Bool = false
    ) throws(HumanError) -> [UInt8]? {
        let chosen = window.neighbours(of: time, options: options.human)
        guard chosen.count >= options.human.minimumViews else { return nil }
        var views: [(picture: ColourPicture, poses: RowPoses, before: Bool)] = []
        for i in chosen {
            guard let other = window.poses(i) else { continue }
            views.append((try window.picture(i), other, window.isBefore(i, time)))
        }
        return Disagreement.between(
            picture, poses: poses, views: views, surfaces: surfaces, warp: warp, blocked: still, asksBlocked: asksBlocked,
            tolerance: tolerance,
            asked: asked, options: options.human)
    }

    /// What the static scene predicts of a working picture.
    func predict(_ picture: ColourPicture, _ poses: RowPoses, _ depth: DepthMap, _ scene: BackgroundModel) -> BackgroundPrediction {
        BackgroundPredictor(scene: scene, warp: nodes, isFull: false, options: options.scene).predict(
            picture.colours, poses: poses, depth: depth, blocked: still)
    }

    /// The scene's depth at the nodes within the circle.
    func depth(_ poses: RowPoses, _ scene: BackgroundModel) -> DepthMap {
        var depth = DepthMap(cloud: scene.cloud, poses: poses, warp: nodes)
        for k in seenNodes.indices where !seenNodes[k] { depth.distances[k] = 0 }
        return depth
    }

    /// The deviation from the static scene as a share, averaged over a small neighbourhood; the device and the unknown left out.
    private func residual(_ prediction: BackgroundPrediction) -> [UInt8] {
        let low = Float(options.human.sceneDeviation)
        let full = Float(Disagreement.full)
        let slope = full / Float(options.human.sceneLevels)
        let shares = prediction.deviation.withUnsafeBufferPointer { d in
            d.map { $0.isNaN ? Disagreement.unknown : UInt8(truncatingIfNeeded: Int32(max(0, min(full, ($0 - low) * slope)))) }
        }
        return Disagreement.dense(shares, blocked: still, width: scale.width, height: scale.height, radius: 1, keepsUnknown: true)
    }

    /// Near the tool and the same in the pictures just before and after: carried by the jaws.
    private func held(_ picture: ColourPicture, time: Timestamp<VideoClock>, window: inout KeyframeWindow) throws(HumanError) -> [Int] {
        let (w, h) = (scale.width, scale.height)
        let tool = device.cameraFromTool.translation
        guard let center = camera.project(tool), let side = camera.project(tool + Vector3(options.human.heldRadius, 0, 0)) else {
            return []
        }
        let near = window.near(time, span: options.human.heldSpan)
        guard near.count >= 2 else { return [] }
        let radius = (side - center).length
        var places: [Int] = []
        for y in max(0, Int(center.y - radius))..<max(0, min(h, Int(center.y + radius) + 1)) {
            for x in max(0, Int(center.x - radius))..<max(0, min(w, Int(center.x + radius) + 1)) {
                if (Vector2(Double(x), Double(y)) - center).length <= radius { places.append(y * w + x) }
            }
        }
        var votes = [Int](repeating: 0, count: places.count)
        let limit = options.human.colourTolerance
        for k in near {
            let other = try window.picture(k)
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
        return places.indices.filter { votes[$0] * 4 >= near.count * 3 }.map { places[$0] }
    }

    /// Working pixels from which a region counts as reaching the border: near the picture's edge or the circle, and not the device.
    static func borderBand(_ fixed: Image, reach: Int) throws(HumanError) -> [Bool] {
        let (w, h) = (fixed.width, fixed.height)
        let outside = try Image.operation("border band") { () throws(ImagingError) in
            try fixed.mask(of: [.outside]).dilated(radius: reach)
        }
        return (0..<(w * h)).map { i in
            let (x, y) = (i % w, i / w)
            let edge = x < reach || y < reach || x >= w - reach || y >= h - reach
            return (edge || outside.pixels[i] != 0) && fixed.pixels[i] == PixelClass.background.rawValue
        }
    }
}
