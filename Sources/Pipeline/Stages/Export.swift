internal import Dataset
internal import Foundation
internal import Geometry
internal import Glibc
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// How episodes are written.
public struct ExportOptions: Codable, Sendable, Equatable {
    /// Frames a second of the data set, whole, 1 to 240; default 0: the recordings' own rate, rounded (59.94 becomes 60). Poses are interpolated
    /// to it, pictures are the nearest in time.
    public var rate = 0
    /// Widest picture of the LeRobot data set, pixels; default 640. Wider recordings are scaled down in proportion.
    public var imageWidth = 640
    /// Width and height of the pictures in robomimic's HDF5, pixels; default 224: they are hardly compressed there.
    public var squareWidth = 224
    /// Constant rate factor of the video in the LeRobot data set; default 0: 20 with H.264, 30 with AV1.
    public var quality = 0
    /// Codec of the video, `h264` or `av1`; default h264: AV1 takes a fifth of the space less and five times the time.
    public var codec = "h264"
    /// Frames from one key picture to the next; default 6: training reads at random.
    public var keyInterval = 6
    /// The task that an episode without a label is for; default "demonstration".
    public var task = "demonstration"

    public init() {}

    func check() throws(PipelineError) {
        _ = try leRobot
        guard rate == 0 || (1...240).contains(rate) else {
            throw .usage("export.rate \(rate)", accepted: "a whole number of frames a second from 1 to 240, or 0")
        }
        for (name, width) in [("image_width", imageWidth), ("square_width", squareWidth)] where !(16...4096).contains(width) {
            throw .usage("export.\(name) \(width)", accepted: "16 to 4096 pixels")
        }
        guard (1...10_000).contains(keyInterval) else { throw .usage("export.key_interval \(keyInterval)", accepted: "1 to 10000 frames") }
        guard (0...(codec == "av1" ? 63 : 51)).contains(quality) else {
            throw .usage("export.quality \(quality)", accepted: "1 to 51 with h264, 1 to 63 with av1, or 0")
        }
        guard !task.isEmpty else { throw .usage("export.task ''", accepted: "what is done, in words") }
    }

    /// Of the pictures in LeRobot's videos: even numbers of pixels.
    func videoSize(_ recording: IngestSummary) -> (width: Int, height: Int) {
        let scale = min(1, Double(imageWidth) / Double(recording.width))
        return (Int((Double(recording.width) * scale / 2).rounded()) * 2, Int((Double(recording.height) * scale / 2).rounded()) * 2)
    }

    var leRobot: LeRobotOptions {
        get throws(PipelineError) {
            var out = LeRobotOptions()
            guard let codec = VideoWriter.Codec(rawValue: codec), codec != .ffv1 else {
                throw .usage("export.codec \(codec)", accepted: "h264, av1")
            }
            out.codec = codec
            if quality > 0 { out.crf = quality }
            out.keyFrameInterval = keyInterval
            return out
        }
    }
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
    var curation: DemoCuration
    /// Where its arm stands.
    var base: BasePose
    /// By frame `exported` or why not.
    var outcomes: [String]
}

/// What an export wrote of one format; the artefact's `datasets.json` lists them.
struct ExportSummary: Codable, Equatable {
    var format: String
    var path: String
    var episodes: Int
    var frames: Int
    var rate: Int
}

/// Writes the kept episodes of all demos into data sets, all formats in one pass over the pictures.
///
/// A data set that holds other sessions grows by this one; one that holds this session with the same content is left alone. What was made of
/// the same session with other options or inputs is replaced where it stands alone, and refused where other sessions stand beside it: a data
/// set only grows.
enum Export {
    /// What a data set's content depends on beside its sources.
    struct Settings: Codable {
        var formats: [String]
        var options: ExportOptions
        var curate: CurateOptions
        /// Nil for demos of one arm.
        var pair: PairOptions?
        var fill: FillOptions
        var dynamics: Bool

