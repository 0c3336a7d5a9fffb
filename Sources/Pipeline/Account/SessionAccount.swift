internal import Dataset
internal import Foundation
internal import Robot
internal import Session

/// Who took which frames of the session: every recording's ledger.
struct SessionAccount {
    let run: RunContext
    let board: Board
    let ledgers: [RecordingLedger]

    init(_ at: StageInput) throws { try self.init(run: at.run, board: at.board) }

    init(run: RunContext, board: Board) throws {
        (self.run, self.board) = (run, board)
        func result<S: Stage>(_ type: S.Type, _ unit: String) throws -> S.Output? {
            try board.artefact(S.name, unit).map { try run.read(type, $0, unit: unit, board: board) }
        }
        let joined = try result(JoinStage.self, Board.session)?.rejections ?? [:]
        let curation = try result(CurateStage.self, Board.session)
        ledgers = try board.recordings.map { file in
            let unit = file.unit
            let side = curation?.side(unit)
            return RecordingLedger(
                file: file, recording: try result(IngestStage.self, unit), stop: board.stops[unit],
                cut: try result(EpisodesStage.self, unit), feasible: try result(FeasibilityStage.self, unit), joined: joined[unit] ?? [],
                curated: side.map { $0.demo.sides[$0.side] })
        }
    }

    /// What a data set remembers of this session.
    func source(key: String) throws -> DatasetSource {
        var source = DatasetSource(
            session: run.session, identity: run.identity.text, key: key, device: run.request.device.name, robot: run.request.arm.name,
            versions: ["griptrace": run.request.version], notes: board.notes)
        let curation = try board.artefact(CurateStage.name, Board.session).map {
            try run.read(CurateStage.self, $0, unit: Board.session, board: board)
        }
        source.candidates = curation?.candidates
        var drops: [String: DatasetSource.Drop] = [:]
        for ledger in ledgers where ledger.file.role == .demo {
            let rejections = ledger.rejections
            let dropped = rejections.reduce(0) { $0 + $1.frameCount }
            source.recordings.append(
                DatasetSource.Recording(name: ledger.file.unit, inputFrames: ledger.frameCount, outputFrames: ledger.frameCount - dropped))
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
}
