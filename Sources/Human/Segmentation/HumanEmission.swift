public import Geometry
public import Imaging
public import Session
#if canImport(Glibc)
    internal import Glibc
#endif

extension HumanMasker {
    /// The second pass: a class map for every frame. A frame comes out `unionFrames` later than it goes in, so that few are held.
    public func emit(
        stream: PictureStream, poses: Trajectory<Table, Camera>?, tags: [Int: [TagDetection]], outside: ExternalMaskSource? = nil,
        analysis: HumanAnalysis,
        sink: @escaping (MaskedFrame) throws(HumanError) -> Void
    ) throws(HumanError) -> MaskStatistics {
        let lookup = TagLookup(tags, ids: mask.fingerTagIDs)
        let lag = max(0, options.human.unionFrames)
        let inside = max(mask.fixed.pixels.count - mask.fixed.count(of: .outside), 1)
        var statistics = MaskStatistics(
            humanVisible: analysis.humanVisible, reason: analysis.reason, frameCount: 0, humanFrameCount: 0, humanShares: [])
        var window = KeyframeWindow(analysis.keyframes, gains: analysis.gains)
        var queue: [Pending] = []
        var next = 0

        func release(_ last: Bool) throws(HumanError) {
            while next < queue.count, last || queue.count - next > lag {
                let pending = queue[next]
                let around = queue[max(0, next - lag)...min(queue.count - 1, next + lag)]
                let classes = try finish(pending, around: around.compactMap(\.area))
                let isEmpty = around.allSatisfy { $0.area == nil }
                let human = isEmpty ? 0 : classes.count(of: .human)
                statistics.frameCount += 1
                statistics.humanShares.append(Double(human) / Double(inside))
                if human > 0 || !isEmpty && classes.count(of: .humanMargin) > 0 { statistics.humanFrameCount += 1 }
                var frame = MaskedFrame(
                    frame: pending.frame, time: pending.time, picture: pending.picture, classes: classes,
                    humanShare: Double(human) / Double(inside))
                frame.humanProbability = probability(score: pending.human, classes: classes, isJudged: analysis.isJudged)
                frame.doubt = doubt(score: pending.human, classes: classes, seedShare: analysis.seedShare(near: pending.time))
                statistics.doubts.append(frame.doubt)
                try sink(frame)
                next += 1
                if next > lag {
                    queue.removeFirst(next - lag)
                    next = lag
                }
            }
        }

        try stream { (frame, time, picture) throws(HumanError) in
            try check(picture, frame)
            let classes = try mask.classes(tags: lookup[frame])
            var pending = Pending(frame: frame, time: time, picture: picture, classes: classes, human: nil, blur: 0)
            if let colours = analysis.colours, analysis.isActive(near: time, within: options.human.activeReach * analysis.spacing) {
                window.forget(before: window.firstIndex(after: time + -(options.human.furthestNeighbour + 1)))
                let index = poses?.nearestIndex(to: time, tolerance: 0.01)
                let rows = index.flatMap { i in
                    poses.flatMap { RowPoses(trajectory: $0, frame: i, rows: warp.rows, readout: device.readout) }
                }
                let image = analysis.scene == nil ? scale.shrink(picture.rgb) : try smoothed(scale.shrink(picture.rgb))
                let scene = try ColourPicture(image, gains: analysis.gains, hasRanges: false)
                let evidence = try evidence(
                    scene, image: image, time: time, poses: rows, classes: classes, window: &window, skin: analysis.skin,
                    tolerance: analysis.tolerance, scene: analysis.scene, others: analysis.others, frame: frame,
                    outside: try outside.map { source throws(HumanError) in try scale.logOdds(source(frame, time, picture), frame: frame) }
                        ?? nil)
                if analysis.others != nil { pending.gripper = evidence.flags.map { $0 & PixelFeatures.gripper != 0 } }
                pending.moved = evidence.flags.indices.map {
                    evidence.has(PixelFeatures.held, $0) && (evidence.sceneShare($0) ?? 0) > options.human.neutralDisagreement
                }
                if let score = try score(scene, evidence, colours: colours, entry: analysis.entry) {
                    pending.human = score
                    if let still = analysis.scene, let depth = evidence.depth, let rows {
                        pending.outline = try refined(
                            picture, score: score, evidence: evidence, poses: rows, scene: still, depth: depth, colours: colours,
                            classes: classes)
                    }
                    pending.area = try area(score, pending.outline)
                    if let poses, let index { pending.blur = blurMargin(poses, index) }
                }
            }
            queue.append(pending)
            try release(false)
        }
        try release(true)
        return statistics
    }

