internal import Dataset
internal import Foundation
internal import Geometry
internal import Imaging
internal import Robot
internal import Session

extension Converter {
    /// Curation, export and report: what became of every frame.
    func finish(_ states: [DemoState], map: SessionMap?, base: BasePose, pairs: PairPlan, notes: [String]) throws(PipelineError) -> ConvertOutcome {
        var states = states
        var writing = 0.0
        do {
            let curated = try curate(&states)
            let sources = try states.compactMap(exportSource)
            let account = self.account(states, notes: notes)
            let sets =
                pairs.pairs.isEmpty
                ? try Export.run(sources, labels: curated.inputs, account: account, base: base, writing: &writing, context: context)
                : try exportPairs(states, labels: curated.inputs, account: account, base: base, pairs: pairs, writing: &writing)
            let stale = sets.isEmpty ? Export.existing(request) : []
            let warnings = stale.map { "\($0) is an earlier run's: of this one nothing was left to export" }
            var outcome = try report(states, map: map, base: base, bases: pairs.bases, sets: sets, notes: notes + curated.notes + warnings)
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
        _ states: [DemoState], labels: [String: String], account: DatasetSource, base: BasePose, pairs: PairPlan, writing: inout Double
    ) throws -> [ExportSummary] {
        var sources: [PairSource] = []
        for pair in pairs.pairs {
            guard let r = states.first(where: { $0.file.unit == pair.right }).flatMap(SideSource.init),
                let l = states.first(where: { $0.file.unit == pair.left }).flatMap(SideSource.init), let episodes = pairs.episodes[pair.name]
            else { continue }
            sources.append(
                PairSource(
                    pair: pair, right: r, left: l, rightBase: pairs.bases.right.pose, leftBase: pairs.bases.left.pose, episodes: episodes))
        }
        var sets = try PairExport.run(sources, account: account, writing: &writing, context: context)
        let alone = try states.filter { $0.isKeptSingle && $0.stopped == nil }.compactMap(exportSource)
        guard !alone.isEmpty else { return sets }
        var single = context
        single.request.output = request.output.appendingPathComponent("single", isDirectory: true)
        single.store = ArtefactStore(root: context.store.root.appendingPathComponent("single", isDirectory: true))
        for var set in try Export.run(alone, labels: labels, account: account, base: base, writing: &writing, context: single) {
            set.path = "single/\(set.path)"
            sets.append(set)
        }
        return sets
    }

    private func exportSource(_ s: DemoState) throws -> ExportSource? {
        guard s.stopped == nil, let recording = s.recording, let path = s.path, let solved = s.solved, let judged = s.judged else { return nil }
        guard let masked = s.masked, let poses = s.poses, let tags = s.tags, let curation = s.curation else { return nil }
        return ExportSource(
            recording: recording, path: path.path, solved: solved, judged: judged, masked: masked, poses: poses, tags: tags, curation: curation,
            outcomes: try s.labels())
    }

    /// Labels, value function and `keep` on what feasibility left over.
    private func curate(
        _ states: inout [DemoState]
    ) throws -> (table: CSVTable, inputs: [String: String], notes: [String]) {
        var curator = Curator(
            options: request.configuration.curate, labels: [], values: nil, task: request.configuration.export.task, session: layout.name,
            shortest: request.configuration.episodes.minimumSeconds)
        var inputs: [String: String] = [:]
        var notes: [String] = []
        if let labels = request.labels {
            curator.labels = try LabelledSpan.read(labels)
            inputs["labels"] = try SHA256.hex(ofFile: labels)
            let known = Set(layout.recordings.map(\.unit))
            for name in Set(curator.labels.map(\.recording)).subtracting(known).sorted() {
                notes.append("\(labels.lastPathComponent): \(name) is no recording of this session; its labels are not used")
            }
        }
        if let values = request.values {
            curator.values = try ValueWeights(contentsOf: values)
            inputs["values"] = try SHA256.hex(ofFile: values)
        }
        var indices: [Int] = []
        var demos: [Curator.Input] = []
        if states.contains(where: { $0.pair != nil }) { notes.append("curation (labels, values, keep) is not applied to demos of two arms") }
        for (i, s) in states.enumerated() where s.pair == nil {
            guard s.stopped == nil, let path = s.path?.path, let solved = s.solved, let judged = s.judged else { continue }
            indices.append(i)
            demos.append(
                Curator.Input(
                    unit: s.file.unit, tool: path.tool, solved: solved.episodes, kept: judged.kept,
                    infeasibleShares: judged.verdicts.map { 1 - $0.kept.feasibleShare }, margins: judged.verdicts.map { Self.margins($0.kept) }))
        }
        let curated = try curator.curate(demos)
        for (i, curation) in zip(indices, curated) { states[i].curation = curation }
        return (EpisodeTable.table(Array(zip(demos, curated))), inputs, notes)
    }

    /// By frame the smallest margin over all checks.
    private static func margins(_ report: FeasibilityReport) -> [Double?] {
        (0..<report.frames).map { i in report.margins.compactMap { $0.values.indices.contains(i) ? $0.values[i] : nil }.min() }
    }

    /// What the data set remembers of this session.
    private func account(_ states: [DemoState], notes: [String]) -> DatasetSource {
        var source = DatasetSource(
            session: layout.name, key: "", device: request.device.name, robot: request.arm.name, versions: ["griptrace": "0.1.0"], notes: notes)
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
        _ states: [DemoState], map: SessionMap?, base: BasePose, bases: SideBases, sets: [ExportSummary], notes: [String]
    ) throws -> ConvertOutcome {
        var recordings: [RecordingReport] = []
        var pictures: [String: RecordingPictures] = [:]
        var writer = RecordingReporter(context: context, map: map, base: base)
        for state in states {
            writer.base = bases[state.pair].pose
            recordings.append(try writer.report(state))
            pictures[state.file.unit] = try writer.pictures(state)
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
                stage: "report", "\(report.frames.input) frames in, \(report.frames.output) out and \(report.frames.rejected) rejected do not add up")
        }
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
