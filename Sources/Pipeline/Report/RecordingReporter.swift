internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// Makes one recording's part of the report from what its stages left.
struct RecordingReporter {
    var context: StageContext
    var map: SessionMap?
    var base: BasePose

    func report(_ state: DemoState) throws -> RecordingReport {
        var r = RecordingReport(unit: state.file.unit, role: state.file.role)
        if let recording = state.recording {
            r.video = recording.summary.description
            r.problems = recording.summary.problems
            if !recording.summary.consistency.isEmpty { r.findings.append(recording.summary.consistency) }
            if let truncation = recording.summary.truncation { r.problems.append(truncation) }
            r.seconds = EpisodeCutter.seconds(FrameSpan(first: 0, end: recording.times.count), recording.times)
        }
        if state.file.role == .demo { try fillDemo(&r, state) } else { fillHelper(&r, state) }
        return r
    }

    private func fillHelper(_ r: inout RecordingReport, _ state: DemoState) {
        r.status = state.stopped == nil ? .used : .failed
        r.verdict = state.stopped?.detail ?? (state.file.role == .mapping ? "the session's map" : "the gripper's range")
        if state.file.role == .mapping, let map {
            r.figures = map.figures
            r.problems += map.notes
        }
        if let stop = state.stopped {
            r.timeline = [
                TimelineSpan(
                    label: stop.reason, firstFrame: 0, endFrame: state.frameCount, startSeconds: 0, endSeconds: r.seconds,
                    detail: stop.detail)
            ]
        }
    }

    private func fillDemo(_ r: inout RecordingReport, _ state: DemoState) throws {
        let labels = try state.labels()
        let output = labels.filter { $0 == "exported" }.count
        r.frames = RunReport.FrameCount(input: labels.count, output: output, rejected: labels.count - output)
        r.timeline = timeline(labels, state)
        if let stop = state.stopped {
            r.status = stop.isFinding ? .rejected : .failed
            r.verdict = "\(stop.reason): \(stop.detail)"
        } else {
            r.status = output == labels.count ? .converted : output > 0 ? .partly : .rejected
            r.verdict = verdict(state)
        }
        r.spikes = state.path?.path.spikes ?? []
        if let poses = state.poses {
            r.figures += poses.summary.figures
            r.problems += poses.summary.notes
        }
        if let masked = state.masked {
            r.figures.append(Figure("frames_with_human", Double(masked.summary.humanFrames), ""))
            r.figures.append(Figure("human_share_mean", 100 * masked.summary.meanHumanShare, "%"))
            r.problems += masked.summary.notes
        }
        r.provenance = context.provenance.shares(state.file.unit)
        if let judged = state.judged, let solved = state.solved {
            r.episodes = zip(solved.episodes, judged.verdicts).map { span, verdict in
                EpisodeReport(
                    firstFrame: span.first, endFrame: span.end, isFeasible: verdict.kept.feasible,
                    feasibleShare: verdict.kept.feasibleShare,
                    verdict: verdict.verdict, changes: verdict.changes.map(\.detail))
            }
        }
    }

    private func verdict(_ state: DemoState) -> String {
        guard let judged = state.judged, let solved = state.solved else { return "" }
        if solved.episodes.isEmpty { return "no episode: " + (state.cut?.rejections.map(\.reason).joined(separator: ", ") ?? "") }
        let notable = judged.verdicts.filter { !$0.kept.feasible || !$0.changes.isEmpty }
        if notable.isEmpty { return "feasible for \(context.request.arm.name)" }
        return notable.map(\.verdict).joined(separator: "; ")
    }

    private func timeline(_ labels: [String], _ state: DemoState) -> [TimelineSpan] {
        let times = state.recording?.times ?? []
        guard !times.isEmpty else {
            return labels.isEmpty
                ? [] : [TimelineSpan(label: labels[0], firstFrame: 0, endFrame: labels.count, startSeconds: 0, endSeconds: 0, detail: "")]
        }
        let rejections = state.rejections
        return EpisodeCutter.runs(labels).map { run in
            let clipped = FrameSpan(first: min(run.span.first, times.count - 1), end: min(run.span.end, times.count))
            let start = times[clipped.first].seconds
            let seconds = clipped.count > 0 ? EpisodeCutter.seconds(clipped, times) : 0
            return TimelineSpan(
                label: run.label ?? "", firstFrame: run.span.first, endFrame: run.span.end, startSeconds: start,
                endSeconds: start + seconds,
                detail: rejections.first { $0.firstFrame == run.span.first }?.detail ?? "")
        }
    }

