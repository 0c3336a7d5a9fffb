public import Geometry
public import Imaging
public import Session
#if canImport(Glibc)
    internal import Glibc
#endif

extension HumanMasker {
    /// The second pass: a class map for every frame. A frame comes out `unionFrames` later than it goes in, so that few are held.
    public func emit(
        stream: PictureStream, poses: Trajectory<Table, Camera>?, tags: [Int: [TagDetection]], outside: OutsideEvidenceSource? = nil,
        analysis: HumanAnalysis,
        sink: @escaping (MaskedFrame) throws(HumanError) -> Void
    ) throws(HumanError) -> MaskStatistics {
        let lookup = TagLookup(tags, ids: mask.fingerTagIDs)
        let lag = max(0, options.human.unionFrames)
        let inside = max(mask.fixed.pixels.count - mask.fixed.count(of: .outside), 1)
        var statistics = MaskStatistics(
            humanVisible: analysis.humanVisible, reason: analysis.reason, frameCount: 0, humanFrameCount: 0, humanShares: [])
        var window = SceneWindow(analysis.keyframes, gains: analysis.gains)
        var queue: [Pending] = []
        var next = 0

        func release(_ last: Bool) throws(HumanError) {
            while next < queue.count, last || queue.count - next > lag {
                let pending = queue[next]
                let around = queue[max(0, next - lag)...min(queue.count - 1, next + lag)]
                let classes = try finish(pending, around: around.compactMap(\.area))
                let human = classes.count(of: .human)
                statistics.frameCount += 1
                statistics.humanShares.append(Double(human) / Double(inside))
                if human > 0 || classes.count(of: .humanMargin) > 0 { statistics.humanFrameCount += 1 }
                var frame = MaskedFrame(
                    frame: pending.frame, time: pending.time, picture: pending.picture, classes: classes, humanShare: Double(human) / Double(inside))
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
            let seen = lookup[frame]
            var pending = Pending(frame: frame, time: time, picture: picture, tags: seen, human: nil, blur: 0)
            if let colours = analysis.colours, analysis.isActive(near: time, within: options.human.keyframeInterval * 3) {
                window.forget(before: window.firstIndex(after: time + -(options.human.furthestNeighbour + 1)))
                let index = poses?.nearestIndex(to: time, tolerance: 0.01)
                let rows = index.flatMap { i in
                    poses.flatMap { RowPoses(trajectory: $0, frame: i, rows: warp.rows, readout: device.readout) }
                }
                let image = analysis.scene == nil ? scale.shrink(picture.rgb) : try smoothed(scale.shrink(picture.rgb))
                let scene = try ScenePicture(image, gains: analysis.gains, hasRanges: false)
                let evidence = try evidence(
                    scene, image: image, time: time, poses: rows, tags: seen, window: &window, skin: analysis.skin,
                    tolerance: analysis.tolerance, scene: analysis.scene, others: analysis.others, frame: frame,
                    outside: try outside.map { source throws(HumanError) in try scale.logOdds(source(frame, time, picture), frame: frame) } ?? nil)
                if let score = try score(scene, evidence, colours: colours, entry: analysis.entry) {
                    pending.human = score
                    if let still = analysis.scene, let depth = evidence.depth, let rows {
                        pending.outline = try refined(
                            picture, score: score, evidence: evidence, poses: rows, scene: still, depth: depth, colours: colours,
                            classes: try mask.classes(tags: seen))
                    }
                    pending.area = area(score, pending.outline)
                    if analysis.others != nil { pending.gripper = evidence.flags.map { $0 & Evidence.gripper != 0 } }
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
        var tags: [TagDetection]
        /// Log odds at working size; nil without human.
        var human: [Float]?
        /// The human at full size, where the still scene is known.
        var outline: Image?
        /// Working pixels in which there is any human; nil without.
        var area: [Bool]?
        /// Working pixels that may be another gripper; nil without one.
        var gripper: [Bool]?
        var blur: Int
    }

    /// Working pixels in which the score or the outline has human.
    private func area(_ score: [Float], _ outline: Image?) -> [Bool] {
        var out = score.map { $0 > 0 }
        guard let outline else { return out }
        for y in 0..<scale.fullHeight {
            for x in 0..<scale.fullWidth where outline.pixels[y * scale.fullWidth + x] != 0 {
                out[min(y / scale.factor, scale.height - 1) * scale.width + min(x / scale.factor, scale.width - 1)] = true
            }
        }
        return out
    }

    /// Human from this frame's own score, margin from dilation and from the frames about it; the device stays the device.
    private func finish(_ pending: Pending, around: [[Bool]]) throws(HumanError) -> Image {
        var classes = try mask.classes(tags: pending.tags)
        guard !around.isEmpty else { return classes }
        let background = PixelClass.background.rawValue
        var union = Image(width: scale.width, height: scale.height, channels: 1)
        for area in around { for i in area.indices where area[i] { union.pixels[i] = 255 } }
        let radius = options.human.marginRadius + pending.blur
        let grown = union
        let margin = scale.enlarge(try Image.operation("margin") { () throws(ImagingError) in try grown.dilated(radius: radius) })
        let (outside, dark) = (PixelClass.outside.rawValue, options.device.circleBrightness)
        let channels = pending.picture.channels
        for i in classes.pixels.indices where margin.pixels[i] != 0 {
            if let gripper = pending.gripper,
                gripper[min(i / classes.width / scale.factor, scale.height - 1) * scale.width + min(i % classes.width / scale.factor, scale.width - 1)]
            {
                continue
            }
            if classes.pixels[i] == background {
                classes.pixels[i] = PixelClass.humanMargin.rawValue
            } else if classes.pixels[i] == outside {
                // The circle's last pixels show a human too where they are lit.
                let p = channels * i
                if Double(pending.picture.pixels[p..<(p + channels)].max() ?? 0) > dark { classes.pixels[i] = PixelClass.humanMargin.rawValue }
            }
        }
        if let own = pending.human {
            let fine = pending.outline == nil ? scale.enlarge(own) : []
            for i in classes.pixels.indices where (pending.outline.map { $0.pixels[i] != 0 } ?? (fine[i] > 0)) && (classes.pixels[i] == background || margin.pixels[i] != 0) {
                if classes.pixels[i] == PixelClass.humanMargin.rawValue || classes.pixels[i] == background {
                    classes.pixels[i] = PixelClass.human.rawValue
                }
            }
        }
        takeRim(&classes, pending.picture)
        return classes
    }

    /// The circle's last pixels are taken with the human beside them where they are lit.
    private func takeRim(_ classes: inout Image, _ picture: Image) {
        let (outside, margin, human) = (PixelClass.outside.rawValue, PixelClass.humanMargin.rawValue, PixelClass.human.rawValue)
        let (w, h) = (classes.width, classes.height)
        let middle = (w / 2, h / 2)
        for i in classes.pixels.indices where classes.pixels[i] == margin && mask.fixed.pixels[i] == outside {
            let (x, y) = (i % w, i / w)
            // A few steps towards the middle of the picture.
            let (dx, dy) = (Float(middle.0 - x), Float(middle.1 - y))
            let length = max(1, (dx * dx + dy * dy).squareRoot())
            for step in 1...(3 * scale.factor) {
                let (u, v) = (x + Int((dx / length * Float(step)).rounded()), y + Int((dy / length * Float(step)).rounded()))
                guard u >= 0, v >= 0, u < w, v < h else { break }
                let j = v * w + u
                if mask.fixed.pixels[j] == outside { continue }
                if classes.pixels[j] == human { classes.pixels[i] = human }
                break
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
