import Dataset
import Foundation
import Geometry
import Imaging

/// Made-up demonstrations of one or two arms with two joints: every number says which episode, row and side it is of.
enum Demonstration {
    static var specification: DatasetSpecification {
        DatasetSpecification(arm: "panda", jointNames: ["joint_1", "joint_2"], rate: 20, pictureWidth: 48, pictureHeight: 32)
    }

    static func side(_ episode: Int, _ row: Int, _ side: DatasetSide, width: Int = 48, height: Int = 32) -> DatasetFrame.Side {
        let t = Double(episode) + Double(row) / 20 + (side == .right ? 0.5 : 0)
        let turn = Vector3(0.1 * t, 2, 0.2)
        let tool = Transform<Base, Tool>(rotation: Rotation(vector: turn), translation: Vector3(0.3 + 0.5 * t, 0.1 * t, 0.2))
        return DatasetFrame.Side(
            joints: [t, -t], gripperWidth: 0.01 * t, baseFromTool: tool,
            tableFromTool: Transform(rotation: tool.rotation, translation: tool.translation + Vector3(1, 0, 0)),
            feasibilityMargin: 0.25 * t,
            positionSigma: 0.001, isBridged: row % 2 == 1, filledShare: 0.125,
            sourceFrame: 1000 * episode + 3 * row + (side == .right ? 1 : 0),
            picture: Sample.picture(episode, row + (side == .right ? 5 : 0), width: width, height: height))
    }

    static func frame(_ episode: Int, _ row: Int, sides: [DatasetSide] = [.only], width: Int = 48, height: Int = 32) -> DatasetFrame {
        DatasetFrame(
            sides: sides.map { side(episode, row, $0, width: width, height: height) }, speedPercentile: 0.5, weight: 0.75)
    }

    static func write(_ episode: Int, length: Int, sides: [DatasetSide] = [.only], to writer: any DatasetWriter) throws {
        try writer.begin(EpisodeHeader(task: "task \(episode % 2)", isValidation: episode % 5 == 4, speed: 0.1 * Double(episode + 1)))
        for row in 0..<length { try writer.append(frame(episode, row, sides: sides)) }
        try writer.end()
    }
}
