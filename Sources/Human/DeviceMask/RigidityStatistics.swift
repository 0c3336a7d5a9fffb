internal import Imaging

/// Which pixels of a stack of gray pictures stay the same while the rest moves.
struct RigidityStatistics {
    let width: Int
    let height: Int
    private(set) var pictures: [[UInt8]] = []
    /// Pixels that a picture does not cover (a shifted patch that leaves it); empty where all are covered.
    private var covered: [[Bool]] = []

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    mutating func add(_ gray: [UInt8], covered: [Bool] = []) {
        precondition(gray.count == width * height)
        pictures.append(gray)
        self.covered.append(covered)
    }

    /// What is known of each pixel over the pictures.
    struct Result {
        var median: [UInt8]
        /// The quantile of |I − median|, gray levels.
        var deviation: [Float]
        /// |mean ∇I| / mean |∇I|, 0 where there is no edge.
        var coherence: [Float]
        var meanGradient: [Float]
        /// |mean ∇I| / root mean |∇I|², 0 where there is no edge: near 1 only where the edge is there in nearly every picture.
        var persistence: [Float]
        /// The 98th percentile of brightness.
        var brightest: [UInt8]
    }

    func result(quantile: Double, minimumGradient: Double) -> Result {
        let n = width * height
        var out = Result(
            median: [UInt8](repeating: 0, count: n), deviation: [Float](repeating: 0, count: n), coherence: [Float](repeating: 0, count: n),
            meanGradient: [Float](repeating: 0, count: n), persistence: [Float](repeating: 0, count: n),
            brightest: [UInt8](repeating: 0, count: n))
        var histogram = [Int](repeating: 0, count: 256)
        for i in 0..<n {
            for k in 0..<256 { histogram[k] = 0 }
            var count = 0
            for (p, c) in zip(pictures, covered) where c.isEmpty || c[i] {
                histogram[Int(p[i])] += 1
                count += 1
            }
            guard count > 0 else { continue }
            let median = Self.rank(histogram, (count - 1) / 2)
            out.median[i] = UInt8(median)
            out.brightest[i] = UInt8(Self.rank(histogram, Int(0.98 * Double(count - 1))))
            var distances = [Int](repeating: 0, count: 256)
            for k in 0..<256 where histogram[k] > 0 { distances[abs(k - median)] += histogram[k] }
            out.deviation[i] = Float(Self.rank(distances, Int((quantile * Double(count - 1)).rounded())))
        }
        addGradients(&out, minimumGradient: Float(minimumGradient))
        return out
    }

    private static func rank(_ histogram: [Int], _ target: Int) -> Int {
        var seen = 0
        for k in 0..<256 {
            seen += histogram[k]
            if seen > target { return k }
        }
        return 255
    }

    private func addGradients(_ out: inout Result, minimumGradient: Float) {
        guard width > 2, height > 2 else { return }
        var sx = [Float](repeating: 0, count: width * height)
        var sy = sx
        var magnitude = sx
        var squares = sx
        var counts = sx
        for (p, c) in zip(pictures, covered) {
            p.withUnsafeBufferPointer { p in
                for y in 1..<(height - 1) {
                    for x in 1..<(width - 1) {
                        let i = y * width + x
                        if !c.isEmpty && !(c[i] && c[i - 1] && c[i + 1] && c[i - width] && c[i + width]) { continue }
                        let gx = 0.5 * (Float(p[i + 1]) - Float(p[i - 1]))
                        let gy = 0.5 * (Float(p[i + width]) - Float(p[i - width]))
                        sx[i] += gx
                        sy[i] += gy
                        magnitude[i] += (gx * gx + gy * gy).squareRoot()
                        squares[i] += gx * gx + gy * gy
                        counts[i] += 1
                    }
                }
            }
        }
        for i in 0..<(width * height) where counts[i] > 0 {
            out.meanGradient[i] = magnitude[i] / counts[i]
            if out.meanGradient[i] >= minimumGradient {
                let mean = (sx[i] * sx[i] + sy[i] * sy[i]).squareRoot()
                out.coherence[i] = mean / (magnitude[i] + 1)
                out.persistence[i] = mean / (squares[i] * counts[i]).squareRoot()
            }
        }
    }
}

extension RigidityStatistics.Result {
    /// What holds in at least a share of several results by itself: there the coherence, strength and steadiness are at least so large.
    init(_ results: [Self], share: Double) {
        let n = results.first?.median.count ?? 0
        // Of values in ascending order: the share of them lies above the one at `low`, below the one at `high`.
        let low = Int((1 - share) * Double(max(results.count - 1, 0)))
        let high = max(results.count - 1 - low, 0)
        func rank<T: Comparable>(_ i: Int, _ at: Int, _ value: (Self, Int) -> T) -> T { results.map { value($0, i) }.sorted()[at] }
        let median = (0..<n).map { rank($0, results.count / 2) { $0.median[$1] } }
        self.init(
            median: median,
            // A place that looks one way in one recording and another way in the next is not steady.
            deviation: (0..<n).map { i in rank(i, high) { max($0.deviation[$1], abs(Float($0.median[$1]) - Float(median[$1]))) } },
            coherence: (0..<n).map { i in rank(i, low) { $0.coherence[$1] } },
            meanGradient: (0..<n).map { i in rank(i, low) { $0.meanGradient[$1] } },
            persistence: (0..<n).map { i in rank(i, low) { $0.persistence[$1] } },
            brightest: (0..<n).map { i in rank(i, results.count - 1) { $0.brightest[$1] } })
    }

