public import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// FastUMI: a RealSense T265 on the gripper. Its trajectory CSV (`Timestamp`, `Pos X` … `Q_W`) or its episode HDF5 (`observations/qpos`, 7
/// numbers a row: position, quaternion x y z w, one row a frame).
///
/// The T265's pose axes are x right, y up, z backwards. Its drift is stated by the maker as below 1 % of the path; 5 mm and 0.5° are taken for
/// the length of a demo. Times count from the first row.
public enum FastUMIAdaptor: RecordingAdaptor {
    public static let name = "fastumi"
    public static let accepts =
        "FastUMI: CSV with Timestamp, Pos X, Pos Y, Pos Z, Q_X, Q_Y, Q_Z, Q_W, or HDF5 with observations/qpos of 7 columns"

    public static func recognises(_ url: URL) -> Bool {
        if RecordingAdaptors.firstLine(url).contains("Pos X") { return true }
        guard let file = try? HDF5File.reading(url), let entry = try? file.entry("/observations/qpos") else { return false }
        return entry.shape.count == 2 && entry.shape[1] == 7
    }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        var rows: [AdaptedRecording.Row] = []
        if RecordingAdaptors.firstLine(url).contains("Pos X") {
            let table = try CSVTable(contentsOf: url)
            let columns = try RecordingAdaptors.columns(["Timestamp", "Pos X", "Pos Y", "Pos Z", "Q_X", "Q_Y", "Q_Z", "Q_W"], table, url)
            var start = 0.0
            for n in table.rows.indices {
                let v = try RecordingAdaptors.numbers(table, columns, row: n, url)
                if n == 0 { start = v[0] }
                let pose = try RecordingAdaptors.pose(Array(v[1...3]), xyzw: Array(v[4...7]), row: n, url)
                rows.append(.init(seconds: v[0] - start, pose: RecordingAdaptors.pictureAxes(pose)))
            }
        } else {
            let (values, shape) = try HDF5File.reading(url).doubles("/observations/qpos")
            for n in 0..<shape[0] {
                let v = Array(values[(n * 7)..<(n * 7 + 7)])
                let pose = try RecordingAdaptors.pose(Array(v[0...2]), xyzw: Array(v[3...6]), row: n, url)
                rows.append(.init(frame: n, pose: RecordingAdaptors.pictureAxes(pose)))
            }
        }
        return AdaptedRecording(
            moving: .camera, rows: rows, positionSigma: 0.005, rotationSigma: 0.0087,
            notes: ["poses of a T265: 5 mm and 0.5° are assumed of them, and that its axes are the video camera's"])
    }
}
