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

    private static let columns = ["Timestamp", "Pos X", "Pos Y", "Pos Z", "Q_X", "Q_Y", "Q_Z", "Q_W"]

    public static func recognises(_ url: URL) -> Bool {
        if RecordingAdaptors.header(url).contains("pos x") { return true }
        guard let file = try? HDF5File.reading(url), let entry = try? file.entry("/observations/qpos") else { return false }
        return entry.shape.count == 2 && entry.shape[1] == 7
    }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        var rows: [AdaptedRecording.Row] = []
        var notes = ["poses of a T265: 5 mm and 0.5° are assumed of them, and that its axes are the video camera's"]
        if RecordingAdaptors.header(url).contains("pos x") {
            let recorded = try RecorderTable(url)
            let columns = try recorded.columns(columns)
            var times = RecorderTimes()
            for n in recorded.rows {
                let seconds = times.seconds(try recorded.table.number(n, columns[0]))
                let pose = try recorded.pose(n, columns[1...])
                rows.append(.init(seconds: seconds, pose: pose.map(RecordingAdaptors.pictureAxes)))
            }
            if let fault = RecorderTimes.unitFault(rows.compactMap(\.seconds), path: url.path) { throw fault }
            notes.append(RecorderTimes.note)
        } else {
            let (values, shape) = try HDF5File.reading(url).doubles("/observations/qpos")
            for n in 0..<shape[0] {
                let v = values[(n * 7)..<(n * 7 + 7)]
                var pose: Transform<Table, Frame>?
                if !v.allSatisfy(\.isNaN) {
                    pose = try RecordingAdaptors.pose(
                        v.prefix(3), xyzw: v.suffix(4), at: "/observations/qpos, row \(n)", path: url.path)
                }
                rows.append(.init(frame: n, pose: pose.map(RecordingAdaptors.pictureAxes)))
            }
        }
        return AdaptedRecording(moving: .camera, rows: rows, positionSigma: 0.005, rotationSigma: 0.0087, notes: notes)
    }
}
