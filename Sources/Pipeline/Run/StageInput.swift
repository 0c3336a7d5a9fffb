internal import Dataset
internal import Foundation
internal import Imaging
internal import Robot
internal import Session

/// What a stage sees: the request, and the results of the stages that it needs.
struct StageInput: Sendable {
    let run: RunContext
    /// The recording, or `Board.session`.
    let unit: String
    let board: Board
    /// The stage that asks, its needs and uses.
    private let stage: String
    private let allowed: Set<String>
    /// Values of `inputs` while an artefact is made: what is taken up must be named there. Nil while it is read back.
    private let declared: Set<String>?
    /// The key of the artefact that is made; empty while one is read back.
    let ownKey: String

    init<S: Stage>(_ type: S.Type, unit: String, board: Board, run: RunContext, declared: [String: String]? = nil, key: String = "") {
        (self.unit, self.board, self.run) = (unit, board, run)
        stage = S.name
        allowed = Set((S().needs(run.request) + S().uses(run.request)).map { $0.name })
        self.declared = declared.map { Set($0.values) }
        ownKey = key
    }

    var request: ConvertRequest { run.request }
    var configuration: Configuration { run.request.configuration }

    /// The recording itself.
    var file: RecordingFile {
        guard let file = board.file(unit) else { preconditionFailure("\(stage): \(unit) is no recording of the session") }
        return file
    }

    /// The result of a stage that is needed: this recording's own, or the session's.
    func result<S: Stage>(_ type: S.Type) throws -> S.Output {
        try result(type, of: S.scope == .session ? Board.session : unit)
    }

    /// The result of a stage that is needed, of another recording.
    func result<S: Stage>(_ type: S.Type, of other: String) throws -> S.Output {
        let artefact = artefact(type, of: other)
        precondition(declared?.contains(artefact.key) ?? true, "\(stage) takes up \(S.name)/\(other), which its inputs do not name")
        return try run.read(type, artefact, unit: other, board: board)
    }

    /// The result of a stage of the session that is used where it is there; nil where it failed or does not apply.
    func optional<S: Stage>(_ type: S.Type) throws -> S.Output? {
        board.artefact(S.name, Board.session) == nil ? nil : try result(type)
    }

    /// A result without asking that its key be an input: for what depends on a part of it that is named by value.
    func part<S: Stage>(_ type: S.Type) throws -> S.Output {
        try run.read(type, artefact(type, of: Board.session), unit: Board.session, board: board)
    }

    /// The same of one recording.
    func part<S: Stage>(_ type: S.Type, of other: String) throws -> S.Output {
        try run.read(type, artefact(type, of: other), unit: other, board: board)
    }

    /// The key of a result that is needed.
    func key<S: Stage>(_ type: S.Type) -> String { artefact(type, of: S.scope == .session ? Board.session : unit).key }

    func key<S: Stage>(_ type: S.Type, of other: String) -> String { artefact(type, of: other).key }

    /// The same where it may be missing.
    func optionalKey<S: Stage>(_ type: S.Type) -> String { board.artefact(S.name, Board.session)?.key ?? "none" }

    /// Recordings that have come through a stage and have not stopped.
    func going<S: Stage>(_ type: S.Type, role: RecordingRole? = nil) -> [RecordingFile] {
        board.recordings.filter { file in
            (role == nil || file.role == role) && board.isGoing(file.unit) && board.artefact(S.name, file.unit) != nil
        }
    }

    /// Recordings that have come through a stage, whatever became of them after.
    func been<S: Stage>(_ type: S.Type) -> [RecordingFile] { board.recordings.filter { board.artefact(S.name, $0.unit) != nil } }

    func advanced(_ fraction: Double) { run.progress(.advanced(stage: stage, unit: unit, fraction: fraction)) }

    var advance: @Sendable (Double) -> Void {
        let (run, stage, unit) = (run, stage, unit)
        return { run.progress(.advanced(stage: stage, unit: unit, fraction: $0)) }
    }

    private func artefact<S: Stage>(_ type: S.Type, of other: String) -> Artefact {
        precondition(allowed.contains(S.name), "\(stage) asks for \(S.name), which is not among what it needs or uses")
        guard let artefact = board.artefact(S.name, other) else {
            preconditionFailure("\(stage) of \(unit): \(other) has no result of \(S.name)")
        }
        return artefact
    }
}

/// What all stages of a run share.
struct RunContext: Sendable {
    var request: ConvertRequest
    var store: ArtefactStore
    var progress: ProgressSink
    var identity: SessionIdentity
    /// A demo is the session's only recording of its kind and makes its map too.
    var isAlone = false
    /// The recording that the session's map is made from, where one is named.
    var mapping: RecordingFile?
    var hashes = FileHashes()
    var cache = ResultCache()
    var usage = UsageLog()
    /// What sensors beside the recordings read, as the session's data sets hold it.
    var samples: [SampleFeature] = []
    /// Of a run for several arms, what has been made in it for all of them.
    var sharing = SharedWork()

    func read<S: Stage>(_ type: S.Type, _ artefact: Artefact, unit: String, board: Board) throws -> S.Output {
        try cache.value("\(S.name)/\(unit)/\(artefact.key)") {
            try S().read(artefact, StageInput(type, unit: unit, board: board, run: self))
        }
    }

    /// The session's name in this output.
    var session: String { identity.name }

    var scratch: URL { store.scratch }
}

extension Arm {
    /// The names and hashes of the files that define this arm.
    func inputs() throws -> [String: String] {
        var inputs: [String: String] = [:]
        for file in files { inputs["arm/\(file.lastPathComponent)"] = try SHA256.hex(ofFile: file) }
        return inputs
    }
}