    /// A frame that waits for the frames after it.
    private struct Pending {
        var frame: Int
        var time: Timestamp<VideoClock>
        var picture: Image
        /// Before any human was sought.
        var classes: Image
        /// Log odds at working size; nil without human.
        var human: [Float]?
        /// The human at full size, where the static scene is known.
        var outline: Image?
        /// Working pixels in which there is any human; nil without.
        var area: [Bool]?
        /// Working pixels that may be another gripper; nil without one.
        var gripper: [Bool]?
        /// Working pixels of what the jaws hold, where the scene does not explain them; nil where the frame was not judged.
        var moved: [Bool]?
        var blur: Int
    }

    /// Working pixels in which the score or the outline has human.
    private func area(_ score: [Float], _ outline: Image?) throws(HumanError) -> [Bool] {
        let coarse = score.map { $0 > 0 }
        guard let outline else { return coarse }
        let own = Image(width: scale.width, height: scale.height, channels: 1, pixels: coarse.map { $0 ? 255 : 0 })
        let reach = options.human.edgeReach
        // The outline leaves the working mask by no more than that.
        let near = try Image.operation("edge band") { () throws(ImagingError) in try own.dilated(radius: reach) }
        var out = coarse
        outline.pixels.withUnsafeBufferPointer { p in
            for i in near.pixels.indices where near.pixels[i] != 0 && !coarse[i] {
                let (x, y) = (i % scale.width * scale.factor, i / scale.width * scale.factor)
                for v in y..<min(y + scale.factor, scale.fullHeight) {
                    for u in x..<min(x + scale.factor, scale.fullWidth) where p[v * scale.fullWidth + u] != 0 { out[i] = true }
                }
            }
        }
        return out
    }

    /// The whole class map: the device stays the device, what is left over is a held thing or in doubt.
    private func finish(_ pending: Pending, around: [[Bool]]) throws(HumanError) -> Image {
        var classes = pending.classes
        if let gripper = pending.gripper { mark(gripper, as: .otherGripper, &classes) }
        if !around.isEmpty { try take(&classes, pending, around: around) }
        if let moved = pending.moved { mark(moved, as: .movedObject, &classes) }
        if let score = pending.human { mark(unresolved(score), as: .unknown, &classes) }
        return classes
    }

    /// Human from this frame's own score, margin from dilation and from the frames about it.
    private func take(_ classes: inout Image, _ pending: Pending, around: [[Bool]]) throws(HumanError) {
        var union = Image(width: scale.width, height: scale.height, channels: 1)
        for area in around { for i in area.indices where area[i] { union.pixels[i] = 255 } }
        let radius = options.human.marginRadius + pending.blur
        let (gripper, beside) = (pending.gripper ?? [], options.human.otherMargin)
        let grown = try Image.operation("margin") { [union] () throws(ImagingError) in
            var margin = try union.dilated(radius: radius)
            guard !gripper.isEmpty else { return margin }
            let kept = try Image(width: union.width, height: union.height, channels: 1, pixels: gripper.map { $0 ? 255 : 0 }).dilated(
                radius: beside)
            for i in margin.pixels.indices where kept.pixels[i] != 0 && union.pixels[i] == 0 { margin.pixels[i] = 0 }
            return margin
        }
        guard let box = boundingBox(grown.pixels, margin: scale.factor) else { return }
        take(&classes, pending, margin: grown, box)
        takeRim(&classes, pending.picture, box)
    }

    /// Writes margin and human into a part of the picture.
    /// - Parameter margin: of the frame and those about it, working size.
    private func take(_ classes: inout Image, _ pending: Pending, margin: Image, _ box: PixelBox) {
        let (background, outside) = (PixelClass.background.rawValue, PixelClass.outside.rawValue)
        let (near, human) = (PixelClass.humanMargin.rawValue, PixelClass.human.rawValue)
        let (width, f, channels) = (scale.fullWidth, scale.factor, pending.picture.channels)
        let dark = options.device.circleBrightness
        let coarse = pending.outline == nil ? pending.human.map { scale.enlarge($0) } : nil
        classes.pixels.withUnsafeMutableBufferPointer { c in
            pending.picture.pixels.withUnsafeBufferPointer { picture in
                for y in box.y..<(box.y + box.height) {
                    let row = y / f * scale.width
                    for x in box.x..<(box.x + box.width) {
                        let (i, j) = (y &* width &+ x, row &+ x / f)
                        let isNear = margin.pixels[j] != 0
                        if isNear {
                            if c[i] == background {
                                c[i] = near
                            } else if c[i] == outside {
                                // The circle's last pixels show a human too where they are lit.
                                var most: UInt8 = 0
                                for k in 0..<channels { most = max(most, picture[channels * i + k]) }
                                if Double(most) > dark { c[i] = near }
                            }
                        }
                        guard c[i] == near || c[i] == background else { continue }
                        if pending.outline.map({ $0.pixels[i] != 0 }) ?? coarse.map({ $0[i] > 0 }) ?? false { c[i] = human }
                    }
                }
            }
        }
    }

