internal import Dataset
internal import Foundation
internal import Imaging
internal import Robot
internal import Session

/// What curation leaves over, beside what it writes into each recording's state.
struct Curated {
    /// Of `episodes.csv`.
    var table: CSVTable
    /// By pair.
    var pairs: [String: [PairEpisode]] = [:]
    /// Hashes of the files that say what is kept, by name.
    var inputs: [String: String] = [:]
    var notes: [String] = []
    /// Every episode that could have been kept, for the data set's memory.
    var candidates: [DatasetSource.Candidate] = []
}

/// The user's files on what to keep, read before any work, as the options are looked at: a slip in them costs no hours.
struct CurationFiles: Sendable {
    var labels: [LabelledSpan] = []
    var values: ValueWeights?

    init(_ request: ConvertRequest) throws(PipelineError) {
        try request.configuration.curate.check()
        try request.configuration.export.check()
        try SideBases.check(request.configuration.pair)
        _ = try KeepExpression(request.configuration.curate.keep)
        do {
            if let file = request.labels { labels = try LabelledSpan.read(file) }
            if let file = request.values { values = try ValueWeights(contentsOf: file) }
        } catch {
            throw .refused(
                error, accepted: "recording,start,end,label,note for --labels; recording,time,weight or recording,time,value for --values")
        }
    }
}

extension Converter {
    /// Labels, value function and `keep` on what feasibility left over.
    func curate(_ states: inout [DemoState], _ plan: PairPlan) throws -> Curated {
        var curator = Curator(
            options: request.configuration.curate, labels: curation.labels, values: curation.values,
            task: request.configuration.export.task,
            session: layout.name, shortest: request.configuration.episodes.minimumSeconds)
        (curator.earlierSpeeds, curator.earlierCandidates) = Export.earlier(request, session: layout.name)
        var out = Curated(table: CSVTable(header: EpisodeTable.header, rows: []))
        let known = Set(layout.recordings.map(\.unit))
        for (file, names) in [
            (request.labels, Set(curator.labels.map(\.recording))), (request.values, Set(curator.values?.series.keys.map { $0 } ?? [])),
        ] {
            guard let file else { continue }
            out.inputs[file == request.labels ? "labels" : "values"] = try SHA256.hex(ofFile: file)
            for name in names.subtracting(known).sorted() {
                out.notes.append("\(file.lastPathComponent): \(name) is no recording of this session; what it says of it is not used")
            }
        }
        let pairs = plan.pairs.compactMap { PairCuration($0, plan, states) }
        for pair in pairs {
            curator.labels += pair.translated(curator.labels)
            curator.values?.lend(pair.pair.left, to: pair.pair.right, offset: pair.pair.offset)
        }
        var demos: [(input: Curator.Input, pair: PairCuration?)] = states.filter { $0.pair == nil }.compactMap(Curator.Input.init).map {
            ($0, nil)
        }
        demos += pairs.compactMap { pair in pair.input.map { ($0, pair) } }
        let curated = try curator.curate(demos.map(\.input))
        for (demo, curation) in zip(demos, curated) {
            func put(_ curation: DemoCuration, _ unit: String) {
                if let i = states.firstIndex(where: { $0.file.unit == unit }) { states[i].curation = curation }
            }
            put(curation, demo.input.unit)
            if let pair = demo.pair {
                put(pair.mirrored(curation), pair.pair.left)
                out.pairs[pair.pair.name] = pair.episodes(curation)
            }
        }
        out.candidates = curated.flatMap(\.candidates)
        out.table = EpisodeTable.table(zip(demos, curated).map { ($0.input, $1) })
        return out
    }
}

extension Curator.Input {
    /// Nil where the demo has stopped or a stage left nothing.
    init?(_ s: DemoState) {
        guard s.stopped == nil, let path = s.path?.path, let solved = s.solved, let judged = s.judged else { return nil }
        self.init(
            unit: s.file.unit, tool: path.tool, solved: solved.episodes, kept: judged.kept,
            infeasibleShares: judged.verdicts.map { 1 - $0.kept.feasibleShare }, margins: judged.verdicts.map { Self.margins($0.kept) },
            unresolved: s.masked?.summary.unresolvedShares ?? [])
    }

    /// By frame the smallest margin over all checks.
    private static func margins(_ report: FeasibilityReport) -> [Double?] {
        (0..<report.frames).map { i in report.margins.compactMap { $0.values.indices.contains(i) ? $0.values[i] : nil }.min() }
    }
}
