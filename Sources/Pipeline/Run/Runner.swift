internal import Foundation
internal import Imaging
internal import Session

/// Takes the recordings of a session through the stages: what can be skipped is, one recording's failure never stops the others.
struct Runner: Sendable {
    let context: RunContext
    let executor: any StageExecutor
    var stages = StagePlan.all

    private var request: ConvertRequest { context.request }

    /// Stages of recordings that follow one another are gone through recording by recording, those of the session one by one.
    func run(_ start: Board) async throws(PipelineError) -> Board {
        var board = start
        context.progress(.planned(plan(start)))
        var at = 0
        // Each round of a stage that gives up recordings leaves fewer of them.
        while at < stages.count {
            if stages[at].scope == .session {
                at = try session(at, &board)
                continue
            }
            var end = at
            while end < stages.count, stages[end].scope == .recording { end += 1 }
            try await recordings(at..<end, &board)
            at = end
        }
        return board
    }

    /// What there is to go through, with the sizes of the files.
    private func plan(_ board: Board) -> [PlannedUnit] {
        let recordings = board.recordings.map { file in
            PlannedUnit(
                unit: file.unit, isDemo: file.role == .demo,
                stages: stages.filter { $0.scope == .recording && $0.init().applies(to: file, request) }.map { $0.name },
                bytes: file.urls.reduce(0) { sum, url in
                    sum + ((try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? NSNumber)?.doubleValue ?? 0)
                })
        }
        let session = PlannedUnit(
            unit: Board.session, isDemo: false,
            stages: stages.filter { $0.scope == .session && $0.init().applies(to: request) }.map { $0.name },
            bytes: recordings.reduce(0) { $0 + $1.bytes })
        return recordings + [session]
    }

    // MARK: Stages of recordings

    /// What came of one recording in some stages.
    private struct Passed: Sendable {
        var unit: String
        var artefacts: [(stage: String, artefact: Artefact)] = []
        var stop: Stop?
        var error: PipelineError?
    }

    private func recordings(_ range: Range<Int>, _ board: inout Board) async throws(PipelineError) {
        let snapshot = board
        let units = board.recordings.map(\.unit).filter { board.isGoing($0) }
        let passed = await concurrently(units, jobs: request.jobs) { unit in pass(unit, range, snapshot) }
        for one in passed {
            for (stage, artefact) in one.artefacts { board.put(artefact, stage, one.unit) }
            if let stop = one.stop { board.stop(one.unit, stop) }
        }
        if let error = passed.lazy.compactMap(\.error).first { throw error }
    }

    private func pass(_ unit: String, _ range: Range<Int>, _ snapshot: Board) -> Passed {
        var board = snapshot.about(unit)
        var out = Passed(unit: unit)
        defer { executor.release(unit, context: context) }
        for stage in stages[range] {
            guard let file = board.file(unit), stage.init().applies(to: file, request) else { continue }
            switch perform(stage, unit, board) {
            case .made(let artefact):
                board.put(artefact, stage.name, unit)
                out.artefacts.append((stage.name, artefact))
            case .stopped(let stop):
                say(stop, of: unit)
                out.stop = stop
                return out
            case .error(let error):
                out.error = error
                return out
            case .recordingsFailed: preconditionFailure("a recording's stage speaks for that recording alone")
            }
        }
        return out
    }

    // MARK: Stages of the session

    /// - Returns: the stage that follows.
    private func session(_ at: Int, _ board: inout Board) throws(PipelineError) -> Int {
        let stage = stages[at]
        guard stage.init().applies(to: request) else { return at + 1 }
        switch perform(stage, Board.session, board) {
        case .made(let artefact):
            board.put(artefact, stage.name, Board.session)
            let verdict = try verdict(stage, artefact, board)
            for (unit, stop) in verdict.stops.sorted(by: { $0.key < $1.key }) { give(up: unit, stop, &board) }
            for note in verdict.notes { board.note(note) }
        case .stopped(let stop):
            board.fail(stage.name, stop)
            say(stop, of: Board.session)
            for unit in stage.init().culprits(board, request) { give(up: unit, stop, &board) }
        case .error(let error): throw error
        case .recordingsFailed(let stops):
            precondition(stops.keys.contains { board.isGoing($0) }, "\(stage.name) gives up recordings that had not stopped")
            for (unit, stop) in stops.sorted(by: { $0.key < $1.key }) { give(up: unit, stop, &board) }
            let again = stage.init().retriesFrom.flatMap { StagePlan.index($0.name) } ?? at
            for later in stages[again...at] { board.forget(later.name) }
            return again
        }
        return at + 1
    }

