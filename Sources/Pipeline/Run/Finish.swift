internal import Dataset
internal import Foundation
internal import Geometry
internal import Imaging
internal import Robot
internal import Session

extension Converter {
    /// Curation, export and report: what became of every frame.
    func finish(_ states: [DemoState], map: SessionMap?, base: BasePose, pairs: PairPlan, notes: [String]) throws(PipelineError)
        -> ConvertOutcome
    {
        var states = states
        var writing = 0.0
        do {
            try SessionReports.setAside(in: request.output, for: layout.name)
            let curated = try curate(&states, pairs)
            let sources = try states.compactMap { try exportSource($0, pairs.bases) }
            let account = self.account(states, curated, notes: notes)
            let sets =
                pairs.pairs.isEmpty
                ? try Export.run(sources, labels: curated.inputs, account: account, writing: &writing, context: context)
                : try exportPairs(states, sources, curated, account: account, pairs: pairs, writing: &writing)
            if request.exportsMasks { try MaskExport.run(sources, context: context) }
            var notes = notes
            let views = FixedViews.run(sources, notes: &notes, context: context)
            let stale = sets.isEmpty ? Export.existing(request) : []
            let warnings = stale.map { "\($0) is an earlier run's: of this one nothing was left to export" }
            var outcome = try report(
                states, map: map, base: base, bases: pairs.bases, sets: sets, views: views, notes: notes + curated.notes + warnings)
            outcome.writingSeconds = writing
            try curated.table.write(to: request.output.appendingPathComponent("episodes.csv"))
            return outcome
        } catch let error as PipelineError {
            throw error
        } catch {
            throw .failed(stage: "export", "\(error)")
        }
    }

    /// Demos of two arms go into the data sets; those kept single-armed into data sets of their own in `single/`.
    private func exportPairs(
        _ states: [DemoState], _ demos: [ExportSource], _ curated: Curated, account: DatasetSource, pairs: PairPlan, writing: inout Double
    ) throws -> [ExportSummary] {
        var sources: [PairSource] = []
        for pair in pairs.pairs {
            guard let r = demos.first(where: { $0.recording.file.unit == pair.right }),
                let l = demos.first(where: { $0.recording.file.unit == pair.left }), let episodes = curated.pairs[pair.name]
            else { continue }
            sources.append(PairSource(pair: pair, right: r, left: l, episodes: episodes))
        }
        var sets = try PairExport.run(sources, labels: curated.inputs, account: account, writing: &writing, context: context)
        let single = Set(states.filter { $0.isKeptSingle }.map(\.file.unit))
        let alone = demos.filter { single.contains($0.recording.file.unit) }
        guard !alone.isEmpty else { return sets }
        var context = context
        context.request.output = request.output.appendingPathComponent("single", isDirectory: true)
        context.store = ArtefactStore(root: context.store.root.appendingPathComponent("single", isDirectory: true))
        for var set in try Export.run(alone, labels: curated.inputs, account: account, writing: &writing, context: context) {
            set.path = "single/\(set.path)"
            sets.append(set)
        }
        return sets
    }

    private func exportSource(_ s: DemoState, _ bases: SideBases) throws -> ExportSource? {
        guard s.stopped == nil, let recording = s.recording, let path = s.path, let solved = s.solved, let judged = s.judged else {
            return nil
        }
        guard let masked = s.masked, let poses = s.poses, let tags = s.tags, let curation = s.curation else { return nil }
        return ExportSource(
            recording: recording, path: path.path, solved: solved, judged: judged, masked: masked, poses: poses, tags: tags,
            curation: curation,
            base: bases[s.pair].pose, outcomes: try s.labels())
    }

