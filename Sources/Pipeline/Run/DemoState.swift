internal import Session

/// How far a recording has come, and where it stopped if it did.
struct DemoState: Sendable {
    var file: RecordingFile
    /// Which gripper recorded it, see `GripperIdentity`.
    var gripper = 0
    /// The demo of two grippers that it is a side of.
    var pair: PairSide?
    /// Kept single-armed in a session of two grippers, at the user's word.
    var isKeptSingle = false
    var recording: IngestedRecording?
    var tags: Artefact?
    var poses: LocalizedPoses?
    var path: (artefact: Artefact, path: ToolPath)?
    var cut: CutEpisodes?
    var solved: SolvedEpisodes?
    var judged: JudgedEpisodes?
    var masked: MaskedRecording?
    var curation: DemoCuration?
    /// Set where the recording as a whole stopped.
    var stopped: Stop?

    struct Stop: Sendable {
        var stage: Stage
        var reason: String
        var detail: String
        /// A finding (it was lost) rather than a failure (it could not be read).
        var isFinding: Bool
    }

    var frameCount: Int { recording?.summary.statedFrames ?? 0 }

    /// Runs one step unless the recording has stopped before; what the step throws stops it.
    mutating func attempt(_ stage: Stage, _ step: (inout DemoState) throws -> Void) {
        guard stopped == nil else { return }
        do {
            try step(&self)
        } catch let failure as UnitFailure {
            stopped = Stop(stage: stage, reason: failure.reason, detail: failure.detail, isFinding: failure.isFinding)
        } catch {
            stopped = Stop(stage: stage, reason: "failed", detail: "\(error)", isFinding: false)
        }
    }

    /// Every row of `rejections.csv` that is this recording's.
    var rejections: [Rejection] {
        let unit = file.unit
        let times = recording?.times ?? []
        let decoded = recording?.summary.frames ?? 0
        if let stopped {
            return [
                Rejection(
                    unit: unit, stage: stopped.stage.rawValue, reason: stopped.reason, detail: stopped.detail, firstFrame: 0,
                    endFrame: frameCount,
                    startSeconds: 0, endSeconds: times.isEmpty ? 0 : EpisodeCutter.seconds(FrameSpan(first: 0, end: decoded), times))
            ]
        }
        var rows = (cut?.rejections ?? []) + (judged?.rejections ?? []) + (curation?.rejections ?? [])
        rows.sort { $0.firstFrame < $1.firstFrame }
        if let truncation = recording?.summary.truncation, decoded < frameCount {
            let end = EpisodeCutter.seconds(FrameSpan(first: 0, end: decoded), times)
            rows.append(
                Rejection(
                    unit: unit, stage: Stage.ingest.rawValue, reason: "truncated", detail: truncation, firstFrame: decoded,
                    endFrame: frameCount,
                    startSeconds: end, endSeconds: end))
        }
        return rows
    }

    /// For each frame `exported` or why not. Every frame is spoken for once, or there is a fault in a stage.
    func labels() throws(PipelineError) -> [String] {
        var labels = [String?](repeating: nil, count: frameCount)
        func put(_ label: String, _ span: Range<Int>) throws(PipelineError) {
            for i in span {
                guard labels.indices.contains(i), labels[i] == nil else {
                    throw .failed(
                        stage: "report", "\(file.unit): frame \(i) is accounted for twice, as \(labels[i] ?? "nothing") and \(label)")
                }
                labels[i] = label
            }
        }
        for r in rejections { try put(r.reason, r.firstFrame..<r.endFrame) }
        if stopped == nil {
            for k in curation.map({ $0.episodes.map(\.span) }) ?? judged?.kept.map(\.span) ?? [] { try put("exported", k.first..<k.end) }
        }
        guard let missing = labels.firstIndex(of: nil) else { return labels.compactMap { $0 } }
        throw .failed(stage: "report", "\(file.unit): frame \(missing) is neither exported nor rejected")
    }
}
