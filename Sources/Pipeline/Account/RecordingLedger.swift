internal import Foundation
internal import Session

/// Everything that took frames away from one recording, stage by stage.
struct RecordingLedger: Sendable {
    var file: RecordingFile
    var recording: IngestedRecording?
    /// Set where the recording as a whole stopped.
    var stop: Stop?
    var cut: CutEpisodes?
    var feasible: FeasibleEpisodes?
    var joined: [Rejection] = []
    var curated: CuratedDemo.Side?

    /// What the file holds, as far as its index says.
    var frameCount: Int { recording?.summary.statedFrames ?? stop?.frames ?? 0 }

    /// Every row of `rejections.csv` that is this recording's.
    var rejections: [Rejection] {
        let unit = file.unit
        let times = recording?.times ?? []
        let decoded = recording?.summary.frames ?? 0
        if let stop {
            let seconds = times.isEmpty ? stop.seconds : EpisodeCutter.seconds(FrameSpan(first: 0, end: decoded), times)
            return [
                Rejection(
                    unit: unit, stage: stop.stage, reason: stop.reason, detail: stop.detail, firstFrame: 0, endFrame: frameCount,
                    startSeconds: 0, endSeconds: seconds)
            ]
        }
        var rows = (cut?.rejections ?? []) + (feasible?.rejections ?? []) + joined + (curated?.rejections ?? [])
        rows.sort { $0.firstFrame < $1.firstFrame }
        if let truncation = recording?.summary.truncation, decoded < frameCount {
            let end = EpisodeCutter.seconds(FrameSpan(first: 0, end: decoded), times)
            rows.append(
                Rejection(
                    unit: unit, stage: IngestStage.name, reason: "truncated", detail: truncation, firstFrame: decoded, endFrame: frameCount,
                    startSeconds: end, endSeconds: end))
        }
        return rows
    }

    /// For each frame `exported` or why not. Every frame is spoken for once, or there is a fault in a stage.
    func labels(exported: [FrameSpan]) throws(PipelineError) -> [String] {
        var labels = [String?](repeating: nil, count: frameCount)
        func put(_ label: String, _ span: Range<Int>) throws(PipelineError) {
            for i in span {
                guard labels.indices.contains(i), labels[i] == nil else {
                    let before = labels.indices.contains(i) ? labels[i] ?? "nothing" : "no frame"
                    throw .failed(stage: "account", "\(file.unit): frame \(i) is accounted for twice, as \(before) and \(label)")
                }
                labels[i] = label
            }
        }
        for r in rejections { try put(r.reason, r.firstFrame..<r.endFrame) }
        if stop == nil { for span in exported { try put("exported", span.first..<span.end) } }
        guard let missing = labels.firstIndex(of: nil) else { return labels.compactMap { $0 } }
        throw .failed(stage: "account", "\(file.unit): frame \(missing) is neither exported nor rejected")
    }
}
