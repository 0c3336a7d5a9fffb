internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// The joints of a demo at any moment that is exported.
struct DemoJoints: Sendable {
    let path: ToolPath
    let feasible: FeasibleEpisodes

    /// Nil where that moment is not in a motion that is kept.
    func at(_ time: Timestamp<VideoClock>) -> (joints: [Double], width: Double)? {
        let times = path.tool.times
        for segment in feasible.kept {
            guard segment.span.end > segment.span.first, times[segment.span.first] <= time, time <= times[segment.span.end - 1] else {
                continue
            }
            let motion = feasible.motion(segment)
            let frame = path.tool.nearestIndex(to: time, tolerance: 1) ?? segment.span.first
            return (motion.joints(at: motion.time(of: time)), path.widths[frame].width ?? 0)
        }
        return nil
    }
}

/// Draws the target arm into a demo's wrist pictures, from the joints that are exported.
///
/// Camera and tool are one rigid body: the arm is placed from the tool that the joints reach, so that gripper and picture stay together to the
/// bit; the table hides by the recorded camera pose.
final class WristOverlay {
    private let overlay: RobotOverlay
    private let arm: DrawnArm
    private let joints: DemoJoints
    private let kinematics: Kinematics
    private let base: BasePose
    private let device: Device
    private let poses: Trajectory<Table, Camera>

    /// Nil where no overlay was asked for, or where nothing says where the arm stands.
    init?(_ side: ExportSide, _ at: StageInput) throws {
        guard let overlaid = at.request.overlay, side.base.isKnown else { return nil }
        device = side.device
        arm = try DrawnArm(overlaid)
        overlay = RobotOverlay(parts: arm.parts, camera: device.camera, options: at.configuration.mask.overlay)
        joints = DemoJoints(path: side.path, feasible: side.feasible)
        kinematics = Kinematics(at.request.arm)
        base = side.base
        poses = side.poses.camera
    }

    /// - Returns: the share of the picture that was drawn on; 0 for a frame that is not exported.
    func draw(on frame: inout FilledFrame, classes: Image, index: Int) throws -> Double {
        guard let now = joints.at(joints.path.tool.times[index]) else { return 0 }
        let tableFromCamera = base.tableFromBase * kinematics.forward(now.joints) * device.cameraFromTool.inverse
        let cameraFromTable = tableFromCamera.inverse
        let parts = arm.tableFromParts(joints: now.joints, width: now.width, tableFromBase: base.tableFromBase).map { cameraFromTable * $0 }
        let recorded = poses.states.indices.contains(index) && poses.states[index] != .lost ? poses.poses[index] : tableFromCamera
        return try overlay.draw(
            on: &frame, classes: classes, cameraFromPart: parts, tableFromCamera: recorded, isWristView: true, seed: index)
    }
}
