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
    private let table: TableWriter
    private var pending: (sample: EpisodeSample, picture: Image, filledShare: Double)?

    init(_ table: TableWriter) { self.table = table }

    func begin(_ header: EpisodeHeader) throws { try table.writer.beginEpisode(header) }

    func append(_ sample: EpisodeSample, picture: Image, filledShare: Double) throws {
        if let before = pending { try write(before, action: sample) }
        pending = (sample, picture, filledShare)
    }

    func end() throws {
        // Nothing follows the last frame: its action is to stay.
        if let last = pending { try write(last, action: last.sample) }
        pending = nil
        try table.writer.endEpisode()
    }

    func finish(_ source: DatasetSource) throws { try table.writer.finish(source: source) }

    private func write(_ row: (sample: EpisodeSample, picture: Image, filledShare: Double), action: EpisodeSample) throws {
        func numbers(_ s: EpisodeSample) -> [Float] {
            TableWriter.numbers(joints: s.joints, width: s.width, baseFromTool: s.baseFromTool, rotationVector: s.rotationVector)
        }
        try table.writer.append(
            EpisodeFrame(
                state: numbers(row.sample), action: numbers(action),
                annotations: [
                    .float(Float(row.sample.margin)), .float(Float(row.sample.positionSigma)), .bool(row.sample.state == .bridged),
                    .float(Float(row.filledShare)), .integer(Int64(row.sample.frame)), .float(Float(row.sample.speedPercentile)),
                    .float(Float(row.sample.weight)),
                ]),
            image: try table.fitted(row.picture))
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
