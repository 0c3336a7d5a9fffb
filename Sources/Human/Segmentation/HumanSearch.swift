public import Geometry
public import Imaging
public import Session

extension HumanMasker {
    /// The second pass: where in every frame the human is, at working size. A frame comes out `unionFrames` later than it goes in.
    /// - Parameters:
    ///   - stream: pictures of the full or of the working size, those that `analyze` saw.
    ///   - analysis: what `analyze` found in the recording.
    ///   - sink: is handed every frame once, in order.
    public func seek(
        stream: PictureStream, poses: Trajectory<Table, Camera>?, tags: [Int: [TagDetection]], external: ExternalMaskSource? = nil,
        analysis: HumanAnalysis, sink: @escaping (WorkingMask) throws(HumanError) -> Void
    ) throws(HumanError) -> MaskStatistics {
        var search = HumanSearch(masker: self, analysis: analysis, poses: poses, external: external, tags: TagLookup(tags, masker: self))
        var queue = FoundFrames(reach: max(0, options.human.unionFrames))
        var statistics = MaskStatistics(
            humanVisible: analysis.humanVisible, reason: analysis.reason, frameCount: 0, humanFrameCount: 0, humanShares: [])
        func release(_ around: FoundFrames.Around) throws(HumanError) {
            let mask = try describe(around, analysis)
            statistics.add(mask)
            try sink(mask)
        }
        try stream { (frame, time, picture) throws(HumanError) in
            if let around = queue.add(try search.find(frame, time, picture)) { try release(around) }
        }
        while let around = queue.next() { try release(around) }
        return statistics
    }

    /// A frame's class map at working size, and what follows from it.
    private func describe(_ around: FoundFrames.Around, _ analysis: HumanAnalysis) throws(HumanError) -> WorkingMask {
        let found = around.frame
        let composer = ClassComposer(
            scale: WorkingScale(width: scale.width, height: scale.height, maximumWidth: scale.width), fixed: pixels.classes,
            options: options)
        let classes = try composer.compose(
            found.classes, picture: found.picture, finding: found.finding, neighbours: around.neighbours.compactMap { $0.score?.area })
        let score = found.finding.score
        let human = score == nil ? 0 : classes.count(of: .human)
        return WorkingMask(
            frame: found.frame, time: found.time, classes: classes, humanShare: Double(human) / Double(pixels.inside),
            isTouched: (around.neighbours + [found.finding]).contains { $0.score != nil }
                && classes.pixels.contains { PixelClass(rawValue: $0)?.isRemoved ?? false },
            humanProbability: probability(score, classes, isJudged: analysis.isJudged),
            uncertainty: uncertainty(score, classes, seedShare: analysis.seedShare(near: found.time)), finding: found.finding)
    }
}

/// What was found in one frame, for those who do not know the frames about it yet.
struct FoundFrame {
    var frame: Int
    var time: Timestamp<VideoClock>
    /// RGB, working size.
    var picture: Image
    /// Working size, before any human is sought.
    var classes: Image
    var finding: FrameFinding
}

/// Frames in order, each handed out once those after it within reach are known.
struct FoundFrames {
    struct Around {
        var frame: FoundFrame
        /// Of those within reach of it.
        var neighbours: [FrameFinding]
    }

    private let reach: Int
    private var frames: [FoundFrame] = []
    /// The place of the next one to be handed out.
    private var at = 0

    init(reach: Int) { self.reach = reach }

    /// The frame that is complete with this one; nil where none is.
    mutating func add(_ frame: FoundFrame) -> Around? {
        frames.append(frame)
        return frames.count - at > reach ? next() : nil
    }

    /// The next one, whether or not there are frames after it; nil after the last.
    mutating func next() -> Around? {
        guard at < frames.count else { return nil }
        let near = (max(0, at - reach)...min(frames.count - 1, at + reach)).filter { $0 != at }
        let around = Around(frame: frames[at], neighbours: near.map { frames[$0].finding })
        at += 1
        if at > reach {
            frames.removeFirst(at - reach)
            at = reach
        }
        return around
    }
}

/// Seeks the human in one frame after another.
struct HumanSearch {
    private let masker: HumanMasker
    private let analysis: HumanAnalysis
    private let poses: Trajectory<Table, Camera>?
    private let external: ExternalMaskSource?
    private let tags: TagLookup
    private var window: KeyframeWindow

    init(
        masker: HumanMasker, analysis: HumanAnalysis, poses: Trajectory<Table, Camera>?, external: ExternalMaskSource?, tags: TagLookup
    ) {
        (self.masker, self.analysis, self.poses, self.external, self.tags) = (masker, analysis, poses, external, tags)
        window = KeyframeWindow(analysis.keyframes, gains: analysis.gains)
    }

    /// - Parameter picture: of the full or of the working size; times only grow.
    mutating func find(_ frame: Int, _ time: Timestamp<VideoClock>, _ picture: Image) throws(HumanError) -> FoundFrame {
        let small = try masker.small(picture, frame)
        let classes = try masker.workingClasses(tags[frame])
        var out = FoundFrame(frame: frame, time: time, picture: small, classes: classes, finding: FrameFinding())
        let span = masker.options.human.activeReach * analysis.spacing
        guard let colours = analysis.colours, analysis.isActive(near: time, within: span) else { return out }
        window.forget(before: time + -masker.options.human.furthestNeighbour)
        let image = analysis.knowledge.background == nil ? small : try masker.smoothed(small)
        let seen = SeenFrame(
            frame: frame, time: time, image: image, picture: try ColourPicture(image, gains: analysis.gains, hasRanges: false),
            poses: masker.rows(poses, at: time), classes: classes,
            external: try masker.logOdds(external, frame: frame, time: time, picture: picture))
        let features = try masker.features(of: seen, knowing: analysis.knowledge, window: &window)
        out.finding.marks = marks(features)
        if let score = try masker.score(seen.picture, features, colours: colours, entry: analysis.entry) {
            out.finding.score = ScoreMap(score, width: small.width, height: small.height)
            out.finding.used = features.prediction?.used ?? []
            out.finding.blur = blurMargin(time)
        }
        return out
    }

    /// What may be another gripper, and what the jaws hold where the scene does not explain it.
    private func marks(_ features: PixelFeatures) -> MarkMap? {
        let isOpen = analysis.knowledge.others != nil
        let neutral = masker.options.human.neutralDisagreement
        return MarkMap(width: masker.scale.width, height: masker.scale.height) { i in
            let isMoved = features.has(PixelFeatures.held, i) && (features.backgroundShare(i) ?? 0) > neutral
            return (isOpen && features.has(PixelFeatures.gripper, i) ? MarkMap.gripper : 0) | (isMoved ? MarkMap.moved : 0)
        }
    }

    /// Half the way the picture moves between this frame and the next, working pixels, bounded.
    private func blurMargin(_ time: Timestamp<VideoClock>) -> Int {
        let o = masker.options.human
        guard let poses, let i = poses.nearestIndex(to: time, tolerance: o.poseTolerance), i + 1 < poses.count,
            poses.states[i] != .lost, poses.states[i + 1] != .lost
        else { return 0 }
        let motion = poses.poses[i].inverse * poses.poses[i + 1]
        let pixels = masker.geometry.camera.focalLength.x * (motion.rotation.angle + motion.translation.length / o.blurDistance)
        return min(o.maximumBlurMargin, Int((0.5 * pixels).rounded()))
    }
}
