internal import Dataset
internal import Foundation
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// Writes groups of demos into data sets, each recording's pictures in one pass for all that is made of them.
struct ExportRun {
    private let at: StageInput
    private let request: ConvertRequest
    private let folder: URL
    private(set) var summaries: [ExportSummary] = []
    private(set) var episodes: [WrittenEpisode] = []
    private(set) var strips: [StripTap.Strip] = []
    let provenance = ProvenanceLog()

    init(_ at: StageInput, folder: URL) { (self.at, request, self.folder) = (at, at.request, folder) }

    mutating func write(_ group: ExportGroup) throws {
        let policy = group.policy
        guard !policy.isEmpty || ((request.dynamics || request.exportsMasks) && !group.demos.isEmpty) else { return }
        let base = group.demos[0].sides[0].base
        let options = request.configuration.export
        let rate = options.rate(of: policy.isEmpty ? group.demos : policy)
        var source = try SessionAccount(at).source(key: at.ownKey)
        source.versions[KeptPostures.key] = try KeptPostures.settled(request, at.run.identity).postureRule(request.arm)
        if let sentence = base.isKnown ? KeptPostures.sentence(policy) : base.note { source.notes.append(sentence) }
        func plan(_ url: URL) throws -> ExistingDataset? {
            try ExportPlan(url, identity: at.run.identity, key: at.ownKey).existing
        }
        let numbers = try KeptRotations.numbers(group, at, rate: rate)
        var writers: [any DatasetWriter] = []
        let pictures = group.demos[0].sides[0].recording.size
        for format in request.formats where !policy.isEmpty {
            let url = ExportTargets.url(format, request, folder: group.folder)
            guard let existing = try plan(url) else { continue }
            var specification = DatasetSpecification(
                arm: request.arm.name, jointNames: base.isKnown ? request.arm.joints.map(\.name) : [],
                sides: group.demos[0].curated.demo.written.map { group.demos[0].curated.demo.sides[$0].hand }, rate: rate,
                pictureWidth: pictures.width, pictureHeight: pictures.height,
                carriesWeights: request.labels != nil || request.values != nil, carriesRetiming: true, options: try options.dataset)
            (specification.numbers, specification.imageKey, specification.samples) = (numbers, options.imageKey, at.run.samples)
            writers.append(try format.writer(at: url, specification, existing: existing))
        }
        var dynamics: DynamicsWriter?
        // Recordings of which no two frames are known have no transitions.
        if request.dynamics, try at.sessionFrame().isMetric,
            group.demos.contains(where: { $0.sides.contains(where: DynamicsWriter.hasTransitions) })
        {
            let url = ExportTargets.dynamics(request, folder: group.folder)
            dynamics = try plan(url).map {
                try DynamicsWriter(url, existing: $0, rate: rate, pictures: pictures, arm: request.arm.name, options: options)
            }
        }
        for (n, demo) in group.demos.enumerated() {
            do { try write(demo, group.folder, rate: rate, to: writers, dynamics) } catch {
                // The data sets cannot take back what was begun: they are written again without this demo.
                if case DatasetError.file = error { throw error }
                throw RecordingsFailed(stops: Dictionary(uniqueKeysWithValues: demo.sides.map { ($0.unit, Self.stop(error)) }))
            }
            at.advanced(Double(n + 1) / Double(group.demos.count))
        }
        for writer in writers { try writer.finish(source) }
        try dynamics?.finish(source, group.demos.flatMap(\.sides))
        summarize(group.folder, rate: rate, hasEpisodes: !policy.isEmpty)
    }

    static func stop(_ error: any Error) -> Stop {
        let failure = error as? UnitFailure ?? UnitFailure(reason: "failed", detail: "\(error)")
        return failure.stop(ExportStage.name)
    }

    /// What this session has in each of the data sets, as those say themselves.
    private mutating func summarize(_ folder: String, rate: Int, hasEpisodes: Bool) {
        var sets = request.formats.map { ($0.name, ExportTargets.url($0, request, folder: folder)) }
        if !hasEpisodes { sets = [] }
        if request.dynamics { sets.append(("lerobot-dynamics", ExportTargets.dynamics(request, folder: folder))) }
        for (format, url) in sets {
            guard let mine = DatasetProvenance.read(url)?.sources.last(where: { at.run.identity.isOf($0) }) else { continue }
            let path = folder.isEmpty ? url.lastPathComponent : "\(folder)/\(url.lastPathComponent)"
            summaries.append(ExportSummary(format: format, path: path, episodes: mine.episodes, frames: mine.frames, rate: rate))
        }
    }

