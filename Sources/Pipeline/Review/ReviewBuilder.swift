internal import Dataset
internal import Foundation
internal import Geometry
internal import Human
internal import Robot
internal import Session

/// Makes the review page's data from what the stages left, recording by recording.
struct ReviewBuilder {
    private let run: RunContext
    private let board: Board
    private let session: URL
    private let exported: Exported?
    private let curation: SessionCuration
    private let strips: [(strip: StripTap.Strip, folder: URL)]
    /// By session episode, where its pictures are; empty where no LeRobot set was written.
    private let places: [(rate: Int, set: String, places: [LeRobotPictures.Place])]
    private let kinematics: Kinematics
    private let folder: ReviewFolder
    private var demos: [ReviewIndex.Demo] = []

    init(
        _ run: RunContext, _ board: Board, session: URL, exported: Exported?, curation: SessionCuration,
        strips: [(strip: StripTap.Strip, folder: URL)]
    ) throws {
        (self.run, self.board, self.session) = (run, board, session)
        (self.exported, self.curation, self.strips) = (exported, curation, strips)
        places = try Self.places(exported, run)
        kinematics = Kinematics(run.request.arm)
        folder = try ReviewFolder(run)
    }

    private func result<S: Stage>(_ type: S.Type, _ unit: String) throws -> S.Output? {
        try board.artefact(S.name, unit).map { try run.read(type, $0, unit: unit, board: board) }
    }

    /// In the order of the written episodes.
    private static func places(_ exported: Exported?, _ run: RunContext) throws -> [(Int, String, [LeRobotPictures.Place])] {
        guard let exported else { return [] }
        var bySet: [String: (LeRobotPictures, Range<Int>, String)] = [:]
        for set in exported.sets where set.format.hasPrefix("lerobot") && set.format != "lerobot-dynamics" {
            let folder = set.path.contains("/") ? String(set.path.split(separator: "/")[0]) : ""
            let url = run.request.output.appendingPathComponent(set.path)
            // A set that cannot be read is a fault of the run and said there: the page goes without its pictures.
            guard bySet[folder] == nil, let rows = try? DatasetRows(contentsOf: url), let pictures = try? LeRobotPictures(contentsOf: url),
                let mine = rows.provenance?.sources.last(where: { run.identity.isOf($0) }), let range = try? rows.episodes(of: mine)
            else { continue }
            bySet[folder] = (pictures, range, set.path)
        }
        var next: [String: Int] = [:]
        return exported.episodes.map { episode in
            guard let (pictures, range, path) = bySet[episode.folder] else { return (0, "", []) }
            let index = range.lowerBound + next[episode.folder, default: 0]
            next[episode.folder, default: 0] += 1
            guard range.contains(index), pictures.episodes.indices.contains(index) else { return (0, "", []) }
            return (pictures.rate, path, pictures.episodes[index])
        }
    }

    /// - Parameter report: of the recording, with what became of every frame.
    mutating func add(_ ledger: RecordingLedger, _ report: RecordingReport, _ rejections: [Rejection]) throws {
        let unit = ledger.file.unit
        let path = try result(GripperStateStage.self, unit)
        let masked = try result(MaskStage.self, unit)
        let solved = try result(SolveStage.self, unit)
        let verdicts = ledger.feasible?.verdicts ?? []
        let base = try base(unit)
        var curves = ReviewCurves(frames: ledger.recording?.times.count ?? 0)
        if let path {
            curves.add(path, masked?.summary)
            if let solved {
                if let base, base.isKnown { kinematics.setTable(base.tableFromBase) }
                curves.add(path, solved, verdicts, base?.isKnown == true ? kinematics : nil)
            }
        }
        let number = demos.count + 1
        let file = "data/\(number).js"
        let arm = zip(solved?.episodes ?? [], verdicts).map { ($0, $1) }
        let position = base.flatMap { base in base.isKnown ? base.tableFromBase.translation : nil }
        let rotation = base.flatMap { base in base.isKnown ? base.tableFromBase.rotation.xyzw : nil }
        let demo = ReviewDemo(
            name: unit, video: Self.relative(ledger.file.url, to: session) ?? ledger.file.url.lastPathComponent, seconds: report.seconds,
            frames: report.frames.input, verdict: report.verdict, videoLine: report.video, problems: report.problems,
            findings: report.findings, figures: report.figures, basePosition: position.map { [$0.x, $0.y, $0.z] },
            baseRotationXYZW: rotation.map { [$0.x, $0.y, $0.z, $0.w] }, columns: curves.columns,
            outcome: report.timeline.map {
                ReviewDemo.Span(
                    label: $0.label, firstFrame: $0.firstFrame, endFrame: $0.endFrame, start: $0.startSeconds, end: $0.endSeconds,
                    detail: $0.detail)
            },
            tracking: spans(path?.tool.states.map { $0.rawValue } ?? [], ledger),
            speed: arm.flatMap { span, verdict in verdict.changes.map { Self.span($0, span) } },
            arm: arm.flatMap { span, verdict in verdict.recorded.spans.map { Self.span($0, span) } },
            human: spans(masked?.summary.humanShares.map { $0 > 0 ? "human" : nil } ?? [], ledger),
            rejections: rejections, spikes: report.spikes, exported: pictures(unit),
            strips: strips.filter { $0.strip.unit == unit }.compactMap { strip, folder in
                Self.relative(folder.appendingPathComponent(strip.file), to: run.request.output).map {
                    ReviewDemo.Strip(file: $0, caption: strip.caption)
                }
            }, provenance: report.provenance)
        try folder.write(demo, to: file, function: "demo")
        demos.append(row(ledger, report, rejections, verdicts, solved, masked, file))
    }

