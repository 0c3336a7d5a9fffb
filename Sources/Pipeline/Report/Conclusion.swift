internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// The end of a run: what was written is counted in the data sets, every frame is accounted for, and the report says so.
struct Conclusion {
    private let run: RunContext
    private let layout: SessionLayout
    private let output: OutputGuard

    init(_ run: RunContext, _ layout: SessionLayout, _ output: OutputGuard) { (self.run, self.layout, self.output) = (run, layout, output) }

    func conclude(_ board: Board) throws(PipelineError) -> ConvertOutcome {
        do { return try report(board) } catch let error as PipelineError {
            throw error
        } catch {
            throw .failed(stage: "report", "\(error)")
        }
    }

    /// Files of the session that nothing was made of.
    private var ignored: [String] {
        let read = Set(layout.demos.flatMap(SampleFiles.of).map(\.url.standardizedFileURL.path))
        return layout.ignored.filter { name in
            (name != "labels.csv" || run.request.labels == nil)
                && !read.contains(layout.folder.appendingPathComponent(name).standardizedFileURL.path)
        }
    }

    private func result<S: Stage>(_ type: S.Type, _ board: Board) throws -> S.Output? {
        try board.artefact(S.name, Board.session).map { try run.read(type, $0, unit: Board.session, board: board) }
    }

    private func report(_ start: Board) throws -> ConvertOutcome {
        var board = start
        let account = try SessionAccount(run: run, board: board)
        let exported = try result(ExportStage.self, board)
        let written = try exported.map { exported in
            try WrittenAccount(
                exported, curation: result(CurateStage.self, board) ?? SessionCuration(), request: run.request, identity: run.identity
            ) { unit in account.ledgers.first { $0.file.unit == unit }?.recording?.times ?? [] }
        }
        try note(&board, exported)
        var recordings: [RecordingReport] = []
        var pictures: [String: RecordingPictures] = [:]
        var rejections: [Rejection] = []
        let strips = try strips(board, exported)
        var figures = ArmFigures.Count(run, board, exported?.episodes ?? [])
        var review = try ReviewBuilder(
            run, board, session: layout.folder, exported: exported, curation: result(CurateStage.self, board) ?? SessionCuration(),
            strips: strips)
        for ledger in account.ledgers {
            let unit = ledger.file.unit
            let reporter = RecordingReporter(
                run: run, board: board, ledger: ledger, written: written?.spans[unit] ?? [], missing: written?.missing[unit] ?? [])
            let recording = try reporter.report(exported?.provenance)
            recordings.append(recording)
            pictures[unit] = try reporter.pictures(strips)
            if ledger.file.role == .demo || ledger.stop != nil { rejections += reporter.rejections }
            if ledger.file.role == .demo {
                try figures.add(ledger, written?.spans[unit] ?? [], reporter.rejections)
                try review.add(ledger, recording, reporter.rejections)
            }
            run.cache.forget(unit)
        }
        let report = RunReport(
            session: run.session, device: run.request.device.name, arm: run.request.arm.name,
            frames: recordings.filter { $0.role == .demo }.reduce(RunReport.FrameCount()) { $0 + $1.frames }, recordings: recordings,
            dataSets: (exported?.sets ?? []).map {
                DataSetReport(format: $0.format, path: $0.path, episodes: $0.episodes, frames: $0.frames, rate: $0.rate)
            }, notes: board.notes,
            faults: (written?.faults ?? []) + layout.failures.map { "\($0.path): \($0.reason): recordings in it are not converted" },
            ignoredFiles: ignored)
        return try write(report, rejections, pictures, figures.figures(report), review, board)
    }

    /// Strips of the export, and of the fixed cameras' views.
    private func strips(_ board: Board, _ exported: Exported?) throws -> [(strip: StripTap.Strip, folder: URL)] {
        var out = exported.map { exported in exported.strips.map { ($0, exported.artefact.folder) } } ?? []
        if let views = try result(ViewsStage.self, board) {
            out += views.views.map {
                (StripTap.Strip(unit: $0.unit, file: $0.strip, caption: $0.caption, aspect: $0.aspect), views.folder)
            }
        }
        return out
    }

    private func note(_ board: inout Board, _ exported: Exported?) throws {
        if exported?.sets.isEmpty ?? true {
            for url in ExportTargets.all(run.request) where FileManager.default.fileExists(atPath: url.path) {
                board.note("\(url.lastPathComponent) is an earlier run's: of this one nothing was left to export")
            }
        }
        guard let base = try result(BaseStage.self, board)?.single else { return }
        guard base.isKnown else {
            board.note(base.note)
            return
        }
        let frame = try result(MapStage.self, board)?.frame ?? .table
        let p = base.tableFromBase.translation
        let yaw = base.tableFromBase.rotation.vector.z * 180 / .pi
        board.note(
            "the arm's base stands at x \(p.x.fixed(3)), y \(p.y.fixed(3)), z \(p.z.fixed(3)) m in \(frame.kind == .table ? "the table's frame" : frame.words), turned by \(yaw.fixed(1))° "
                + "(\(base.origin)\(base.note.isEmpty ? "" : ": \(base.note)"))")
    }

    private func write(
        _ report: RunReport, _ rejections: [Rejection], _ pictures: [String: RecordingPictures], _ figures: ArmFigures,
        _ review: ReviewBuilder, _ board: Board
    ) throws -> ConvertOutcome {
        guard report.frames.input == report.frames.output + report.frames.rejected else {
            throw PipelineError.failed(
                stage: "account",
                "\(report.frames.input) frames in, \(report.frames.output) out and \(report.frames.rejected) rejected do not add up")
        }
        for note in board.notes { run.progress(.note(note)) }
        for rejection in rejections { run.progress(.rejected(rejection)) }
        let usage = run.usage.all
        try SessionReports.setAside(in: run.request.output, for: run.session)
        try output.write(Rejection.table(rejections).encoded, to: "rejections.csv")
        let episodes = board.artefact(CurateStage.name, Board.session).map { $0.file(CurateStage.table) }
        try output.write(episodes.map { try FileBytes.read($0) } ?? CSVTable(header: EpisodeTable.header).encoded, to: "episodes.csv")
        // Beside the artefacts: it differs from run to run, as time does.
        try UsageTable.table(usage, board, run).write(to: run.store.root.appendingPathComponent(UsageTable.name))
        try output.write(Array(Overview.svg(report, pictures: pictures).utf8), to: "overview.svg")
        try output.write(Array(ReportPage.html(report, pictures: pictures, rejections: rejections).utf8), to: "report.html")
        try review.finish(report, rejections)
        try output.write(JSONText.encode(report), to: "report.json")
        let folder = run.request.output
        return ConvertOutcome(
            report: report, rejections: rejections, reportPage: folder.appendingPathComponent("report.html"),
            review: folder.appendingPathComponent("\(ReviewFolder.name)/index.html"),
            reportFile: folder.appendingPathComponent("report.json"), rejectionTable: folder.appendingPathComponent("rejections.csv"),
            usage: usage, figures: figures)
    }
}
