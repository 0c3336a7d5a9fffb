internal import Dataset
internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// A pair with what both sides' stages left.
struct PairSource {
    var pair: DemoPair
    var right: ExportSource
    var left: ExportSource
    var episodes: [PairEpisode]
}

/// Writes demos of two grippers: `robot0` and `camera0` are the right hand in UMI's zarr, `left_…` and `right_…` the features elsewhere.
enum PairExport {
    /// - Parameters:
    ///   - labels: hashes of the files that say what is kept, by name.
    ///   - account: what becomes of this session's recordings, for the data set's memory.
    ///   - writing: processor time spent in the writers, seconds, added up.
    static func run(
        _ sources: [PairSource], labels: [String: String], account: DatasetSource, writing: inout Double, context: StageContext
    ) throws -> [ExportSummary] {
        let request = context.request
        let policy = sources.filter { !$0.episodes.isEmpty }
        guard let first = sources.first, !policy.isEmpty || request.dynamics else { return [] }
        let options = request.configuration.export
        var inputs = try Export.inputs(sources.flatMap { [$0.right, $0.left] }, labels: labels, context: context)
        for s in sources { inputs["\(s.pair.name)/pair"] = "\(s.pair.offset)" }
        let settings = Export.Settings(request, pair: request.configuration.pair)
        let rate = Export.rate(sources.map(\.right), options)
        var account = account
        account.key = try settings.key(inputs)
        let plans = try Export.Plans(request, account, hasEpisodes: !policy.isEmpty)
        try plans.prepare(context.store.folder(Stage.export.rawValue, "pairs"))
        var seconds = 0.0
        let others = ProcessorTime.others
        let artefact = try context.make(.export, unit: "pairs", options: settings, inputs: inputs) { folder in
            var tables: [TableWriter] = []
            var umi: UMIWriter?
            for (format, existing) in plans.policy {
                if format == .umi {
                    umi = try umiWriter(existing, context)
                } else {
                    tables.append(
                        try TableWriter(
                            format, Export.target(format, request), existing: existing, recording: first.right.recording.summary,
                            rate: rate,
                            arm: request.arm, options: options, sides: ["left_", "right_"]))
                }
            }
            for (n, source) in policy.enumerated() {
                try write(source, rate: rate, tables: tables, umi: umi, seconds: &seconds, context: context)
                context.progress(.advanced(stage: .export, unit: "pairs", fraction: Double(n + 1) / Double(policy.count)))
            }
            try Export.measured(&seconds) {
                for table in tables { try table.writer.finish(source: account) }
                try umi?.finish(source: account)
            }
            if let existing = plans.dynamics {
                try Dynamics.write(
                    sources.flatMap { [$0.right, $0.left] }, to: Export.dynamicsTarget(request), existing: existing, account: account,
                    rate: rate,
                    seconds: &seconds, context: context)
            }
            try FileBytes.write(
                JSONText.encode(Export.summaries(request, account, rate: rate)), to: folder.appendingPathComponent("datasets.json"))
            try context.provenance.write(to: folder)
        }
        try context.provenance.read(from: artefact.folder)
        writing += seconds + max(0, ProcessorTime.others - others)
        return try JSONText.decode([ExportSummary].self, from: artefact.file("datasets.json"))
    }

    private static func umiWriter(_ existing: ExistingDataset, _ context: StageContext) throws -> UMIWriter {
        var options = UMIOptions()
        options.existing = existing
        options.robots = 2
        options.carriesWeights = Export.carriesWeights(context.request)
        return try UMIWriter(path: Export.target(.umi, context.request), options: options)
    }

    private static func write(
        _ source: PairSource, rate: Int, tables: [TableWriter], umi: UMIWriter?, seconds: inout Double, context: StageContext
    ) throws {
        let sampler = PairSampler(
            right: source.right, left: source.left, pair: source.pair, rate: rate, kinematics: Kinematics(context.request.arm))
        guard !tables.isEmpty || umi != nil else { return }
        var right = try PictureCursor(source.right, context: context)
        var left = try PictureCursor(source.left, context: context)
        for part in source.episodes {
            let samples = sampler.samples(of: part.joint)
            guard !samples.isEmpty else { continue }
            for table in tables { try table.writer.beginEpisode(part.episode.header) }
            umi?.beginEpisode(part.episode.header)
            for (k, sample) in samples.enumerated() {
                let pictures = (right: try right.picture(sample.right.frame), left: try left.picture(sample.left.frame))
                let weight = source.right.curation.weights[sample.right.frame]
                try Export.measured(&seconds) {
                    for table in tables {
                        // Nothing follows the last row: its action is to stay.
                        let row = frame(sample, next: samples[min(k + 1, samples.count - 1)], pictures, part.episode, weight)
                        try table.writer.append(row, images: [pictures.left, pictures.right].map { try table.fitted($0.picture) })
                    }
                    try umi?.append(
                        [sample.right, sample.left].map { UMIFrame(tableFromTool: $0.tableFromTool, gripperWidth: $0.width) },
                        images: [pictures.right, pictures.left].map {
                            try UMIPicture.prepare($0.picture, size: umi?.options.imageSize ?? 0)
                        },
                        weight: weight)
                }
            }
            try Export.measured(&seconds) {
                for table in tables { try table.writer.endEpisode() }
                try umi?.endEpisode()
            }
        }
    }

    /// Each side's joints, gripper and tool pose in its own base's frame, left first.
    private static func frame(
        _ sample: (right: SideSample, left: SideSample), next: (right: SideSample, left: SideSample),
        _ pictures: (right: (picture: Image, filledShare: Double), left: (picture: Image, filledShare: Double)),
        _ episode: DemoCuration.Episode,
        _ weight: Double
    ) -> EpisodeFrame {
        func numbers(_ s: SideSample) -> [Float] {
            TableWriter.numbers(joints: s.joints, width: s.width, baseFromTool: s.baseFromTool, rotationVector: s.rotationVector)
        }
        let sides = [(sample.left, pictures.left.filledShare), (sample.right, pictures.right.filledShare)]
        let diagnostics = sides.flatMap { s, filledShare in
            [
                .float(Float(s.margin)), .float(Float(s.positionSigma)), .bool(s.isBridged), .float(Float(filledShare)),
                .integer(Int64(s.frame)),
            ] as [AnnotationValue]
        }
        return EpisodeFrame(
            state: numbers(sample.left) + numbers(sample.right), action: numbers(next.left) + numbers(next.right),
            annotations: diagnostics + [.float(Float(episode.measures.speedPercentile)), .float(Float(weight))])
    }
}
