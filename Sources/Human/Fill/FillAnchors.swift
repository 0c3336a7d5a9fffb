internal import Geometry
internal import Imaging
internal import Session

/// Frames between two anchors take the hole from these.
///
/// Every `anchorInterval` one picture of the recording is completed once: from the views, the rest painted in. A frame between two of them
/// takes from both what they show behind its hole, the nearer in time counting more: so the filled part moves as the scene does, without a
/// jump when the best view changes, and what was painted in stays where it is.
extension BackgroundFill {
    /// Fills what can be filled and takes it out of `hole`.
    mutating func fill(_ hole: inout Image, _ classes: Image, _ time: Timestamp<VideoClock>, _ out: inout FilledFrame) throws(HumanError) {
        guard let index = poses.nearestIndex(to: time, tolerance: options.human.poseTolerance),
            let own = RowPoses(trajectory: poses, frame: index, rows: warp.rows, readout: readout)
        else { return }
        let map = DepthMap(cloud: model.cloud, poses: own, warp: warp).extended()
        let around = bracket(time)
        var left = hole.pixels.count
        if !around.isEmpty { left = try fillBetween(around, &hole, classes, own, map, time, &out) }
        if Double(left) > options.fill.smallestDirect * Double(hole.pixels.count) { try fillDirectly(&hole, classes, own, map, time, &out) }
    }

    /// The anchors before and after a time with their weights; empty where they are too far apart.
    private func bracket(_ time: Timestamp<VideoClock>) -> [(view: Int, weight: Double)] {
        func gap(_ v: Int) -> Double { views[v].time.map { $0 - time } ?? .infinity }
        let before = anchors.last { gap($0) <= 1e-4 }
        let after = anchors.first { gap($0) > 1e-4 }
        let near = [before, after].compactMap { $0 }.filter { abs(gap($0)) <= options.fill.maximumAnchorGap }
        guard near.count == 2 else { return near.map { ($0, 1) } }
        let (a, b) = (-gap(near[0]), gap(near[1]))
        return [(near[0], b / (a + b)), (near[1], a / (a + b))]
    }

    /// One of the recording's own pictures without its hole; what may not be copied is 255 in `blocked`, the rest a `Provenance`.
    private mutating func complete(_ v: Int) throws(HumanError) -> FillView {
        if let kept = completed[v] { return kept }
        let view = views[v]
        guard let time = view.time else { return view }
        var hole = view.blocked
        for i in hole.pixels.indices { hole.pixels[i] = view.blocked.pixels[i] == FillView.hole ? 255 : 0 }
        var out = FilledFrame(
            picture: view.picture, provenance: Image(width: hole.width, height: hole.height, channels: 1), observedShare: 0,
            inventedShare: 0)
        let map = depth(v).extended()
        try fillDirectly(&hole, view.blocked, view.poses, map, time, &out)
        try out.paintIn(hole, avoiding: view.blocked, options: options, at: time)
        var done = FillView(picture: out.picture, blocked: out.provenance, poses: view.poses, time: time)
        for i in view.blocked.pixels.indices where view.blocked.pixels[i] != 0 && view.blocked.pixels[i] != FillView.hole {
            done.blocked.pixels[i] = 255
        }
        // Frames come in order: anchors long past are not asked for again, and would be made anew.
        if completed.count > 3, let oldest = completed.keys.min() { completed[oldest] = nil }
        completed[v] = done
        return done
    }

    /// Returns how many pixels are left.
    private mutating func fillBetween(
        _ around: [(view: Int, weight: Double)], _ hole: inout Image, _ classes: Image, _ own: RowPoses, _ map: DepthMap,
        _ time: Timestamp<VideoClock>, _ out: inout FilledFrame
    ) throws(HumanError) -> Int {
        let region = try Region(hole: hole, classes: classes, warp: warp, ring: options.fill.ringWidth)
        let target = FillTarget(region: region, poses: own, picture: out.picture, distances: needed(map, region))
        var samples = FillSamples(pixels: region.pixels.count, room: around.count, tellsKinds: true)
        for anchor in around {
            let view = try complete(anchor.view)
            sample(view, hiddenBy: depth(anchor.view), limit: Provenance.invented.rawValue, most: around.count, target, &samples)
        }
        let (found, origin) = merge(samples, around.map(\.weight), region)
        let filling = Region.Filling(
            found: found, origin: origin, isFilled: samples.counts.map { $0 > 0 }, scale: scale,
            seed: UInt64(bitPattern: time.nanoseconds))
        region.write(filling, classes: classes, options: options.fill, to: &out, hole: &hole)
        return region.isHole.indices.reduce(0) { $0 + (region.isHole[$1] && samples.counts[$1] == 0 ? 1 : 0) }
    }

    /// The means of what the anchors show, the nearer in time and the better known counting more, and where each pixel is from.
    private func merge(_ samples: FillSamples, _ nearness: [Double], _ region: Region) -> (found: Region.Found, origin: [UInt8]) {
        let (n, most) = (region.pixels.count, samples.room)
        var found = Region.Found(colours: [Float](repeating: 0, count: 3 * n), views: [Int](repeating: 0, count: n))
        var origin = [UInt8](repeating: 0, count: n)
        var spread = [Float](repeating: -1, count: n)
        let trust: [Float] = [1, 1, Float(options.fill.propagatedTrust), Float(options.fill.inventedTrust)]
        // By anchor and kind.
        let weights = nearness.map { a in trust.map { max(Float(a), 1e-3) * $0 } }
        for k in 0..<n where samples.counts[k] > 0 {
            var mean = samples.colour(k, 0)
            origin[k] = samples.kinds[k * most]
            if samples.counts[k] == 2 {
                let kinds = (samples.kinds[k * most], samples.kinds[k * most + 1])
                let (a, b) = (weights[0][Int(kinds.0)], weights[1][Int(kinds.1)])
                let d = samples.colour(k, 1) - mean
                mean += d * (b / (a + b))
                spread[k] = abs(d.x) + abs(d.y) + abs(d.z)
                if b > a { origin[k] = kinds.1 }
                // Seen by one anchor and, from several views, by the other: observed.
                if origin[k] == Provenance.original.rawValue, max(kinds.0, kinds.1) <= Provenance.observed.rawValue {
                    origin[k] = Provenance.observed.rawValue
                }
            }
            // On the ring what was carried or painted is no witness of brightness.
            let isWitness = region.isHole[k] || origin[k] <= Provenance.observed.rawValue
            if origin[k] == Provenance.original.rawValue { origin[k] = Provenance.propagated.rawValue }
            for c in 0..<3 { found.colours[3 * k + c] = mean[c] }
            found.views[k] = isWitness ? 1 : 0
        }
        let spreads = region.means(spread, radius: options.fill.agreementRadius)
        for k in 0..<n where origin[k] == Provenance.observed.rawValue && spreads[k] > 2 * Float(options.fill.agreement) {
            origin[k] = Provenance.propagated.rawValue
        }
        return (found, origin)
    }
}
