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

/// What an export wrote of one format; the artefact's `datasets.json` lists them.
struct ExportSummary: Codable, Equatable {
    var format: String
    var path: String
    var episodes: Int
    var frames: Int
    var rate: Int
}

/// Writes the kept segments of all demos into data sets, all formats in one pass over the pictures.
enum Export {
    private struct Settings: Codable {
        var formats: [String]
        var options: ExportOptions
        var fill: FillOptions
    }

    static func run(_ sources: [ExportSource], base: BasePose, context: StageContext) throws -> [ExportSummary] {
        let sources = sources.filter { !$0.judged.kept.isEmpty }
        guard !sources.isEmpty else { return [] }
        let request = context.request
        var inputs: [String: String] = [:]
        for s in sources {
            inputs["\(s.recording.file.unit)/feasibility"] = s.judged.artefact.key
            inputs["\(s.recording.file.unit)/mask"] = s.masked.artefact.key
        }
        let settings = Settings(
            formats: request.formats.map(\.rawValue), options: request.configuration.export, fill: request.configuration.mask.fill)
        // A data set that somebody removed is written again.
        if request.formats.contains(where: { !FileManager.default.fileExists(atPath: target($0, request).path) }) {
            let folder = context.store.folder(Stage.export.rawValue, "datasets")
            if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
        }
        let artefact = try context.make(.export, unit: "datasets", options: settings, inputs: inputs) { folder in
            let rate = self.rate(sources, request.configuration.export)
            var sinks: [any EpisodeSink] = []
            for format in request.formats {
                switch format {
                case .lerobot:
                    sinks.append(
                        try LeRobotSink(
                            target(format, request), sources: sources, rate: rate, arm: request.arm, options: request.configuration.export))
                case .umi: sinks.append(try UMISink(target(format, request)))
                }
            }
            var episodes = 0
            for (n, source) in sources.enumerated() {
                for samples in try write(source, base: base, rate: rate, to: sinks, context: context) {
                    let table = ReplayPath.table(samples, unit: source.recording.file.unit)
                    try table.write(to: folder.appendingPathComponent(ReplayPath.name(episode: episodes)))
                    episodes += 1
                }
                context.progress(.advanced(stage: .export, unit: "datasets", fraction: Double(n + 1) / Double(sources.count)))
            }
            var summaries: [ExportSummary] = []
            for (format, sink) in zip(request.formats, sinks) {
                let counts = try sink.finish()
                summaries.append(
                    ExportSummary(
                        format: format.rawValue, path: target(format, request).lastPathComponent, episodes: counts.episodes, frames: counts.frames,
                        rate: rate))
            }
            try FileBytes.write(JSONText.encode(summaries), to: folder.appendingPathComponent("datasets.json"))
        }
        return try JSONText.decode([ExportSummary].self, from: artefact.file("datasets.json"))
    }

    /// The data sets that stand at this request's places, whoever wrote them.
    static func existing(_ request: ConvertRequest) -> [String] {
        request.formats.map { target($0, request) }.filter { FileManager.default.fileExists(atPath: $0.path) }.map(\.lastPathComponent)
    }

    private static func target(_ format: DataSetFormat, _ request: ConvertRequest) -> URL {
        request.output.appendingPathComponent(format == .lerobot ? "lerobot" : "dataset.zarr.zip")
    }

    /// The stated rate, or the recordings' own as a whole number.
    static func rate(_ sources: [ExportSource], _ options: ExportOptions) -> Int {
        if options.rate > 0 { return options.rate }
        let rates = sources.map(\.recording.summary.rate).sorted()
        return max(1, Int((rates.isEmpty ? 30 : rates[rates.count / 2]).rounded()))
    }

    /// All kept segments of one demo, in one pass over its pictures; gives what was written, episode by episode.
    private static func write(
        _ source: ExportSource, base: BasePose, rate: Int, to sinks: [any EpisodeSink], context: StageContext
    ) throws -> [[EpisodeSample]] {
        let resampler = Resampler(source: source, base: base, rate: rate, kinematics: Kinematics(context.request.arm))
        let episodes = source.judged.kept.map { resampler.samples(of: $0) }.filter { !$0.isEmpty }
        guard let last = episodes.last?.last?.frame else { return [] }
        let pictures = try FilledPictures(
            recording: source.recording, poses: source.poses, tags: source.tags, masked: source.masked, context: context)
        var current: Image?
        var at = -1
        var filledShare = 0.0
        for samples in episodes {
            for sink in sinks { try sink.begin(task: context.configuration.export.task) }
            for sample in samples {
                while at < sample.frame {
                    guard let next = try pictures.next(wanted: at + 1 == sample.frame) else {
                        throw UnitFailure(reason: "unreadable", detail: "\(source.recording.file.unit): frame \(at + 1) of \(last) is gone")
                    }
                    at += 1
                    if let picture = next.picture { (current, filledShare) = (picture, next.filledShare) }
                }
                guard let current else { preconditionFailure("a sample's picture was decoded") }
                for sink in sinks { try sink.append(sample, picture: current, filledShare: filledShare) }
            }
            for sink in sinks { try sink.end() }
        }
        return episodes
    }
}
