internal import Dataset
internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// How episodes are written.
public struct ExportOptions: Codable, Sendable, Equatable {
    /// Frames a second of the data set, whole; default 0: the recordings' own rate, rounded (59.94 becomes 60). Poses are interpolated to it,
    /// pictures are the nearest in time.
    public var rate = 0
    /// Widest picture of the LeRobot data set, pixels; default 640. Wider recordings are scaled down in proportion.
    public var imageWidth = 640
    /// Constant rate factor of H.264 in the LeRobot data set; default 20.
    public var quality = 20
    /// Frames from one key picture to the next; default 6: training reads at random.
    public var keyInterval = 6
    /// The task that every episode is labelled with; default "demonstration".
    public var task = "demonstration"

    public init() {}
}

/// One demo as the exporter takes it up.
struct ExportSource: Sendable {
    var recording: IngestedRecording
    var path: ToolPath
    var solved: SolvedEpisodes
    var judged: JudgedEpisodes
    var masked: MaskedRecording
    var poses: LocalizedPoses
    var tags: Artefact
}

/// What an export wrote; the artefact's `dataset.json`.
struct ExportSummary: Codable, Equatable {
    var format: String
    var path: String
    var episodes: Int
    var frames: Int
    var rate: Int
}

/// Writes the kept segments of all demos into data sets.
enum Export {
    static func run(
        _ sources: [ExportSource], base: BasePose, context: StageContext
    ) throws -> [ExportSummary] {
        var summaries: [ExportSummary] = []
        for format in context.request.formats {
            let sources = sources.filter { !$0.judged.kept.isEmpty }
            if sources.isEmpty { continue }
            summaries.append(try write(format, sources, base: base, context: context))
        }
        return summaries
    }

    private static func write(_ format: DataSetFormat, _ sources: [ExportSource], base: BasePose, context: StageContext) throws -> ExportSummary {
        var inputs: [String: String] = [:]
        for s in sources {
            inputs["\(s.recording.file.unit)/feasibility"] = s.judged.artefact.key
            inputs["\(s.recording.file.unit)/mask"] = s.masked.artefact.key
        }
        inputs["fill"] = try JSONText.line(context.configuration.mask.fill)
        let path = format == .lerobot ? "lerobot" : "dataset.zarr.zip"
        let target = context.request.output.appendingPathComponent(path)
        let store = context.store
        if !FileManager.default.fileExists(atPath: target.path) {
            try? FileManager.default.removeItem(at: store.folder(Stage.export.rawValue, format.rawValue))
        }
        let artefact = try context.make(.export, unit: format.rawValue, options: context.configuration.export, inputs: inputs) { folder in
            let rate = self.rate(sources, context.configuration.export)
            let sink: any EpisodeSink =
                switch format {
                case .lerobot: try LeRobotSink(target, sources: sources, rate: rate, arm: context.request.arm, options: context.configuration.export)
                case .umi: try UMISink(target)
                }
            for (n, source) in sources.enumerated() {
                try write(source, base: base, rate: rate, to: sink, context: context)
                context.progress(.advanced(stage: .export, unit: format.rawValue, fraction: Double(n + 1) / Double(sources.count)))
            }
            let counts = try sink.finish()
            let summary = ExportSummary(format: format.rawValue, path: path, episodes: counts.episodes, frames: counts.frames, rate: rate)
            try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("dataset.json"))
        }
        return try JSONText.decode(ExportSummary.self, from: artefact.file("dataset.json"))
    }

    /// The stated rate, or the recordings' own as a whole number.
    static func rate(_ sources: [ExportSource], _ options: ExportOptions) -> Int {
        if options.rate > 0 { return options.rate }
        let rates = sources.map(\.recording.summary.rate).sorted()
        return max(1, Int((rates.isEmpty ? 30 : rates[rates.count / 2]).rounded()))
    }

    /// All kept segments of one demo, in one pass over its pictures.
    private static func write(_ source: ExportSource, base: BasePose, rate: Int, to sink: any EpisodeSink, context: StageContext) throws {
        let resampler = Resampler(source: source, base: base, rate: rate)
        var episodes = source.judged.kept.map { resampler.samples(of: $0) }.filter { !$0.isEmpty }
        guard let last = episodes.last?.last?.frame else { return }
        let pictures = try FilledPictures(
            recording: source.recording, poses: source.poses, tags: source.tags, masked: source.masked, context: context)
        var current: Image?
        var at = -1
        var filledShare = 0.0
        while !episodes.isEmpty {
            let samples = episodes.removeFirst()
            try sink.begin(task: context.configuration.export.task)
            for sample in samples {
                while at < sample.frame {
                    guard let next = try pictures.next(wanted: at + 1 == sample.frame) else {
                        throw UnitFailure(reason: "unreadable", detail: "\(source.recording.file.unit): frame \(at + 1) of \(last) is gone")
                    }
                    at += 1
                    if let picture = next.picture { (current, filledShare) = (picture, next.filledShare) }
                }
                guard let current else { preconditionFailure("a sample's picture was decoded") }
                try sink.append(sample, picture: current, filledShare: filledShare)
            }
            try sink.end()
        }
    }
}
