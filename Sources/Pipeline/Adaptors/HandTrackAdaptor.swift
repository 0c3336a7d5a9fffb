public import Foundation
internal import Geometry
internal import Session

/// Tracks of a human hand over plain video, as CSV: `frame` with 21 keypoints `x0_m, y0_m, z0_m … z20_m` (MediaPipe's and MANO's order of
/// joints: wrist 0, thumb 1 to 4, index 5 to 8, …), in the world's frame.
///
/// The tool stands midway between the tips of thumb (4) and index finger (8); it points from the knuckles' middle (of 2 and 5) to there; its x
/// axis runs from the thumb to the index finger. The width is the tips' distance less the fingers' thickness. Noise as published of monocular
/// hand trackers: 12 mm and 8°.
public enum HandTrackAdaptor: RecordingAdaptor {
    public static let name = "hand-track"
    public static let accepts = "hand track: CSV with frame, x0_m, y0_m, z0_m … z20_m (21 keypoints)"

    /// Twice the depth of a finger's pad below its tip keypoint, metres.
    public static let fingerThickness = 0.016

    public static func recognises(_ url: URL) -> Bool { RecordingAdaptors.header(url).starts(with: ["frame", "x0_m"]) }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        let recorded = try RecorderTable(url)
        let names = (0..<21).flatMap { k in ["x", "y", "z"].map { "\($0)\(k)_m" } }
        let frame = try recorded.columns(["frame"])[0]
        let columns = try recorded.columns(names)
        var rows: [AdaptedRecording.Row] = []
        for n in recorded.rows {
            var row = AdaptedRecording.Row(frame: try recorded.frame(n, frame))
            // A row without keypoints is a frame without a hand.
            if let v = try recorded.table.numbersIfAny(n, columns) {
                if let far = columns.indices.first(where: { abs(v[$0]) > 1e3 }) {
                    throw recorded.table.error(n, columns[far], "is no place of a hand in metres, within ±1000")
                }
                let pinch = pose((0..<21).map { Vector3(v[3 * $0], v[3 * $0 + 1], v[3 * $0 + 2]) })
                (row.pose, row.width) = (pinch?.pose, pinch?.width)
            }
            rows.append(row)
        }
        return AdaptedRecording(
            moving: .tool, rows: rows, positionSigma: 0.012, rotationSigma: 0.14,
            notes: ["tool path from a hand's keypoints: 12 mm and 8° are assumed of it"])
    }

    /// The pinch between thumb and index finger as a gripper; nil where the tips coincide or point nowhere.
    static func pose(_ points: [Vector3]) -> (pose: Transform<Table, Frame>, width: Double)? {
        let (thumb, index) = (points[4], points[8])
        let middle = (thumb + index) / 2
        let forward = middle - (points[2] + points[5]) / 2
        let across = (index - thumb).length > 0.004 ? index - thumb : points[5] - points[2]
        guard forward.length > 0.005, across.length > 0.004 else { return nil }
        let z = forward / forward.length
        let level = across - across.dot(z) * z
        guard level.length > 0.001 else { return nil }
        let x = level / level.length
        let rotation = Rotation(matrix: Matrix3(columns: x, z.cross(x), z))
        return (Transform(rotation: rotation, translation: middle), max(0, (index - thumb).length - fingerThickness))
    }
}