        init(_ request: ConvertRequest, pair: PairOptions? = nil) {
            let configuration = request.configuration
            formats = request.formats.map(\.rawValue)
            (options, curate, fill) = (configuration.export, configuration.curate, configuration.mask.fill)
            (self.pair, dynamics) = (pair, request.dynamics)
        }

        func key(_ inputs: [String: String]) throws -> String { SHA256.hex(of: try JSONText.line(self) + JSONText.line(inputs)) }
    }

    /// What a data set is made from, by name.
    static func inputs(_ sources: [ExportSource], labels: [String: String], context: StageContext) throws -> [String: String] {
        var inputs = labels
        for s in sources {
            inputs["\(s.recording.file.unit)/feasibility"] = s.judged.artefact.key
            inputs["\(s.recording.file.unit)/mask"] = s.masked.artefact.key
            inputs.merge(try ReplacedPictures.inputs(s, context: context)) { a, _ in a }
        }
        return inputs
    }

    /// - Parameters:
    ///   - labels: hashes of the files that say what is kept, by name.
    ///   - account: what becomes of this session's recordings, for the data set's memory.
    ///   - writing: processor time spent in the writers, seconds, added up.
    static func run(
        _ sources: [ExportSource], labels: [String: String], account: DatasetSource, writing: inout Double, context: StageContext
    ) throws -> [ExportSummary] {
        let request = context.request
        let policy = sources.filter { !$0.curation.episodes.isEmpty }
        guard !policy.isEmpty || (request.dynamics && !sources.isEmpty) else { return [] }
        let options = request.configuration.export
        let inputs = try inputs(sources, labels: labels, context: context)
        let settings = Settings(request)
        let rate = self.rate(policy.isEmpty ? sources : policy, options)
        var source = account
        source.key = try settings.key(inputs)
        let plans = try Plans(request, source, hasEpisodes: !policy.isEmpty)
        try plans.prepare(context.store.folder(Stage.export.rawValue, "datasets"))
        var seconds = 0.0
        let others = ProcessorTime.others
        let artefact = try context.make(.export, unit: "datasets", options: settings, inputs: inputs) { folder in
            var sinks: [any EpisodeSink] = []
            for (format, existing) in plans.policy {
                sinks.append(try sink(format, existing: existing, policy, rate: rate, context: context))
            }
            var episodes = 0
            for (n, demo) in policy.enumerated() {
                for samples in try write(demo, rate: rate, to: sinks, seconds: &seconds, context: context) {
                    let table = ReplayPath.table(samples, unit: demo.recording.file.unit)
                    try table.write(to: folder.appendingPathComponent(ReplayPath.name(episode: episodes)))
                    episodes += 1
                }
                context.progress(.advanced(stage: .export, unit: "datasets", fraction: Double(n + 1) / Double(policy.count)))
            }
            try measured(&seconds) { for sink in sinks { try sink.finish(source) } }
            if let existing = plans.dynamics {
                try Dynamics.write(
                    sources, to: dynamicsTarget(request), existing: existing, account: source, rate: rate, seconds: &seconds,
                    context: context)
            }
            try FileBytes.write(JSONText.encode(summaries(request, source, rate: rate)), to: folder.appendingPathComponent("datasets.json"))
            try context.provenance.write(to: folder)
        }
        try context.provenance.read(from: artefact.folder)
        writing += seconds + max(0, ProcessorTime.others - others)
        return try JSONText.decode([ExportSummary].self, from: artefact.file("datasets.json"))
    }

    /// What is to be written, and what to do with what stands there.
    struct Plans {
        private(set) var policy: [(format: DataSetFormat, existing: ExistingDataset)] = []
        private(set) var dynamics: ExistingDataset?

        init(_ request: ConvertRequest, _ source: DatasetSource, hasEpisodes: Bool) throws(PipelineError) {
            let again = request.from.map { $0 <= .export } ?? false
            for format in request.formats where hasEpisodes {
                if let existing = try plan(target(format, request), source, again: again) { policy.append((format, existing)) }
            }
            if request.dynamics { dynamics = try plan(dynamicsTarget(request), source, again: again) }
        }

