internal import Geometry
internal import Imaging
internal import Session

/// Finds what other frames saw behind a hole.
///
/// For every surface a pixel may lie on, the plates nearest in time are carried over by the poses; the surface on which they agree best (over
/// a small neighbourhood) gives the colour, the mean of the views near the median. Brightness is then matched to the ring about the hole, where
/// both the picture and the views are known: an uncorrected plate leaves a gray silhouette.
struct SurfaceFill: Sendable {
    private let warp: SurfaceWarp
    private let readout: Double
    private let plates: [PlateStore.Plate]
    private let platePoses: [RowPoses?]
    private let poses: Trajectory<Table, Camera>
    private let options: MaskOptions
    private let surfaces: [Surface]

    init(camera: CameraModel, readout: Double, plates: PlateStore, poses: Trajectory<Table, Camera>, options: MaskOptions) {
        let factor = WorkingScale(width: camera.width, height: camera.height, maximumWidth: options.human.maximumWorkingWidth).factor
        let warp = SurfaceWarp(camera: camera, step: max(2, options.human.gridStep) * factor, reach: options.human.maximumPlaneDistance)
        self.warp = warp
        self.readout = readout
        self.plates = plates.plates
        self.poses = poses
        self.options = options
        platePoses = plates.plates.map { plate in
            poses.nearestIndex(to: plate.time, tolerance: options.human.poseTolerance).flatMap { i in
                RowPoses(trajectory: poses, frame: i, rows: warp.rows, readout: readout)
            }
        }
        surfaces = options.human.surfaces
    }

    /// Fills what can be observed and takes it out of `hole`.
    func fill(_ hole: inout Image, _ classes: Image, _ time: Timestamp<VideoClock>, _ out: inout FilledFrame) throws(HumanError) {
        guard let index = poses.nearestIndex(to: time, tolerance: options.human.poseTolerance),
            let own = RowPoses(trajectory: poses, frame: index, rows: warp.rows, readout: readout)
        else { return }
        let chosen = plates.indices.filter { platePoses[$0] != nil && abs(plates[$0].time - time) > 1e-4 }
            .sorted { (abs(plates[$0].time - time), $0) < (abs(plates[$1].time - time), $1) }
        let region = try Region(hole: hole, classes: classes, warp: warp, ring: options.fill.ringWidth)
        let best = region.search(
            chosen.compactMap { i in platePoses[i].map { (plates[i], $0) } }, own: own, picture: out.picture, warp: warp,
            surfaces: surfaces,
            options: options.fill)
        let offsets = region.offsets(best, picture: out.picture, options: options.fill)
        let observed = Provenance.observed.rawValue
        for (k, i) in region.pixels.enumerated() where region.isHole[k] && best.views[k] >= options.fill.minimumViews {
            for c in 0..<3 {
                let v = best.colours[3 * k + c] + offsets[3 * k + c]
                out.picture.pixels[3 * i + c] = UInt8(max(0, min(255, v.rounded())))
            }
            out.provenance.pixels[i] = observed
            hole.pixels[i] = 0
        }
    }
}

/// The pixels of a hole and the ring of scene about it.
struct Region {
    /// Index into the picture of each.
    let pixels: [Int]
    let isHole: [Bool]
    /// Place in `pixels` of each picture pixel, −1 outside.
    let place: [Int32]
    let wanted: [Bool]
    let width: Int
    let height: Int
    /// The rectangle about it, and the place of each pixel in that.
    let box: (x0: Int, y0: Int, width: Int, height: Int)
    let local: [Int]

    init(hole: Image, classes: Image, warp: SurfaceWarp, ring: Int) throws(HumanError) {
        (width, height) = (hole.width, hole.height)
        let grown = try Image.operation("fill") { () throws(ImagingError) in try hole.dilated(radius: ring) }
        var pixels: [Int] = []
        var isHole: [Bool] = []
        var place = [Int32](repeating: -1, count: hole.pixels.count)
        var wanted = [Bool](repeating: false, count: (warp.rows - 1) * (warp.columns - 1))
        let background = PixelClass.background.rawValue
        let w = width
        hole.pixels.withUnsafeBufferPointer { hole in
            grown.pixels.withUnsafeBufferPointer { grown in
                classes.pixels.withUnsafeBufferPointer { classes in
                    for i in hole.indices where grown[i] != 0 {
                        let inHole = hole[i] != 0
                        guard inHole || classes[i] == background else { continue }
                        place[i] = Int32(truncatingIfNeeded: pixels.count)
                        pixels.append(i)
                        isHole.append(inHole)
                        wanted[i / w / warp.step * (warp.columns - 1) + i % w / warp.step] = true
                    }
                }
            }
        }
        (self.pixels, self.isHole, self.place, self.wanted) = (pixels, isHole, place, wanted)
        var (x0, y0, x1, y1) = (width, height, -1, -1)
        for i in pixels { (x0, y0, x1, y1) = (min(x0, i % width), min(y0, i / width), max(x1, i % width), max(y1, i / width)) }
        let (left, top) = (x0, y0)
        box = x1 < 0 ? (0, 0, 0, 0) : (x0, y0, x1 - x0 + 1, y1 - y0 + 1)
        let across = box.width
        local = pixels.map { ($0 / w - top) * across + $0 % w - left }
    }

