internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// The demos of the session with the stretches that are kept on all their sides.
struct JoinedDemos: Sendable, Codable {
    var demos: [JoinedDemo] = []
    var stops: [String: Stop] = [:]
    /// By unit: what only one side has, and where the arms would meet.
    var rejections: [String: [Rejection]] = [:]
    var notes: [String] = []
}

/// Puts the sides of each demo together: what only one side has is rejected by name, and the arms are judged against each other.
struct JoinStage: Stage {
    static let name = "join"
    static let version = 1
    static let scope = StageScope.session
    static let dependsOnArm = true

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, PairStage.self, BaseStage.self, FeasibilityStage.self, MaskStage.self]
    }

    private struct Settings: Encodable {
        var minimumSeconds: Double
        var station: StationOptions
    }

    func options(_ configuration: Configuration) -> any Encodable {
        Settings(minimumSeconds: configuration.episodes.minimumSeconds, station: configuration.pair.station)
    }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs = ["pair": at.key(PairStage.self), "base": at.key(BaseStage.self)]
        for file in at.board.recordings where file.role == .demo {
            if let stop = at.board.stops[file.unit] {
                inputs["\(file.unit)/stopped"] = "\(stop.stage) \(stop.reason)"
                continue
            }
            inputs["\(file.unit)/ingest"] = at.key(IngestStage.self, of: file.unit)
            inputs["\(file.unit)/feasibility"] = at.key(FeasibilityStage.self, of: file.unit)
        }
        return inputs
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let pairs = try at.result(PairStage.self)
        var out = JoinedDemos()
        var judge = try ArmsJudge(at, options: at.configuration.pair.station)
        for file in at.board.recordings where file.role == .demo {
            if let side = pairs.side(file.unit) {
                guard side.isRight else { continue }
                do { try join(side.pair, at, &judge, &out) } catch {
                    let failure = error as? UnitFailure ?? UnitFailure(reason: "failed", detail: "\(error)")
                    for unit in [side.pair.right, side.pair.left] where at.board.isGoing(unit) { out.stops[unit] = failure.stop(Self.name) }
                }
            } else if at.board.isGoing(file.unit) {
                out.demos.append(JoinedDemo(file.unit, kept: try at.result(FeasibilityStage.self, of: file.unit).kept))
            }
        }
        out.notes += judge.notes
        try FileBytes.write(JSONText.encode(out), to: folder.appendingPathComponent("demos.json"))
    }

    private func join(_ pair: DemoPair, _ at: StageInput, _ judge: inout ArmsJudge, _ out: inout JoinedDemos) throws {
        for (failed, other) in [(pair.right, pair.left), (pair.left, pair.right)] {
            guard let stop = at.board.stops[failed] else { continue }
            if at.board.isGoing(other) {
                out.stops[other] = Stop(
                    stage: PairStage.name, reason: "partner_failed", detail: "the other gripper's recording \(failed): \(stop.reason)",
                    isFinding: true)
            }
            return
        }
        let units = [pair.right, pair.left]
        let feasible = try units.map { try at.result(FeasibilityStage.self, of: $0) }
        let clock = DemoClock(times: try units.map { try at.result(IngestStage.self, of: $0).times }, offsets: [0, pair.offset])
        var segments: [JoinedDemo.Segment] = []
        for a in feasible[0].kept {
            for b in feasible[1].kept {
                let start = max(clock.time(0, a.span.first), clock.time(1, b.span.first))
                let end = min(clock.time(0, a.span.end - 1), clock.time(1, b.span.end - 1))
                guard let segment = Self.segment(clock, [a, b], start, end, shortest: at.configuration.episodes.minimumSeconds) else {
                    continue
                }
                segments.append(segment)
            }
        }
        for (side, unit) in units.enumerated() {
            out.rejections[unit, default: []] += oneSided(
                feasible[side].kept, segments.map { $0.parts[side] }, unit, other: units[1 - side], clock.times[side])
        }
        let judged = try judge.judge(segments, pair, feasible, clock, shortest: at.configuration.episodes.minimumSeconds)
        for (unit, rows) in judged.rejections { out.rejections[unit, default: []] += rows }
        out.demos.append(JoinedDemo(pair, segments: judged.segments))
    }

    /// The frames of both within a time of the demo's clock; nil where too little is left to make an episode.
    static func segment(
        _ clock: DemoClock, _ parts: [KeptSegment], _ start: Double, _ end: Double, shortest: Double
    ) -> JoinedDemo.Segment? {
        guard end - start >= shortest else { return nil }
        var out = JoinedDemo.Segment(parts)
        for side in parts.indices {
            guard let frames = clock.frames(side, parts[side].span, start, end), frames.count > 1 else { return nil }
            out.parts[side].span = frames
        }
        return out
    }

    /// The kept frames that are in no common segment.
    private func oneSided(
        _ kept: [KeptSegment], _ common: [KeptSegment], _ unit: String, other: String, _ times: [Timestamp<VideoClock>]
    ) -> [Rejection] {
        func row(_ span: FrameSpan) -> Rejection {
            EpisodeCutter.rejection(
                unit, PairStage.name, "one_sided", "\(other) has nothing that is kept at that time", span, times)
        }
        var rows: [Rejection] = []
        for segment in kept {
            var from = segment.span.first
            for part in common.sorted(by: { $0.span.first < $1.span.first })
            where part.span.first >= segment.span.first && part.span.end <= segment.span.end {
                if part.span.first > from { rows.append(row(FrameSpan(first: from, end: part.span.first))) }
                from = part.span.end
            }
            if from < segment.span.end { rows.append(row(FrameSpan(first: from, end: segment.span.end))) }
        }
        return rows
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> JoinedDemos {
        try JSONText.decode(JoinedDemos.self, from: artefact.file("demos.json"))
    }

    func verdict(_ output: JoinedDemos) -> SessionVerdict { SessionVerdict(stops: output.stops, notes: output.notes) }
}
