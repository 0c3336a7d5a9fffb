internal import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// Finds the demos that two grippers recorded together, and which of them is the right hand.
///
/// As UMI has it, a demo is the time for which all grippers' cameras record, and the right one is that whose other lies to its left. Beyond
/// UMI the offset of the clocks is refined from the pictures and not rounded to frames. A recording without a partner, or whose partner
/// failed, is left out and said so, unless it is to be kept single-armed.
struct Pairing {
    let context: StageContext

    /// Two demos of different cameras that overlap in time.
    private struct Candidate {
        var a: Int
        var b: Int
        /// Stated: b's video time = a's video time + offset.
        var offset: Double
        var resolution: Double
        var overlap: Double
    }

    /// Pairs the demos; sets each one's side or why it stops.
    func run(_ states: inout [DemoState], notes: inout [String]) -> [DemoPair] {
        let demos = states.indices.filter { states[$0].file.role == .demo && states[$0].file.identity.serial != nil }
        let serials = Set(demos.compactMap { states[$0].file.identity.serial })
        let grippers = Set(demos.map { states[$0].gripper })
        guard serials.count > 1, grippers.count > 1 else { return [] }
        let candidates = candidates(demos, states)
        guard !candidates.isEmpty else {
            notes.append("\(serials.count) cameras recorded, no two of them at the same time by their clocks: every demo is single-armed")
            return []
        }
        var taken: Set<Int> = []
        var chosen: [Candidate] = []
        for c in candidates.sorted(by: { ($0.overlap, $1.a, $1.b) > ($1.overlap, $0.a, $0.b) })
        where !taken.contains(c.a) && !taken.contains(c.b) {
            taken.formUnion([c.a, c.b])
            chosen.append(c)
        }
        let rightSerials = hands(chosen, states)
        var pairs: [DemoPair] = []
        for c in chosen.sorted(by: { $0.a < $1.a }) {
            let isRight = rightSerials.contains(states[c.a].file.identity.serial ?? "")
            let (right, left) = isRight ? (c.a, c.b) : (c.b, c.a)
            if let pair = made(right: right, left: left, offset: isRight ? c.offset : -c.offset, resolution: c.resolution, &states) {
                pairs.append(pair)
                for note in pair.notes { notes.append("\(pair.name): \(note)") }
            }
        }
        for i in states.indices where states[i].file.role == .demo && !taken.contains(i) && states[i].stopped == nil {
            leave(i, "no_partner", "no other gripper recorded at the same time", &states)
        }
        return pairs
    }

    private func candidates(_ demos: [Int], _ states: [DemoState]) -> [Candidate] {
        var out: [Candidate] = []
        func span(_ i: Int) -> (start: Double, end: Double)? {
            guard let start = states[i].file.identity.start, let times = states[i].recording?.times, let last = times.last else {
                return nil
            }
            return (start, start + last.seconds)
        }
        for (k, a) in demos.enumerated() {
            for b in demos[(k + 1)...] where states[a].file.identity.serial != states[b].file.identity.serial {
                guard let x = span(a), let y = span(b) else { continue }
                let overlap = min(x.end, y.end) - max(x.start, y.start)
                guard overlap >= context.configuration.pair.minimumOverlap else { continue }
                let resolution = max(states[a].file.identity.resolution ?? 1, states[b].file.identity.resolution ?? 1)
                out.append(Candidate(a: a, b: b, offset: x.start - y.start, resolution: resolution, overlap: overlap))
            }
        }
        return out
    }

    /// Serials of the cameras that most pairs have on the right. UMI's rule: the other's place along this camera's own right (forward × up).
    private func hands(_ chosen: [Candidate], _ states: [DemoState]) -> Set<String> {
        var votes: [String: Int] = [:]
        for c in chosen {
            guard let a = states[c.a].path?.path.tool, let b = states[c.b].path?.path.tool else { continue }
            for i in stride(from: 0, to: a.count, by: max(1, a.count / 100)) where a.states[i] != .lost {
                guard let other = b.interpolated(at: a.times[i] + c.offset, maximumGap: 0.1) else { continue }
                let forward = a.poses[i].rotation * Vector3(0, 0, 1)
                let aside = (other.translation - a.poses[i].translation).dot(forward.cross(Vector3(0, 0, 1)))
                let vote = aside < 0 ? 1 : -1
                votes[states[c.a].file.identity.serial ?? "", default: 0] += vote
                votes[states[c.b].file.identity.serial ?? "", default: 0] -= vote
            }
        }
        // Without a word from geometry the lower gripper number is the right hand, as UMI's tags are handed out.
        return Set(
            chosen.map { c in
                let (a, b) = (states[c.a].file.identity.serial ?? "", states[c.b].file.identity.serial ?? "")
                let (va, vb) = (votes[a] ?? 0, votes[b] ?? 0)
                if va == vb { return states[c.a].gripper <= states[c.b].gripper ? a : b }
                return va > vb ? a : b
            })
    }

    private func made(right: Int, left: Int, offset: Double, resolution: Double, _ states: inout [DemoState]) -> DemoPair? {
        /// Why a side has nothing to give: it stopped, or nothing of it is left after cutting.
        func failure(_ i: Int) -> String? {
            if let stopped = states[i].stopped { return stopped.reason }
            guard let cut = states[i].cut, cut.episodes.isEmpty else { return nil }
            return "nothing is left of it (\(Set(cut.rejections.map(\.reason)).sorted().joined(separator: ", ")))"
        }
        for (i, other) in [(right, left), (left, right)] {
            guard let stop = failure(i) else { continue }
            if failure(other) == nil {
                leave(other, "partner_failed", "the other gripper's recording \(states[i].file.unit): \(stop)", &states)
            }
            return nil
        }
        var pair: DemoPair?
        let other = states[left]
        states[right].attempt(.pair) { state in
            pair = try PairStage.run(right: state, left: other, offset: offset, resolution: resolution, context: context)
        }
        guard let pair else {
            leave(left, "partner_failed", "the other gripper's recording \(states[right].file.unit) could not be paired", &states)
            return nil
        }
        states[right].pair = PairSide(pair: pair, isRight: true)
        states[left].pair = PairSide(pair: pair, isRight: false)
        return pair
    }

    private func leave(_ i: Int, _ reason: String, _ detail: String, _ states: inout [DemoState]) {
        if context.request.keepsSingle {
            states[i].isKeptSingle = true
        } else {
            states[i].stopped = DemoState.Stop(
                stage: .pair, reason: reason, detail: "\(detail); --keep-single keeps it as a demo of one arm", isFinding: true)
        }
    }
}
