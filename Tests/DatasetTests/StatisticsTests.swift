import Dataset
import Foundation
import Imaging
import Testing

struct StatisticsTests {
    /// Golden: x = np.array([[.5,-1],[2.25,3],[-.75,.125],[4,8.5],[1,-2.5]]); x.mean(0), x.std(0), np.quantile(x, [.01,.1,.5,.9,.99],
    /// axis=0).
    @Test func matchesNumPy() {
        let s = FeatureStatistics(rows: [0.5, -1, 2.25, 3, -0.75, 0.125, 4, 8.5, 1, -2.5], width: 2)
        #expect(s.minimum == [-0.75, -2.5])
        #expect(s.maximum == [4, 8.5])
        #expect(s.count == 5)
        let golden: [[Double]] = [[-0.7, -2.44], [-0.25, -1.9], [1, 0.125], [3.3, 6.3], [3.93, 8.28]]
        for (a, b) in zip(s.mean + s.standardDeviation, [1.4, 1.625, 1.61709616, 3.88104367]) { #expect(abs(a - b) < 1e-8) }
        for (a, b) in zip(s.quantiles.joined(), golden.joined()) { #expect(abs(a - b) < 1e-12) }
    }

    /// Mean, deviation and extremes of the parts together are those of the whole.
    @Test func aggregateIsTheWhole() {
        var random = Seeded(state: 5)
        let rows = (0..<300).map { _ in [Double.random(in: -3...7, using: &random), Double.random(in: 1e3...1.001e3, using: &random)] }
        let parts = [0..<7, 7..<8, 8..<300].map { FeatureStatistics(rows: Array(rows[$0].joined()), width: 2) }
        let whole = FeatureStatistics(rows: Array(rows.joined()), width: 2)
        let sum = FeatureStatistics.aggregate(parts)
        #expect(sum.minimum == whole.minimum)
        #expect(sum.maximum == whole.maximum)
        #expect(sum.count == 300)
        for (a, b) in zip(sum.mean + sum.standardDeviation, whole.mean + whole.standardDeviation) { #expect(abs(a - b) < 1e-9) }
        // As LeRobot defines it: the weighted mean of the parts' medians.
        let median = parts.reduce(0) { $0 + $1.quantiles[2][0] * Double($1.count) } / 300
        #expect(abs(sum.quantiles[2][0] - median) < 1e-12)
    }

    /// Pictures through the histogram are the same numbers as pixels through the exact statistics.
    @Test func pixelsMatchTheExactStatistics() {
        var random = Seeded(state: 11)
        var pixels = PixelStatistics()
        var values: [Double] = []
        for _ in 0..<4 {
            let bytes = (0..<(20 * 10 * 3)).map { _ in UInt8.random(in: 0...255, using: &random) / 3 }
            pixels.add(Image(width: 20, height: 10, channels: 3, pixels: bytes))
            values += bytes.map { Double($0) / 255 }
        }
        let exact = FeatureStatistics(rows: values, width: 3)
        let ours = pixels.statistics
        #expect(ours.count == 4)
        for (a, b) in zip(
            ours.minimum + ours.maximum + ours.mean + ours.standardDeviation + ours.quantiles.joined(),
            exact.minimum + exact.maximum + exact.mean + exact.standardDeviation + exact.quantiles.joined())
        { #expect(abs(a - b) < 1e-12) }
    }
}
