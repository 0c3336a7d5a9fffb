internal import Dataset
internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// One side of a pair as the exporter takes it up.
struct SideSource {
    var recording: IngestedRecording
    var path: ToolPath
    var solved: SolvedEpisodes
    var judged: JudgedEpisodes
    var masked: MaskedRecording
    var poses: LocalizedPoses
    var tags: Artefact

    /// Nil where a stage left nothing.
    init?(_ s: DemoState) {
        guard s.stopped == nil, let recording = s.recording, let path = s.path, let solved = s.solved, let judged = s.judged else { return nil }
        guard let masked = s.masked, let poses = s.poses, let tags = s.tags else { return nil }
        (self.recording, self.path, self.solved, self.judged) = (recording, path.path, solved, judged)
        (self.masked, self.poses, self.tags) = (masked, poses, tags)
    }
}

/// A pair with what both sides' stages left.
struct PairSource {
    var pair: DemoPair
    var right: SideSource
    var left: SideSource
    var rightBase: BasePose
    var leftBase: BasePose
    var episodes: [JointEpisode]
}

/// Writes demos of two grippers: `robot0` and `camera0` are the right hand in UMI's zarr, `left_…` and `right_…` the features in LeRobot.
enum PairExport {
    private struct Settings: Codable {
        var formats: [String]
        var options: ExportOptions
        var pair: PairOptions
        var fill: FillOptions
    }

    /// - Parameters:
    ///   - account: what becomes of this session's recordings, for the data set's memory.
    ///   - writing: processor time spent in the writers, seconds; pairs are not timed and add nothing.
    static func run(
        _ sources: [PairSource], account: DatasetSource, writing: inout Double, context: StageContext
    ) throws -> [ExportSummary] {
        let sources = sources.filter { !$0.episodes.isEmpty }
        guard let first = sources.first else { return [] }
        let request = context.request
        guard !request.formats.contains(.robomimic) else {
            throw PipelineError.usage("--format robomimic for demos of two arms", accepted: "lerobot, lerobot21, umi")
        }
        let options = request.configuration.export
        var inputs: [String: String] = [:]
        for s in sources {
            inputs["\(s.pair.name)/pair"] = "\(s.pair.offset)"
            for side in [s.right, s.left] {
                inputs["\(side.recording.file.unit)/feasibility"] = side.judged.artefact.key
                inputs["\(side.recording.file.unit)/mask"] = side.masked.artefact.key
            }
        }
        let settings = Settings(
            formats: request.formats.map(\.rawValue), options: options, pair: request.configuration.pair, fill: request.configuration.mask.fill)
        let rates = sources.map(\.right.recording.summary.rate).sorted()
        let rate = options.rate > 0 ? options.rate : max(1, Int(rates[rates.count / 2].rounded()))
        var account = account
        account.key = SHA256.hex(of: try JSONText.line(settings) + JSONText.line(inputs))
        let again = request.from.map { $0 <= .export } ?? false
        let plans = try request.formats.map { try Export.plan(Export.target($0, request), account, again: again) }
        // A data set that somebody removed, or that does not hold this session any more, is written again.
        if plans.contains(where: { $0 != nil }) {
            let folder = context.store.folder(Stage.export.rawValue, "pairs")
            if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
        }
        let artefact = try context.make(.export, unit: "pairs", options: settings, inputs: inputs) { folder in
            var tables: [LeRobotPairs] = []
            var umi: UMIWriter?
            for (format, plan) in zip(request.formats, plans) {
                guard let plan else { continue }
                if format == .umi {
                    umi = try umiWriter(plan, context)
                } else {
                    tables.append(try LeRobotPairs(first, format: format, existing: plan, rate: rate, context: context))
                }
            }
            for (n, source) in sources.enumerated() {
                try write(source, rate: rate, tables: tables, umi: umi, context: context)
                context.progress(.advanced(stage: .export, unit: "pairs", fraction: Double(n + 1) / Double(sources.count)))
            }
            for table in tables { try table.writer.finish(source: account) }
            try umi?.finish(source: account)
            let summaries = request.formats.compactMap { Export.summary($0.rawValue, Export.target($0, request), account, rate: rate) }
            try FileBytes.write(JSONText.encode(summaries), to: folder.appendingPathComponent("datasets.json"))
        }
        return try JSONText.decode([ExportSummary].self, from: artefact.file("datasets.json"))
    }

    private static func umiWriter(_ existing: ExistingDataset, _ context: StageContext) throws -> UMIWriter {
        var options = UMIOptions()
        options.existing = existing
        options.robots = 2
        return try UMIWriter(path: Export.target(.umi, context.request), options: options)
    }

