public import Foundation
internal import Geometry
internal import Session

/// Dobb-E's stick with an iPhone: `labels.json`, by frame number `xyz`, `quats` (x y z w) and `gripper` (0 closed to 1 open).
///
/// ARKit's camera axes; the gripper's number is its opening over `openWidth`.
public enum DobbEAdaptor: RecordingAdaptor {
    public static let name = "dobb-e"
    public static let accepts = "Dobb-E: labels.json with xyz, quats and gripper by frame number"

    /// Opening of the stick's gripper at 1, metres.
    public static let openWidth = 0.10

    private struct Label: Decodable {
        var xyz: [Double]
        var quats: [Double]
        var gripper: Double?
    }

    public static func recognises(_ url: URL) -> Bool {
        guard RecordingAdaptors.isJSON(url) else { return false }
        return (try? JSONText.decode([String: Label].self, from: url))?.isEmpty == false
    }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        let labels = try JSONText.decode([String: Label].self, from: url)
        var rows: [AdaptedRecording.Row] = []
        for (key, label) in labels {
            guard let frame = NumberText.integer(key, in: 0...Int(Int32.max)), label.xyz.count == 3, label.quats.count == 4 else {
                throw SessionError.format(
                    path: url.path, location: key.excerpt, reason: "a frame number with xyz (3 numbers) and quats (4) is expected")
            }
            let pose = try RecordingAdaptors.pose(label.xyz, xyzw: label.quats, at: "frame \(key)", path: url.path)
            rows.append(.init(frame: frame, pose: pose.map(RecordingAdaptors.pictureAxes), width: label.gripper.map { $0 * openWidth }))
        }
        rows.sort { ($0.frame ?? 0) < ($1.frame ?? 0) }
        return AdaptedRecording(
            moving: .camera, rows: rows, positionSigma: 0.010, rotationSigma: 0.0087,
            notes: ["poses of ARKit: 10 mm and 0.5° are assumed of them; gripper 1 is taken for \(openWidth) m"])
    }
}
