import Foundation
import Geometry
import Human
import Imaging
import Robot
import Session

/// Draws an arm of the repository's own into a session's pictures, its tool where the recorder's is.
final class OverlayBench {
    private let overlay: RobotOverlay
    private let drawn: DrawnArm
    private let arm: Arm
    private let kinematics: Kinematics
    private let device: Device
    private let poses: Trajectory<Table, Camera>
    private(set) var drawnShare = 0.0

    init(_ file: String, _ session: PreparedSession, options: OverlayOptions) throws {
        arm = try Arm(contentsOf: URL(fileURLWithPath: file))
        drawn = try DrawnArm(arm)
        device = session.device
        poses = session.demo.poses
        kinematics = Kinematics(arm)
        overlay = RobotOverlay(parts: drawn.parts, camera: session.device.camera, options: options)
    }

    /// The arm in its home posture, its foot wherever that brings the tool to the recorder's.
    func draw(on frame: inout FilledFrame, _ masked: MaskedFrame) throws {
        guard let i = poses.nearestIndex(to: masked.time, tolerance: 0.01), poses.states[i] != .lost else { return }
        let tableFromTool = poses.poses[i] * device.cameraFromTool
        let tableFromBase = tableFromTool * kinematics.forward(arm.home).inverse
        let cameraFromTable = poses.poses[i].inverse
        let parts = drawn.tableFromParts(joints: arm.home, width: 0.04, tableFromBase: tableFromBase).map { cameraFromTable * $0 }
        drawnShare += try overlay.draw(
            on: &frame, classes: masked.classes, cameraFromPart: parts, tableFromCamera: poses.poses[i], isWristView: true,
            seed: masked.frame)
    }
}
