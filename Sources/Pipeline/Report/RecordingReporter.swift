internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// Makes one recording's part of the report from what its stages left.
struct RecordingReporter {
    let run: RunContext
    let board: Board
    let ledger: RecordingLedger
    /// Its frames that are in the data sets, and what was to be written and is not.
    let written: [FrameSpan]
    let missing: [Rejection]

    private var unit: String { ledger.file.unit }
    private var file: RecordingFile { ledger.file }

    private func result<S: Stage>(_ type: S.Type, _ of: String? = nil) throws -> S.Output? {
        let unit = of ?? self.unit
        return try board.artefact(S.name, unit).map { try run.read(type, $0, unit: unit, board: board) }
    }

    var rejections: [Rejection] { (ledger.rejections + missing).sorted { $0.firstFrame < $1.firstFrame } }

    /// For each frame `exported` or why not.
    private func labels() throws -> [String] {
        var labels = try ledger.labels(exported: written + missing.map { FrameSpan(first: $0.firstFrame, end: $0.endFrame) })
        for row in missing { for i in row.firstFrame..<row.endFrame { labels[i] = row.reason } }
        return labels
    }

    func report(_ provenance: ProvenanceLog?) throws -> RecordingReport {
        var r = RecordingReport(unit: unit, role: file.role)
        r.videoFrames = ledger.frameCount
        if let recording = ledger.recording {
            r.video = recording.summary.description
            r.problems = recording.summary.problems
            if !recording.summary.consistency.isEmpty { r.findings.append(recording.summary.consistency) }
            if let truncation = recording.summary.truncation { r.problems.append(truncation) }
            r.seconds = EpisodeCutter.seconds(FrameSpan(first: 0, end: recording.times.count), recording.times)
        } else if let stop = ledger.stop {
            r.seconds = stop.seconds
        }
        if file.role == .demo { try fillDemo(&r, provenance) } else { try fillHelper(&r) }
        return r
    }

    private func fillHelper(_ r: inout RecordingReport) throws {
        r.status = ledger.stop == nil ? .used : .failed
        r.verdict =
            ledger.stop.map { "\($0.reason): \($0.detail)" } ?? (file.role == .mapping ? "the session's map" : "the gripper's range")
        if file.role == .mapping, let map = try result(MapStage.self, Board.session) {
            r.figures = map.figures
            r.problems += map.notes
        }
        if let stop = ledger.stop {
            r.timeline = [
                TimelineSpan(
                    label: stop.reason, firstFrame: 0, endFrame: ledger.frameCount, startSeconds: 0, endSeconds: r.seconds,
                    detail: stop.detail)
            ]
        }
    }

    private func fillDemo(_ r: inout RecordingReport, _ provenance: ProvenanceLog?) throws {
        let labels = try labels()
        let output = labels.filter { $0 == "exported" }.count
        r.frames = RunReport.FrameCount(input: labels.count, output: output, rejected: labels.count - output)
        r.timeline = timeline(labels)
        if let stop = ledger.stop {
            r.status = stop.isFinding ? .rejected : .failed
            r.verdict = "\(stop.reason): \(stop.detail)"
        } else if missing.contains(where: { $0.reason == "not_written" }) {
            r.status = .failed
            r.verdict = missing.map { "\($0.reason): \($0.detail)" }.joined(separator: "; ")
        } else {
            r.status = output == labels.count ? .converted : output > 0 ? .partly : .rejected
            r.verdict = try verdict()
        }
        r.spikes = try result(GripperStateStage.self)?.spikes ?? []
        if let poses = try result(LocalizeStage.self) {
            r.figures += poses.summary.figures
            r.problems += poses.summary.notes
        }
        if let masked = try result(MaskStage.self) {
            r.figures.append(Figure("frames_with_human", Double(masked.summary.humanFrames), ""))
            r.figures.append(Figure("human_share_mean", 100 * masked.summary.meanHumanShare, "%"))
            r.problems += masked.summary.notes
        }
        r.provenance = provenance?.shares(unit)
        if let feasible = ledger.feasible, let solved = try result(SolveStage.self) {
            r.episodes = zip(solved.episodes, feasible.verdicts).map { span, verdict in
                EpisodeReport(
                    firstFrame: span.first, endFrame: span.end, isFeasible: verdict.kept.feasible,
                    feasibleShare: verdict.kept.feasibleShare,
                    verdict: verdict.verdict, changes: verdict.changes.map(\.detail))
            }
        }
    }

    private func verdict() throws -> String {
        guard let feasible = ledger.feasible else { return "" }
        if feasible.verdicts.isEmpty { return "no episode: " + (ledger.cut?.rejections.map(\.reason).joined(separator: ", ") ?? "") }
        if let base = try base(), !base.isKnown { return feasible.verdicts[0].verdict }
        let notable = feasible.verdicts.filter { !$0.kept.feasible || !$0.changes.isEmpty || $0.leavesFamily }
        if notable.isEmpty { return "feasible for \(run.request.arm.name)" }
        return notable.map(\.verdict).joined(separator: "; ")
    }

    /// Where the demo's arm stands.
    private func base() throws -> BasePose? {
        guard let bases = try result(BaseStage.self, Board.session), let pairs = try result(PairStage.self, Board.session) else {
            return nil
        }
        return bases[pairs.side(unit)]
    }

    private func timeline(_ labels: [String]) -> [TimelineSpan] {
        let times = ledger.recording?.times ?? []
        let rejections = rejections
        func detail(_ first: Int) -> String { rejections.first { $0.firstFrame == first }?.detail ?? "" }
        guard !times.isEmpty else {
            return labels.isEmpty
                ? []
                : [
                    TimelineSpan(
                        label: labels[0], firstFrame: 0, endFrame: labels.count, startSeconds: 0, endSeconds: ledger.stop?.seconds ?? 0,
                        detail: detail(0))
                ]
        }
        return EpisodeCutter.runs(labels).map { run in
            let clipped = FrameSpan(first: min(run.span.first, times.count - 1), end: min(run.span.end, times.count))
            let start = times[clipped.first].seconds
            let seconds = clipped.count > 0 ? EpisodeCutter.seconds(clipped, times) : 0
            return TimelineSpan(
                label: run.label ?? "", firstFrame: run.span.first, endFrame: run.span.end, startSeconds: start,
                endSeconds: start + seconds,
                detail: detail(run.span.first))
        }
    }

    /// The drawings and picture strips of a demo.
    func pictures(_ strips: [(strip: StripTap.Strip, folder: URL)]) throws -> RecordingPictures {
        var out = RecordingPictures()
        guard file.role == .demo, let path = try result(GripperStateStage.self) else { return out }
        let map = try result(MapStage.self, Board.session)
        out.path = ReportPlots.path(path.tool, labels: try labels(), hasTag: map.map { $0.frame.kind == .table } ?? true)
        if let feasible = ledger.feasible, let solved = try result(SolveStage.self),
            let base = try base(), base.isKnown
        {
            out.margins = ReportPlots.margins(path.tool, episodes: solved.episodes, verdicts: feasible.verdicts)
        }
        for (strip, folder) in strips where strip.unit == unit {
            let bytes = try FileBytes.read(folder.appendingPathComponent(strip.file))
            out.strips.append((strip.caption, Data(bytes).base64EncodedString()))
            out.stripAspect = strip.aspect
        }
        return out
    }
}
