internal import Dataset
internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// A data set being written, whatever its format.
protocol EpisodeSink: AnyObject {
    func begin(_ header: EpisodeHeader) throws
    func append(_ sample: EpisodeSample, picture: Image, filledShare: Double) throws
    func end() throws
    /// Completes the data set.
    func finish(_ source: DatasetSource) throws
}

/// Joints, gripper and tool pose (in the arm's base frame) as state; the next frame's joints, gripper and tool pose as action. Into any format
/// whose rows have a state and an action.
final class TableSink: EpisodeSink {
    private let writer: any EpisodeWriter
    private let width: Int
    private let height: Int
    private let isSquare: Bool
    private var pending: (sample: EpisodeSample, picture: Image, filledShare: Double)?

    init(
        _ format: DataSetFormat, _ target: URL, existing: ExistingDataset, sources: [ExportSource], rate: Int, arm: Arm, options: ExportOptions
    ) throws {
        let summary = sources[0].recording.summary
        let scale = min(1, Double(options.imageWidth) / Double(summary.width))
        isSquare = format == .robomimic
        width = isSquare ? options.squareWidth : Int((Double(summary.width) * scale / 2).rounded()) * 2
        height = isSquare ? options.squareWidth : Int((Double(summary.height) * scale / 2).rounded()) * 2
        let names = arm.joints.map { "\($0.name).pos" } + ["gripper.pos", "ee.x", "ee.y", "ee.z", "ee.wx", "ee.wy", "ee.wz"]
        let joints = arm.joints.count
        let groups = [
            FeatureGroup("single_arm", start: 0, end: joints), FeatureGroup("gripper", start: joints, end: joints + 1),
            FeatureGroup("end_effector_position", start: joints + 1, end: joints + 4),
            FeatureGroup("end_effector_rotation", start: joints + 4, end: joints + 7, rotation: "axis_angle"),
        ]
        let layout = EpisodeLayout(
            stateNames: names, actionNames: names,
            cameras: [CameraFeature(key: "observation.images.wrist", width: width, height: height)],
            annotations: [
                AnnotationFeature("annotation.feasibility_margin", .float32), AnnotationFeature("annotation.position_sigma_m", .float32),
                AnnotationFeature("annotation.pose_bridged", .bool), AnnotationFeature("annotation.filled_share", .float32),
                AnnotationFeature("annotation.source_frame", .int64), AnnotationFeature("annotation.speed_percentile", .float32),
                AnnotationFeature("loss_weight", .float32),
            ])
        if format == .robomimic {
            var robomimic = RobomimicOptions()
            robomimic.existing = existing
            robomimic.groups = groups
            writer = try RobomimicWriter(path: target, robotType: arm.name, layout: layout, options: robomimic)
        } else {
            var lerobot = try options.leRobot
            lerobot.version = format == .lerobot21 ? .v21 : .v30
            lerobot.existing = existing
            lerobot.groups = groups
            writer = try LeRobotWriter(root: target, fps: rate, robotType: arm.name, layout: layout, options: lerobot)
        }
    }

    func begin(_ header: EpisodeHeader) throws { try writer.beginEpisode(header) }

    func append(_ sample: EpisodeSample, picture: Image, filledShare: Double) throws {
        if let before = pending { try write(before, action: sample) }
        pending = (sample, picture, filledShare)
    }

    func end() throws {
        // Nothing follows the last frame: its action is to stay.
        if let last = pending { try write(last, action: last.sample) }
        pending = nil
        try writer.endEpisode()
    }

    func finish(_ source: DatasetSource) throws { try writer.finish(source: source) }

    private func write(_ row: (sample: EpisodeSample, picture: Image, filledShare: Double), action: EpisodeSample) throws {
        let picture =
            isSquare
            ? try UMIPicture.prepare(row.picture, size: width)
            : row.picture.width == width && row.picture.height == height
                ? row.picture : try row.picture.resized(width: width, height: height)
        try writer.append(
            EpisodeFrame(
                state: Self.numbers(row.sample), action: Self.numbers(action),
                annotations: [
                    .float(Float(row.sample.margin)), .float(Float(row.sample.positionSigma)), .bool(row.sample.state == .bridged),
                    .float(Float(row.filledShare)), .integer(Int64(row.sample.frame)), .float(Float(row.sample.speedPercentile)),
                    .float(Float(row.sample.weight)),
                ]),
            image: picture)
    }

    private static func numbers(_ sample: EpisodeSample) -> [Float] {
        let p = sample.baseFromTool.translation
        let r = sample.rotationVector
        return (sample.joints + [sample.width, p.x, p.y, p.z, r.x, r.y, r.z]).map(Float.init)
    }
}

/// UMI's zarr: tool pose in the table's frame and width; the training code takes the action from the rows that follow.
final class UMISink: EpisodeSink {
    private let writer: UMIWriter

    init(_ target: URL, existing: ExistingDataset, carriesWeights: Bool) throws {
        var options = UMIOptions()
        options.existing = existing
        options.carriesWeights = carriesWeights
        writer = try UMIWriter(path: target, options: options)
    }

    func begin(_ header: EpisodeHeader) throws { writer.beginEpisode(header) }

    func append(_ sample: EpisodeSample, picture: Image, filledShare: Double) throws {
        try writer.append(
            [UMIFrame(tableFromTool: sample.tableFromTool, gripperWidth: sample.width)],
            images: [try UMIPicture.prepare(picture, size: writer.options.imageSize)], weight: sample.weight)
    }

    func end() throws { try writer.endEpisode() }

    func finish(_ source: DatasetSource) throws { try writer.finish(source: source) }
}
