public import Imaging

/// Statistics of an episode's pictures per channel, scaled to 0…1.
///
/// A histogram of 256 levels per channel makes every number exact at a constant cost in memory. LeRobot looks at a sample of max(100,
/// N^0.75) frames because it reads them back from files; here every frame is seen as it is written. Large pictures are thinned to every
/// k-th pixel as LeRobot thins them.
public struct PixelStatistics: Sendable {
    /// Pictures whose longer side is below this are taken whole, pixels; LeRobot's 300.
    static let wholeBelow = 300
    /// The longer side larger ones are thinned to, about, pixels; LeRobot's 150.
    static let thinnedTo = 150

    private var histogram = [Int](repeating: 0, count: 3 * 256)
    /// Frames seen.
    public private(set) var count = 0

    public init() {}

    /// Adds a picture with three channels.
    public mutating func add(_ image: Image) {
        precondition(image.channels == 3, "pictures have three channels")
        let longer = max(image.width, image.height)
        let stride = longer < Self.wholeBelow ? 1 : longer / Self.thinnedTo
        image.pixels.withUnsafeBufferPointer { pixels in
            histogram.withUnsafeMutableBufferPointer { bins in
                for y in Swift.stride(from: 0, to: image.height, by: stride) {
                    var i = y * image.width * 3
                    for _ in Swift.stride(from: 0, to: image.width, by: stride) {
                        bins[Int(pixels[i])] += 1
                        bins[256 + Int(pixels[i + 1])] += 1
                        bins[512 + Int(pixels[i + 2])] += 1
                        i += 3 * stride
                    }
                }
            }
        }
        count += 1
    }

    /// The statistics; at least one picture must have been added.
    public var statistics: FeatureStatistics {
        precondition(count > 0, "at least one picture")
        var out = FeatureStatistics(
            minimum: [], maximum: [], mean: [], standardDeviation: [], count: count,
            quantiles: Array(repeating: [], count: FeatureStatistics.levels.count))
        for channel in 0..<3 {
            let bins = histogram[(channel * 256)..<(channel * 256 + 256)]
            let n = bins.reduce(0, +)
            var sum = 0.0
            for (value, hits) in bins.enumerated() { sum += Double(value) * Double(hits) }
            let mean = sum / Double(n)
            var squares = 0.0
            for (value, hits) in bins.enumerated() { squares += (Double(value) - mean) * (Double(value) - mean) * Double(hits) }
            let levels = bins.enumerated().filter { $0.element > 0 }.map(\.offset)
            out.minimum.append(Double(levels.first ?? 0) / 255)
            out.maximum.append(Double(levels.last ?? 0) / 255)
            out.mean.append(mean / 255)
            out.standardDeviation.append((squares / Double(n)).squareRoot() / 255)
            for (q, level) in FeatureStatistics.levels.enumerated() {
                let position = level * Double(n - 1)
                let below = Int(position)
                let low = Self.value(atRank: below, bins)
                let high = Self.value(atRank: min(below + 1, n - 1), bins)
                out.quantiles[q].append((low + (high - low) * (position - Double(below))) / 255)
            }
        }
        return out
    }

    private static func value(atRank rank: Int, _ bins: ArraySlice<Int>) -> Double {
        var seen = 0
        for (value, hits) in bins.enumerated() {
            seen += hits
            if rank < seen { return Double(value) }
        }
        return 255
    }
}
