internal import Dataset
public import Foundation
internal import Geometry
internal import Imaging
internal import Robot
public import Session

/// What a conversion came to.
public struct ConvertOutcome: Sendable {
    public var report: RunReport
    public var rejections: [Rejection]
    public var reportPage: URL
    /// The page on which demos are looked at and judged.
    public var review: URL
    public var reportFile: URL
    public var rejectionTable: URL
    /// What each stage of each recording cost.
    public var usage: [StageUsage]
    /// What it came to for its arm.
    public var figures: ArmFigures

    /// 0 all done, 1 a recording failed or what was written is not what was to be written, 2 done with rejections and `strict` was asked for.
    public func exitCode(strict: Bool) -> Int32 {
        if !report.faults.isEmpty || report.recordings.contains(where: { $0.status == .failed }) { return 1 }
        return strict && !rejections.isEmpty ? 2 : 0
    }
}

/// Runs the stages over a session: what can be skipped is, one recording's failure never stops the others, and every frame is accounted for
/// in what was written.
public struct Converter: Sendable {
    private let request: ConvertRequest
    private let layout: SessionLayout
    private let progress: ProgressSink
    private let sharing: SharedWork
    private let samples: [SampleFeature]

    /// Looks at the session and the request before any work; all that is wrong with them is one usage error.
    public init(_ request: ConvertRequest, progress: @escaping ProgressSink) throws(PipelineError) {
        try self.init(request, sharing: SharedWork(), progress: progress)
    }

    init(_ request: ConvertRequest, sharing: SharedWork, progress: @escaping ProgressSink) throws(PipelineError) {
        (self.request, self.sharing, self.progress) = (request, sharing, progress)
        var found = RequestFaults()
        CurationFiles(request, &found)
        found.look { () throws(PipelineError) in _ = try BasePose.known(request) }
        found.look { () throws(PipelineError) in
            let place = request.configuration.ingest.tableFromWorld
            guard place.isEmpty || Transform<Table, Frame>(text: place) != nil else {
                throw .usage("ingest.table_from_world=\(place)", accepted: PoseText.accepted)
            }
        }
        found.look { () throws(PipelineError) in try OutputGuard.check(request) }
        let layout = SessionCheck(request).layout(&found)
        let demos = layout?.demos.filter { request.only == nil || request.only == $0.unit } ?? []
        let samples = found.look { () throws(PipelineError) in try SampleFiles.features(demos) }
        if layout != nil { found.look { () throws(PipelineError) in try OutsidePoses.check(request, demos: demos.map(\.unit)) } }
        found.look { () throws(PipelineError) in try UserModels.check(request) }
        found.look { () throws(PipelineError) in try ExportTargets.check(request) }
        found.look { () throws(PipelineError) in
            guard let overlay = request.overlay, let difference = request.arm.difference(inJointsFrom: overlay) else { return }
            throw .usage(
                "--overlay \(overlay.name): \(difference)",
                accepted: "\(request.arm.name), or a model of it with the same joints and other shapes")
        }
        guard let layout, let samples, found.faults.isEmpty else { throw .joined(found.faults) }
        (self.layout, self.samples) = (layout, samples)
        if let fault = StagePlan.fault(StagePlan.all, request) { throw .failed(stage: "plan", fault) }
    }

    public func run() async throws(PipelineError) -> ConvertOutcome {
        let output = try OutputGuard(request, session: layout.name)
        defer { output.release() }
        var context = try context(output)
        let (log, sink) = (EventLog(folder: context.store.root), progress)
        context.progress = { event in
            log.add(event)
            sink(event)
        }
        let files = layout.recordings.filter { $0.role != .demo || request.only == nil || request.only == $0.unit }
        var board = Board(recordings: files)
        for note in layout.notes { board.note(note) }
        for assumed in request.device.calibrations where assumed.isAssumed {
            board.note(
                "\(request.device.name): \(assumed.kind) is \(assumed.residual) (\(assumed.source)); griptrace calibrate measures yours")
        }
        let pool = workers(context)
        defer { pool?.close() }
        let runner = Runner(context: context, executor: pool ?? InProcessExecutor())
        board = try await runner.run(board)
        Self.settle(&board)
        let outcome = try Conclusion(context, layout, output).conclude(board)
        pool?.close()
        context.store.clean()
        log.end()
        return outcome
    }

    private func context(_ output: OutputGuard) throws(PipelineError) -> RunContext {
        let hashes = sharing.hashes
        // A file that cannot be read says so when it is ingested.
        let demos = layout.demos.compactMap { try? hashes.hash(of: $0) }
        do {
            let identity = try SessionIdentity.claim(layout.name, demos: demos, in: output.work)
            let shared = try request.shared.map { common in
                let work = OutputGuard.work(common)
                let own = try SessionIdentity.claim(layout.name, demos: demos, in: work)
                return work.appendingPathComponent(own.name, isDirectory: true)
            }
            let store = ArtefactStore(root: output.work.appendingPathComponent(identity.name, isDirectory: true), shared: shared)
            try store.sweep()
            return RunContext(
                request: request, store: store, progress: progress, identity: identity,
                isAlone: layout.mapping == nil && layout.demos.count == 1, mapping: layout.mapping, hashes: hashes,
                samples: samples, sharing: sharing)
        } catch let error as PipelineError {
            throw error
        } catch {
            throw .failed(stage: "output", "\(error)")
        }
    }

    private func workers(_ context: RunContext) -> WorkerPool? {
        guard case .workers(let executable, let arguments) = request.isolation else { return nil }
        return WorkerPool(executable: executable, arguments: arguments, logs: context.scratch.appendingPathComponent("workers"))
    }

    /// A demo that came through its own stages but was not written, because a stage of the session failed, stopped there.
    private static func settle(_ board: inout Board) {
        for stage in StagePlan.all where stage.scope == .session && stage.name != ViewsStage.name {
            guard let stop = board.sessionStops[stage.name] else { continue }
            if stage == MapStage.self { continue }
            if stage == BackgroundStage.self {
                board.note("masks and fill go without the static background: \(stop.reason): \(stop.detail)")
            } else {
                for file in board.recordings where file.role == .demo && board.isGoing(file.unit) {
                    board.stop(
                        file.unit,
                        Stop(
                            stage: stage.name, reason: "no_\(stage.name)",
                            detail:
                                "the session's \(stage.name.replacing("_", with: " ")) could not be made: \(stop.reason): \(stop.detail)"))
                }
            }
        }
        if let stop = board.sessionStops[ViewsStage.name] { board.note("no views were made: \(stop.detail)") }
    }
}