    private func base(_ unit: String) throws -> BasePose? {
        guard let bases = try result(BaseStage.self, Board.session), let pairs = try result(PairStage.self, Board.session) else {
            return nil
        }
        return bases[pairs.side(unit)]
    }

    private static func relative(_ url: URL, to folder: URL) -> String? {
        let (path, root) = (url.standardizedFileURL.path, folder.standardizedFileURL.path + "/")
        return path.hasPrefix(root) ? String(path.dropFirst(root.count)) : nil
    }

    private func spans(_ labels: [String?], _ ledger: RecordingLedger) -> [ReviewDemo.Span] {
        let times = ledger.recording?.times ?? []
        return EpisodeCutter.runs(labels).compactMap { run in
            guard let label = run.label, run.span.end <= times.count else { return nil }
            let start = times[run.span.first].seconds
            return ReviewDemo.Span(
                label: label, firstFrame: run.span.first, endFrame: run.span.end, start: start,
                end: start + EpisodeCutter.seconds(run.span, times))
        }
    }

    private static func span(_ change: SpeedChange, _ of: FrameSpan) -> ReviewDemo.Span {
        ReviewDemo.Span(
            label: change.slowest < 1 ? "slowed" : "sped_up", firstFrame: of.first + change.firstFrame,
            endFrame: of.first + change.endFrame,
            start: change.startSeconds, end: change.endSeconds, detail: change.detail)
    }

    private static func span(_ found: FeasibilitySpan, _ of: FrameSpan) -> ReviewDemo.Span {
        ReviewDemo.Span(
            label: found.check.rawValue, firstFrame: of.first + found.firstFrame, endFrame: of.first + found.endFrame,
            start: found.startSeconds, end: found.endSeconds, detail: (found.element.map { "\($0): " } ?? "") + found.detail,
            fails: found.fails)
    }

    /// What the data set shows of a recording, of the first camera in it that is the recording's.
    private func pictures(_ unit: String) -> [ReviewDemo.Exported] {
        zip(exported?.episodes ?? [], places).compactMap { episode, place in
            guard let side = episode.sides.firstIndex(where: { $0.unit == unit }), !place.places.isEmpty else { return nil }
            let column = episode.written.firstIndex(of: side) ?? 0
            let picture = place.places[min(column, place.places.count - 1)]
            return ReviewDemo.Exported(
                file: "\(place.set)/\(picture.path)", from: picture.from, rate: place.rate,
                frames: ReviewDemo.Exported.runs(episode.sides[side].frames), rows: episode.rows)
        }
    }

