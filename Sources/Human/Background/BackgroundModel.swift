public import Geometry
public import Imaging
public import Session
#if canImport(Glibc)
    internal import Glibc
#endif

/// The static scene of a session: pictures of it, and a cloud of its points, so that every picture's depth is known.
///
/// Made once from the mapping video, in which as a rule nobody reaches over the table; what moves in it does not agree between views and stays
/// out. Depth by plane sweep (R. Collins, "A space-sweep approach to true multi-image matching", CVPR 1996) through the fisheye over heights
/// above the table and distances from the camera, checked between views, merged in cells.
public struct BackgroundModel: Sendable {
    let views: [BackgroundView]
    /// By view: its own depth map.
    let depths: [DepthMap]
    let cloud: BackgroundCloud
    /// What undoes the lens's fall-off, by working pixel.
    let gains: [Float]
    /// The same by full-size pixel.
    let fullGains: [Float]

    /// Tags that its recording shows.
    let tagIDs: Set<Int>

    /// Points in the cloud.
    public var pointCount: Int { cloud.points.count }
    /// Pictures of the scene.
    public var viewCount: Int { views.count }

    /// The frames of a recording whose full-size pictures a model is made from, where all of them have a pose: whoever decodes the recording once
    /// keeps these. Where a frame has no pose its view is left out.
    /// - Parameter times: of all frames, ascending.
    public static func frames(_ times: [Timestamp<VideoClock>], options: BackgroundOptions = BackgroundOptions()) -> [Int] {
        guard let first = times.first, let last = times.last else { return [] }
        var rhythm = KeyframeRhythm(first: first, last: last, options: options)
        return times.indices.filter { rhythm.takes(times[$0]) }
    }
}

extension HumanMasker {
    /// Builds the static scene from a recording of it; nil where fewer than `BackgroundOptions.minimumViews` of its pictures have a pose.
    /// - Parameters:
    ///   - stream: full-size pictures: all of the recording's, or those that `BackgroundModel.frames` names.
    ///   - tags: detections by frame number.
    public func background(
        stream: PictureStream, poses: Trajectory<Table, Camera>, tags: [Int: [TagDetection]]
    ) throws(HumanError) -> BackgroundModel? {
        let o = options.background
        guard let first = poses.times.first, let last = poses.times.last else { return nil }
        var store = KeyframeStore(first: first, last: last, options: o)
        var pictures: [Int: Image] = [:]
        try stream { (frame, time, picture) throws(HumanError) in
            try checkFull(picture, frame)
            guard store.wants(time), let rows = rows(poses, at: time) else { return }
            store.add(Keyframe(frame: frame, time: time, image: try smoothed(scale.shrink(picture.rgb)), poses: rows))
            pictures[frame] = picture.rgb
        }
        let all = store.keyframes
        guard all.count >= o.minimumViews else { return nil }
        let gains = try Vignetting.estimate(all, masker: self).gains(geometry.camera)
        let lookup = TagLookup(tags, masker: self)
        var views: [BackgroundView] = []
        for keyframe in all {
            guard let rows = keyframe.poses, let full = pictures[keyframe.frame] else { continue }
            views.append(try view(keyframe.frame, full: full, small: keyframe.image, rows: rows, gains: gains, lookup))
        }
        let sweep = DepthSweep(warp: geometry.warp, options: o)
        let partners = views.indices.map { Self.partners($0, views, o) }
        let found = views.indices.map { k in sweep.distances(views[k], views: partners[k].map { views[$0] }) }
        let cloud = BackgroundCloud(views: views, distances: found, partners: partners, camera: geometry.camera, options: o)
        return BackgroundModel(
            views: views, depths: views.map { DepthMap(cloud: cloud, poses: $0.poses, warp: geometry.nodes) }, cloud: cloud, gains: gains,
            fullGains: scale.enlarge(gains), tagIDs: Set(tags.values.flatMap { $0.map(\.id) }))
    }

    /// A working picture as it is compared with the scene's: a little blurred, since a view that lies between its pixels is so too.
    func smoothed(_ image: Image) throws(HumanError) -> Image {
        let sigma = options.background.smoothing
        return try Image.operation("smoothing") { () throws(ImagingError) in try image.gaussianBlurred(sigma: sigma) }
    }

    /// The views with the best baseline for depth.
    private static func partners(_ k: Int, _ views: [BackgroundView], _ o: BackgroundOptions) -> [Int] {
        let own = views[k].middle
        let scored: [(Double, Int)] = views.indices.compactMap { j in
            guard j != k else { return nil }
            let other = views[j].middle
            let turn = (own.rotation.inverse * other.rotation).angle * 180 / .pi
            guard turn < o.maximumTurn else { return nil }
            let distance = (own.translation - other.translation).length
            return (abs(log(max(distance, 1e-3) / o.baseline)) + turn / o.maximumTurn, j)
        }
        return scored.sorted { $0 < $1 }.prefix(o.views).map(\.1)
    }
}