        /// A data set that somebody removed, or that does not hold this session any more, is written again: the artefact does not stand for it.
        func prepare(_ artefact: URL) throws {
            guard !policy.isEmpty || dynamics != nil, FileManager.default.fileExists(atPath: artefact.path) else { return }
            try FileManager.default.removeItem(at: artefact)
        }
    }

    /// What this session has in each of the data sets.
    static func summaries(_ request: ConvertRequest, _ source: DatasetSource, rate: Int) -> [ExportSummary] {
        let dynamics = request.dynamics ? [summary("lerobot-dynamics", dynamicsTarget(request), source, rate: rate)] : []
        return (request.formats.map { summary($0.rawValue, target($0, request), source, rate: rate) } + dynamics).compactMap { $0 }
    }

    /// What to do with what stands at `url`; nil where this session is in it already with the same content.
    /// - Parameter again: write it all the same, where no other session is beside it.
    static func plan(_ url: URL, _ source: DatasetSource, again: Bool = false) throws(PipelineError) -> ExistingDataset? {
        guard FileManager.default.fileExists(atPath: url.path) else { return .append }
        guard let provenance = DatasetProvenance.read(url) else {
            // Another program's, or one from before data sets said where they came from.
            throw .usage("\(url.path) exists and does not say where it came from", accepted: "another --output, or its removal")
        }
        if let twin = provenance.sources.first(where: { $0.key == source.key && $0.session != source.session }) {
            throw .usage(
                "\(url.path) holds these recordings already, as session \(twin.session): their episodes would come twice",
                accepted: "the session under its first name, or another --output")
        }
        let mine = provenance.sources.filter { $0.session == source.session }
        let stands = mine.count == 1 && mine[0].key == source.key
        if mine.isEmpty { return .append }
        if mine.count == provenance.sources.count { return stands && !again ? nil : .replace }
        if stands { return nil }
        throw .usage(
            "\(url.path) holds session \(source.session) beside others, made with other options or inputs; a data set only grows",
            accepted: "the options it was made with, or another --output")
    }

    /// What this session has in the data set, as that says itself.
    private static func summary(_ format: String, _ url: URL, _ source: DatasetSource, rate: Int) -> ExportSummary? {
        guard let mine = DatasetProvenance.read(url)?.sources.last(where: { $0.session == source.session }) else { return nil }
        return ExportSummary(format: format, path: url.lastPathComponent, episodes: mine.episodes, frames: mine.frames, rate: rate)
    }

    /// Of what came into the data set before this session: its episodes' speeds, metres a second, and all that could have been kept.
    static func earlier(_ request: ConvertRequest, session: String) -> (speeds: [Double], candidates: [DatasetSource.Candidate]) {
        let known = request.formats.lazy.compactMap { DatasetProvenance.read(target($0, request)) }.first
        guard let known else { return ([], []) }
        let before = known.sources.prefix { $0.session != session }
        return (
            known.speeds(before: known.sources.dropFirst(before.count).first?.firstEpisode ?? .max), before.flatMap { $0.candidates ?? [] }
        )
    }

    private static func sink(
        _ format: DataSetFormat, existing: ExistingDataset, _ sources: [ExportSource], rate: Int, context: StageContext
    ) throws -> any EpisodeSink {
        let request = context.request
        let target = target(format, request)
        switch format {
        case .lerobot, .lerobot21, .robomimic:
            return TableSink(
                try TableWriter(
                    format, target, existing: existing, recording: sources[0].recording.summary, rate: rate, arm: request.arm,
                    options: request.configuration.export))
        case .umi:
            return try UMISink(target, existing: existing, carriesWeights: carriesWeights(request))
        }
    }

    /// Whether somebody has weighed this session's frames.
    static func carriesWeights(_ request: ConvertRequest) -> Bool { request.labels != nil || request.values != nil }

