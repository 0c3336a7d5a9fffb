internal import Geometry
internal import Imaging
internal import Session
#if canImport(Glibc)
    internal import Glibc
#endif

/// A picture that holes are filled from.
struct FillView: Sendable {
    var picture: Image
    /// 0 where it may be copied from, 254 where its own hole is.
    var blocked: Image
    var poses: RowPoses
    /// Nil for the scene's own.
    var time: Timestamp<VideoClock>?

    static let hole: UInt8 = 254
}

/// Finds what other pictures saw behind a hole where the static scene's depth is known.
///
/// Every pixel of the hole has one place in the scene; the pictures of the scene and of the recording itself that look there from nearest by,
/// with nothing before it, give its colour, their exposure matched on the ring about the hole. Two that agree, there and round about, make it
/// observed, else it is propagated; where they differ widely all about, nobody knows what is there, and it is invented.
struct BackgroundFill: Sendable {
    let model: BackgroundModel
    let readout: Double
    let poses: Trajectory<Table, Camera>
    let options: MaskOptions
    /// Full-size pixels; the depth maps live at its nodes.
    let warp: SurfaceWarp
    /// Full-size pixels to a working pixel.
    let scale: Int
    let views: [FillView]
    /// By view, made when first asked for.
    private var depths: [DepthMap?]
    /// Views of the recording itself that are completed for the frames between them, in time order, and those that are.
    let anchors: [Int]
    var completed: [Int: FillView] = [:]

    /// Nil where the pictures are not of the scene's size.
    init?(
        camera: CameraModel, readout: Double, model: BackgroundModel, plates: PlateStore, poses: Trajectory<Table, Camera>,
        options: MaskOptions
    ) {
        let scale = WorkingScale(width: camera.width, height: camera.height, maximumWidth: options.human.maximumWorkingWidth)
        let step = max(1, options.fill.depthStep)
        warp = SurfaceWarp(camera: camera, step: step * scale.factor, reach: options.human.maximumPlaneDistance)
        guard let first = model.views.first, first.full.width == camera.width, first.full.height == camera.height
        else { return nil }
        self.model = model
        self.scale = scale.factor
        self.readout = readout
        self.poses = poses
        self.options = options
        var views = model.views.map { FillView(picture: $0.full, blocked: $0.fullBlocked, poses: $0.poses, time: nil) }
        var anchors: [Int] = []
        for (n, plate) in plates.plates.enumerated() {
            guard let i = poses.nearestIndex(to: plate.time, tolerance: options.human.poseTolerance),
                let rows = RowPoses(trajectory: poses, frame: i, rows: warp.rows, readout: readout)
            else { continue }
            let last = anchors.last.flatMap { views[$0].time }
            let isDue = last.map { plate.time - $0 >= options.fill.anchorInterval } ?? true
            if isDue || n == plates.plates.count - 1 { anchors.append(views.count) }
            views.append(FillView(picture: plate.picture, blocked: plate.blocked, poses: rows, time: plate.time))
        }
        self.views = views
        self.anchors = anchors
        depths = [DepthMap?](repeating: nil, count: views.count)
    }

    /// What a view's own scene hides.
    mutating func depth(_ v: Int) -> DepthMap {
        if let kept = depths[v] { return kept }
        let made = DepthMap(cloud: model.cloud, poses: views[v].poses, warp: warp)
        depths[v] = made
        return made
    }

    /// Fills from the views themselves what can be seen elsewhere and takes it out of `hole`.
    /// - Parameter map: the picture's depth, known everywhere.
    mutating func fillDirectly(
        _ hole: inout Image, _ classes: Image, _ own: RowPoses, _ map: DepthMap, _ time: Timestamp<VideoClock>, _ out: inout FilledFrame
    ) throws(HumanError) {
        let region = try Region(hole: hole, classes: classes, warp: warp, ring: options.fill.ringWidth)
        let target = FillTarget(region: region, poses: own, picture: out.picture, distances: needed(map, region))
        let n = region.pixels.count
        var samples = FillSamples(pixels: n, room: options.fill.maximumViews)
        let used = sampleNearest(target, time, &samples)
        // What is hidden from all of them by a depth that is off by a node: better than nothing.
        let certain = samples.counts
        for v in used.prefix(options.fill.minimumViews) { sample(views[v], hiddenBy: nil, most: 1, target, &samples) }
        var found = Region.Found(colours: [Float](repeating: 0, count: 3 * n), views: [Int](repeating: 0, count: n))
        var spread = [Float](repeating: -1, count: n)
        for k in 0..<n where samples.counts[k] > 0 {
            let s = choose(samples, k, &found)
            if samples.counts[k] > 1 { spread[k] = s }
        }
        let spreads = region.means(spread, radius: options.fill.agreementRadius)
        let origin = region.pixels.indices.map { k -> UInt8 in
            let isSure = certain[k] > 0 && found.views[k] >= options.fill.minimumViews
            if isSure, spreads[k] <= Float(options.fill.agreement) { return Provenance.observed.rawValue }
            return (spreads[k] > Float(options.fill.disagreement) ? Provenance.invented : Provenance.propagated).rawValue
        }
        let filling = Region.Filling(
            found: found, origin: origin, isFilled: found.views.map { $0 > 0 }, scale: scale, seed: UInt64(bitPattern: time.nanoseconds))
        region.write(filling, classes: classes, options: options.fill, to: &out, hole: &hole)
    }

