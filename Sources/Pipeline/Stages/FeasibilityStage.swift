internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// A stretch of a demo that goes into the data set: frames of the recording, which solved episode they are part of, and as which motion.
struct KeptSegment: Sendable, Codable, Equatable {
    var span: FrameSpan
    var episode: Int
    /// Which of the episode's motions.
    var motion: Int
}

/// The verdicts on a demo's episodes and what is left of them.
struct FeasibleEpisodes: Sendable {
    var verdicts: [FeasibilityVerdict]
    var kept: [KeptSegment]
    var rejections: [Rejection]

    func motion(_ segment: KeptSegment) -> Motion { verdicts[segment.episode].paths[segment.motion] }
}

/// The content of `feasibility.json`.
struct FeasibilityFile: Codable {
    /// Changes when a reader of this file must.
    static let schema = "griptrace.feasibility.v1"

    struct Episode: Codable {
        var firstFrame: Int
        var endFrame: Int
        var verdict: FeasibilityVerdict
    }

    var schema = FeasibilityFile.schema
    var unit: String
    var arm: String
    var episodes: [Episode]
}

/// Feasibility of every episode: too fast motions are given time, what stays infeasible is cut, its neighbours kept when still long enough.
struct FeasibilityStage: Stage {
    static let name = "feasibility"
    static let version = 4
    static let scope = StageScope.recording
    static let dependsOnArm = true

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, GripperStateStage.self, SolveStage.self, PairStage.self, BaseStage.self]
    }
    func uses(_ request: ConvertRequest) -> [any Stage.Type] { request.usesMap ? [MapStage.self] : [] }
    func options(_ configuration: Configuration) -> any Encodable { configuration.feasibility }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs = try at.request.arm.inputs()
        inputs["ingest"] = at.key(IngestStage.self)
        inputs["gripper_state"] = at.key(GripperStateStage.self)
        inputs["solve"] = at.key(SolveStage.self)
        inputs["base"] = try at.base(at.unit).text
        if try !at.sessionFrame().isMetric { inputs["frame"] = try at.sessionFrame().text }
        inputs["minimum_seconds"] = "\(at.configuration.episodes.minimumSeconds)"
        return inputs
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let unit = at.unit
        let arm = at.request.arm
        let shortest = at.configuration.episodes.minimumSeconds
        let times = try at.result(IngestStage.self).times
        let tool = try at.result(GripperStateStage.self).tool
        let solved = try at.result(SolveStage.self)
        let base = try at.base(unit)
        let isMetric = try at.sessionFrame().isMetric
        let feasibility = Feasibility(arm: arm, options: at.configuration.feasibility)
        var file = FeasibilityFile(unit: unit, arm: arm.name, episodes: [])
        var kept: [KeptSegment] = []
        var rejections: [Rejection] = []
        for (k, span) in solved.episodes.enumerated() {
            let verdict =
                try base.isKnown
                ? feasibility.verdict(solved.paths[k], tableFromBase: base.tableFromBase, tool: tool[span])
                : FeasibilityVerdict(unjudged: solved.paths[k].times, arm: arm.name, why: "nothing says where it stands")
            let cut =
                isMetric
                ? Self.segments(unit: unit, span: span, episode: k, verdict: verdict, times: times, shortest: shortest)
                : (kept: [], rejections: [EpisodeCutter.rejection(unit, "feasibility", "no_scale", base.note, span, times)])
            kept += cut.kept
            rejections += cut.rejections
            file.episodes.append(FeasibilityFile.Episode(firstFrame: span.first, endFrame: span.end, verdict: verdict))
            for (m, motion) in verdict.paths.enumerated() {
                try motion.table(jointNames: solved.paths[k].jointNames).write(to: folder.appendingPathComponent("motion_\(k)_\(m).csv"))
            }
            at.advanced(Double(k + 1) / Double(solved.episodes.count))
        }
        try FileBytes.write(JSONText.encode(file), to: folder.appendingPathComponent("feasibility.json"))
        try FileBytes.write(JSONText.encode(kept), to: folder.appendingPathComponent("segments.json"))
        try FileBytes.write(JSONText.encode(rejections), to: folder.appendingPathComponent("rejections.json"))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> FeasibleEpisodes {
        var verdicts = try JSONText.decode(FeasibilityFile.self, from: artefact.file("feasibility.json")).episodes.map(\.verdict)
        for k in verdicts.indices {
            for m in verdicts[k].motions.indices {
                let url = artefact.file("motion_\(k)_\(m).csv")
                verdicts[k].paths.append(try Motion(table: CSVTable(contentsOf: url), path: url.path))
            }
        }
        return FeasibleEpisodes(
            verdicts: verdicts, kept: try JSONText.decode([KeptSegment].self, from: artefact.file("segments.json")),
            rejections: try JSONText.decode([Rejection].self, from: artefact.file("rejections.json")))
    }

    /// The span's own sentence without the check's name, which the row has already.
    private static func detail(_ span: FeasibilitySpan?) -> String? {
        guard let span else { return nil }
        let name = "\(span.check.rawValue): "
        return span.detail.hasPrefix(name) ? String(span.detail.dropFirst(name.count)) : span.detail
    }

    private static func segments(
        unit: String, span: FrameSpan, episode: Int, verdict: FeasibilityVerdict, times: [Timestamp<VideoClock>], shortest: Double
    ) -> (kept: [KeptSegment], rejections: [Rejection]) {
        var kept: [KeptSegment] = []
        var rejections: [Rejection] = []
        // Neighbouring frames of one motion, or of none for one reason.
        var labels = verdict.kept.reasons.map { $0?.rawValue }
        for (m, motion) in verdict.paths.enumerated() { for i in motion.firstFrame..<motion.endFrame { labels[i] = "motion \(m)" } }
        for run in EpisodeCutter.runs(labels) {
            let frames = FrameSpan(first: span.first + run.span.first, end: span.first + run.span.end)
            let motion = verdict.paths.firstIndex { $0.firstFrame == run.span.first && $0.endFrame == run.span.end }
            if let motion {
                // As long as it takes now: a stretch that was slowed down is longer than it was.
                let seconds =
                    verdict.paths[motion].duration + EpisodeCutter.seconds(frames, times) - (times[frames.end - 1] - times[frames.first])
                if seconds < shortest || frames.count < 2 {
                    rejections.append(
                        EpisodeCutter.rejection(
                            unit, "feasibility", "too_short",
                            "\(seconds.fixed(2)) s are left between infeasible frames; at least \(shortest) s make an episode", frames,
                            times))
                } else {
                    kept.append(KeptSegment(span: frames, episode: episode, motion: motion))
                }
            } else {
                let reason = run.label.flatMap { FeasibilityCheck(rawValue: $0) } ?? .outOfReach
                let culprit = verdict.culprit(reason, frames: run.span.first..<run.span.end)
                rejections.append(
                    EpisodeCutter.rejection(unit, "feasibility", reason.rawValue, detail(culprit) ?? verdict.verdict, frames, times))
            }
        }
        return (kept, rejections)
    }
}
