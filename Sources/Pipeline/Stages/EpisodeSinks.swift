internal import Dataset
internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// A data set being written, whatever its format.
protocol EpisodeSink: AnyObject {
    func begin(task: String) throws
    func append(_ sample: EpisodeSample, picture: Image, filledShare: Double) throws
    func end() throws
    func finish() throws -> (episodes: Int, frames: Int)
}

/// LeRobot v3.0: joints, gripper and tool pose (in the arm's base frame) as state; the next frame's joints, gripper and tool pose as action.
final class LeRobotSink: EpisodeSink {
    private let writer: LeRobotWriter
    private let width: Int
    private let height: Int
    private var pending: (sample: EpisodeSample, picture: Image, filledShare: Double)?

    init(_ target: URL, sources: [ExportSource], rate: Int, arm: Arm, options: ExportOptions) throws {
        let summary = sources[0].recording.summary
        let scale = min(1, Double(options.imageWidth) / Double(summary.width))
        width = Int((Double(summary.width) * scale / 2).rounded()) * 2
        height = Int((Double(summary.height) * scale / 2).rounded()) * 2
        let names = arm.joints.map { "\($0.name).pos" } + ["gripper.pos", "ee.x", "ee.y", "ee.z", "ee.wx", "ee.wy", "ee.wz"]
        let layout = EpisodeLayout(
            stateNames: names, actionNames: names,
            cameras: [CameraFeature(key: "observation.images.wrist", width: width, height: height)],
            annotations: [
                AnnotationFeature("annotation.feasibility_margin", .float32), AnnotationFeature("annotation.position_sigma_m", .float32),
                AnnotationFeature("annotation.pose_bridged", .bool), AnnotationFeature("annotation.filled_share", .float32),
                AnnotationFeature("annotation.source_frame", .int64),
            ])
        var lerobot = LeRobotOptions()
        lerobot.crf = options.quality
        lerobot.keyFrameInterval = options.keyInterval
        lerobot.replacesExisting = true
        writer = try LeRobotWriter(root: target, fps: rate, robotType: arm.name, layout: layout, options: lerobot)
    }

    func begin(task: String) throws { try writer.beginEpisode(task: task) }

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

    func finish() throws -> (episodes: Int, frames: Int) {
        try writer.finish()
        return (writer.episodeCount, writer.frameCount)
    }

    private func write(_ row: (sample: EpisodeSample, picture: Image, filledShare: Double), action: EpisodeSample) throws {
        let picture = row.picture.width == width && row.picture.height == height
            ? row.picture : try row.picture.resized(width: width, height: height)
        try writer.append(
            EpisodeFrame(
                state: Self.numbers(row.sample), action: Self.numbers(action),
                annotations: [
                    .float(Float(row.sample.margin)), .float(Float(row.sample.positionSigma)), .bool(row.sample.state == .bridged),
                    .float(Float(row.filledShare)), .integer(Int64(row.sample.frame)),
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

    init(_ target: URL) throws {
        var options = UMIOptions()
        options.replacesExisting = true
        writer = try UMIWriter(path: target, options: options)
    }

    func begin(task: String) throws { writer.beginEpisode() }

    func append(_ sample: EpisodeSample, picture: Image, filledShare: Double) throws {
        try writer.append(
            UMIFrame(tableFromTool: sample.tableFromTool, gripperWidth: sample.width),
            image: UMIPicture.prepare(picture, size: writer.options.imageSize))
    }

    func end() throws { try writer.endEpisode() }

    func finish() throws -> (episodes: Int, frames: Int) {
        try writer.finish()
        return (writer.episodeCount, writer.frameCount)
    }
}