    /// Working pixels as a class where the map says background.
    private func mark(_ area: [Bool], as pixelClass: PixelClass, _ classes: inout Image) {
        let (f, background) = (scale.factor, PixelClass.background.rawValue)
        for k in area.indices where area[k] {
            let (x, y) = (k % scale.width * f, k / scale.width * f)
            for v in y..<min(y + f, classes.height) {
                for i in v * classes.width + x..<v * classes.width + min(x + f, classes.width) where classes.pixels[i] == background {
                    classes.pixels[i] = pixelClass.rawValue
                }
            }
        }
    }

    /// The circle's last pixels are taken with the human beside them where they are lit.
    private func takeRim(_ classes: inout Image, _ picture: Image, _ box: PixelBox) {
        let (outside, margin, human) = (PixelClass.outside.rawValue, PixelClass.humanMargin.rawValue, PixelClass.human.rawValue)
        let (w, h) = (classes.width, classes.height)
        let middle = (w / 2, h / 2)
        classes.pixels.withUnsafeMutableBufferPointer { classes in
            mask.fixed.pixels.withUnsafeBufferPointer { fixed in
                for y in box.y..<(box.y + box.height) {
                    for x in box.x..<(box.x + box.width) where classes[y &* w &+ x] == margin && fixed[y &* w &+ x] == outside {
                        // A few steps towards the middle of the picture.
                        let (dx, dy) = (Float(middle.0 - x), Float(middle.1 - y))
                        let length = max(1, (dx * dx + dy * dy).squareRoot())
                        for step in 1...(3 * scale.factor) {
                            let (u, v) = (x + Int((dx / length * Float(step)).rounded()), y + Int((dy / length * Float(step)).rounded()))
                            guard u >= 0, v >= 0, u < w, v < h else { break }
                            let j = v * w + u
                            if fixed[j] == outside { continue }
                            if classes[j] == human { classes[y * w + x] = human }
                            break
                        }
                    }
                }
            }
        }
    }

    /// Half the way the picture moves between this frame and the next, working pixels, bounded.
    private func blurMargin(_ poses: Trajectory<Table, Camera>, _ i: Int) -> Int {
        guard i + 1 < poses.count, poses.states[i] != .lost, poses.states[i + 1] != .lost else { return 0 }
        let motion = poses.poses[i].inverse * poses.poses[i + 1]
        let pixels = camera.focalLength.x * (motion.rotation.angle + motion.translation.length / 0.5)
        return min(options.human.maximumBlurMargin, Int((0.5 * pixels).rounded()))
    }
}

extension HumanAnalysis {
    /// What the nearest keyframe's seeds covered, as a share of the picture; 1 where nothing could be judged.
    func seedShare(near time: Timestamp<VideoClock>) -> Double {
        guard isJudged else { return 1 }
        let after = keyframes.partitioningIndex { $0.time >= time }
        let near = [after - 1, after].filter { keyframes.indices.contains($0) && seedShares.indices.contains($0) }
        return near.min { abs(keyframes[$0].time - time) < abs(keyframes[$1].time - time) }.map { seedShares[$0] } ?? 0
    }

    /// Mean seconds between keyframes.
    var spacing: Double {
        guard let first = keyframes.first, let last = keyframes.last, keyframes.count > 1 else { return .infinity }
        return (last.time - first.time) / Double(keyframes.count - 1)
    }

    /// Whether a keyframe with a human lies near a time.
    func isActive(near time: Timestamp<VideoClock>, within span: Double) -> Bool {
        let low = keyframes.partitioningIndex { $0.time >= time + -span }
        for i in low..<keyframes.count {
            if keyframes[i].time - time > span { return false }
            if active[i] { return true }
        }
        return false
    }
}
