internal import Geometry
internal import Imaging

/// A hole to be filled, and what its pixels look at.
struct FillTarget {
    /// The hole and the ring about it.
    let region: Region
    /// Of the picture that has the hole.
    let poses: RowPoses
    let picture: Image
    /// Distances from the camera at the nodes of cells that the region lies in, metres; 0 at the others.
    let distances: [Float]
}

/// What other pictures show at the pixels of a region: some colours for each.
struct FillSamples {
    /// Colours that there is room for, by pixel.
    let room: Int
    /// R G B, `room` for each pixel.
    var colours: [Float]
    /// By pixel, how many there are.
    var counts: [Int32]
    /// By colour: the highest of the values of the view's `blocked` that it is made of; empty where nobody asks.
    var kinds: [UInt8]

    init(pixels: Int, room: Int, tellsKinds: Bool = false) {
        self.room = room
        colours = [Float](repeating: 0, count: 3 * pixels * room)
        counts = [Int32](repeating: 0, count: pixels)
        kinds = tellsKinds ? [UInt8](repeating: 255, count: pixels * room) : []
    }

    @inline(__always) func colour(_ pixel: Int, _ sample: Int) -> SIMD3<Float> {
        let base = 3 * (pixel * room + sample)
        return SIMD3(colours[base], colours[base + 1], colours[base + 2])
    }

    /// The mean of a pixel's colours near their median, how many those are (0 where less than half agree), and the colours' mean distance from the
    /// median, levels summed over the channels.
    func agreement(_ pixel: Int, options: FillOptions) -> (mean: SIMD3<Float>, agreeing: Int, spread: Float) {
        let (tolerance, most, count) = (Float(options.viewTolerance), Float(options.mostDifference), Int(counts[pixel]))
        guard count > 0 else { return (.zero, 0, 0) }
        let median = median(pixel, count)
        var sum = SIMD3<Float>.zero
        var agreeing = 0
        var spread: Float = 0
        for v in 0..<count {
            let x = colour(pixel, v)
            let d = abs(x.x - median.x) + abs(x.y - median.y) + abs(x.z - median.z)
            spread += min(d, most)
            if d <= tolerance {
                sum += x
                agreeing += 1
            }
        }
        if 2 * agreeing < count { return (median, 0, spread / Float(count)) }
        return (sum / Float(agreeing), agreeing, spread / Float(count))
    }

    /// By channel.
    private func median(_ pixel: Int, _ count: Int) -> SIMD3<Float> {
        var median = SIMD3<Float>.zero
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { values in
            for c in 0..<3 {
                for v in 0..<count {
                    // Insertion sort: counts are about ten.
                    let x = colours[3 * (pixel * room + v) + c]
                    var at = v
                    while at > 0 && values[at - 1] > x {
                        values[at] = values[at - 1]
                        at -= 1
                    }
                    values[at] = x
                }
                median[c] = count % 2 == 1 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2])
            }
        }
        return median
    }
}