    /// The drawings and picture strips of a demo.
    func pictures(_ state: DemoState) throws -> RecordingPictures {
        var out = RecordingPictures()
        guard state.file.role == .demo, let path = state.path, let recording = state.recording else { return out }
        out.path = ReportPlots.path(path.path.tool, labels: try state.labels())
        if let judged = state.judged, let solved = state.solved {
            out.margins = ReportPlots.margins(path.path.tool, episodes: solved.episodes, verdicts: judged.verdicts)
            let kinematics = Kinematics(context.request.arm)
            kinematics.setTable(base.tableFromBase)
            for (verdict, joints) in zip(judged.verdicts, solved.paths) {
                out.joints.append(ReportPlots.joints(joints, verdict: verdict, kinematics: kinematics))
            }
        }
        guard let masked = state.masked, let poses = state.poses, let tags = state.tags else { return out }
        let shown = shownFrames(masked, count: recording.times.count)
        let overlay = try state.judged.flatMap {
            try WristOverlay(recording: recording, poses: poses, path: path.path, judged: $0, base: base, context: context)
        }
        let filled = try FilledPictures(recording: recording, poses: poses, tags: tags, masked: masked, overlay: overlay, context: context)
        for i in 0..<recording.times.count {
            guard let last = shown.last, i <= last else { break }
            guard let frame = try filled.next(wanted: shown.contains(i)) else { break }
            guard let after = frame.picture, let before = frame.original, let classes = frame.classes else { continue }
            let strip = try PictureStrip.make(before: before, classes: classes, after: after)
            let seconds = recording.times[i].seconds
            out.strips.append(
                (
                    "frame \(i), \(seconds.fixed(2)) s: recorded, classes (blue device, red human), exported (\(Self.origins(frame.provenance)))",
                    Data(try strip.jpegBytes(quality: 82)).base64EncodedString()
                ))
            out.stripAspect = Double(strip.height) / Double(strip.width)
        }
        return out
    }

    /// Where a picture's pixels come from, such as `1.2 % observed, 0.1 % invented`.
    private static func origins(_ provenance: Image?) -> String {
        guard let provenance else { return "as recorded" }
        var counts = [Int](repeating: 0, count: 256)
        for p in provenance.pixels { counts[Int(p)] += 1 }
        let n = Double(max(provenance.pixels.count, 1))
        return Provenance.allCases.filter { $0 != .original && counts[Int($0.rawValue)] > 0 }
            .map { "\((100 * Double(counts[Int($0.rawValue)]) / n).fixed(1)) % \($0)" }.joined(separator: ", ")
    }

    /// Three frames: those with most human in the first, middle and last third, or their middles where there is none.
    private func shownFrames(_ masked: MaskedRecording, count: Int) -> [Int] {
        guard count >= 3 else { return Array(0..<count) }
        return (0..<3).map { third in
            let range = (count * third / 3)..<(count * (third + 1) / 3)
            let shares = masked.summary.humanShares
            let best = range.max { (shares.indices.contains($0) ? shares[$0] : 0) < (shares.indices.contains($1) ? shares[$1] : 0) }
            if let best, shares.indices.contains(best), shares[best] > 0 { return best }
            return (range.lowerBound + range.upperBound) / 2
        }
    }
}

/// Three pictures side by side: as recorded, with its classes in colour, as exported.
enum PictureStrip {
    /// Widest single picture of a strip, pixels.
    static let width = 300

    static func make(before: Image, classes: Image, after: Image) throws -> Image {
        var tinted = before
        for i in 0..<classes.pixels.count {
            guard let pixelClass = PixelClass(rawValue: classes.pixels[i]) else { continue }
            let tint: (Int, Int, Int)
            switch pixelClass {
            case .background: continue
            case .device: tint = (40, 90, 220)
            case .mirror: tint = (40, 190, 200)
            case .outside: tint = (70, 70, 70)
            case .human: tint = (230, 30, 30)
            case .humanMargin: tint = (240, 150, 40)
            case .otherGripper: tint = (150, 60, 200)
            case .movedObject: tint = (60, 190, 70)
            case .unknown: tint = (230, 220, 60)
            }
            tinted.pixels[3 * i] = UInt8((Int(tinted.pixels[3 * i]) + tint.0) / 2)
            tinted.pixels[3 * i + 1] = UInt8((Int(tinted.pixels[3 * i + 1]) + tint.1) / 2)
            tinted.pixels[3 * i + 2] = UInt8((Int(tinted.pixels[3 * i + 2]) + tint.2) / 2)
        }
        let w = min(width, before.width)
        let h = max(1, before.height * w / before.width)
        let parts = try [before, tinted, after].map { try $0.resized(width: w, height: h) }
        var strip = Image(width: 3 * w + 8, height: h, channels: 3, filledWith: 255)
        for (n, part) in parts.enumerated() {
            for y in 0..<h {
                let from = y * w * 3
                let to = (y * strip.width + n * (w + 4)) * 3
                strip.pixels.replaceSubrange(to..<(to + 3 * w), with: part.pixels[from..<(from + 3 * w)])
            }
        }
        return strip
    }
}
