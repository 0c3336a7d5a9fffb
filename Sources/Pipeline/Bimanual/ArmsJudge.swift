internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// Judges the arms of demos of two arms against each other: where they would come too near, both sides are cut.
struct ArmsJudge {
    private let arm: Arm
    private let bases: SessionBases
    private let options: StationOptions
    private var station: Station?
    private(set) var notes: [String] = []

    init(_ at: StageInput, options: StationOptions) throws {
        arm = at.request.arm
        bases = try at.result(BaseStage.self)
        self.options = options
    }

    /// The segments without the times at which the arms are nearer than allowed, and rows for what is cut, by unit.
    mutating func judge(
        _ segments: [JoinedDemo.Segment], _ pair: DemoPair, _ feasible: [FeasibleEpisodes], _ clock: DemoClock, shortest: Double
    ) throws -> (segments: [JoinedDemo.Segment], rejections: [String: [Rejection]]) {
        guard !segments.isEmpty else { return ([], [:]) }
        // Arms of which nobody knows where they stand have no joints to judge.
        guard bases.right.isKnown else { return (segments, [:]) }
        let made =
            try station
            ?? Station(
                name: "the session's arms",
                members: [
                    Station.Member(name: "right", arm: arm, tableFromBase: bases.right.tableFromBase),
                    Station.Member(name: "left", arm: arm, tableFromBase: bases.left.tableFromBase),
                ])
        station = made
        let feasibility = StationFeasibility(station: made, options: options)
        var out: [JoinedDemo.Segment] = []
        var rejections: [String: [Rejection]] = [:]
        var least = Double.infinity
        for segment in segments {
            let report = try feasibility.report(paths(segment, feasible, clock))
            least = min(least, report.least)
            guard !report.spans.isEmpty else {
                out.append(segment)
                continue
            }
            let cut = self.cut(segment, report, pair, clock, shortest: shortest)
            out += cut.segments
            for (unit, rows) in cut.rejections { rejections[unit, default: []] += rows }
        }
        if least < options.reach { notes.append("\(pair.name): the arms come as near as \((1000 * least).fixed(0)) mm to each other") }
        return (out, rejections)
    }

    /// Both arms' joints at the first side's frames, on the demo's clock.
    private func paths(_ segment: JoinedDemo.Segment, _ feasible: [FeasibleEpisodes], _ clock: DemoClock) -> [JointPath] {
        let frames = segment.parts[0].span.first..<segment.parts[0].span.end
        let moments = frames.map { clock.time(0, $0) }
        return segment.parts.indices.map { side in
            let motion = feasible[side].motion(segment.parts[side])
            let positions = moments.flatMap { moment in
                motion.joints(at: motion.time(of: Timestamp(seconds: moment + clock.offsets[side])))
            }
            return JointPath(jointNames: arm.joints.map(\.name), times: moments.map { Timestamp(seconds: $0) }, positions: positions)
        }
    }

    /// A segment falls apart where the arms are too near.
    private func cut(
        _ segment: JoinedDemo.Segment, _ report: StationReport, _ pair: DemoPair, _ clock: DemoClock, shortest: Double
    ) -> (segments: [JoinedDemo.Segment], rejections: [String: [Rejection]]) {
        let whole = segment.parts[0].span
        var labels = [Int?](repeating: nil, count: whole.count)
        for (k, span) in report.spans.enumerated() {
            for i in labels.indices {
                let moment = clock.time(0, whole.first + i)
                // A frame is cut where the arms meet at it or on the way to the next one.
                let next = i + 1 < labels.count ? clock.time(0, whole.first + i + 1) : moment
                if next > span.firstTime - 1e-9, moment < span.lastTime + 1e-9 { labels[i] = k }
            }
        }
        var segments: [JoinedDemo.Segment] = []
        var rejections: [String: [Rejection]] = [:]
        for run in EpisodeCutter.runs(labels.map { $0.map { "\($0)" } }) {
            let span = FrameSpan(first: whole.first + run.span.first, end: whole.first + run.span.end)
            func reject(_ reason: String, _ detail: String) {
                for (side, unit) in [pair.right, pair.left].enumerated() {
                    let own = clock.frames(side, along: span, of: segment)
                    guard own.count > 0 else { continue }
                    rejections[unit, default: []].append(
                        EpisodeCutter.rejection(unit, JoinStage.name, reason, detail, own, clock.times[side]))
                }
            }
            if let k = run.label.flatMap({ Int($0) }) {
                let worst = report.spans[k]
                reject(
                    "arm_collision",
                    "\(worst.element): \((1000 * worst.clearance).fixed(1)) mm at \(worst.worstTime.fixed(3)) s, limit "
                        + "\((1000 * report.limit).fixed(1)) mm (pair.station.clearance)")
                continue
            }
            var part = segment
            for side in part.parts.indices { part.parts[side].span = clock.frames(side, along: span, of: segment) }
            let seconds = clock.time(0, span.end - 1) - clock.time(0, span.first)
            if seconds >= shortest, part.parts.allSatisfy({ $0.span.count > 1 }) {
                segments.append(part)
            } else {
                reject("too_short", "\(seconds.fixed(2)) s are left between collisions; at least \(shortest) s make an episode")
            }
        }
        return (segments, rejections)
    }
}
