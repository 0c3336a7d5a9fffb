internal import Foundation
internal import Geometry
internal import Imaging
internal import Robot
internal import Session

extension Converter {
    /// Export and report: what became of every frame.
    func finish(_ states: [DemoState], map: SessionMap?, base: BasePose, notes: [String]) throws(PipelineError) -> ConvertOutcome {
        do {
            let sources = states.compactMap(exportSource)
            let sets = try Export.run(sources, base: base, context: context)
            let stale = sets.isEmpty ? Export.existing(request) : []
            let warnings = stale.map { "\($0) is an earlier run's: of this one nothing was left to export" }
            return try report(states, map: map, base: base, sets: sets, notes: notes + warnings)
        } catch let error as PipelineError {
            throw error
        } catch {
            throw .failed(stage: "export", "\(error)")
        }
    }

    private func exportSource(_ s: DemoState) -> ExportSource? {
        guard s.stopped == nil, let recording = s.recording, let path = s.path, let solved = s.solved, let judged = s.judged else { return nil }
        guard let masked = s.masked, let poses = s.poses, let tags = s.tags else { return nil }
        return ExportSource(
            recording: recording, path: path.path, solved: solved, judged: judged, masked: masked, poses: poses, tags: tags)
    }

    private func report(
        _ states: [DemoState], map: SessionMap?, base: BasePose, sets: [ExportSummary], notes: [String]
    ) throws -> ConvertOutcome {
        var recordings: [RecordingReport] = []
        var pictures: [String: RecordingPictures] = [:]
        let writer = RecordingReporter(context: context, map: map, base: base)
        for state in states {
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
            notes: lines, ignoredFiles: layout.ignored)
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
