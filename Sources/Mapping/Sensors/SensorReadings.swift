internal import Geometry
internal import Session

/// A sensor's readings by themselves: what is frozen, at the end of the range, missing or no number.
struct SensorReadings {
    /// The readings that can be used; empty where the sensor is left out.
    private(set) var samples: [VectorSample]
    private(set) var judgements: [SensorJudgement] = []

    var isLeftOut: Bool { judgements.contains { $0.use == .leftOut } }

    init(_ samples: [VectorSample], of sensor: SensorJudgement.Sensor, options: SensorOptions) {
        self.samples = samples.filter { $0.value.isFinite }
        guard let first = samples.first, let last = samples.last else { return }
        guard self.samples.contains(where: { $0.value != self.samples[0].value }) else {
            let value = self.samples.first.map { "\($0.value.x), \($0.value.y), \($0.value.z)" } ?? "none"
            leaveOut(sensor, .dead, "all \(samples.count) readings have one value (\(value))")
            return
        }
        let frozen = frozenRuns(longerThan: options.frozenSpan).filter { !isAtAllEnds($0.lowerBound) }
        let ends = endsOfRange(readings: options.saturatedReadings)
        let start = first.time.seconds
        if let run = frozen.first {
            let seconds = frozen.reduce(0) { $0 + self.samples[$1.upperBound].time.seconds - self.samples[$1.lowerBound].time.seconds }
            let share = Double(frozen.reduce(0) { $0 + $1.count }) / Double(self.samples.count)
            let from = self.samples[run.lowerBound].time.seconds - start
            let reason =
                "one value for \(seconds.fixed(2)) of \((last.time.seconds - start).fixed(2)) s, first from \(from.fixed(2)) s after its "
                + "start on; at most \(options.frozenSpan) s at a time are taken for a working sensor"
            take(sensor, .frozen, reason, share: share, options)
        }
        if !isLeftOut, !ends.isEmpty {
            let share = Double(ends.count) / Double(self.samples.count)
            let largest = ends.reduce(0) {
                max($0, abs(self.samples[$1].value.x), abs(self.samples[$1].value.y), abs(self.samples[$1].value.z))
            }
            let reason =
                "\((100 * share).fixed(1)) % of the readings stand at the end of the range (up to \(largest.fixed(2)) on an axis), at most "
                + "\((100 * options.maximumFaultyShare).fixed(1)) % are bridged"
            take(sensor, .saturated, reason, share: share, options)
        }
        guard !isLeftOut else {
            self.samples = []
            return
        }
        noteDrops(sensor, options)
        let bad = Set(frozen.flatMap { Array($0.dropFirst()) }).union(ends)
        if !bad.isEmpty { self.samples = self.samples.indices.filter { !bad.contains($0) }.map { self.samples[$0] } }
    }

    private mutating func take(
        _ sensor: SensorJudgement.Sensor, _ fault: SensorJudgement.Fault, _ reason: String, share: Double, _ options: SensorOptions
    ) {
        let use: SensorJudgement.Use = share > options.maximumFaultyShare ? .leftOut : .corrected
        judgements.append(SensorJudgement(sensor: sensor, use: use, fault: fault, reason: reason))
    }

    private mutating func leaveOut(_ sensor: SensorJudgement.Sensor, _ fault: SensorJudgement.Fault, _ reason: String) {
        judgements.append(SensorJudgement(sensor: sensor, use: .leftOut, fault: fault, reason: reason))
        samples = []
    }

    /// Runs of one value on all axes.
    private func frozenRuns(longerThan seconds: Double) -> [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        var start = 0
        for i in 1...samples.count where i == samples.count || samples[i].value != samples[start].value {
            if samples[i - 1].time.seconds - samples[start].time.seconds > seconds { runs.append(start...(i - 1)) }
            start = i
        }
        return runs
    }

    /// Whether a reading is at the end of the range on every axis: it is held there by the range, not by a sensor that stopped.
    private func isAtAllEnds(_ i: Int) -> Bool {
        (0..<3).allSatisfy { axis in
            let values = samples.map { $0.value[axis] }
            guard let low = values.min(), let high = values.max(), high > low else { return false }
            let (value, margin) = (values[i], 1e-6 * (high - low))
            return value - low <= margin || high - value <= margin
        }
    }

    /// Readings that stand at an axis's largest or smallest value several in a row.
    private func endsOfRange(readings least: Int) -> [Int] {
        var out: Set<Int> = []
        for axis in 0..<3 {
            let values = samples.map { $0.value[axis] }
            guard let low = values.min(), let high = values.max() else { continue }
            // An axis that never moves beside others that do is at its end all the time.
            if low == high { return Array(samples.indices) }
            for end in [low, high] {
                let margin = 1e-6 * (high - low)
                var start: Int?
                for i in 0...values.count {
                    let isAtEnd = i < values.count && abs(values[i] - end) <= margin
                    if isAtEnd, start == nil { start = i }
                    if !isAtEnd, let from = start {
                        if i - from >= least { out.formUnion(from..<i) }
                        start = nil
                    }
                }
            }
        }
        return out.sorted()
    }

    private mutating func noteDrops(_ sensor: SensorJudgement.Sensor, _ options: SensorOptions) {
        let steps = zip(samples, samples.dropFirst()).map { $1.time.seconds - $0.time.seconds }
        let sorted = steps.sorted()
        guard sorted.count > 10, sorted[sorted.count / 2] > 0 else { return }
        let usual = sorted[sorted.count / 2]
        let missing = steps.reduce(0.0) { $0 + max(0, ($1 / usual).rounded() - 1) }
        let share = missing / (missing + Double(samples.count))
        guard share > options.reportedDrop else { return }
        judgements.append(
            SensorJudgement(
                sensor: sensor, use: .used, fault: .dropped,
                reason:
                    "\((100 * share).fixed(0)) % of the readings are missing, the longest pause is \((sorted.last ?? 0).fixed(3)) s; "
                    + "interpolated"))
    }
}
