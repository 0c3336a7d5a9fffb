internal import Foundation
internal import Geometry
internal import Mapping
internal import Session

/// Whether poses from elsewhere are in metres, by the recording's own IMU.
enum ScaleCheck {
    /// The poses in metres, with a note where they were not or where nothing says.
    /// - Parameters:
    ///   - file: that they came from.
    ///   - isToolPose: whether the file held the tool's poses, not the camera's.
    ///   - origin: of the file's world, in the table's frame.
    static func checked(
        _ poses: LocalizedPoses, file: String, isToolPose: Bool, origin: Vector3, _ recording: IngestedRecording, _ at: StageInput
    ) throws -> LocalizedPoses {
        // Where joints are known, so is the arm's size.
        guard poses.joints == nil else { return poses }
        var out = poses
        let unknown = "the scale of \(file) is not known"
        let meaning = "its lengths are taken for metres, and if they are not, neither the arm's reach nor its speed is right"
        guard at.configuration.ingest.usesInertial, let inertial = try recording.inertial(), !inertial.accelerometer.isEmpty else {
            out.summary.notes.append("\(unknown): the recording has no accelerometer to check it by; \(meaning)")
            return out
        }
        let device = try at.device(recording)
        guard let found = InertialScale.find(poses.camera, inertial: inertial, device: device, options: at.configuration.localize.batch)
        else {
            out.summary.notes.append("\(unknown): too little motion for the IMU to tell, or the two contradict each other; \(meaning)")
            return out
        }
        out.summary.figures.append(Figure("scale_by_imu", found.scale, ""))
        guard abs(found.scale - 1) > max(at.configuration.ingest.scaleTolerance, 3 * found.sigma * found.scale) else { return out }
        let toolFromCamera = isToolPose ? device.cameraFromTool.inverse : .identity
        out.camera = poses.camera.mapPoses { camera in
            let moving = camera * toolFromCamera.inverse
            let place = origin + found.scale * (moving.translation - origin)
            return Transform(rotation: moving.rotation, translation: place) * toolFromCamera
        }
        out.summary.notes.append(
            "a length of \(file) is \(found.scale.fixed(3)) m by the recording's IMU (to \((100 * found.sigma).fixed(1)) %): its path is scaled so"
        )
        return out
    }
}
