public import Geometry
public import Imaging
public import Session

/// Hands every picture of a recording, in order, to a visitor; it may be called more than once (the video is then decoded again).
public typealias PictureStream =
    (_ visit: (_ frame: Int, _ time: Timestamp<VideoClock>, _ picture: Image) throws(HumanError) -> Void) throws(HumanError) -> Void

/// A picture with its class map.
public struct MaskedFrame: Sendable {
    /// Frame number in the recording.
    public var frame: Int
    public var time: Timestamp<VideoClock>
    /// The picture as it was handed in.
    public var picture: Image
    /// A `PixelClass` raw value per pixel, at picture size.
    public var classes: Image
    /// Pixels of human, margin left out, as a share of the picture inside the image circle.
    public var humanShare: Double
    public var doubt = MaskUncertainty()
    /// The chance of human, 0 to 255, by pixel at the size at which humans are sought (a half or a third of the picture's); nil where it is not known.
    public var humanProbability: Image?

    public init(frame: Int, time: Timestamp<VideoClock>, picture: Image, classes: Image, humanShare: Double) {
        self.frame = frame
        self.time = time
        self.picture = picture
        self.classes = classes
        self.humanShare = humanShare
    }
}

/// Finds the human in a recording's pictures.
///
/// Two passes over the video at about half resolution. The first keeps a picture every `keyframeInterval` and asks of each pixel whether the
/// static scene explains it: other keyframes are carried over by the known poses on several surfaces (heights above the table, distances from
/// the camera) and must agree in colour. What no view explains, reaches the picture's border, is not the device and not steady between the
/// jaws, is a seed. Too few keyframes with a seed (skin-like, or large): there is no human and every mask stays empty. Else the recording's
/// own colours of human and scene are learned from the seeds, and the second pass fuses colour and motion for every frame.
/// Without poses only skin that reaches the border is taken. A human who keeps still for the whole recording is found by skin only.
public struct HumanMasker: Sendable {
    public let device: Device
    public let mask: DeviceMask
    public let options: MaskOptions
    let scale: WorkingScale
    let camera: CameraModel
    let warp: SurfaceWarp
    /// The grid on which depth maps live.
    let nodes: SurfaceWarp
    let surfaces: [Surface]
    /// The still part at working size, where it is not background, its border band, and the pixels inside the circle.
    let fixed: Image
    let still: [Bool]
    let band: [Bool]
    /// The lens's rim, in which nothing can be a seed.
    let rim: [Bool]
    /// The same where the static scene is known.
    let sceneRim: [Bool]
    let sectors: [Int]
    let inside: Int
    /// Nodes of depth maps that lie in the circle or beside it.
    let seenNodes: [Bool]
    /// The same grid over full-size pictures.
    let fullWarp: SurfaceWarp

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
        scale = WorkingScale(width: w, height: h, maximumWidth: options.human.maximumWorkingWidth)
        camera = scale.camera(full)
        warp = SurfaceWarp(camera: camera, step: max(2, options.human.gridStep), reach: options.human.maximumPlaneDistance)
        nodes = SurfaceWarp(camera: camera, step: max(1, options.scene.step), reach: options.human.maximumPlaneDistance)
        fullWarp = SurfaceWarp(
            camera: full, step: max(1, options.scene.step) * scale.factor, reach: options.human.maximumPlaneDistance)
        surfaces = options.human.surfaces
        fixed = Self.working(mask.fixed, scale)
        still = fixed.pixels.map { $0 != PixelClass.background.rawValue }
        band = try Self.borderBand(fixed, reach: options.human.borderReach)
        let (working, columns, still, widths) = (camera, scale.width, fixed, (options.human.rimWidth, options.human.sceneRimWidth))
        (rim, sceneRim) = try Image.operation("lens rim") { () throws(ImagingError) in
            let outside = still.mask(of: [.outside])
            return (
                try outside.dilated(radius: widths.0).pixels.map { $0 != 0 }, try outside.dilated(radius: widths.1).pixels.map { $0 != 0 }
            )
        }
        sectors = fixed.pixels.indices.map { BorderEntry.sector(Vector2(Double($0 % columns), Double($0 / columns)), working) }
        let (grid, step) = (nodes, max(1, options.scene.step))
        seenNodes = (0..<(grid.columns * grid.rows)).map { k in
            let (x, y) = (min(k % grid.columns * step, columns - 1), min(k / grid.columns * step, still.height - 1))
            for v in max(0, y - step)...min(still.height - 1, y + step) {
                for u in max(0, x - step)...min(columns - 1, x + step) where still.pixels[v * columns + u] != PixelClass.outside.rawValue {
                    return true
                }
            }
            return false
        }
        inside = max(fixed.pixels.count - fixed.count(of: .outside), 1)
    }

    /// Width and height of `MaskedFrame.humanProbability`, a whole fraction of the picture's, rounded up.
    public var workingSize: (width: Int, height: Int) { (scale.width, scale.height) }

    /// Both passes over one recording.
    /// - Parameters:
    ///   - poses: table from camera; nil for the colour path alone. Lost frames are judged by colour.
    ///   - tags: detections by frame number, full-size pixels; frames without an entry borrow the nearest.
    ///   - outside: further evidence of human by pixel, from models or labels; nil for none.
    ///   - scene: the session's static scene, from a recording without the human; nil compares the recording with itself alone.
    ///   - sink: is handed every frame once, in order.
    public func run(
        stream: PictureStream, poses: Trajectory<Table, Camera>?, tags: [Int: [TagDetection]], outside: ExternalMaskSource? = nil,
        scene: BackgroundModel? = nil, sink: @escaping (MaskedFrame) throws(HumanError) -> Void
    ) throws(HumanError) -> MaskStatistics {
        let analysis = try analyze(stream: stream, poses: poses, tags: tags, outside: outside, scene: scene)
        return try emit(stream: stream, poses: poses, tags: tags, outside: outside, analysis: analysis, sink: sink)
    }

    /// The first pass: whether there is a human, when, and in which colours.
    public func analyze(
        stream: PictureStream, poses: Trajectory<Table, Camera>?, tags: [Int: [TagDetection]], outside: ExternalMaskSource? = nil,
        scene: BackgroundModel? = nil
    ) throws(HumanError) -> HumanAnalysis {
        var keyframes = KeyframeStore(interval: options.human.keyframeInterval, limit: options.human.maximumKeyframes)
        try stream { (frame, time, picture) throws(HumanError) in
            try check(picture, frame)
            guard keyframes.wants(time) else { return }
            let index = poses?.nearestIndex(to: time, tolerance: 0.01)
            let rows = index.flatMap { i in
                poses.flatMap { RowPoses(trajectory: $0, frame: i, rows: warp.rows, readout: device.readout) }
            }
            let small = scale.shrink(picture.rgb)
            keyframes.add(
                Keyframe(
                    frame: frame, time: time, image: scene == nil ? small : try smoothed(small), poses: rows,
                    outside: try outside.map { source throws(HumanError) in try scale.logOdds(source(frame, time, picture), frame: frame) }
                        ?? nil))
        }
        let builder = AnalysisBuilder(
            masker: self, keyframes: keyframes.keyframes, tags: TagLookup(tags, ids: mask.fingerTagIDs), scene: scene,
            others: try otherGrippers(keyframes.keyframes, tags: tags, scene: scene))
        return try builder.build()
    }

    func check(_ picture: Image, _ frame: Int) throws(HumanError) {
        guard picture.width == scale.fullWidth, picture.height == scale.fullHeight else {
            throw .picture(
                location: "frame \(frame)",
                reason: "\(picture.width)x\(picture.height) pixels, the device mask has \(scale.fullWidth)x\(scale.fullHeight)")
        }
    }

    /// The class map of a full picture at working size.
    func working(_ classes: Image) -> Image { Self.working(classes, scale) }

    static func working(_ classes: Image, _ scale: WorkingScale) -> Image {
        let (f, half) = (scale.factor, scale.factor / 2)
        var out = Image(width: scale.width, height: scale.height, channels: 1)
        for y in 0..<scale.height {
            let row = min(y * f + half, scale.fullHeight - 1) * scale.fullWidth
            for x in 0..<scale.width { out.pixels[y * scale.width + x] = classes.pixels[row + min(x * f + half, scale.fullWidth - 1)] }
        }
        return out
    }
}

/// Finger tags by frame; where a frame has none, the nearest frame's within reach.
struct TagLookup: Sendable {
    private let byFrame: [Int: [Int: TagDetection]]
    private let ids: [Int]
    /// Frames to look before and after.
    private let reach: Int

    init(_ tags: [Int: [TagDetection]], ids: [Int], reach: Int = 45) {
        (self.ids, self.reach) = (ids, reach)
        byFrame = tags.mapValues { list in
            Dictionary(list.filter { ids.contains($0.id) }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    subscript(frame: Int) -> [TagDetection] {
        ids.compactMap { id in
            for step in 0...reach {
                if let tag = byFrame[frame - step]?[id] ?? byFrame[frame + step]?[id] { return tag }
            }
            return nil
        }
    }
}
