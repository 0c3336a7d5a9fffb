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
        /// The 98th percentile of brightness.
        var brightest: [UInt8]
    }

    func result(quantile: Double, minimumGradient: Double) -> Result {
        let n = width * height
        var out = Result(
            median: [UInt8](repeating: 0, count: n), deviation: [Float](repeating: 0, count: n), coherence: [Float](repeating: 0, count: n),
            meanGradient: [Float](repeating: 0, count: n), brightest: [UInt8](repeating: 0, count: n))
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
                        counts[i] += 1
                    }
                }
            }
        }
        for i in 0..<(width * height) where counts[i] > 0 {
            out.meanGradient[i] = magnitude[i] / counts[i]
            if out.meanGradient[i] >= minimumGradient {
                out.coherence[i] = (sx[i] * sx[i] + sy[i] * sy[i]).squareRoot() / (magnitude[i] + 1)
            }
        }
    }
}

extension RigidityStatistics.Result {
    /// The rigid part as a mask: rigid edges, and steady areas that rigid edges enclose.
    ///
    /// A steady area is kept when enough of its outline is rigid edge; a bare piece of table is steady too, but its outline is not.
    /// Pixels of `excluded` (beyond the circle) count neither way.
    func rigidMask(width: Int, height: Int, excluded: [Bool], options: DeviceMaskOptions) throws(HumanError) -> Image {
        let n = width * height
        var edges = Image(width: width, height: height, channels: 1)
        var steady = edges
        for i in 0..<n where !excluded[i] {
            let rigid = coherence[i] >= Float(options.minimumCoherence)
            if rigid { edges.pixels[i] = 255 }
            if deviation[i] <= Float(options.maximumDeviation) && !rigid { steady.pixels[i] = 255 }
        }
        let smallest = max(4, Int(options.minimumShare * Double(n)))
        let outlined = try Image.operation("device mask") { () throws(ImagingError) in try steady.opened(radius: 1).connectedComponents() }
        let edgeNear = try Image.operation("device mask") { () throws(ImagingError) in try edges.dilated(radius: 2) }
        var rigidOutline = [Int](repeating: 0, count: outlined.components.count + 1)
        var outline = rigidOutline
        for y in 1..<max(height - 1, 1) {
            for x in 1..<max(width - 1, 1) {
                let i = y * width + x
                let label = Int(outlined.labels[i])
                guard label > 0 else { continue }
                for j in [i - 1, i + 1, i - width, i + width] where outlined.labels[j] != outlined.labels[i] && !excluded[j] {
                    outline[label] += 1
                    if edgeNear.pixels[j] != 0 { rigidOutline[label] += 1 }
                    break
                }
            }
        }
        var mask = edges
        for i in 0..<n {
            let label = Int(outlined.labels[i])
            guard label > 0, outlined.components[label - 1].area >= smallest / 4 else { continue }
            if Double(rigidOutline[label]) >= options.minimumRigidOutline * Double(max(outline[label], 1)) { mask.pixels[i] = 255 }
        }
        return try Image.operation("device mask") { () throws(ImagingError) in
            let closed = try mask.closed(radius: 2).opened(radius: 1)
            let parts = try closed.connectedComponents()
            var out = Image(width: width, height: height, channels: 1)
            for i in 0..<n {
                let label = Int(parts.labels[i])
                if label > 0, parts.components[label - 1].area >= smallest, !excluded[i] { out.pixels[i] = 255 }
            }
            return out
        }
    }
}
