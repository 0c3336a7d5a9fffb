internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// A stretch of a demo that goes into the data set: frames of the recording, and which solved episode they are part of.
struct KeptSegment: Sendable, Codable, Equatable {
    var span: FrameSpan
    var episode: Int
}

/// The verdicts on a demo's episodes and what is left of them.
struct JudgedEpisodes: Sendable {
    var artefact: Artefact
    var reports: [FeasibilityReport]
    var kept: [KeptSegment]
    var rejections: [Rejection]
}

/// Feasibility of every episode; infeasible frames are cut, their neighbours kept when still long enough.
enum Judge {
    static func run(
        _ recording: IngestedRecording, solved: SolvedEpisodes, base: BasePose, context: StageContext
    ) throws -> JudgedEpisodes {
        let unit = recording.file.unit
        let arm = context.request.arm
        let options = context.configuration.feasibility
        let shortest = context.configuration.episodes.minimumSeconds
        let inputs = ["solve": solved.artefact.key, "minimum_seconds": "\(shortest)"]
        let artefact = try context.make(.feasibility, unit: unit, options: options, inputs: inputs) { folder in
            let judge = Feasibility(arm: arm, options: options)
            var reports: [FeasibilityReport] = []
            var kept: [KeptSegment] = []
            var rejections: [Rejection] = []
            for (k, span) in solved.episodes.enumerated() {
                let report = try judge.judge(solved.paths[k], tableFromBase: base.tableFromBase)
                let cut = segments(unit: unit, span: span, episode: k, report: report, times: recording.times, shortest: shortest)
                kept += cut.kept
                rejections += cut.rejections
                reports.append(report)
                context.progress(.advanced(stage: .feasibility, unit: unit, fraction: Double(k + 1) / Double(solved.episodes.count)))
            }
            try FileBytes.write(JSONText.encode(reports), to: folder.appendingPathComponent("feasibility.json"))
            try FileBytes.write(JSONText.encode(kept), to: folder.appendingPathComponent("segments.json"))
            try FileBytes.write(JSONText.encode(rejections), to: folder.appendingPathComponent("rejections.json"))
        }
        return JudgedEpisodes(
            artefact: artefact, reports: try JSONText.decode([FeasibilityReport].self, from: artefact.file("feasibility.json")),
            kept: try JSONText.decode([KeptSegment].self, from: artefact.file("segments.json")),
            rejections: try JSONText.decode([Rejection].self, from: artefact.file("rejections.json")))
    }

    /// The span's own sentence without the check's name, which the row has already.
    private static func detail(_ span: FeasibilitySpan?) -> String? {
        guard let span else { return nil }
        let name = "\(span.check.rawValue): "
        return span.detail.hasPrefix(name) ? String(span.detail.dropFirst(name.count)) : span.detail
    }

    private static func segments(
        unit: String, span: FrameSpan, episode: Int, report: FeasibilityReport, times: [Timestamp<VideoClock>], shortest: Double
    ) -> (kept: [KeptSegment], rejections: [Rejection]) {
        var kept: [KeptSegment] = []
        var rejections: [Rejection] = []
        for run in EpisodeCutter.runs(report.reasons.map { $0?.rawValue }) {
            let frames = FrameSpan(first: span.first + run.span.first, end: span.first + run.span.end)
            if let reason = run.label {
                let culprit = report.spans.first {
                    $0.fails && $0.check.rawValue == reason && $0.firstFrame < run.span.end && $0.endFrame > run.span.first
                }
                rejections.append(
                    EpisodeCutter.rejection(unit, "feasibility", reason, detail(culprit) ?? report.verdict, frames, times))
            } else if EpisodeCutter.seconds(frames, times) < shortest {
                rejections.append(
                    EpisodeCutter.rejection(
                        unit, "feasibility", "too_short",
                        "\(EpisodeCutter.seconds(frames, times).fixed(2)) s are left between infeasible frames; at least \(shortest) s make an episode",
                        frames, times))
            } else {
                kept.append(KeptSegment(span: frames, episode: episode))
            }
        }
        return (kept, rejections)
    }
}
