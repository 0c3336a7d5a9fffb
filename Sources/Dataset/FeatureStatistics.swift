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
    /// - Parameter count: frames, where a frame holds more than one row; nil: as many as rows.
    public init(rows values: [Double], width: Int, count: Int? = nil) {
        precondition(width > 0 && !values.isEmpty && values.count % width == 0, "whole rows, at least one")
        let n = values.count / width
        self.init(
            minimum: [], maximum: [], mean: [], standardDeviation: [], count: count ?? n,
            quantiles: Array(repeating: [], count: Self.levels.count))
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
    ///
    /// Taken one after another, so that a data set that grows, or that is merged from others, has to a rounding error the numbers of one
    /// that was written at once.
    public static func aggregate(_ parts: [FeatureStatistics]) -> FeatureStatistics {
        precondition(!parts.isEmpty, "at least one episode")
        return parts.dropFirst().reduce(parts[0]) { $0.joined(with: $1) }
    }

    /// The statistics of this one's rows and the other's together; as many dimensions in both.
    public func joined(with other: FeatureStatistics) -> FeatureStatistics {
        precondition(mean.count == other.mean.count, "as many dimensions in both")
        var out = self
        out.count = count + other.count
        let share = Double(other.count) / Double(max(out.count, 1))
        for d in mean.indices {
            out.minimum[d] = min(minimum[d], other.minimum[d])
            out.maximum[d] = max(maximum[d], other.maximum[d])
            let step = other.mean[d] - mean[d]
            out.mean[d] = mean[d] + step * share
            let variances =
                standardDeviation[d] * standardDeviation[d] * (1 - share) + other.standardDeviation[d] * other.standardDeviation[d] * share
            out.standardDeviation[d] = (variances + step * step * share * (1 - share)).squareRoot()
            for q in quantiles.indices { out.quantiles[q][d] += (other.quantiles[q][d] - quantiles[q][d]) * share }
        }
        return out
    }

    /// All its arrays by LeRobot's keys, without the count.
    var arrays: [(key: String, values: [Double])] {
        [("min", minimum), ("max", maximum), ("mean", mean), ("std", standardDeviation)] + zip(Self.keys, quantiles).map { ($0, $1) }
    }

    /// Reads one feature's entry of `stats.json`, or of a row of `episodes_stats.jsonl`; nil when a key is missing or its length is
    /// another. Without quantiles (v2.1 has none) they read as the mean.
    init?(json: JSONValue, width: Int) {
        func numbers(_ key: String) -> [Double]? { json[key]?.flattened.flatMap { $0.count == width ? $0 : nil } }
        guard let minimum = numbers("min"), let maximum = numbers("max"), let mean = numbers("mean"), let deviation = numbers("std"),
            let count = json["count"]?.flattened?.first.flatMap({ Int(exactly: $0) })
        else { return nil }
        self.init(
            minimum: minimum, maximum: maximum, mean: mean, standardDeviation: deviation, count: count,
            quantiles: Self.keys.map { numbers($0) ?? mean })
    }
}
