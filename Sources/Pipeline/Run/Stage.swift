internal import Foundation
internal import Session

/// What a stage works on: one recording, or all of the session together.
enum StageScope: Sendable {
    case recording
    case session
}

/// One step of a conversion: a pure function of its inputs and its options, whose result lies in an artefact and is read back from there.
///
/// A new stage is one file with a type that conforms and one line in `StagePlan.all`. A recording that a stage stops for goes no further; a
/// stage of the session that fails stops the recordings that need it and is said once for those that only use it.
protocol Stage: Sendable {
    associatedtype Output: Sendable

    /// The stage's folder in `work/SESSION/`, its name in `rejections.csv` and for `--from`.
    static var name: String { get }
    /// Goes up when the result changes for the same inputs and options, so that older artefacts are made again.
    static var version: Int { get }
    static var scope: StageScope { get }
    /// Whether the result is another for another arm: then every arm of a run has its own, else they share one.
    static var dependsOnArm: Bool { get }

    init()

    /// Stages whose results this one cannot do without.
    func needs(_ request: ConvertRequest) -> [any Stage.Type]
    /// Stages of the session whose results it takes where they are there.
    func uses(_ request: ConvertRequest) -> [any Stage.Type]
    /// Whether there is anything to do: for a recording by its file, for the session by the request.
    func applies(to file: RecordingFile, _ request: ConvertRequest) -> Bool
    func applies(to request: ConvertRequest) -> Bool
    /// The options that the result depends on.
    func options(_ configuration: Configuration) -> any Encodable
    /// The keys of the artefacts and the hashes of the files that the result depends on, by name. What `make` takes up is named here.
    func inputs(_ at: StageInput) throws -> [String: String]
    /// Files that `make` reads, by name: their hashes are inputs, and they are hashed again when it has read them.
    func files(_ at: StageInput) throws -> [String: URL]
    /// Writes the result into an empty folder.
    func make(_ at: StageInput, in folder: URL) throws
    /// The result as `make` left it.
    func read(_ artefact: Artefact, _ at: StageInput) throws -> Output
    /// Whether a finished artefact still stands for what it made outside the work folder.
    func stands(_ artefact: Artefact, _ at: StageInput) throws -> Bool
    /// What a result of the session means for its recordings.
    func verdict(_ output: Output) -> SessionVerdict
    /// Recordings whose own failure it is when this stage of the session fails.
    func culprits(_ board: Board, _ request: ConvertRequest) -> [String]
    /// The stage from which the session is gone through again when `make` throws `RecordingsFailed`.
    var retriesFrom: (any Stage.Type)? { get }
}

extension Stage {
    static var dependsOnArm: Bool { false }
    func uses(_ request: ConvertRequest) -> [any Stage.Type] { [] }
    func applies(to file: RecordingFile, _ request: ConvertRequest) -> Bool { file.role == .demo }
    func applies(to request: ConvertRequest) -> Bool { true }
    func files(_ at: StageInput) throws -> [String: URL] { [:] }
    func stands(_ artefact: Artefact, _ at: StageInput) throws -> Bool { true }
    func verdict(_ output: Output) -> SessionVerdict { SessionVerdict() }
    func culprits(_ board: Board, _ request: ConvertRequest) -> [String] { [] }
    var retriesFrom: (any Stage.Type)? { nil }
}

/// What a stage of the session decides about recordings.
struct SessionVerdict: Sendable {
    /// Recordings that stop here, by unit.
    var stops: [String: Stop] = [:]
    /// What there is to say, in sentences for the report.
    var notes: [String] = []
}

/// Why a recording, or a stage of the session, went no further.
struct Stop: Sendable, Codable, Equatable {
    var stage: String
    /// A short stable word, see `Rejection.reason`.
    var reason: String
    var detail: String
    /// A finding (it was lost) rather than a failure (it could not be read).
    var isFinding = false
    /// Frames that the file states where the recording was refused before they were counted.
    var frames = 0
    /// Of those, seconds.
    var seconds = 0.0
}

/// A recording that cannot go on: becomes a row of `rejections.csv`.
struct UnitFailure: Error, CustomStringConvertible {
    /// A short stable word, see `Rejection.reason`.
    var reason: String
    var detail: String
    /// True where the recording was read and worked on and the outcome is negative (lost), false where it could not be.
    var isFinding = false
    /// What a recording that is refused in ingest holds, as far as its index says.
    var frames = 0
    var seconds = 0.0

    var description: String { "\(reason): \(detail)" }

    func stop(_ stage: String) -> Stop {
        Stop(stage: stage, reason: reason, detail: detail, isFinding: isFinding, frames: frames, seconds: seconds)
    }
}

/// A stage of the session that cannot take some recordings: they stop, the others are gone through again.
struct RecordingsFailed: Error {
    var stops: [String: Stop]
}
