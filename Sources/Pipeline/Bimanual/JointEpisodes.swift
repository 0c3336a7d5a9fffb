internal import Foundation
internal import Session

/// A stretch of a demo of two grippers for which both sides are kept.
struct JointEpisode: Sendable, Equatable {
    /// The kept segments it lies in, and its frames of each.
    var right: KeptSegment
    var left: KeptSegment
    var rightFrames: FrameSpan
    var leftFrames: FrameSpan
}

/// Cuts both sides of every pair to the time for which both are kept; what only one side has is rejected by name.
enum JointEpisodes {
    static func join(_ pairs: [DemoPair], _ states: inout [DemoState], context: StageContext) -> [String: [JointEpisode]] {
        var out: [String: [JointEpisode]] = [:]
        for pair in pairs {
            guard let r = states.firstIndex(where: { $0.file.unit == pair.right }),
                let l = states.firstIndex(where: { $0.file.unit == pair.left })
            else { continue }
            for (i, other) in [(r, l), (l, r)] where states[i].stopped != nil && states[other].stopped == nil {
                let detail = "the other gripper's recording \(states[i].file.unit): \(states[i].stopped?.reason ?? "")"
                states[other].stopped = DemoState.Stop(stage: .pair, reason: "partner_failed", detail: detail, isFinding: true)
            }
            guard states[r].stopped == nil, states[l].stopped == nil else { continue }
            guard let right = states[r].judged, let left = states[l].judged else { continue }
            guard let rt = states[r].recording?.times, let lt = states[l].recording?.times else { continue }
            var joint: [JointEpisode] = []
            for a in right.kept {
                for b in left.kept {
                    let start = max(rt[a.span.first].seconds, lt[b.span.first].seconds - pair.offset)
                    let end = min(rt[a.span.end - 1].seconds, lt[b.span.end - 1].seconds - pair.offset)
                    guard let rf = frames(rt, a.span, start, end), let lf = frames(lt, b.span, start + pair.offset, end + pair.offset)
                    else { continue }
                    guard end - start >= context.configuration.episodes.minimumSeconds, rf.count > 1, lf.count > 1 else { continue }
                    joint.append(JointEpisode(right: a, left: b, rightFrames: rf, leftFrames: lf))
                }
            }
            cut(&states[r], to: joint.map(\.rightFrames), other: pair.left)
            cut(&states[l], to: joint.map(\.leftFrames), other: pair.right)
            out[pair.name] = joint
        }
        return out
    }

    /// The frames of a span that lie within a time, half a nanosecond of rounding aside.
    private static func frames(_ times: [Timestamp<VideoClock>], _ span: FrameSpan, _ start: Double, _ end: Double) -> FrameSpan? {
        let inside = (span.first..<span.end).filter { times[$0].seconds >= start - 1e-6 && times[$0].seconds <= end + 1e-6 }
        guard let first = inside.first, let last = inside.last else { return nil }
        return FrameSpan(first: first, end: last + 1)
    }

    /// Rejects the kept frames that are in no joint episode.
    private static func cut(_ state: inout DemoState, to spans: [FrameSpan], other: String) {
        guard var judged = state.judged, let times = state.recording?.times else { return }
        var kept: [KeptSegment] = []
        for segment in judged.kept {
            var from = segment.span.first
            for span in spans.sorted(by: { $0.first < $1.first }) where span.first >= segment.span.first && span.end <= segment.span.end {
                if span.first > from { judged.rejections.append(row(state, FrameSpan(first: from, end: span.first), other, times)) }
                var part = segment
                part.span = span
                kept.append(part)
                from = span.end
            }
            if from < segment.span.end { judged.rejections.append(row(state, FrameSpan(first: from, end: segment.span.end), other, times)) }
        }
        judged.kept = kept
        state.judged = judged
    }

    private static func row(_ state: DemoState, _ span: FrameSpan, _ other: String, _ times: [Timestamp<VideoClock>]) -> Rejection {
        EpisodeCutter.rejection(
            state.file.unit, Stage.pair.rawValue, "one_sided", "\(other) has nothing that is kept at that time", span, times)
    }
}
