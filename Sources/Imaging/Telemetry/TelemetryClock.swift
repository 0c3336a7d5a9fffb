internal import Session

/// Tells when samples were taken that come a payload at a time.
///
/// With stamps (STMP, the time of a payload's first sample) times run linearly from one stamp to the next. Without, a recorder's payloads
/// begin with
/// whatever samples had arrived, so a robust line (Theil–Sen) through cumulative count over payload time is used, as gpmf-parser's
/// `GetGPMFSampleRate` fits one; streams that are not periodic are spread evenly over their payload.
struct TelemetryClock {
    /// Two payloads more than this off the line make a stream aperiodic, nanoseconds.
    static let tolerance: Double = 0.25e9

    /// Times of every timed sample, in the order of the blocks, nanoseconds; on the stamps' clock where `isStamped`.
    static func times(_ blocks: [StreamBuilder.Block], isStamped: Bool) -> [Int64] {
        let starts = isStamped ? blocks.compactMap(\.stamp) : blocks.map(\.time)
        guard !isStamped, let line = line(blocks) else { return piecewise(blocks, starts) }
        return blocks.flatMap { block in
            (0..<block.samples).map { whole(line.intercept + line.slope * Double(block.start + $0)) }
        }
    }

    /// All blocks are stamped and the stamps increase.
    static func isStamped(_ blocks: [StreamBuilder.Block]) -> Bool {
        let stamps = blocks.compactMap(\.stamp)
        return !stamps.isEmpty && stamps.count == blocks.count && zip(stamps, stamps.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// Whole nanoseconds, within thirty years: damaged payloads can state anything.
    static func whole(_ nanoseconds: Double) -> Int64 {
        nanoseconds.isFinite ? Int64(min(max(nanoseconds, -1e18), 1e18).rounded()) : 0
    }

    /// The same of whole nanoseconds.
    static func whole(_ nanoseconds: Int64) -> Int64 { min(max(nanoseconds, -1_000_000_000_000_000_000), 1_000_000_000_000_000_000) }

    private static func piecewise(_ blocks: [StreamBuilder.Block], _ starts: [Int64]) -> [Int64] {
        var out: [Int64] = []
        for (k, block) in blocks.enumerated() {
            let step: Double
            if k + 1 < blocks.count {
                step = Double(starts[k + 1] - starts[k]) / Double(max(blocks[k + 1].start - block.start, 1))
            } else if k > 0 {
                // The last payload may be cut short: the rate so far.
                step = Double(starts[k] - starts[0]) / Double(max(block.start - blocks[0].start, 1))
            } else {
                step = Double(block.duration) / Double(block.samples)
            }
            for i in 0..<block.samples { out.append(starts[k] + whole(step * Double(i))) }
        }
        return out
    }

    private static func line(_ blocks: [StreamBuilder.Block]) -> (slope: Double, intercept: Double)? {
        guard blocks.count >= 3 else { return nil }
        // A few hundred payloads fix the line; their pairs grow with the square.
        let stride = max(1, blocks.count / 300)
        let picked = blocks.indices.filter { $0 % stride == 0 }.map { blocks[$0] }
        var slopes: [Double] = []
        for i in picked.indices {
            for j in (i + 1)..<picked.count where picked[j].start > picked[i].start {
                slopes.append(Double(picked[j].time - picked[i].time) / Double(picked[j].start - picked[i].start))
            }
        }
        guard let slope = median(slopes), slope > 0, let intercept = median(picked.map { Double($0.time) - slope * Double($0.start) })
        else { return nil }
        let residuals = picked.map { abs(Double($0.time) - intercept - slope * Double($0.start)) }
        guard let typical = median(residuals), typical < tolerance / 4, residuals.filter({ $0 > tolerance }).count <= 1 else { return nil }
        return (slope, intercept)
    }

    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
