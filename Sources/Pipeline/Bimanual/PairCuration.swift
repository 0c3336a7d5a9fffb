internal import Foundation
internal import Geometry
internal import Session

/// A stretch of a demo of two grippers that is written: where it lies on both sides, and what curation says of it.
struct PairEpisode: Sendable {
    var joint: JointEpisode
    /// Of the right recording.
    var episode: DemoCuration.Episode
}

/// Curates demos of two grippers: each is looked at as the right recording's demo, and the left follows it frame for frame by time.
struct PairCuration {
    let pair: DemoPair
    let joint: [JointEpisode]
    let right: DemoState
    let left: DemoState

    /// Nil where a side has stopped.
    init?(_ pair: DemoPair, _ plan: PairPlan, _ states: [DemoState]) {
        guard let r = states.first(where: { $0.file.unit == pair.right }), let l = states.first(where: { $0.file.unit == pair.left }),
            let joint = plan.episodes[pair.name], r.stopped == nil, l.stopped == nil
        else { return nil }
        (self.pair, self.joint, right, left) = (pair, joint, r, l)
    }

    /// The pair as the curator takes it up; nil where a stage left nothing.
    var input: Curator.Input? {
        guard var input = Curator.Input(right), let other = Curator.Input(left) else { return nil }
        input.kept = joint.map { KeptSegment(span: $0.rightFrames, episode: $0.right.episode, motion: $0.right.motion) }
        input.unresolved = doubtful(input.unresolved, other.unresolved)
        input.partner = Curator.Partner(
            unit: other.unit, tool: other.tool, solved: other.solved, episodes: joint.map(\.left.episode),
            infeasibleShares: other.infeasibleShares,
            margins: other.margins, frames: { leftFrames(joint[$0], $1) })
        return input
    }

    /// By right frame the greater doubt of both sides: a demo of two arms shows both pictures. Empty where a side was not judged.
    private func doubtful(_ own: [Double], _ other: [Double]) -> [Double] {
        guard let rt = right.recording?.times, let lt = left.recording?.times, own.count == rt.count, other.count == lt.count, !lt.isEmpty
        else {
            return []
        }
        return own.indices.map { i in
            let time = rt[i].seconds + pair.offset
            let after = lt.partitioningIndex { $0.seconds >= time }
            // Which of the two a resampled row shows depends on the grid: neither may be in doubt.
            return max(own[i], other[max(0, min(after - 1, lt.count - 1))], other[min(after, lt.count - 1)])
        }
    }

    /// What was said of the left recording, as if it had been said of the right.
    func translated(_ labels: [LabelledSpan]) -> [LabelledSpan] {
        labels.filter { $0.recording == pair.left }.map { span in
            var out = span
            out.recording = pair.right
            out.start -= pair.offset
            out.end -= pair.offset
            return out
        }
    }

    /// The left frames that go with right frames of a joint episode: neighbouring spans leave none out and share none.
    private func leftFrames(_ joint: JointEpisode, _ span: FrameSpan) -> FrameSpan {
        guard let rt = right.recording?.times, let lt = left.recording?.times else { return joint.leftFrames }
        func first(after frame: Int) -> Int {
            if frame <= joint.rightFrames.first { return joint.leftFrames.first }
            if frame >= joint.rightFrames.end { return joint.leftFrames.end }
            let time = rt[frame].seconds + pair.offset - 1e-6
            return (joint.leftFrames.first..<joint.leftFrames.end).first { lt[$0].seconds >= time } ?? joint.leftFrames.end
        }
        return FrameSpan(first: first(after: span.first), end: first(after: span.end))
    }

    /// The left recording's part in what was decided for the right one's.
    func mirrored(_ curation: DemoCuration) -> DemoCuration {
        var out = DemoCuration()
        let rt = (right.recording?.times ?? []).map(\.seconds)
        let lt = left.recording?.times ?? []
        let near = lt.map { time in min(max(rt.partitioningIndex { $0 >= time.seconds - pair.offset - 0.5e-3 }, 0), max(rt.count - 1, 0)) }
        out.weights = near.map { curation.weights.indices.contains($0) ? curation.weights[$0] : 1 }
        out.labels = near.map { curation.labels.indices.contains($0) ? curation.labels[$0] : nil }
        func mirror(_ episode: DemoCuration.Episode) -> DemoCuration.Episode? {
            guard let j = place(episode.span) else { return nil }
            var copy = episode
            copy.segment = KeptSegment(span: j.leftFrames, episode: j.left.episode, motion: j.left.motion)
            copy.span = leftFrames(j, episode.span)
            return copy
        }
        out.episodes = curation.episodes.compactMap(mirror)
        out.dropped = curation.dropped.compactMap { dropped in mirror(dropped.episode).map { ($0, dropped.reason) } }
        out.refused = Set(near.indices.filter { curation.refused.contains(near[$0]) })
        out.rejections = curation.rejections.compactMap { r in
            let span = FrameSpan(first: r.firstFrame, end: r.endFrame)
            guard let j = place(span) else { return nil }
            let frames = leftFrames(j, span)
            return frames.count > 0 ? EpisodeCutter.rejection(pair.left, r.stage, r.reason, r.detail, frames, lt) : nil
        }
        return out
    }

    /// What is left to write.
    func episodes(_ curation: DemoCuration) -> [PairEpisode] {
        curation.episodes.compactMap { episode in
            guard var j = place(episode.span) else { return nil }
            j.leftFrames = leftFrames(j, episode.span)
            j.rightFrames = episode.span
            return PairEpisode(joint: j, episode: episode)
        }
    }

    private func place(_ span: FrameSpan) -> JointEpisode? {
        joint.first { $0.rightFrames.first <= span.first && span.end <= $0.rightFrames.end }
    }
}