    private static func write(_ source: PairSource, rate: Int, tables: [LeRobotPairs], umi: UMIWriter?, context: StageContext) throws {
        let sampler = PairSampler(
            right: source.right, left: source.left, rightBase: source.rightBase, leftBase: source.leftBase, pair: source.pair, rate: rate,
            kinematics: Kinematics(context.request.arm))
        let right = try SidePictures(source.right, context: context)
        let left = try SidePictures(source.left, context: context)
        for episode in source.episodes {
            let samples = sampler.samples(of: episode)
            guard !samples.isEmpty else { continue }
            for table in tables { try table.begin(task: context.configuration.export.task) }
            umi?.beginEpisode()
            for (k, sample) in samples.enumerated() {
                let pictures = (right: try right.picture(sample.right.frame), left: try left.picture(sample.left.frame))
                // Nothing follows the last row: its action is to stay.
                for table in tables { try table.append(sample, next: samples[min(k + 1, samples.count - 1)], pictures: pictures) }
                if let umi {
                    try umi.append(
                        [sample.right, sample.left].map { UMIFrame(tableFromTool: $0.tableFromTool, gripperWidth: $0.width) },
                        images: [pictures.right.image, pictures.left.image].map { try UMIPicture.prepare($0, size: umi.options.imageSize) })
                }
            }
            for table in tables { try table.writer.endEpisode() }
            try umi?.endEpisode()
        }
    }
}

/// One side's pictures, asked for by rising frame.
final class SidePictures {
    private let pictures: FilledPictures
    private let unit: String
    private var at = -1
    private var current: (image: Image, filledShare: Double)?

    init(_ source: SideSource, context: StageContext) throws {
        unit = source.recording.file.unit
        pictures = try FilledPictures(
            recording: source.recording, poses: source.poses, tags: source.tags, masked: source.masked, context: context)
    }

    func picture(_ frame: Int) throws -> (image: Image, filledShare: Double) {
        while at < frame {
            guard let next = try pictures.next(wanted: at + 1 == frame) else {
                throw UnitFailure(reason: "unreadable", detail: "\(unit): frame \(at + 1) is gone")
            }
            at += 1
            if let picture = next.picture { current = (picture, next.filledShare) }
        }
        guard let current else { preconditionFailure("pictures are asked for in rising order") }
        return current
    }
}

/// LeRobot's form of two arms: each side's joints, gripper and tool pose in its own base's frame.
final class LeRobotPairs {
    let writer: LeRobotWriter
    private let size: (width: Int, height: Int)

    init(_ source: PairSource, format: DataSetFormat, existing: ExistingDataset, rate: Int, context: StageContext) throws {
        let options = context.configuration.export
        let summary = source.right.recording.summary
        let scale = min(1, Double(options.imageWidth) / Double(summary.width))
        let size = (
            width: Int((Double(summary.width) * scale / 2).rounded()) * 2, height: Int((Double(summary.height) * scale / 2).rounded()) * 2
        )
        self.size = size
        let arm = context.request.arm
        let one = arm.joints.map { "\($0.name).pos" } + ["gripper.pos", "ee.x", "ee.y", "ee.z", "ee.wx", "ee.wy", "ee.wz"]
        let names = ["left", "right"].flatMap { side in one.map { "\(side)_\($0)" } }
        let layout = EpisodeLayout(
            stateNames: names, actionNames: names,
            cameras: ["left", "right"].map { CameraFeature(key: "observation.images.\($0)_wrist", width: size.width, height: size.height) },
            annotations: ["left", "right"].flatMap { side in
                [
                    AnnotationFeature("annotation.\(side)_feasibility_margin", .float32),
                    AnnotationFeature("annotation.\(side)_position_sigma_m", .float32),
                    AnnotationFeature("annotation.\(side)_pose_bridged", .bool),
                    AnnotationFeature("annotation.\(side)_filled_share", .float32),
                    AnnotationFeature("annotation.\(side)_source_frame", .int64),
                ]
            })
        var lerobot = LeRobotOptions()
        lerobot.crf = options.quality
        lerobot.keyFrameInterval = options.keyInterval
        lerobot.existing = existing
        lerobot.version = format == .lerobot21 ? .v21 : .v30
        writer = try LeRobotWriter(
            root: Export.target(format, context.request), fps: rate, robotType: "bi_\(arm.name)", layout: layout, options: lerobot)
    }

    func begin(task: String) throws { try writer.beginEpisode(task: task) }

    func append(
        _ sample: (right: SideSample, left: SideSample), next: (right: SideSample, left: SideSample),
        pictures: (right: (image: Image, filledShare: Double), left: (image: Image, filledShare: Double))
    ) throws {
        func numbers(_ s: SideSample) -> [Float] {
            let (p, r) = (s.baseFromTool.translation, s.rotationVector)
            return (s.joints + [s.width, p.x, p.y, p.z, r.x, r.y, r.z]).map(Float.init)
        }
        func fitted(_ image: Image) throws -> Image {
            image.width == size.width && image.height == size.height ? image : try image.resized(width: size.width, height: size.height)
        }
        let sides = [(sample.left, pictures.left), (sample.right, pictures.right)]
        try writer.append(
            EpisodeFrame(
                state: numbers(sample.left) + numbers(sample.right), action: numbers(next.left) + numbers(next.right),
                annotations: sides.flatMap { s, picture in
                    [
                        .float(Float(s.margin)), .float(Float(s.positionSigma)), .bool(s.isBridged), .float(Float(picture.filledShare)),
                        .integer(Int64(s.frame)),
                    ] as [AnnotationValue]
                }), images: try sides.map { try fitted($0.1.image) })
    }
}