    /// The data sets that stand at this request's places, whoever wrote them.
    static func existing(_ request: ConvertRequest) -> [String] {
        request.formats.map { target($0, request) }.filter { FileManager.default.fileExists(atPath: $0.path) }.map(\.lastPathComponent)
    }

    static func target(_ format: DataSetFormat, _ request: ConvertRequest) -> URL {
        let names: [DataSetFormat: String] = [
            .lerobot: "lerobot", .lerobot21: "lerobot_v21", .umi: "dataset.zarr.zip", .robomimic: "robomimic.hdf5",
        ]
        return request.output.appendingPathComponent(names[format] ?? format.rawValue)
    }

    static func dynamicsTarget(_ request: ConvertRequest) -> URL { request.output.appendingPathComponent("lerobot_dynamics") }

    /// The stated rate, or the recordings' own as a whole number.
    static func rate(_ sources: [ExportSource], _ options: ExportOptions) -> Int {
        if options.rate > 0 { return options.rate }
        let rates = sources.map(\.recording.summary.rate).sorted()
        return max(1, Int((rates.isEmpty ? 30 : rates[rates.count / 2]).rounded()))
    }

    /// All kept episodes of one demo, in one pass over its pictures; gives what was written, episode by episode.
    private static func write(
        _ source: ExportSource, rate: Int, to sinks: [any EpisodeSink], seconds: inout Double, context: StageContext
    ) throws -> [[EpisodeSample]] {
        let resampler = Resampler(source: source, base: source.base, rate: rate, kinematics: Kinematics(context.request.arm))
        let episodes = source.curation.episodes.map { episode in
            // Where labels have cut a segment the grid of the whole goes on, so that every part is a part of the motion that was judged.
            (
                episode: episode,
                samples: resampler.samples(of: episode.segment).filter { episode.span.first <= $0.frame && $0.frame < episode.span.end }
            )
        }.filter { !$0.samples.isEmpty }
        guard !episodes.isEmpty, !sinks.isEmpty else { return episodes.map(\.samples) }
        var pictures = try PictureCursor(source, context: context)
        for (episode, samples) in episodes {
            for sink in sinks { try sink.begin(episode.header) }
            for var sample in samples {
                let (picture, filledShare) = try pictures.picture(sample.frame)
                sample.weight = source.curation.weights[sample.frame]
                sample.speedPercentile = episode.measures.speedPercentile
                try measured(&seconds) { for sink in sinks { try sink.append(sample, picture: picture, filledShare: filledShare) } }
            }
            try measured(&seconds) { for sink in sinks { try sink.end() } }
        }
        return episodes.map(\.samples)
    }

    /// Adds what `body` takes of this thread's processor time, seconds; AV1's encoder has threads of its own beside it.
    static func measured(_ seconds: inout Double, _ body: () throws -> Void) throws {
        let start = ProcessorTime.thread
        try body()
        seconds += ProcessorTime.thread - start
    }
}

/// A demo's pictures with the human filled, by frame; the frames that are asked for must not fall.
struct PictureCursor {
    private let unit: String
    private let pictures: FilledPictures
    private var at = -1
    private var current: Image?
    private var filledShare = 0.0

    /// - Parameter counts: see `FilledPictures`.
    init(_ source: ExportSource, counts: Bool = true, context: StageContext) throws {
        unit = source.recording.file.unit
        pictures = try FilledPictures(source, counts: counts, context: context)
    }

    mutating func picture(_ frame: Int) throws -> (picture: Image, filledShare: Double) {
        while at < frame {
            guard let next = try pictures.next(wanted: at + 1 == frame) else {
                throw UnitFailure(reason: "unreadable", detail: "\(unit): frame \(at + 1) is gone")
            }
            at += 1
            if let picture = next.picture { (current, filledShare) = (picture, next.filledShare) }
        }
        guard let current else { preconditionFailure("a sample's picture was decoded") }
        return (current, filledShare)
    }
}
