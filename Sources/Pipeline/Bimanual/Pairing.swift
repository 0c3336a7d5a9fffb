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
    let options: PairOptions
    let keepsSingle: Bool

    /// One gripper's recording.
    struct Demo {
        var unit: String
        var identity: RecorderIdentity
        var gripper: Int
        /// Empty where it could not be read.
        var times: [Timestamp<VideoClock>] = []
        var tool: Trajectory<Table, Tool>?
        /// Why it has nothing to give; nil where it has.
        var failure: String?
        /// It stopped for that reason; else its rejections speak for it.
        var hasStopped = true
    }

    /// Two demos of different cameras that overlap in time.
    private struct Candidate {
        var a: Int
        var b: Int
        /// Stated: b's video time = a's video time + offset.
        var offset: Double
        var resolution: Double
        var overlap: Double
    }

    /// - Parameter make: sets the clocks of two demos, right and left, with the stated offset and its resolution in seconds.
    func run(_ demos: [Demo], _ out: inout SessionPairs, make: (Demo, Demo, Double, Double) throws -> DemoPair) {
        let serials = Set(demos.compactMap(\.identity.serial))
        guard serials.count > 1, Set(demos.map(\.gripper)).count > 1 else { return }
        let candidates = candidates(demos)
        guard !candidates.isEmpty else {
            let apart = Self.apart(demos)
            out.notes.append(
                "\(serials.count) cameras recorded, no two of them at the same time by their clocks\(apart.map { " (\($0))" } ?? "")")
            let advice = apart.map { "\($0): set the cameras' clocks" } ?? "their files do not say when they began"
            for demo in demos where !(demo.failure != nil && demo.hasStopped) {
                leave(demo.unit, "no_partner", "no other gripper recorded at the same time by the clocks; \(advice)", &out)
            }
            return
        }
        var taken: Set<Int> = []
        var chosen: [Candidate] = []
        for c in candidates.sorted(by: { ($0.overlap, $1.a, $1.b) > ($1.overlap, $0.a, $0.b) })
        where !taken.contains(c.a) && !taken.contains(c.b) {
            taken.formUnion([c.a, c.b])
            chosen.append(c)
        }
        let rightSerials = hands(chosen, demos)
        for c in chosen.sorted(by: { $0.a < $1.a }) {
            let isRight = rightSerials.contains(demos[c.a].identity.serial ?? "")
            let (right, left) = isRight ? (demos[c.a], demos[c.b]) : (demos[c.b], demos[c.a])
            join(right, left, isRight ? c.offset : -c.offset, c.resolution, &out, make)
        }
        for i in demos.indices where !taken.contains(i) && !(demos[i].failure != nil && demos[i].hasStopped) {
            leave(demos[i].unit, "no_partner", "no other gripper recorded at the same time", &out)
        }
    }

    /// How far the nearest recordings of two cameras are apart, in words; nil where their files do not say.
    private static func apart(_ demos: [Demo]) -> String? {
        var least: (gap: Double, a: String, b: String)?
        for a in demos.indices {
            for b in demos.indices.dropFirst(a + 1) where demos[a].identity.serial != demos[b].identity.serial {
                guard let x = demos[a].identity.start, let y = demos[b].identity.start else { continue }
                if abs(x - y) < least?.gap ?? .infinity { least = (abs(x - y), demos[a].unit, demos[b].unit) }
            }
        }
        return least.map { "\($0.a) and \($0.b) begin \(words(seconds: $0.gap)) apart" }
    }

    /// A span of time in its largest unit.
    private static func words(seconds: Double) -> String {
        let units = [(365.25 * 86_400, "years"), (86_400, "days"), (3600, "hours"), (60, "minutes")]
        let unit = units.first { seconds >= 2 * $0.0 } ?? (1, "s")
        return "\((seconds / unit.0).fixed(1)) \(unit.1)"
    }

    private func candidates(_ demos: [Demo]) -> [Candidate] {
        var out: [Candidate] = []
        func span(_ demo: Demo) -> (start: Double, end: Double)? {
            guard let start = demo.identity.start, let last = demo.times.last else { return nil }
            return (start, start + last.seconds)
        }
        for a in demos.indices {
            for b in demos.indices.dropFirst(a + 1) where demos[a].identity.serial != demos[b].identity.serial {
                guard let x = span(demos[a]), let y = span(demos[b]) else { continue }
                let overlap = min(x.end, y.end) - max(x.start, y.start)
                guard overlap >= options.minimumOverlap else { continue }
                let resolution = max(demos[a].identity.resolution ?? 1, demos[b].identity.resolution ?? 1)
                out.append(Candidate(a: a, b: b, offset: x.start - y.start, resolution: resolution, overlap: overlap))
            }
        }
        return out
    }

    /// Serials of the cameras that most pairs have on the right. UMI's rule: the other's place along this camera's own right (forward × up).
    private func hands(_ chosen: [Candidate], _ demos: [Demo]) -> Set<String> {
        var votes: [String: Int] = [:]
        for c in chosen {
            guard let a = demos[c.a].tool, let b = demos[c.b].tool else { continue }
            for i in stride(from: 0, to: a.count, by: max(1, a.count / 100)) where a.states[i] != .lost {
                guard let other = b.interpolated(at: a.times[i] + c.offset, maximumGap: 0.1) else { continue }
                let forward = a.poses[i].rotation * Vector3(0, 0, 1)
                let aside = (other.translation - a.poses[i].translation).dot(forward.cross(Vector3(0, 0, 1)))
                let vote = aside < 0 ? 1 : -1
                votes[demos[c.a].identity.serial ?? "", default: 0] += vote
                votes[demos[c.b].identity.serial ?? "", default: 0] -= vote
            }
        }
        // Without a word from geometry the lower gripper number is the right hand, as UMI's tags are handed out.
        return Set(
            chosen.map { c in
                let (a, b) = (demos[c.a].identity.serial ?? "", demos[c.b].identity.serial ?? "")
                let (va, vb) = (votes[a] ?? 0, votes[b] ?? 0)
                if va == vb { return demos[c.a].gripper <= demos[c.b].gripper ? a : b }
                return va > vb ? a : b
            })
    }

    private func join(
        _ right: Demo, _ left: Demo, _ offset: Double, _ resolution: Double, _ out: inout SessionPairs,
        _ make: (Demo, Demo, Double, Double) throws -> DemoPair
    ) {
        for (one, other) in [(right, left), (left, right)] {
            guard let failure = one.failure else { continue }
            if other.failure == nil { leave(other.unit, "partner_failed", "the other gripper's recording \(one.unit): \(failure)", &out) }
            return
        }
        do {
            out.pairs.append(try make(right, left, offset, resolution))
        } catch {
            let failure = (error as? UnitFailure) ?? UnitFailure(reason: "failed", detail: "\(error)")
            out.stops[right.unit] = failure.stop(PairStage.name)
            leave(left.unit, "partner_failed", "the other gripper's recording \(right.unit) could not be paired", &out)
        }
    }

    func leave(_ unit: String, _ reason: String, _ detail: String, _ out: inout SessionPairs) {
        if keepsSingle {
            out.single.insert(unit)
        } else {
            out.stops[unit] = Stop(
                stage: PairStage.name, reason: reason, detail: "\(detail); --keep-single keeps it as a demo of one arm", isFinding: true)
        }
    }
}
