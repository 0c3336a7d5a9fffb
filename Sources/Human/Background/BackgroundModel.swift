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
}

extension HumanMasker {
    /// Builds the static scene from a recording of it, at working size; nil where fewer than five of its pictures have a pose.
    /// - Parameter tags: detections by frame number.
    public func scene(
        stream: PictureStream, poses: Trajectory<Table, Camera>, tags: [Int: [TagDetection]]
    ) throws(HumanError) -> BackgroundModel? {
        let o = options.scene
        guard let first = poses.times.first, let last = poses.times.last else { return nil }
        var store = KeyframeStore(interval: max(o.interval, (last - first) / Double(max(o.keyframes - 1, 1))), limit: 2 * o.keyframes)
        var pictures: [Int: Image] = [:]
        try stream { (frame, time, picture) throws(HumanError) in
            try check(picture, frame)
            guard store.wants(time), let i = poses.nearestIndex(to: time, tolerance: 0.01),
                let rows = RowPoses(trajectory: poses, frame: i, rows: warp.rows, readout: device.readout)
            else { return }
            store.add(Keyframe(frame: frame, time: time, image: try smoothed(scale.shrink(picture.rgb)), poses: rows))
            pictures[frame] = picture.rgb
        }
        let all = store.keyframes
        guard all.count >= 5 else { return nil }
        let gains = try Vignetting.estimate(all, masker: self).gains(camera)
        let lookup = TagLookup(tags, ids: mask.fingerTagIDs)
        let background = PixelClass.background.rawValue
        var views: [BackgroundView] = []
        for keyframe in all {
            guard let rows = keyframe.poses, let full = pictures[keyframe.frame] else { continue }
            let seen = try mask.classes(tags: lookup[keyframe.frame])
            let classes = working(seen)
            views.append(
                BackgroundView(
                    frame: keyframe.frame, image: keyframe.image, picture: try ColourPicture(keyframe.image, gains: gains), poses: rows,
                    blocked: classes.pixels.map { $0 != background }, full: full,
                    fullBlocked: Image(
                        width: seen.width, height: seen.height, channels: 1, pixels: seen.pixels.map { $0 == background ? 0 : 255 })))
        }
        let sweep = DepthSweep(warp: warp, options: o)
        let partners = views.indices.map { Self.partners($0, views, o) }
        let found = views.indices.map { k in sweep.distances(views[k], views: partners[k].map { views[$0] }) }
        let cloud = BackgroundCloud(views: views, distances: found, partners: partners, camera: camera, options: o)
        return BackgroundModel(
            views: views, depths: views.map { DepthMap(cloud: cloud, poses: $0.poses, warp: nodes) }, cloud: cloud, gains: gains,
            fullGains: scale.enlarge(gains), tagIDs: Set(tags.values.flatMap { $0.map(\.id) }))
    }

    /// A working picture as it is compared with the scene's: a little blurred, since a view that lies between its pixels is so too.
    func smoothed(_ image: Image) throws(HumanError) -> Image {
        let sigma = options.scene.smoothing
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
