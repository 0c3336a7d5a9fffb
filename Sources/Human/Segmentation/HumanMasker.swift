public import Geometry
public import Imaging
public import Session

/// Hands every picture of a recording, in order, to a visitor; it may be called more than once (a video is then decoded again).
public typealias PictureStream =
    (_ visit: (_ frame: Int, _ time: Timestamp<VideoClock>, _ picture: Image) throws(HumanError) -> Void) throws(HumanError) -> Void

/// Finds the human in a recording's pictures.
///
/// Two passes over pictures of working size (full ones are made small on the way), then one over the full pictures. `analyze` keeps a picture every
/// `keyframeInterval` and asks of each pixel whether the static scene explains it: other keyframes are carried over by the known poses on several
/// surfaces (heights above the table, distances from the camera) and must agree in colour. What no view explains, reaches the picture's border, is
/// not the device and not steady between the jaws, is a seed. Too few keyframes with a seed (skin-like, or large): there is no human and every mask
/// stays empty. Else the recording's own colours of human and scene are learned from the seeds, and `seek` fuses colour and motion for every
/// frame. `MaskFinisher` makes class maps of full-size pictures from what it found.
/// Without poses only skin that reaches the border is taken. A human who keeps still for the whole recording is found by skin only.
public struct HumanMasker: Sendable {
    public let device: Device
    public let mask: DeviceMask
    public let options: MaskOptions
    let geometry: WorkingGeometry
    let pixels: FixedPixels

    /// - Parameter mask: of the same rig and picture size as the recordings.
    public init(device: Device, mask: DeviceMask, options: MaskOptions = MaskOptions()) throws(HumanError) {
        let (w, h) = (mask.fixed.width, mask.fixed.height)
        guard let full = device.camera.rescaled(width: w, height: h) else {
            throw .picture(
                location: "device mask",
                reason:
                    "\(w)x\(h) pixels do not fit the device's \(device.camera.width)x\(device.camera.height); accepted: the same aspect ratio"
            )
        }
        self.device = device
        self.mask = mask
        self.options = options
        geometry = WorkingGeometry(full: full, options: options)
        pixels = try FixedPixels(mask.fixed, geometry: geometry, options: options.human)
    }

    var scale: WorkingScale { geometry.scale }

    /// Width and height of the pictures in which humans are sought, a whole fraction of the full picture's, rounded up.
    public var workingSize: (width: Int, height: Int) { (scale.width, scale.height) }

    /// All passes over one recording, for streams that can be gone through three times.
    /// - Parameters:
    ///   - stream: full-size pictures.
    ///   - poses: table from camera; nil for the colour path alone. Lost frames are judged by colour.
    ///   - tags: detections by frame number, full-size pixels; frames without an entry borrow the nearest.
    ///   - external: further evidence of human by pixel, from models or labels; nil for none.
    ///   - background: the session's static scene, from a recording without the human; nil compares the recording with itself alone.
    ///   - sink: is handed every frame once, in order.
    public func run(
        stream: PictureStream, poses: Trajectory<Table, Camera>?, tags: [Int: [TagDetection]], external: ExternalMaskSource? = nil,
        background: BackgroundModel? = nil, sink: @escaping (MaskedFrame) throws(HumanError) -> Void
    ) throws(HumanError) -> MaskStatistics {
        let analysis = try analyze(stream: stream, poses: poses, tags: tags, external: external, background: background)
        var masks: [WorkingMask] = []
        let statistics = try seek(stream: stream, poses: poses, tags: tags, external: external, analysis: analysis) {
            (mask) throws(HumanError) in masks.append(mask)
        }
        var finisher = try MaskFinisher(
            masker: self, record: MaskRecord(masks, analysis: analysis, masker: self), background: background, poses: poses, tags: tags)
        try stream { (frame, time, picture) throws(HumanError) in
            try sink(try finisher.finish(picture, frame: frame, time: time))
        }
        return statistics
    }

