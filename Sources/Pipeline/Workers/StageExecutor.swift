internal import Foundation
internal import Glibc
internal import Session

/// Makes artefacts: in this process, or in processes beside it whose end by a signal is one recording's failure.
protocol StageExecutor: Sendable {
    /// Throws `UnitFailure`, `RecordingsFailed` or `PipelineError`; anything else is this unit's failure too.
    func make(
        _ stage: any Stage.Type, unit: String, board: Board, inputs: [String: String], context: RunContext
    ) throws -> (artefact: Artefact, usage: StageUsage)

    /// Lets go of whatever is held for a unit whose stages are done.
    func release(_ unit: String, context: RunContext)
}

/// In this process: for programs that use the library, and in a worker.
struct InProcessExecutor: StageExecutor {
    func make(
        _ stage: any Stage.Type, unit: String, board: Board, inputs: [String: String], context: RunContext
    ) throws -> (artefact: Artefact, usage: StageUsage) {
        try Self.open(stage, unit, board, inputs, context)
    }

    func release(_ unit: String, context: RunContext) { context.cache.forget(unit) }

    private static func open<S: Stage>(
        _ type: S.Type, _ unit: String, _ board: Board, _ inputs: [String: String], _ context: RunContext
    ) throws -> (artefact: Artefact, usage: StageUsage) {
        let stage = S()
        let options = try JSONText.line(AnyOptions(stage.options(context.request.configuration)))
        let key = ArtefactStore.key(stage: S.name, version: S.version, options: options, inputs: inputs)
        let at = StageInput(type, unit: unit, board: board, run: context, declared: inputs, key: key)
        var artefact: Artefact?
        let videos = Dictionary(uniqueKeysWithValues: board.recordings.map { ($0.unit, $0.urls) })
        let usage = try UsageLog.measure(S.name, unit, videos: videos) {
            artefact = try context.store.make(S.name, version: S.version, unit: unit, options: options, inputs: inputs) { folder in
                try context.request.faults.first { $0.stage == S.name && $0.unit == unit }?.happen()
                try stage.make(at, in: folder)
                try verify(stage.files(at), inputs)
            }
        }
        guard let artefact else { preconditionFailure("an artefact that was made is there") }
        return (artefact, usage)
    }
}

extension InProcessExecutor {
    /// A file that was replaced while it was read must not be remembered as the one that was hashed before.
    fileprivate static func verify(_ files: [String: URL], _ inputs: [String: String]) throws {
        for (name, url) in files.sorted(by: { $0.key < $1.key }) where try FileHashes().hash(of: url) != inputs["file/\(name)"] {
            throw UnitFailure(
                reason: "input_changed", detail: "\(url.path) was changed while it was read; run the same command again when it is whole")
        }
    }
}

/// Options of any stage as they go into a key.
struct AnyOptions: Encodable {
    let value: any Encodable
    init(_ value: any Encodable) { self.value = value }
    func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}

/// A fault on purpose, for tests of what becomes of everything else: `stage/unit/kind` in `GRIPTRACE_FAULTS`, with commas between.
public struct StageFault: Sendable, Equatable {
    public enum Kind: String, Sendable { case fail, trap, stop }

    public var stage: String
    public var unit: String
    public var kind: Kind

    public init(stage: String, unit: String, kind: Kind) { (self.stage, self.unit, self.kind) = (stage, unit, kind) }

    static func stated(_ environment: [String: String]) -> [StageFault] {
        (environment["GRIPTRACE_FAULTS"] ?? "").split(separator: ",").compactMap { text in
            let parts = text.split(separator: "/").map(String.init)
            guard parts.count == 3, let kind = Kind(rawValue: parts[2]) else { return nil }
            return StageFault(stage: parts[0], unit: parts[1], kind: kind)
        }
    }

    func happen() throws {
        switch kind {
        case .fail: throw UnitFailure(reason: "failed", detail: "\(stage) of \(unit) fails on purpose")
        case .stop: raise(SIGSTOP)
        case .trap: fatalError("\(stage) of \(unit) traps on purpose")
        }
    }
}
