public import Geometry
public import Session

extension Feasibility {
    /// The verdict with repair: where speed alone is at fault the motion is given more time, what cannot be mended is cut, its neighbours are kept.
    ///
    /// Under `speed: fastest-feasible` every stretch goes as fast as the arm may. Throws as `report` does.
    public func verdict(
        _ path: JointPath, tableFromBase: Transform<Table, Base>, tool: Trajectory<Table, Tool>? = nil
    ) throws(RobotError) -> FeasibilityVerdict {
        let prepared = try prepare(path, tableFromBase: tableFromBase, tool: tool, keepsLimits: options.repair != .none)
        let recorded = assess(prepared, prepared.motions)
        var reasons = recorded.reasons
        var motions = plan(prepared, recorded, &reasons)
        var kept = recorded
        if motions != prepared.motions {
            // What a closer look at the new motions still finds is cut.
            for _ in 0..<4 {
                kept = assess(prepared, motions)
                var parts: [Motion] = []
                for motion in motions {
                    for frame in motion.firstFrame..<motion.endFrame { reasons[frame] = kept.reasons[frame] }
                    let frames = motion.firstFrame..<motion.endFrame
                    parts += Self.runs(frames) { kept.reasons[$0] == nil }.map { $0 == frames ? motion : motion.part($0, of: path) }
                }
                if parts == motions { break }
                motions = parts
            }
        }
        let changes = motions.filter(\.isRetimed).flatMap { self.changes($0, prepared, recorded) }
        kept.reasons = reasons
        kept.feasible = reasons.allSatisfy { $0 == nil }
        kept.verdict = text(recorded, reasons, changes)
        let isElsewhere = path.trials.contains { $0.isTaken && $0.family != 0 }
        if isElsewhere { kept.verdict += "; " + PostureTrial.sentence(path.trials, frames: path.count) }
        let list = motions.map { motion in
            KeptMotion(
                firstFrame: motion.firstFrame, endFrame: motion.endFrame, isRetimed: motion.isRetimed,
                recordedSeconds: path.times[motion.endFrame - 1] - path.times[motion.firstFrame], seconds: motion.duration,
                frameSeconds: (motion.firstFrame..<motion.endFrame).map { motion.time(of: path.times[$0]) })
        }
        var verdict = FeasibilityVerdict(recorded: recorded, kept: kept, changes: changes, motions: list, paths: motions)
        verdict.postures = path.trials
        return verdict
    }

    /// Which frames are kept in which motions.
    private func plan(_ prepared: Prepared, _ recorded: FeasibilityReport, _ reasons: inout [FeasibilityCheck?]) -> [Motion] {
        let path = prepared.path
        let retimer = Retimer(self)
        let mends = options.repair == .retime
        let hurries = options.speed == .fastestFeasible
        var motions: [Motion] = []
        for motion in prepared.motions {
            let usable = Self.runs(motion.firstFrame..<motion.endFrame) { recorded.reasons[$0].map { $0.isSpeed && mends } ?? true }
            for run in usable {
                var open = [run]
                while let frames = open.popLast() {
                    let isFine = frames.allSatisfy { recorded.reasons[$0] == nil }
                    if frames.count < 4 || (isFine && !hurries) {
                        for part in Self.runs(frames, where: { recorded.reasons[$0] == nil }) {
                            motions.append(motion.part(part, of: path))
                        }
                        continue
                    }
                    let part = motion.part(frames, of: path)
                    switch retimer.retime(part, fastest: hurries ? options.retiming.fastest : 1) {
                    case .motion(let mended): motions.append(mended)
                    case .stuck(let times):
                        let cut = stuck(times, part, path)
                        for frame in cut where reasons[frame] == nil { reasons[frame] = nearest(frame, recorded, frames) }
                        open += Self.runs(frames) { !cut.contains($0) }.reversed()
                    }
                }
            }
        }
        return motions.sorted { $0.firstFrame < $1.firstFrame }
    }

    /// The frames of stretches of time that no speed mends; at least one.
    private func stuck(_ times: [ClosedRange<Double>], _ motion: Motion, _ path: JointPath) -> Set<Int> {
        var cut: Set<Int> = []
        let half = 0.5 * motion.duration / Double(max(1, motion.endFrame - motion.firstFrame - 1))
        var closest = (frame: motion.firstFrame, distance: Double.infinity)
        for frame in motion.firstFrame..<motion.endFrame {
            let t = motion.time(of: path.times[frame])
            for range in times {
                let distance = max(range.lowerBound - t, t - range.upperBound, 0)
                if distance <= half { cut.insert(frame) }
                if distance < closest.distance { closest = (frame, distance) }
            }
        }
        if cut.isEmpty { cut.insert(closest.frame) }
        return cut
    }