    /// What the data set remembers of this session.
    private func account(_ states: [DemoState], _ curated: Curated, notes: [String]) -> DatasetSource {
        var source = DatasetSource(
            session: layout.name, key: "", device: request.device.name, robot: request.arm.name, versions: ["griptrace": "0.1.0"],
            notes: notes)
        source.candidates = curated.candidates
        var drops: [String: DatasetSource.Drop] = [:]
        for state in states where state.file.role == .demo {
            let rejections = state.rejections
            let dropped = rejections.reduce(0) { $0 + $1.frameCount }
            source.recordings.append(
                DatasetSource.Recording(name: state.file.unit, inputFrames: state.frameCount, outputFrames: state.frameCount - dropped))
            var counted: Set<String> = []
            for r in rejections {
                let key = "\(r.stage) \(r.reason)"
                var drop = drops[key] ?? DatasetSource.Drop(stage: r.stage, reason: r.reason, frames: 0, recordings: 0)
                drop.frames += r.frameCount
                if counted.insert(key).inserted { drop.recordings += 1 }
                drops[key] = drop
            }
        }
        source.dropped = drops.sorted { $0.key < $1.key }.map(\.value)
        return source
    }

    private func report(
        _ states: [DemoState], map: SessionMap?, base: BasePose, bases: SideBases, sets: [ExportSummary], views: [FixedViews.View],
        notes: [String]
    ) throws -> ConvertOutcome {
        var recordings: [RecordingReport] = []
        var pictures: [String: RecordingPictures] = [:]
        var writer = RecordingReporter(context: context, map: map, base: base)
        for state in states {
            writer.base = bases[state.pair].pose
            recordings.append(try writer.report(state))
            var shown = try writer.pictures(state)
            for view in views where view.unit == state.file.unit {
                shown.strips.append((view.caption, Data(view.strip).base64EncodedString()))
            }
            pictures[state.file.unit] = shown
        }
        let demos = states.filter { $0.file.role == .demo }
        let rejections = demos.flatMap(\.rejections) + states.filter { $0.file.role != .demo && $0.stopped != nil }.flatMap(\.rejections)
        let p = base.tableFromBase.translation
        let yaw = base.tableFromBase.rotation.vector.z * 180 / .pi
        var lines = notes
        lines.append(
            "the arm's base stands at x \(p.x.fixed(3)), y \(p.y.fixed(3)), z \(p.z.fixed(3)) m in the table's frame, turned by \(yaw.fixed(1))° "
                + "(\(base.origin)\(base.note.isEmpty ? "" : ": \(base.note)"))")
        let report = RunReport(
            session: layout.name, device: request.device.name, arm: request.arm.name,
            frames: recordings.filter { $0.role == .demo }.reduce(RunReport.FrameCount()) { $0 + $1.frames }, recordings: recordings,
            dataSets: sets.map { DataSetReport(format: $0.format, path: $0.path, episodes: $0.episodes, frames: $0.frames, rate: $0.rate) },
            notes: lines, ignoredFiles: layout.ignored.filter { $0 != "labels.csv" || request.labels == nil })
        guard report.frames.input == report.frames.output + report.frames.rejected else {
            throw PipelineError.failed(
                stage: "report",
                "\(report.frames.input) frames in, \(report.frames.output) out and \(report.frames.rejected) rejected do not add up")
        }
        for note in notes { context.progress(.note(note)) }
        for rejection in rejections { context.progress(.rejected(rejection)) }
        let output = request.output
        let outcome = ConvertOutcome(
            report: report, rejections: rejections, reportPage: output.appendingPathComponent("report.html"),
            reportFile: output.appendingPathComponent("report.json"), rejectionTable: output.appendingPathComponent("rejections.csv"))
        try Rejection.table(rejections).write(to: outcome.rejectionTable)
        try FileBytes.write(JSONText.encode(report), to: outcome.reportFile)
        try FileBytes.write(ReportPage.html(report, pictures: pictures, rejections: rejections), to: outcome.reportPage)
        try FileBytes.write(Overview.svg(report, pictures: pictures), to: output.appendingPathComponent("overview.svg"))
        return outcome
    }
}