    /// All that is made of one demo.
    private mutating func write(
        _ demo: ExportDemo, _ group: String, rate: Int, to writers: [any DatasetWriter], _ dynamics: DynamicsWriter?
    ) throws {
        let sampler = DemoSampler(
            demo: demo, rate: rate, kinematics: Kinematics(request.arm), arm: request.arm, limits: at.configuration.feasibility)
        let rows = demo.curated.episodes.map { (episode: $0, samples: sampler.samples(of: $0)) }.filter { !$0.samples.isEmpty }
        let scratch = at.run.scratch.appendingPathComponent("export", isDirectory: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        var kept: [(plan: DynamicsWriter.Plan, pictures: KeptPictures)] = []
        var strips: [StripTap] = []
        let pictures = try demo.sides.indices.map { side in
            let own = demo.sides[side]
            let frames = Set(rows.flatMap { $0.samples.map { $0[side].frame } })
            let strip = StripTap(own, exported: frames, folder: folder)
            strips.append(strip)
            var taps: [any PictureTap] = [strip]
            if request.exportsMasks {
                let exported = Set(own.outcomes.indices.filter { own.outcomes[$0] == "exported" })
                taps.append(try MaskExportTap(own, exported: exported, root: MaskExportTap.root(request)))
            }
            if let dynamics {
                let plan = dynamics.plan(own)
                let tap = try dynamics.tap(plan, scratch: scratch.appendingPathComponent("\(side).raw"))
                kept.append((plan, tap))
                taps.append(tap)
            }
            return try SidePictures(own, wanted: frames, taps: taps, at: at, log: provenance)
        }
        for (episode, samples) in rows {
            try write(demo, episode, samples, pictures, writers)
            try remember(demo, group, episode, samples)
        }
        for side in pictures { try side.finish() }
        for (n, own) in kept.enumerated() {
            try dynamics?.write(demo.sides[n], own.plan, own.pictures, episodes: demo.curated.episodes, place: n)
        }
        self.strips += strips.flatMap(\.strips)
    }

    private func write(
        _ demo: ExportDemo, _ episode: CuratedDemo.Episode, _ samples: [[SideSample]], _ pictures: [SidePictures],
        _ writers: [any DatasetWriter]
    ) throws {
        for writer in writers { try writer.begin(episode.header) }
        for row in samples {
            let sides = try demo.curated.demo.written.map { side in
                let (picture, filledShare) = try pictures[side].picture(row[side].frame)
                let s = row[side]
                return DatasetFrame.Side(
                    joints: s.joints, gripperWidth: s.width, baseFromTool: s.baseFromTool,
                    tableFromTool: s.tableFromTool, feasibilityMargin: s.margin, positionSigma: s.positionSigma,
                    isBridged: s.state == .bridged, filledShare: filledShare, sourceFrame: s.frame, picture: picture,
                    samples: s.samples)
            }
            let frame = DatasetFrame(
                sides: sides, speedPercentile: episode.measures.speedPercentile, weight: demo.sides[0].curation.weights[row[0].frame],
                isRetimed: row.contains(where: \.isRetimed))
            for writer in writers { try writer.append(frame) }
        }
        for writer in writers { try writer.end() }
    }

    /// What was written, for the account and for replays.
    private mutating func remember(
        _ demo: ExportDemo, _ group: String, _ episode: CuratedDemo.Episode, _ samples: [[SideSample]]
    ) throws {
        let index = episodes.count { $0.folder == group }
        for side in demo.sides.indices {
            let name = ReplayPath.name(episode: index, folder: group, hand: demo.curated.demo.sides[side].hand)
            try ReplayPath.table(samples.map { $0[side] }, unit: demo.sides[side].unit).write(to: folder.appendingPathComponent(name))
        }
        episodes.append(
            WrittenEpisode(
                demo: demo.name, folder: group,
                sides: demo.sides.indices.map { side in
                    WrittenEpisode.Side(unit: demo.sides[side].unit, span: episode.spans[side], frames: samples.map { $0[side].frame })
                }, written: demo.curated.demo.written, rows: samples.count))
    }
}
