internal import Geometry
internal import Imaging
internal import Session
#if canImport(Glibc)
    internal import Glibc
#endif

/// Finds what other pictures saw behind a hole where the still scene's depth is known.
///
/// Every pixel of the hole has one place in the scene; the pictures of the scene and of the recording itself that look there from nearest by,
/// with nothing before it, give its colour, their exposure matched on the ring about the hole. Two that agree make it observed, a single one
/// propagated. Brightness is then matched to the ring as in `Region.offsets`.
struct SceneFill: Sendable {
    private struct View: Sendable {
        var picture: Image
        /// 0 where it may be copied from.
        var blocked: Image
        var poses: RowPoses
        var depth: DepthMap
        /// Nil for the scene's own.
        var time: Timestamp<VideoClock>?
    }

    private let scene: SceneModel
    private let readout: Double
    private let poses: Trajectory<Table, Camera>
    private let options: MaskOptions
    /// Full-size pixels, its nodes where the depth maps' are.
    private let warp: SurfaceWarp
    private let nodes: SurfaceWarp
    private let views: [View]

    /// Nil where the pictures are not of the scene's size.
    init?(
        camera: CameraModel, readout: Double, scene: SceneModel, plates: PlateStore, poses: Trajectory<Table, Camera>, options: MaskOptions
    ) {
        let scale = WorkingScale(width: camera.width, height: camera.height, maximumWidth: options.human.maximumWorkingWidth)
        let step = max(1, options.scene.step)
        nodes = SurfaceWarp(camera: scale.camera(camera), step: step, reach: options.human.maximumPlaneDistance)
        warp = SurfaceWarp(camera: camera, step: step * scale.factor, reach: options.human.maximumPlaneDistance)
        guard warp.columns == nodes.columns, warp.rows == nodes.rows, let first = scene.views.first,
            first.full.width == camera.width, first.full.height == camera.height
        else { return nil }
        self.scene = scene
        self.readout = readout
        self.poses = poses
        self.options = options
        var views = zip(scene.views, scene.depths).map { View(picture: $0.full, blocked: $0.fullBlocked, poses: $0.poses, depth: $1, time: nil) }
        for plate in plates.plates {
            guard let i = poses.nearestIndex(to: plate.time, tolerance: 0.01),
                let rows = RowPoses(trajectory: poses, frame: i, rows: warp.rows, readout: readout)
            else { continue }
            views.append(
                View(
                    picture: plate.picture, blocked: plate.blocked, poses: rows, depth: DepthMap(cloud: scene.cloud, poses: rows, warp: nodes),
                    time: plate.time))
        }
        self.views = views
    }

    /// Fills what can be seen elsewhere and takes it out of `hole`.
    func fill(_ hole: inout Image, _ classes: Image, _ time: Timestamp<VideoClock>, _ out: inout FilledFrame) throws(HumanError) {
        guard let index = poses.nearestIndex(to: time, tolerance: 0.01),
            let own = RowPoses(trajectory: poses, frame: index, rows: warp.rows, readout: readout)
        else { return }
        let region = try Region(hole: hole, classes: classes, warp: warp, ring: options.fill.ringWidth)
        let depth = needed(
            DepthMap(cloud: scene.cloud, poses: own, warp: nodes).extended(columns: nodes.columns, rows: nodes.rows), region)
        let n = region.pixels.count
        let most = options.fill.maximumViews
        var samples = [Float](repeating: 0, count: 3 * n * most)
        var counts = [Int32](repeating: 0, count: n)
        let probes = probes(depth, own, region)
        var used = 0
        for v in order(own, time) {
            let lacking = probes.filter { counts[$0.place] < options.fill.minimumViews + 1 }
            if used >= options.fill.candidateViews || lacking.isEmpty { break }
            guard helps(views[v], lacking) else { continue }
            used += 1
            sample(views[v], own, depth, region, out.picture, most, &samples, &counts)
        }
        var found = Region.Found(colours: [Float](repeating: 0, count: 3 * n), views: [Int](repeating: 0, count: n))
        for k in 0..<n where counts[k] > 0 { choose(samples, 3 * k * most, Int(counts[k]), k, &found) }
        let offsets = region.offsets(found, picture: out.picture)
        for (k, i) in region.pixels.enumerated() where region.isHole[k] && found.views[k] > 0 {
            for c in 0..<3 {
                out.picture.pixels[3 * i + c] = UInt8(max(0, min(255, (found.colours[3 * k + c] + offsets[3 * k + c]).rounded())))
            }
            out.provenance.pixels[i] =
                found.views[k] >= options.fill.minimumViews ? Provenance.observed.rawValue : Provenance.propagated.rawValue
            hole.pixels[i] = 0
        }
    }

