/// Statistics of one feature, as LeRobot's `stats.json` holds them.
///
/// Every number is per dimension of the feature. The quantiles of one episode are exact, with linear interpolation between neighbours as
/// `numpy.quantile` has it, where LeRobot reads them off a histogram of 5000 bins (to within a bin's width of these).
public struct FeatureStatistics: Sendable, Equatable {
    /// The levels of `quantiles`, by their keys q01, q10, q50, q90, q99.
    public static let levels = [0.01, 0.10, 0.50, 0.90, 0.99]
    public static let keys = ["q01", "q10", "q50", "q90", "q99"]

    public var minimum: [Double]
    public var maximum: [Double]
    public var mean: [Double]
    /// Of the population: divided by n.
    public var standardDeviation: [Double]
    /// Frames.
    public var count: Int
    /// One array per level.
    public var quantiles: [[Double]]

    public init(minimum: [Double], maximum: [Double], mean: [Double], standardDeviation: [Double], count: Int, quantiles: [[Double]]) {
        self.minimum = minimum
        self.maximum = maximum
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.count = count
        self.quantiles = quantiles
    }

    /// Statistics of rows of `width` numbers each, row after row; at least one row.
    public init(rows values: [Double], width: Int) {
        precondition(width > 0 && !values.isEmpty && values.count % width == 0, "whole rows, at least one")
        let n = values.count / width
        self.init(
            minimum: [], maximum: [], mean: [], standardDeviation: [], count: n, quantiles: Array(repeating: [], count: Self.levels.count))
        var column = [Double](repeating: 0, count: n)
        for d in 0..<width {
            for i in 0..<n { column[i] = values[i * width + d] }
            let mean = column.reduce(0, +) / Double(n)
            let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
            column.sort()
            minimum.append(column[0])
            maximum.append(column[n - 1])
            self.mean.append(mean)
            standardDeviation.append(variance.squareRoot())
            for (i, level) in Self.levels.enumerated() {
                let position = level * Double(n - 1)
                let below = Int(position)
                let above = min(below + 1, n - 1)
                quantiles[i].append(column[below] + (column[above] - column[below]) * (position - Double(below)))
            }
        }
    }

    /// Statistics over episodes as LeRobot's `aggregate_stats` has them: means weighted by count, variances by the parallel formula (Chan
    /// et al. 1979), and each quantile as the count-weighted mean of the episodes' quantiles, which is not the quantile of all frames.
    public static func aggregate(_ parts: [FeatureStatistics]) -> FeatureStatistics {
        precondition(!parts.isEmpty, "at least one episode")
        let total = parts.reduce(0) { $0 + $1.count }
        let width = parts[0].mean.count
        func weighted(_ value: (FeatureStatistics) -> Double) -> Double {
            parts.reduce(0) { $0 + value($1) * Double($1.count) } / Double(total)
        }
        var out = FeatureStatistics(
            minimum: [], maximum: [], mean: [], standardDeviation: [], count: total, quantiles: Array(repeating: [], count: levels.count))
        for d in 0..<width {
            out.minimum.append(parts.reduce(.infinity) { min($0, $1.minimum[d]) })
            out.maximum.append(parts.reduce(-.infinity) { max($0, $1.maximum[d]) })
            let mean = weighted { $0.mean[d] }
            out.mean.append(mean)
            out.standardDeviation.append(
                weighted { $0.standardDeviation[d] * $0.standardDeviation[d] + ($0.mean[d] - mean) * ($0.mean[d] - mean) }.squareRoot())
            for q in levels.indices { out.quantiles[q].append(weighted { $0.quantiles[q][d] }) }
        }
        return out
    }

    /// All its arrays by LeRobot's keys, without the count.
    var arrays: [(key: String, values: [Double])] {
        [("min", minimum), ("max", maximum), ("mean", mean), ("std", standardDeviation)] + zip(Self.keys, quantiles).map { ($0, $1) }
    }
}
