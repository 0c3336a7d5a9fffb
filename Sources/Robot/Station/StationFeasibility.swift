internal import Session

/// Thresholds of the check of arms against each other.
public struct StationOptions: Codable, Sendable, Equatable {
    public init() {}

    /// Clearance between two arms under which there is a collision, m. Default 10 mm: what two arms' calibrations and tracking errors add up to.
    public var clearance: Double = 0.01
    /// Distance up to which clearance is measured, m. Default 0.2.
    public var reach: Double = 0.2
    /// Most that the motion of one sample may sum up to in any joint, rad or m, before samples are put between. Default 0.05.
    public var step: Double = 0.05
}

/// How near the arms of a station come to each other, on the time that their paths have in common.
public struct StationReport: Codable, Sendable, Equatable {
    /// A run of samples that are too near.
    public struct Span: Codable, Sendable, Equatable {
        /// Seconds on the recordings' common clock.
        public var firstTime: Double
        public var lastTime: Double
        /// The worst sample: the two links (`left/link|right/link`), when, and their distance, m (negative: overlap).
        public var element: String
        public var worstTime: Double
        public var clearance: Double
    }

    /// Seconds; every frame of every path in the common time, and samples between where the arms move far.
    public var times: [Double]
    /// Least distance between the arms at each, m, capped at `StationOptions.reach`.
    public var clearances: [Double]
    public var least: Double
    public var spans: [Span]
    public var limit: Double
    public var verdict: String
    public var feasible: Bool { spans.isEmpty }
}

/// Checks paths of a station's arms against each other. Each arm's own limits are `Feasibility`'s.
public struct StationFeasibility {
    public let station: Station
    public let options: StationOptions
    private let kinematics: StationKinematics

    public init(station: Station, options: StationOptions = StationOptions()) {
        self.station = station
        self.options = options
        kinematics = StationKinematics(station)
    }

    /// Distances over the time that all paths have in common; joints between frames are interpolated in straight lines.
    ///
    /// `paths` in the order of the members, their times on one clock. Throws `RobotError.input` for a path of another arm, times that do not
    /// increase, joints that are not finite, or paths that have no time in common.
    public func report(_ paths: [JointPath]) throws(RobotError) -> StationReport {
        guard paths.count == station.members.count else {
            throw .input(
                what: "station \(station.name)", reason: "\(paths.count) paths were given, its arms are \(station.members.map(\.name))")
        }
        for (path, member) in zip(paths, station.members) {
            let what = "joint path of \(member.name)"
            guard path.jointNames == member.arm.joints.map(\.name), path.count > 0 else {
                throw .input(what: what, reason: "must have frames of the joints \(member.arm.joints.map(\.name))")
            }
            for i in 1..<max(1, path.count) where path.times[i] <= path.times[i - 1] {
                throw .input(what: what, reason: "frame \(i) is not later than the frame before")
            }
            if let bad = path.positions.firstIndex(where: { !$0.isFinite }) {
                throw .input(what: what, reason: "frame \(bad / path.jointCount) is not finite")
            }
        }
        let start = paths.map { $0.times[0].seconds }.max() ?? 0
        let end = paths.map { $0.times[$0.count - 1].seconds }.min() ?? 0
        guard start <= end else {
            throw .input(
                what: "station \(station.name)",
                reason: "the paths have no time in common: the last begins at \(start) s, the first ends at \(end) s")
        }
        var times = paths.flatMap { $0.times.map(\.seconds) }.filter { $0 >= start && $0 <= end }.sorted()
        times = times.enumerated().filter { $0.offset == 0 || $0.element > times[$0.offset - 1] + 1e-9 }.map(\.element)
        times = dense(times, paths)
        var clearances: [Double] = []
        var elements: [String] = []
        for t in times {
            let c = kinematics.clearance(paths.map { posture($0, at: t) }, reach: options.reach)
            clearances.append(c.distance)
            elements.append(c.element)
        }
        let spans = Self.spans(times, clearances, elements, limit: options.clearance)
        let least = clearances.min() ?? options.reach
        let verdict: String
        if let worst = spans.min(by: { $0.clearance < $1.clearance }) {
            verdict =
                "arm_collision: \(worst.element) at \(shortest(worst.worstTime)) s: \(shortest(1000 * worst.clearance)) mm, limit "
                + "\(shortest(1000 * options.clearance)) mm; \(spans.count) span\(spans.count == 1 ? "" : "s")"
        } else {
            verdict =
                "the arms of \(station.name) keep "
                + (least < options.reach ? "\(shortest(1000 * least)) mm" : "more than \(shortest(1000 * options.reach)) mm") + " apart"
        }
        return StationReport(times: times, clearances: clearances, least: least, spans: spans, limit: options.clearance, verdict: verdict)
    }

    /// Samples between two times where a joint moves further than `step`.
    private func dense(_ times: [Double], _ paths: [JointPath]) -> [Double] {
        var out: [Double] = []
        for (k, t) in times.enumerated() {
            if k > 0 {
                let before = times[k - 1]
                let move =
                    paths.map { path in
                        zip(posture(path, at: before), posture(path, at: t)).reduce(0) { max($0, abs($1.0 - $1.1)) }
                    }.max() ?? 0
                let parts = Int(clamped: (move / max(options.step, 1e-6)).rounded(.up), to: 0...100)
                for i in 1..<max(1, parts) { out.append(before + (t - before) * Double(i) / Double(parts)) }
            }
            out.append(t)
        }
        return out
    }

    private func posture(_ path: JointPath, at t: Double) -> [Double] {
        let n = path.jointCount
        let after = min(max(1, path.times.partitioningIndex { $0.seconds >= t }), path.count - 1)
        guard path.count > 1 else { return Array(path[0]) }
        let (a, b) = (path.times[after - 1].seconds, path.times[after].seconds)
        let share = min(max((t - a) / (b - a), 0), 1)
        return (0..<n).map { i in
            path.positions[(after - 1) * n + i] + share * (path.positions[after * n + i] - path.positions[(after - 1) * n + i])
        }
    }

    private static func spans(_ times: [Double], _ clearances: [Double], _ elements: [String], limit: Double) -> [StationReport.Span] {
        var out: [StationReport.Span] = []
        var open = false
        for i in times.indices {
            guard clearances[i] < limit else {
                open = false
                continue
            }
            if !open {
                out.append(
                    .init(firstTime: times[i], lastTime: times[i], element: elements[i], worstTime: times[i], clearance: clearances[i]))
                open = true
            }
            let last = out.count - 1
            out[last].lastTime = times[i]
            if clearances[i] < out[last].clearance {
                out[last].clearance = clearances[i]
                out[last].worstTime = times[i]
                out[last].element = elements[i]
            }
        }
        return out
    }
}