    /// The mean over a square of what is known (not negative) there, by pixel of the region; 0 where nothing is.
    func means(_ values: [Float], radius: Int) -> [Float] {
        var value = [Float](repeating: 0, count: box.width * box.height)
        var weight = value
        for (k, i) in local.enumerated() where values[k] >= 0 { (value[i], weight[i]) = (values[k], 1) }
        let sums = boxSum(value, width: box.width, height: box.height, radius: radius)
        let weights = boxSum(weight, width: box.width, height: box.height, radius: radius)
        return local.map { weights[$0] > 0.5 ? sums[$0] / weights[$0] : 0 }
    }

    struct Found {
        /// R G B by pixel of the region.
        var colours: [Float]
        /// Views that agree; 0 where none.
        var views: [Int]
    }

    /// The surface on which the views agree best, pixel by pixel.
    func search(
        _ plates: [(PlateStore.Plate, RowPoses)], own: RowPoses, picture: Image, warp: SurfaceWarp, surfaces: [Surface],
        options: FillOptions
    ) -> Found {
        let n = pixels.count
        var best = Found(colours: [Float](repeating: 0, count: 3 * n), views: [Int](repeating: 0, count: n))
        var bestCost = [Float](repeating: .infinity, count: n)
        for (s, surface) in surfaces.enumerated() {
            var samples = FillSamples(pixels: n, room: options.maximumViews)
            for (plate, poses) in plates { sample(plate, warp.grid(from: own, to: poses, over: surface), warp, &samples) }
            let (found, costs) = judge(samples, picture, options)
            for k in 0..<n where found.views[k] >= options.minimumViews {
                // The first surfaces are the likelier ones: the table before what stands on it.
                let cost = costs[local[k]] + Float(options.surfaceBonus) * Float(s)
                if cost < bestCost[k] {
                    bestCost[k] = cost
                    best.views[k] = found.views[k]
                    for c in 0..<3 { best.colours[3 * k + c] = found.colours[3 * k + c] }
                }
            }
        }
        return best
    }

    /// The colours that views agree on, and how far they are apart about each pixel of the box.
    private func judge(_ samples: FillSamples, _ picture: Image, _ options: FillOptions) -> (found: Found, costs: [Float]) {
        let n = pixels.count
        var found = Found(colours: [Float](repeating: 0, count: 3 * n), views: [Int](repeating: 0, count: n))
        var cost = [Float](repeating: 0, count: box.width * box.height)
        var weight = cost
        let most = Float(options.mostDifference)
        for k in 0..<n {
            let (colour, agreeing, spread) = samples.agreement(k, options: options)
            guard agreeing > 0 else { continue }
            for c in 0..<3 { found.colours[3 * k + c] = colour[c] }
            found.views[k] = agreeing
            guard agreeing >= options.minimumViews else { continue }
            var e = spread
            if !isHole[k] {
                // On the ring the picture itself is one more witness.
                let i = pixels[k]
                let own = SIMD3(Float(picture.pixels[3 * i]), Float(picture.pixels[3 * i + 1]), Float(picture.pixels[3 * i + 2]))
                e = 0.5 * (e + min(abs(own.x - colour.x) + abs(own.y - colour.y) + abs(own.z - colour.z), most))
            }
            (cost[local[k]], weight[local[k]]) = (e, 1)
        }
        let costs = boxSum(cost, width: box.width, height: box.height, radius: options.surfaceWindow)
        let weights = boxSum(weight, width: box.width, height: box.height, radius: options.surfaceWindow)
        return (found, costs.indices.map { costs[$0] / max(weights[$0], 1) })
    }