    /// The reason of the frame nearest by that has one.
    private func nearest(_ frame: Int, _ recorded: FeasibilityReport, _ frames: Range<Int>) -> FeasibilityCheck {
        let bad = frames.filter { recorded.reasons[$0] != nil }.min { abs($0 - frame) < abs($1 - frame) }
        return bad.flatMap { recorded.reasons[$0] } ?? .jointVelocity
    }

    /// The stretches in which a motion's speed is not the recorded one.
    private func changes(_ motion: Motion, _ prepared: Prepared, _ recorded: FeasibilityReport) -> [SpeedChange] {
        let path = prepared.path
        let slowed = options.retiming.slowed
        let differs = Self.runs(motion.firstFrame..<motion.endFrame) { frame in
            instants(motion, frame, path).contains { motion.speed(at: $0) < slowed || motion.speed(at: $0) > 2 - slowed }
        }
        return differs.map { frames in
            let last = min(frames.upperBound, motion.endFrame - 1)
            let from = motion.time(of: path.times[frames.lowerBound])
            let to = motion.time(of: path.times[last])
            var change = SpeedChange(
                firstFrame: frames.lowerBound, endFrame: frames.upperBound, startSeconds: path.times[frames.lowerBound].seconds,
                endSeconds: path.times[last].seconds, recordedSeconds: path.times[last] - path.times[frames.lowerBound], seconds: to - from,
                slowest: .infinity, fastest: 0, positionDeviation: 0, rotationDeviation: 0, cause: "", detail: "")
            for frame in frames {
                for time in instants(motion, frame, path) {
                    change.slowest = min(change.slowest, motion.speed(at: time))
                    change.fastest = max(change.fastest, motion.speed(at: time))
                }
                let got = kinematics.forward(motion.joints(at: motion.time(of: path.times[frame])))
                let want = prepared.recorded?[frame] ?? kinematics.forward(Array(path[frame]))
                change.positionDeviation = max(change.positionDeviation, (got.translation - want.translation).length)
                change.rotationDeviation = max(change.rotationDeviation, got.rotation.angle(to: want.rotation))
            }
            let culprit = recorded.spans.first {
                $0.fails && $0.check.isSpeed && $0.firstFrame < frames.upperBound && $0.endFrame > frames.lowerBound
            }
            change.cause = culprit?.detail ?? ""
            let verb = change.slowest < slowed ? "slowed to \(shortest(change.slowest))" : "hurried to \(shortest(change.fastest))"
            change.detail =
                "frames \(frames.lowerBound) to \(frames.upperBound - 1) \(verb) of their speed, \(change.recordedSeconds.fixed(2)) s became "
                + "\(change.seconds.fixed(2)) s" + (change.cause.isEmpty ? "" : ", for \(change.cause)")
            return change
        }
    }

    private func text(_ recorded: FeasibilityReport, _ reasons: [FeasibilityCheck?], _ changes: [SpeedChange]) -> String {
        let bad = reasons.filter { $0 != nil }.count
        let changed = changes.map(\.detail).joined(separator: "; ")
        guard bad > 0 else { return changes.isEmpty ? recorded.verdict : "feasible for \(arm.name) at another speed: \(changed)" }
        let words = FeasibilityCheck.allCases.filter { reasons.contains($0) }
        let worst = recorded.spans.first { $0.fails && $0.check == words.first }
        return "\(bad) of \(reasons.count) frames infeasible for \(arm.name): \(words.map(\.rawValue).joined(separator: ", "))"
            + (worst.map { "; \($0.detail)" } ?? "") + (changed.isEmpty ? "" : "; \(changed)")
    }

    /// Runs of indices for which a condition holds.
    static func runs(_ indices: Range<Int>, where holds: (Int) -> Bool) -> [Range<Int>] {
        var out: [Range<Int>] = []
        for i in indices where holds(i) {
            if let last = out.last, last.upperBound == i { out[out.count - 1] = last.lowerBound..<i + 1 } else { out.append(i..<i + 1) }
        }
        return out
    }
}