    /// Asks the nearest views until the hole's places have been seen often enough; says which were asked.
    private mutating func sampleNearest(_ target: FillTarget, _ time: Timestamp<VideoClock>, _ samples: inout FillSamples) -> [Int] {
        let probes = probes(target)
        var used: [Int] = []
        for v in order(target.poses, time) {
            let lacking = probes.filter { samples.counts[$0.place] < options.fill.minimumViews + 1 }
            if used.count >= options.fill.candidateViews || lacking.isEmpty { break }
            guard helps(views[v], lacking) else { continue }
            used.append(v)
            sample(views[v], hiddenBy: depth(v), most: samples.room, target, &samples)
        }
        return used
    }

    /// Views from the nearest on: by distance and turn; the picture itself left out.
    private func order(_ own: RowPoses, _ time: Timestamp<VideoClock>) -> [Int] {
        let middle = own.pose(atHeight: 0.5)
        let forward = middle.rotation * Vector3(0, 0, 1)
        let scored: [(Double, Int)] = views.indices.compactMap { k in
            if let other = views[k].time, abs(other - time) < 1e-4 { return nil }
            let pose = views[k].poses.pose(atHeight: 0.5)
            let turn = acos(max(-1, min(1, forward.dot(pose.rotation * Vector3(0, 0, 1)))))
            return ((middle.translation - pose.translation).length + options.fill.turnDistance * turn, k)
        }
        return scored.sorted { $0 < $1 }.map(\.1)
    }

    /// A place of the hole, for asking which views may show it.
    private struct Probe {
        var point: Vector3
        /// In the region.
        var place: Int
    }

    /// At most a few dozen places, spread over the hole.
    private func probes(_ target: FillTarget) -> [Probe] {
        let (depth, own, region) = (target.distances, target.poses, target.region)
        var out: [Probe] = []
        for k in depth.indices where depth[k] > 0 {
            let (x, y) = (k % warp.columns * warp.step, k / warp.columns * warp.step)
            guard x < region.width, y < region.height, let bearing = warp.bearing(k) else { continue }
            let place = Int(region.place[y * region.width + x])
            guard place >= 0, region.isHole[place] else { continue }
            let pose = own.pose(atHeight: Double(y) / Double(max(region.height - 1, 1)))
            out.append(Probe(point: pose.translation + Double(depth[k]) * (pose.rotation * bearing), place: place))
        }
        let stride = max(1, out.count / options.fill.probes)
        return Swift.stride(from: stride / 2, to: out.count, by: stride).map { out[$0] }
    }

    /// Whether a view shows a fair part of the places, with nothing on them that may not be copied.
    private func helps(_ view: FillView, _ probes: [Probe]) -> Bool {
        let inverse = view.poses.pose(atHeight: 0.5).inverse
        var count = 0
        for probe in probes {
            guard let p = warp.camera.project(inverse * probe.point), warp.camera.contains(p, margin: 1) else { continue }
            if view.blocked.pixels[Int(p.y.rounded()) * view.blocked.width + Int(p.x.rounded())] == 0 { count += 1 }
        }
        return Double(count) >= options.fill.helpfulShare * Double(probes.count)
    }

    /// Distances at the nodes of cells that are asked for; 0 at the others.
    func needed(_ depth: DepthMap, _ region: Region) -> [Float] {
        var out = [Float](repeating: 0, count: depth.distances.count)
        let columns = warp.columns - 1
        for cell in region.wanted.indices where region.wanted[cell] {
            let k = cell / columns * warp.columns + cell % columns
            for j in [k, k + 1, k + warp.columns, k + warp.columns + 1] { out[j] = depth.distances[j] }
        }
        return out
    }
}