    /// One more view of every pixel, bilinear, where the plate shows scene there.
    private func sample(_ plate: PlateStore.Plate, _ grid: SurfaceWarp.Grid, _ warp: SurfaceWarp, _ samples: inout FillSamples) {
        let (w, h, room) = (width, height, samples.room)
        plate.picture.pixels.withUnsafeBufferPointer { p in
            plate.blocked.pixels.withUnsafeBufferPointer { blocked in
                place.withUnsafeBufferPointer { place in
                    samples.colours.withUnsafeMutableBufferPointer { colours in
                        samples.counts.withUnsafeMutableBufferPointer { counts in
                            warp.forEachPixel(grid, wanted: wanted) { i, x, y in
                                let k = Int(place[i])
                                if k < 0 || counts[k] >= room { return }
                                if !(x >= 0 && y >= 0 && x < Float(w - 1) && y < Float(h - 1)) { return }
                                let (x0, y0) = (Int(x), Int(y))
                                let j = y0 * w + x0
                                if blocked[j] | blocked[j + 1] | blocked[j + w] | blocked[j + w + 1] != 0 { return }
                                let (fx, fy) = (x - Float(x0), y - Float(y0))
                                let base = 3 * (k * room + Int(counts[k]))
                                for c in 0..<3 {
                                    let a = Float(p[3 * j + c])
                                    let b = Float(p[3 * j + 3 + c])
                                    let d = Float(p[3 * (j + w) + c])
                                    let e = Float(p[3 * (j + w) + 3 + c])
                                    let top = a + (b - a) * fx
                                    colours[base + c] = top + (d + (e - d) * fx - top) * fy
                                }
                                counts[k] += 1
                            }
                        }
                    }
                }
            }
        }
    }

    /// What to add to the found colours so that they meet the picture on the ring: ring differences, spread inwards by ever wider means.
    ///
    /// Over cells of a few pixels, bilinear between: the differences are those of brightness, which is smooth.
    func offsets(_ found: Found, picture: Image, options: FillOptions) -> [Float] {
        var out = [Float](repeating: 0, count: 3 * pixels.count)
        let cell = max(1, options.ringCell)
        let (w, h) = ((box.width + cell - 1) / cell, (box.height + cell - 1) / cell)
        guard w > 0 else { return out }
        let places = local.map { Int32(truncatingIfNeeded: $0 / box.width / cell * w + $0 % box.width / cell) }
        var weight = [Float](repeating: 0, count: w * h)
        for k in pixels.indices where !isHole[k] && found.views[k] > 0 { weight[Int(places[k])] += 1 }
        let radii = options.ringRadii
        let (most, enough) = (Float(options.ringDifference), Float(options.ringWitnesses))
        let weights = radii.map { boxSum(weight, width: w, height: h, radius: $0) }
        var fields: [[Float]] = []
        for c in 0..<3 {
            var difference = [Float](repeating: 0, count: w * h)
            for k in pixels.indices where !isHole[k] && found.views[k] > 0 {
                // A ring pixel that the views do not explain at all is no witness of brightness.
                difference[Int(places[k])] += max(-most, min(most, Float(picture.pixels[3 * pixels[k] + c]) - found.colours[3 * k + c]))
            }
            let sums = radii.map { boxSum(difference, width: w, height: h, radius: $0) }
            fields.append(
                (0..<(w * h)).map { i in
                    // Wide means blend into narrow ones where those have witnesses.
                    var value: Float = 0
                    for level in radii.indices.reversed() where weights[level][i] > 0.5 {
                        value += (sums[level][i] / weights[level][i] - value) * min(1, weights[level][i] / enough)
                    }
                    return value
                })
        }
        let inverse = 1 / Float(cell)
        for k in pixels.indices where isHole[k] && found.views[k] > 0 {
            let x = max(0, min(Float(w - 1), (Float(local[k] % box.width) + 0.5) * inverse - 0.5))
            let y = max(0, min(Float(h - 1), (Float(local[k] / box.width) + 0.5) * inverse - 0.5))
            let (x0, y0) = (Int(x), Int(y))
            let (fx, fy) = (x - Float(x0), y - Float(y0))
            let i = y0 * w + x0
            let (right, down) = (x0 + 1 < w ? 1 : 0, y0 + 1 < h ? w : 0)
            for c in 0..<3 {
                let top = fields[c][i] + (fields[c][i + right] - fields[c][i]) * fx
                let bottom = fields[c][i + down] + (fields[c][i + down + right] - fields[c][i + down]) * fx
                out[3 * k + c] = top + (bottom - top) * fy
            }
        }
        return out
    }
}
