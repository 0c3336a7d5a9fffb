internal import Dataset
internal import Foundation
internal import Imaging
internal import Robot
internal import Session

/// What is kept of the session's demos, and how much each frame counts.
struct SessionCuration: Sendable, Codable {
    var demos: [CuratedDemo] = []
    var notes: [String] = []

    /// Every episode that could have been kept, for the data set's memory.
    var candidates: [DatasetSource.Candidate] { demos.flatMap(\.candidates) }

    /// A recording's part in its demo.
    func side(_ unit: String) -> (demo: CuratedDemo, side: Int)? {
        for demo in demos {
            if let side = demo.demo.sides.firstIndex(where: { $0.unit == unit }) { return (demo, side) }
        }
        return nil
    }
}

/// Labels, value function and `keep` on what feasibility left over; `episodes.csv` lists every episode that was looked at.
struct CurateStage: Stage {
    static let name = "curate"
    static let version = 3
    static let scope = StageScope.session
    static let dependsOnArm = true
    static let table = "episodes.csv"

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, GripperStateStage.self, SolveStage.self, FeasibilityStage.self, MaskStage.self, JoinStage.self]
    }

    private struct Settings: Encodable {
        var curate: CurateOptions
        var task: String
        var minimumSeconds: Double
    }

    func options(_ configuration: Configuration) -> any Encodable {
        Settings(curate: configuration.curate, task: configuration.export.task, minimumSeconds: configuration.episodes.minimumSeconds)
    }

    func files(_ at: StageInput) throws -> [String: URL] {
        var files: [String: URL] = [:]
        if let labels = at.request.labels { files["labels"] = labels }
        if let values = at.request.values { files["values"] = values }
        return files
    }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs = [
            "join": at.key(JoinStage.self),
            "recordings": at.board.recordings.map(\.unit).joined(separator: "\n"),
            "earlier": try JSONText.line(Earlier(at)),
        ]
        for file in at.going(MaskStage.self) {
            inputs["\(file.unit)/ingest"] = at.key(IngestStage.self, of: file.unit)
            inputs["\(file.unit)/gripper_state"] = at.key(GripperStateStage.self, of: file.unit)
            inputs["\(file.unit)/solve"] = at.key(SolveStage.self, of: file.unit)
            inputs["\(file.unit)/feasibility"] = at.key(FeasibilityStage.self, of: file.unit)
            inputs["\(file.unit)/mask"] = at.key(MaskStage.self, of: file.unit)
        }
        return inputs
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let files = try CurationFiles(at.request)
        let earlier = Earlier(at)
        var curator = Curator(
            options: at.configuration.curate, labels: files.labels, values: files.values, task: at.configuration.export.task,
            shortest: at.configuration.episodes.minimumSeconds)
        (curator.earlierSpeeds, curator.earlierCandidates) = (earlier.speeds, earlier.candidates)
        var out = SessionCuration()
        let inputs = try at.result(JoinStage.self).demos.filter { demo in demo.sides.allSatisfy { at.board.isGoing($0.unit) } }.map {
            try Self.input($0, at)
        }
        out.demos = try curator.curate(inputs)
        let times = Dictionary(
            inputs.flatMap { input in input.demo.sides.indices.map { (input.demo.sides[$0].unit, input.clock.times[$0]) } },
            uniquingKeysWith: { a, _ in a })
        out.notes += LabelledSpan.remarks(files.labels, times: times, file: at.request.labels?.lastPathComponent ?? "")
        out.notes += files.values?.remarks(times: times, file: at.request.values?.lastPathComponent ?? "") ?? []
        try EpisodeTable.table(zip(inputs, out.demos).map { ($0, $1) }).write(to: folder.appendingPathComponent(Self.table))
        try FileBytes.write(Array(JSONText.line(out).utf8) + [10], to: folder.appendingPathComponent("curation.json"))
    }

    private static func input(_ demo: JoinedDemo, _ at: StageInput) throws -> Curator.Input {
        let recordings = try demo.sides.map { try at.result(IngestStage.self, of: $0.unit) }
        return Curator.Input(
            demo: demo, clock: DemoClock(times: recordings.map(\.times), offsets: demo.sides.map(\.offset)),
            sides: try demo.sides.map { side in
                let feasible = try at.result(FeasibilityStage.self, of: side.unit)
                return Curator.Input.Side(
                    tool: try at.result(GripperStateStage.self, of: side.unit).tool,
                    solved: try at.result(SolveStage.self, of: side.unit).episodes,
                    infeasibleShares: feasible.verdicts.map { 1 - $0.kept.feasibleShare },
                    margins: feasible.verdicts.map { margins($0.kept) },
                    unresolved: try at.result(MaskStage.self, of: side.unit).summary.unresolvedShares)
            }, identity: recordings[0].summary.fileHash)
    }

    /// By frame the smallest margin over all checks.
    private static func margins(_ report: FeasibilityReport) -> [Double?] {
        (0..<report.frames).map { i in report.margins.compactMap { $0.values.indices.contains(i) ? $0.values[i] : nil }.min() }
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> SessionCuration {
        try JSONText.decode(SessionCuration.self, from: artefact.file("curation.json"))
    }

    func verdict(_ output: SessionCuration) -> SessionVerdict { SessionVerdict(notes: output.notes) }
}

/// What came into the data set before this session: its episodes' speeds, metres a second, and all that could have been kept.
struct Earlier: Encodable {
    var speeds: [Double] = []
    var candidates: [DatasetSource.Candidate] = []

    init(_ at: StageInput) {
        let request = at.request
        let identity = at.run.identity
        let known = request.formats.lazy.compactMap { DatasetProvenance.read(ExportTargets.url($0, request)) }.first
        guard let known else { return }
        let before = known.sources.prefix { !identity.isOf($0) }
        speeds = known.speeds(before: known.sources.dropFirst(before.count).first?.firstEpisode ?? .max)
        candidates = before.flatMap { $0.candidates ?? [] }
    }
}