    private func give(up unit: String, _ stop: Stop, _ board: inout Board) {
        if board.isGoing(unit) { say(stop, of: unit) }
        board.stop(unit, stop)
    }

    private func say(_ stop: Stop, of unit: String) {
        context.progress(.stopped(unit: unit, stage: stop.stage, reason: stop.reason, detail: stop.detail))
    }

    private func verdict(_ stage: any Stage.Type, _ artefact: Artefact, _ board: Board) throws(PipelineError) -> SessionVerdict {
        func open<S: Stage>(_ type: S.Type) throws -> SessionVerdict {
            S().verdict(try context.read(type, artefact, unit: Board.session, board: board))
        }
        do { return try open(stage) } catch { throw .failed(stage: stage.name, "\(error)") }
    }

    // MARK: One stage

    private enum Outcome {
        case made(Artefact)
        case stopped(Stop)
        case recordingsFailed([String: Stop])
        /// The whole run ends.
        case error(PipelineError)
    }

    private func perform(_ stage: any Stage.Type, _ unit: String, _ board: Board) -> Outcome {
        context.progress(.started(stage: stage.name, unit: unit))
        do {
            if let missing = missing(stage, unit, board) { return .stopped(missing) }
            let artefact = try artefact(stage, unit, board)
            return .made(artefact)
        } catch let failure as UnitFailure {
            return .stopped((stage == IngestStage.self ? counted(failure, board.file(unit)) : failure).stop(stage.name))
        } catch let failed as RecordingsFailed {
            return .recordingsFailed(failed.stops)
        } catch let error as PipelineError {
            return .error(error)
        } catch {
            return .stopped(Stop(stage: stage.name, reason: "failed", detail: "\(error)"))
        }
    }

    /// A recording that broke off before it was counted has the frames that its file's index names: none is missing in the account.
    private func counted(_ failure: UnitFailure, _ file: RecordingFile?) -> UnitFailure {
        guard failure.frames == 0, let file else { return failure }
        var out = failure
        for times in file.urls.compactMap({ try? VideoReader.frameTimes(of: $0) }) {
            out.frames += times.count
            out.seconds += times.last?.seconds ?? 0
        }
        return out
    }

    /// Why a stage cannot be gone into: something of the session that it needs failed.
    private func missing(_ stage: any Stage.Type, _ unit: String, _ board: Board) -> Stop? {
        for need in stage.init().needs(request) where need.scope == .session && board.artefact(need.name, Board.session) == nil {
            guard let stop = board.sessionStops[need.name] else {
                preconditionFailure("\(stage.name) needs \(need.name), which has not been gone through")
            }
            let name = need.name.replacing("_", with: " ")
            return Stop(
                stage: stage.name, reason: "no_\(need.name)",
                detail: "the session's \(name) could not be made: \(stop.reason): \(stop.detail)")
        }
        return nil
    }

    /// The artefact of a stage: the one that is there, where its key and its bytes are right, else a new one.
    private func artefact(_ stage: any Stage.Type, _ unit: String, _ board: Board) throws -> Artefact {
        func open<S: Stage>(_ type: S.Type) throws -> Artefact {
            let value = S()
            let at = StageInput(type, unit: unit, board: board, run: context)
            var inputs = try value.inputs(at)
            for (name, url) in try value.files(at) { inputs["file/\(name)"] = try context.hashes.hash(of: url) }
            let options = try JSONText.line(AnyOptions(value.options(request.configuration)))
            let key = ArtefactStore.key(stage: S.name, version: S.version, options: options, inputs: inputs)
            switch context.store.find(S.name, unit, key: key) {
            case .whole(let artefact) where try !isForced(S.name, unit) && value.stands(artefact, at):
                let usage = StageUsage(
                    stage: S.name, unit: unit, isSkipped: true, seconds: 0, coreSeconds: 0, peakMemory: 0, decodedFrames: [:])
                context.usage.add(usage)
                context.progress(.finished(usage))
                return artefact
            case .damaged(let fault): context.progress(.note("\(S.name)/\(unit): \(fault); it is made again"))
            default: break
            }
            let (artefact, usage) = try executor.make(type, unit: unit, board: board, inputs: inputs, context: context)
            context.usage.add(usage)
            context.progress(.finished(usage))
            if !S.dependsOnArm { context.sharing.add(S.name, unit) }
            return artefact
        }
        return try open(stage)
    }

    private func isForced(_ stage: String, _ unit: String) -> Bool {
        // What was made for one arm of this run is not made again for the next.
        guard !context.sharing.holds(stage, unit) else { return false }
        guard let from = request.from.flatMap({ StagePlan.index($0) }), let own = StagePlan.index(stage) else { return false }
        return own >= from
    }
}