    /// Views from the nearest on: by distance and turn; the picture itself left out.
    private func order(_ own: RowPoses, _ time: Timestamp<VideoClock>) -> [Int] {
        let middle = own.pose(atHeight: 0.5)
        let forward = middle.rotation * Vector3(0, 0, 1)
        let scored: [(Double, Int)] = views.indices.compactMap { k in
            if let other = views[k].time, abs(other - time) < 1e-4 { return nil }
            let pose = views[k].poses.pose(atHeight: 0.5)
            let turn = acos(max(-1, min(1, forward.dot(pose.rotation * Vector3(0, 0, 1)))))
            return ((middle.translation - pose.translation).length + 0.3 * turn, k)
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
    private func probes(_ depth: [Float], _ own: RowPoses, _ region: Region) -> [Probe] {
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
    private func helps(_ view: View, _ probes: [Probe]) -> Bool {
        let inverse = view.poses.pose(atHeight: 0.5).inverse
        var count = 0
        for probe in probes {
            guard let p = warp.camera.project(inverse * probe.point), warp.camera.contains(p, margin: 1) else { continue }
            if view.blocked.pixels[Int(p.y.rounded()) * view.blocked.width + Int(p.x.rounded())] == 0 { count += 1 }
        }
        return Double(count) >= options.fill.helpfulShare * Double(probes.count)
    }

    /// Distances at the nodes of cells that are asked for; 0 at the others.
    private func needed(_ depth: DepthMap, _ region: Region) -> [Float] {
        var out = [Float](repeating: 0, count: depth.distances.count)
        let columns = warp.columns - 1
        for cell in region.wanted.indices where region.wanted[cell] {
            let k = cell / columns * warp.columns + cell % columns
            for j in [k, k + 1, k + warp.columns, k + warp.columns + 1] { out[j] = depth.distances[j] }
        }
        return out
    }

    /// Adds one view's colours, its exposure matched on the ring.
    private func sample(
        _ view: View, _ own: RowPoses, _ distances: [Float], _ region: Region, _ picture: Image, _ most: Int, _ samples: inout [Float],
        _ counts: inout [Int32]
    ) {
        var ranges = [Float](repeating: 0, count: distances.count)
        var grid = warp.grid(from: own, to: view.poses, distances: distances, ranges: &ranges)
        let factor = Float(1 + options.scene.hiddenShare)
        let inverse = 1 / Float(warp.step)
        for k in grid.x.indices where !grid.x[k].isNaN {
            let (u, v) = (Int((grid.x[k] * inverse).rounded()), Int((grid.y[k] * inverse).rounded()))
            guard u >= 0, v >= 0, u < warp.columns, v < warp.rows else { continue }
            let there = view.depth.distances[v * warp.columns + u]
            if there > 0, ranges[k] > there * factor + 0.01 { grid.x[k] = .nan }
        }
        let (w, h) = (region.width, region.height)
        var touched: [Int32] = []
        var histogram = [Int](repeating: 0, count: 256)
        var witnesses = 0
        let gains = scene.fullGains
        view.picture.pixels.withUnsafeBufferPointer { p in
            view.blocked.pixels.withUnsafeBufferPointer { blocked in
                region.place.withUnsafeBufferPointer { place in
                    samples.withUnsafeMutableBufferPointer { samples in
                        counts.withUnsafeMutableBufferPointer { counts in
                            warp.forEachPixel(grid, wanted: region.wanted) { i, x, y in
                                let k = Int(place[i])
                                if k < 0 || counts[k] >= most { return }
                                if !(x >= 1 && y >= 1 && x < Float(w - 2) && y < Float(h - 2)) { return }
                                let (x0, y0) = (Int(x), Int(y))
                                let j = y0 * w + x0
                                if blocked[j] | blocked[j + 1] | blocked[j + w] | blocked[j + w + 1] != 0 { return }
                                let base = 3 * (k * most + Int(counts[k]))
                                let colour = Self.cubic(p, 3 * (j - w - 1), 3 * w, x - Float(x0), y - Float(y0)) * (gains[j] / gains[i])
                                for c in 0..<3 { samples[base + c] = colour[c] }
                                counts[k] += 1
                                touched.append(Int32(k))
                                if !region.isHole[k], samples[base + 1] > 12, picture.pixels[3 * i + 1] > 12 {
                                    let ratio = log(Float(picture.pixels[3 * i + 1]) / samples[base + 1])
                                    histogram[max(0, min(255, Int((ratio * 100).rounded()) + 128))] += 1
                                    witnesses += 1
                                }
                            }
                        }
                    }
                }
            }
        }
        guard witnesses > 40 else { return }
        var seen = 0
        let bin = histogram.firstIndex { count in
            seen += count
            return 2 * seen >= witnesses
        }
        let gain = exp(Float((bin ?? 128) - 128) / 100)
        guard abs(gain - 1) > 0.015 else { return }
        for k in touched {
            let base = 3 * (Int(k) * most + Int(counts[Int(k)]) - 1)
            for c in 0..<3 { samples[base + c] *= gain }
        }
    }

    /// Catmull-Rom interpolation of R G B over 4x4 pixels from `at` on: bilinear would blur fine print.
    @inline(__always) private static func cubic(_ p: UnsafeBufferPointer<UInt8>, _ at: Int, _ stride: Int, _ fx: Float, _ fy: Float) -> SIMD3<Float> {
        @inline(__always) func weights(_ f: Float) -> SIMD4<Float> {
            let (f2, f3) = (f * f, f * f * f)
            return SIMD4(-0.5 * f + f2 - 0.5 * f3, 1 - 2.5 * f2 + 1.5 * f3, 0.5 * f + 2 * f2 - 1.5 * f3, -0.5 * f2 + 0.5 * f3)
        }
        let (wx, wy) = (weights(fx), weights(fy))
        var sum = SIMD3<Float>.zero
        for v in 0..<4 {
            var row = SIMD3<Float>.zero
            for u in 0..<4 {
                let q = at + v * stride + 3 * u
                row += wx[u] * SIMD3(Float(p[q]), Float(p[q + 1]), Float(p[q + 2]))
            }
            sum += wy[v] * row
        }
        return sum
    }

    /// The mean of the nearest few views that lie near the median of all; a lone or contradicted one counts as a single view.
    private func choose(_ samples: [Float], _ start: Int, _ count: Int, _ k: Int, _ found: inout Region.Found) {
        let (mean, agreeing, _) = Region.agree(samples, at: start, count: count, tolerance: Float(options.fill.viewTolerance))
        func colour(_ v: Int) -> SIMD3<Float> { SIMD3(samples[start + 3 * v], samples[start + 3 * v + 1], samples[start + 3 * v + 2]) }
        var sum = SIMD3<Float>.zero
        var used = 0
        if agreeing >= options.fill.minimumViews {
            for v in 0..<count where used < options.fill.meanViews {
                let x = colour(v)
                let d = x - mean
                if abs(d.x) + abs(d.y) + abs(d.z) <= Float(options.fill.viewTolerance) {
                    sum += x
                    used += 1
                }
            }
            if used == 0 { (sum, used) = (mean, 1) }
            found.views[k] = agreeing
        } else {
            (sum, used) = (colour(0), 1)
            found.views[k] = 1
        }
        for c in 0..<3 { found.colours[3 * k + c] = sum[c] / Float(used) }
    }
}