    /// The rigid part as a mask: edges that stay put, the gaps between them, and steady areas that they enclose.
    ///
    /// Pixels of `outside` (beyond the circle) close an area off like an edge does, and are no part of the mask. A part without enough strong edges
    /// that stand still is none: along a horizon or the foot of a wall that sways a little, gradients of many pictures add up too.
    func rigidMask(width: Int, height: Int, outside: Image, options: DeviceMaskOptions) throws(HumanError) -> Image {
        let n = width * height
        var edges = Image(width: width, height: height, channels: 1)
        let circle = try Image.operation("device mask") { () throws(ImagingError) in try outside.dilated(radius: options.circleRim) }
        for i in 0..<n where circle.pixels[i] == 0 {
            let strength = coherence[i] * meanGradient[i]
            if coherence[i] >= Float(options.minimumCoherence) && strength >= Float(options.minimumStrength) { edges.pixels[i] = 255 }
        }
        let gap = max(1, Int((options.edgeGap * Double(width) / 2).rounded()))
        let found = edges
        var solid = try Image.operation("device mask") { () throws(ImagingError) in
            var joined = try found.keepingComponents { $0.area >= 4 }
            for i in 0..<n where outside.pixels[i] != 0 { joined.pixels[i] = 255 }
            return try joined.closed(radius: gap)
        }
        var open = solid
        for i in 0..<n { open.pixels[i] = solid.pixels[i] == 0 ? 255 : 0 }
        let areas = try Image.operation("device mask") { [open] () throws(ImagingError) in try open.connectedComponents() }
        var deviations = [[Float]](repeating: [], count: areas.components.count + 1)
        for i in 0..<n where areas.labels[i] > 0 { deviations[Int(areas.labels[i])].append(deviation[i]) }
        let filled =
            [false]
            + areas.components.map { c in
                guard Double(c.area) <= options.largestEnclosed * Double(n) else { return false }
                let sorted = deviations[c.label].sorted()
                return sorted[sorted.count / 2] <= Float(options.maximumDeviation)
            }
        for i in 0..<n {
            if filled[Int(areas.labels[i])] { solid.pixels[i] = 255 }
            if outside.pixels[i] != 0 { solid.pixels[i] = 0 }
        }
        let smallest = max(4, Int(options.minimumShare * Double(n)))
        return try Image.operation("device mask") { [solid] () throws(ImagingError) in
            let parts = try solid.opened(radius: options.thinnest).connectedComponents()
            let standing = standingEdges(of: parts, edges: found, options: options)
            // The device hangs together with the camera: it comes in over the border.
            let border = try outside.dilated(radius: options.circleRim + options.thinnest)
            var reaches = [Bool](repeating: !options.comesFromBorder, count: parts.components.count + 1)
            for i in 0..<n where parts.labels[i] > 0 {
                let (x, y) = (i % width, i / width)
                let edge = x < 3 || y < 3 || x >= width - 3 || y >= height - 3
                if edge || border.pixels[i] != 0 { reaches[Int(parts.labels[i])] = true }
            }
            return Image(
                width: width, height: height, channels: 1,
                pixels: parts.labels.map { label in
                    guard label > 0, reaches[Int(label)] else { return 0 }
                    let area = parts.components[Int(label) - 1].area
                    return area >= smallest && Double(standing[Int(label)]) >= options.standingEdge * Double(area).squareRoot() ? 255 : 0
                })
        }
    }

    /// By label: pixels of strong edges that stand still, in a part or at its outline.
    private func standingEdges(of parts: ConnectedComponents, edges: Image, options: DeviceMaskOptions) -> [Int] {
        let (w, h, reach) = (edges.width, edges.height, options.thinnest)
        var out = [Int](repeating: 0, count: parts.components.count + 1)
        for i in 0..<w * h where edges.pixels[i] != 0 && persistence[i] >= Float(options.minimumPersistence) {
            if coherence[i] * meanGradient[i] < Float(options.standingStrength) { continue }
            // Opening takes a part's corners off: an edge counts for the part that is next to it.
            var nearest = (distance: Int.max, label: 0)
            for y in max(0, i / w - reach)...min(h - 1, i / w + reach) {
                for x in max(0, i % w - reach)...min(w - 1, i % w + reach) where parts.labels[y * w + x] > 0 {
                    let distance = (x - i % w) * (x - i % w) + (y - i / w) * (y - i / w)
                    if distance < nearest.distance { nearest = (distance, Int(parts.labels[y * w + x])) }
                }
            }
            out[nearest.label] += 1
        }
        return out
    }
}

extension Image {
    /// A mask with only the regions that satisfy a condition.
    func keepingComponents(where keep: (Component) -> Bool) throws(ImagingError) -> Image {
        let parts = try connectedComponents()
        let kept = [false] + parts.components.map(keep)
        return Image(width: width, height: height, channels: 1, pixels: parts.labels.map { kept[Int($0)] ? 255 : 0 })
    }
}
