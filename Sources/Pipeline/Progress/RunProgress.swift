internal import Session

/// A part of a run, announced before the run begins.
public struct PlannedUnit: Codable, Sendable, Equatable {
    /// A recording, or the session.
    public var unit: String
    public var isDemo: Bool
    /// Names of the stages that it may go through, in order.
    public var stages: [String]
    /// Bytes of its files; of the session those of all recordings.
    public var bytes: Double

    enum CodingKeys: String, CodingKey {
        case unit
        case isDemo = "is_demo"
        case stages, bytes
    }

    public init(unit: String, isDemo: Bool, stages: [String], bytes: Double) {
        (self.unit, self.isDemo, self.stages, self.bytes) = (unit, isDemo, stages, bytes)
    }
}

/// How far a run is: demos that are through of all, those that stopped, what is being worked on, and the time that is left.
///
/// Time left goes by the work of the stages that were really gone through: what was there already, and what a recording that stopped would have
/// needed, counts neither as done nor as left.
public struct RunProgress: Sendable {
    /// Work of a stage for each byte of video, the stages of a recording in parts of `ingest`, those of the session of all recordings' `ingest`:
    /// parts of the processor time that the fixture's conversion takes. What is not named costs next to nothing.
    private static let work: [String: Double] = [
        "ingest": 1, "localize": 0.14, "mask": 0.33, "solve": 0.02, "feasibility": 0.01, "map": 0.09, "device_mask": 0.05,
        "background": 0.18,
        "export": 0.31,
    ]
    private static let least = 0.001

    private struct Part: Hashable {
        var stage: String
        var unit: String
    }

    private var left: [Part: Double] = [:]
    private var running: [Part: Double] = [:]
    private var done = 0.0
    private var start: Double?
    /// Demos whose own stages are not through yet, with the last of these.
    private var open: [String: String] = [:]

    /// Demos of the run, those whose own stages are through, and those that stopped.
    public private(set) var demos = 0
    public private(set) var demosThrough = 0
    public private(set) var demosStopped = 0

    public init() {}

    /// - Parameter now: seconds on any clock that only goes forward.
    public mutating func take(_ event: ProgressEvent, now: Double) {
        switch event {
        case .planned(let units):
            start = now
            for unit in units {
                for stage in unit.stages { left[Part(stage: stage, unit: unit.unit)] = (Self.work[stage] ?? Self.least) * unit.bytes }
                guard unit.isDemo, let last = unit.stages.last else { continue }
                demos += 1
                open[unit.unit] = last
            }
        case .started(let stage, let unit): running[Part(stage: stage, unit: unit)] = 0
        case .advanced(let stage, let unit, let fraction): running[Part(stage: stage, unit: unit)] = fraction
        case .finished(let usage):
            let part = Part(stage: usage.stage, unit: usage.unit)
            running[part] = nil
            let work = left.removeValue(forKey: part) ?? 0
            if !usage.isSkipped { done += work }
            if open[usage.unit] == usage.stage {
                open[usage.unit] = nil
                demosThrough += 1
            }
        case .stopped(let unit, let stage, _, _):
            running[Part(stage: stage, unit: unit)] = nil
            // Of the session this stage alone.
            for part in left.keys where part.unit == unit && (unit != Board.session || part.stage == stage) { left[part] = nil }
            if open.removeValue(forKey: unit) != nil { demosStopped += 1 }
        case .rejected, .note: break
        }
    }

    /// Seconds until the end, as fast as until now; nil while too little is done to tell.
    public func secondsLeft(now: Double) -> Double? {
        guard let start, now > start else { return nil }
        let ahead = running.reduce(0) { $0 + $1.value * (left[$1.key] ?? 0) }
        let all = left.values.reduce(0, +)
        // Below a fiftieth the first stages' luck decides.
        guard done + ahead > 0.02 * (done + all) else { return nil }
        return (now - start) * max(0, all - ahead) / (done + ahead)
    }

    /// One line: demos, time left, then what is being worked on, the least advanced first.
    public func line(now: Double) -> String {
        var parts: [String] = []
        if demos > 0 {
            parts.append(
                "\(demosThrough) of \(demos) demo\(demos == 1 ? "" : "s")" + (demosStopped > 0 ? ", \(demosStopped) stopped" : ""))
        }
        if let seconds = secondsLeft(now: now) { parts.append("\(Self.text(seconds: seconds)) left") }
        parts += running.sorted { ($0.value, $0.key.unit, $0.key.stage) < ($1.value, $1.key.unit, $1.key.stage) }.map {
            "\($0.key.stage) \($0.key.unit) \((100 * min(max($0.value, 0), 1)).fixed(0)) %"
        }
        return parts.joined(separator: " | ")
    }

    public var isIdle: Bool { running.isEmpty }

    /// Rounded as one would say it.
    static func text(seconds: Double) -> String {
        guard seconds >= 90 else { return "\((max(1, seconds)).rounded().fixed(0)) s" }
        guard seconds >= 90 * 60 else { return "\((seconds / 60).rounded().fixed(0)) min" }
        return "\((seconds / 3600).fixed(1)) h"
    }
}
