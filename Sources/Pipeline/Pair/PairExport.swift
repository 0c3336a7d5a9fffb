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
    var rightBase: BasePose
    var leftBase: BasePose
    var episodes: [JointEpisode]
}

/// Writes demos of two grippers: `robot0` and `camera0` are the right hand in UMI's zarr, `left_…` and `right_…` the features in LeRobot.
enum PairExport {
    private struct Settings: Codable {
        var formats: [String]
        var options: ExportOptions
        var fill: FillOptions
    }

    static func run(_ sources: [PairSource], context: StageContext) throws -> [ExportSummary] {
        let sources = sources.filter { !$0.episodes.isEmpty }
        guard let first = sources.first else { return [] }
        let request = context.request
        let options = request.configuration.export
        var inputs: [String: String] = [:]
        for s in sources {
            inputs["\(s.pair.name)/pair"] = "\(s.pair.offset)"
            for side in [s.right, s.left] {
                inputs["\(side.recording.file.unit)/feasibility"] = side.judged.artefact.key
                inputs["\(side.recording.file.unit)/mask"] = side.masked.artefact.key
            }
        }
        let settings = Settings(formats: request.formats.map(\.rawValue), options: options, fill: request.configuration.mask.fill)
        // A data set that somebody removed is written again.
        if request.formats.contains(where: { !FileManager.default.fileExists(atPath: Export.target($0, request).path) }) {
            let folder = context.store.folder(Stage.export.rawValue, "pairs")
            if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
        }
        let artefact = try context.make(.export, unit: "pairs", options: settings, inputs: inputs) { folder in
            let rate = Export.rate(sources.flatMap { [$0.right, $0.left] }, options)
            let lerobot = request.formats.contains(.lerobot) ? try LeRobotPairs(first, rate: rate, context: context) : nil
            let umi = request.formats.contains(.umi) ? try umiWriter(context) : nil
            for (n, source) in sources.enumerated() {
                try write(source, rate: rate, lerobot: lerobot, umi: umi, context: context)
                context.progress(.advanced(stage: .export, unit: "pairs", fraction: Double(n + 1) / Double(sources.count)))
            }
            var summaries: [ExportSummary] = []
            if let lerobot {
                try lerobot.writer.finish()
                summaries.append(
                    ExportSummary(
                        format: "lerobot", path: lerobot.writer.root.lastPathComponent, episodes: lerobot.writer.episodeCount,
                        frames: lerobot.writer.frameCount, rate: rate))
            }
            if let umi {
                try umi.finish()
                summaries.append(
                    ExportSummary(
                        format: "umi", path: umi.path.lastPathComponent, episodes: umi.episodeCount, frames: umi.frameCount, rate: rate))
            }
            try FileBytes.write(JSONText.encode(summaries), to: folder.appendingPathComponent("datasets.json"))
        }
        return try JSONText.decode([ExportSummary].self, from: artefact.file("datasets.json"))
    }

    private static func umiWriter(_ context: StageContext) throws -> UMIWriter {
        var options = UMIOptions()
        options.replacesExisting = true
        options.robots = 2
        return try UMIWriter(path: Export.target(.umi, context.request), options: options)
    }

    private static func write(_ source: PairSource, rate: Int, lerobot: LeRobotPairs?, umi: UMIWriter?, context: StageContext) throws {
        let sampler = PairSampler(
            right: source.right, left: source.left, rightBase: source.rightBase, leftBase: source.leftBase, pair: source.pair, rate: rate,
            kinematics: Kinematics(context.request.arm))
        let right = try PictureCursor(source.right, context: context)
        let left = try PictureCursor(source.left, context: context)
        for episode in source.episodes {
            let samples = sampler.samples(of: episode)
            guard !samples.isEmpty else { continue }
            try lerobot?.begin(task: context.configuration.export.task)
            umi?.beginEpisode()
            for (k, sample) in samples.enumerated() {
                let pictures = (right: try right.picture(sample.right.frame), left: try left.picture(sample.left.frame))
                // Nothing follows the last row: its action is to stay.
                try lerobot?.append(sample, next: samples[min(k + 1, samples.count - 1)], pictures: pictures)
                if let umi {
                    try umi.append(
                        [sample.right, sample.left].map { UMIFrame(tableFromTool: $0.tableFromTool, gripperWidth: $0.width) },
                        images: [pictures.right.image, pictures.left.image].map { try UMIPicture.prepare($0, size: umi.options.imageSize) })
                }
            }
            try lerobot?.writer.endEpisode()
            try umi?.endEpisode()
        }
    }
}

/// One side's pictures, asked for by rising frame.
final class PictureCursor {
    private let pictures: FilledPictures
    private let unit: String
    private var at = -1
    private var current: (image: Image, filledShare: Double)?

    init(_ source: ExportSource, context: StageContext) throws {
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

    init(_ source: PairSource, rate: Int, context: StageContext) throws {
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
        lerobot.replacesExisting = true
        writer = try LeRobotWriter(
            root: Export.target(.lerobot, context.request), fps: rate, robotType: "bi_\(arm.name)", layout: layout, options: lerobot)
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