    private func row(
        _ ledger: RecordingLedger, _ report: RecordingReport, _ rejections: [Rejection], _ verdicts: [FeasibilityVerdict],
        _ solved: SolvedEpisodes?, _ masked: MaskedRecording?, _ file: String
    ) -> ReviewIndex.Demo {
        let unit = ledger.file.unit
        let rejected = rejections.reduce(into: [String: Int]()) { $0[$1.reason, default: 0] += $1.frameCount }
        let written = exported?.episodes.filter { episode in episode.sides.contains { $0.unit == unit } } ?? []
        let isRepaired = verdicts.contains { !$0.changes.isEmpty } || report.spikes.contains(where: \.isRepaired)
        let verdict: ReviewIndex.Verdict =
            switch report.status {
            case .failed: .failed
            case .rejected: .rejected
            case .partly: .cut
            default: isRepaired ? .repaired : .kept
            }
        let most = rejected.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        let repaired = verdicts.contains { !$0.changes.isEmpty } ? "slowed" : isRepaired ? "position_spike" : ""
        let spans = written.flatMap { $0.sides.filter { $0.unit == unit }.map(\.span) }
        let slowed = zip(solved?.episodes ?? [], verdicts).reduce(0) { sum, of in
            sum
                + of.1.changes.reduce(0) { sum, change in
                    let frames = (of.0.first + change.firstFrame)..<(of.0.first + change.endFrame)
                    return sum + spans.reduce(0) { $0 + frames.clamped(to: $1.first..<$1.end).count }
                }
        }
        let margin = Self.margin(solved, verdicts, spans)
        let side = curation.side(unit)
        let measures = side.map { $0.demo.episodes.map(\.measures) + $0.demo.dropped.map(\.episode.measures) } ?? []
        let seconds = measures.reduce(0) { $0 + $1.duration }
        let first = side?.demo.episodes.first ?? side?.demo.dropped.first?.episode
        let others = side.map { found in found.demo.demo.sides.map(\.unit).filter { $0 != unit } } ?? []
        return ReviewIndex.Demo(
            name: unit, file: file, verdict: verdict, reason: verdict == .failed ? ledger.stop?.reason ?? most ?? "" : most ?? repaired,
            frames: report.frames, rows: written.reduce(0) { $0 + $1.rows }, slowedFrames: slowed, seconds: report.seconds,
            rejected: rejected, sigmaMM: measures.compactMap(\.sigma).max().map { 1000 * $0 }, smoothness: measures.map(\.smoothness).min(),
            speed: seconds > 0 ? measures.reduce(0) { $0 + $1.pathLength } / seconds : nil, margin: margin?.least,
            marginCheck: margin?.check, human: masked?.summary.meanHumanShare, provenance: report.provenance, task: first?.task ?? "",
            split: first.map { $0.isValidation ? "validation" : "train" } ?? "", partner: others.first ?? "")
    }

    /// The least margin of these frames of the recording; of all where there are none of them.
    private static func margin(
        _ solved: SolvedEpisodes?, _ verdicts: [FeasibilityVerdict], _ spans: [FrameSpan]
    ) -> (least: Double, check: String)? {
        var out: (least: Double, check: String)?
        for (episode, verdict) in zip(solved?.episodes ?? [], verdicts) {
            for margin in verdict.kept.margins {
                for (i, value) in margin.values.enumerated() {
                    let frame = episode.first + i
                    guard let value, spans.isEmpty || spans.contains(where: { $0.first <= frame && frame < $0.end }) else { continue }
                    if value < out?.least ?? .infinity { out = (value, margin.check.rawValue) }
                }
            }
        }
        return out
    }

    /// Writes the overview and the page itself into place.
    func finish(_ report: RunReport, _ rejections: [Rejection]) throws {
        let arm = run.request.arm
        let labels = (try? run.request.labels.map { try LabelledSpan.read($0) }) ?? []
        var remedies = rejections.reduce(into: [String: Remedy]()) { $0[$1.reason] = Remedy($1.reason, stage: $1.stage) }
        for check in FeasibilityCheck.allCases { remedies[check.rawValue] = remedies[check.rawValue] ?? Remedy(check.rawValue) }
        let index = ReviewIndex(
            session: report.session, sessionFolder: session.standardizedFileURL.absoluteString, device: report.device,
            arm: ReviewIndex.ArmDrawing(
                name: arm.name,
                joints: arm.joints.map {
                    ReviewIndex.ArmDrawing.Joint(
                        name: $0.name, isRevolute: $0.kind == .revolute, lower: $0.lower, upper: $0.upper, velocity: $0.velocity,
                        acceleration: $0.acceleration, torque: $0.torque)
                }, skeleton: kinematics.skeleton),
            frames: report.frames, dataSets: report.dataSets, notes: report.notes, faults: report.faults, demos: demos,
            helpers: report.recordings.filter { $0.role != .demo }.map {
                ReviewIndex.Helper(
                    name: $0.unit, role: $0.role.rawValue, status: $0.status.rawValue, verdict: $0.verdict, problems: $0.problems)
            }, labelsFile: run.request.labels?.lastPathComponent ?? "labels.csv", labels: labels.map(ReviewIndex.Label.init),
            remedies: remedies)
        try folder.write(index, to: "data/index.js", function: "index")
        try folder.place()
    }
}