    /// The first pass: whether there is a human, when, and in which colours.
    /// - Parameter stream: pictures of the full or of the working size.
    public func analyze(
        stream: PictureStream, poses: Trajectory<Table, Camera>?, tags: [Int: [TagDetection]], external: ExternalMaskSource? = nil,
        background: BackgroundModel? = nil
    ) throws(HumanError) -> HumanAnalysis {
        var keyframes = KeyframeStore(interval: options.human.keyframeInterval, limit: options.human.maximumKeyframes)
        try stream { (frame, time, picture) throws(HumanError) in
            try check(picture, frame)
            guard keyframes.wants(time) else { return }
            let small = try small(picture, frame)
            keyframes.add(
                Keyframe(
                    frame: frame, time: time, image: background == nil ? small : try smoothed(small), poses: rows(poses, at: time),
                    external: try logOdds(external, frame: frame, time: time, picture: picture)))
        }
        let builder = AnalysisBuilder(
            masker: self, keyframes: keyframes.keyframes, tags: TagLookup(tags, masker: self), background: background,
            others: try otherGrippers(keyframes.keyframes, tags: tags, background: background))
        return try builder.build()
    }

    /// The camera's poses over the rows of a frame; nil where they are not known.
    func rows(_ poses: Trajectory<Table, Camera>?, at time: Timestamp<VideoClock>) -> RowPoses? {
        guard let poses, let i = poses.nearestIndex(to: time, tolerance: options.human.poseTolerance) else { return nil }
        return RowPoses(trajectory: poses, frame: i, rows: geometry.warp.rows, readout: device.readout)
    }

    /// What models and labels say of a frame, log odds of human at working size; nil where they say nothing.
    func logOdds(
        _ external: ExternalMaskSource?, frame: Int, time: Timestamp<VideoClock>, picture: Image
    ) throws(HumanError) -> [Float]? {
        guard let external else { return nil }
        return try scale.logOdds(external(frame, time, picture), frame: frame)
    }

    /// A frame's picture at working size, RGB.
    func small(_ picture: Image, _ frame: Int) throws(HumanError) -> Image {
        guard let small = scale.small(picture) else { throw refusal(picture, frame) }
        return small
    }

    /// Refuses a picture of neither the full nor the working size.
    func check(_ picture: Image, _ frame: Int) throws(HumanError) {
        if !scale.isFull(picture) && !scale.isWorking(picture) { throw refusal(picture, frame) }
    }

    /// Refuses a picture that is not of the full size.
    func checkFull(_ picture: Image, _ frame: Int) throws(HumanError) {
        if !scale.isFull(picture) {
            throw .picture(
                location: "frame \(frame)",
                reason: "\(picture.width)x\(picture.height) pixels, the device mask has \(scale.fullWidth)x\(scale.fullHeight)")
        }
    }

    private func refusal(_ picture: Image, _ frame: Int) -> HumanError {
        .picture(location: "frame \(frame)", reason: scale.refusal(of: picture))
    }

    /// The class map of a frame at working size, before any human is sought.
    func workingClasses(_ tags: [TagDetection]) throws(HumanError) -> Image {
        var out = pixels.classes
        try mask.draw(tags, on: &out, scale: scale)
        return out
    }
}

/// Finger tags by frame; where a frame has none, the nearest frame's within reach.
struct TagLookup: Sendable {
    private let byFrame: [Int: [Int: TagDetection]]
    private let ids: [Int]
    /// Frames to look before and after.
    private let reach: Int

    init(_ tags: [Int: [TagDetection]], masker: HumanMasker) {
        let ids = masker.mask.fingerTagIDs
        (self.ids, reach) = (ids, masker.options.human.fingerTagReach)
        byFrame = tags.mapValues { list in
            Dictionary(list.filter { ids.contains($0.id) }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    subscript(frame: Int) -> [TagDetection] {
        ids.compactMap { id in
            for step in 0...max(reach, 0) {
                if let tag = byFrame[frame - step]?[id] ?? byFrame[frame + step]?[id] { return tag }
            }
            return nil
        }
    }
}
