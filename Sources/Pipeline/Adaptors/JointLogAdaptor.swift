public import Foundation
internal import Session

/// A leader's joint log as GELLO-like devices give it, as CSV: `time_s`, `joint_1` … `joint_n` (radians), `gripper` (0 open to 1 closed).
public enum JointLogAdaptor: RecordingAdaptor {
    public static let name = "joint-log"
    public static let accepts = "joint log (GELLO): CSV with time_s, joint_1 … joint_n, gripper"
    public static let givesJoints = true

    /// Opening of the gripper at 0, metres.
    public static let openWidth = 0.085

    public static func recognises(_ url: URL) -> Bool {
        let header = RecordingAdaptors.header(url)
        return header.first == "time_s" && header.contains("joint_1")
    }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        let recorded = try RecorderTable(url)
        let count = recorded.table.header.count { $0.lowercased().hasPrefix("joint_") }
        let time = try recorded.columns(["time_s"])[0]
        let columns = try recorded.columns((1...max(count, 1)).map { "joint_\($0)" } + ["gripper"])
        var rows: [AdaptedRecording.Row] = []
        for n in recorded.rows {
            let seconds = try recorded.table.time(n, time).seconds
            if let last = rows.last?.seconds, seconds <= last {
                throw recorded.table.error(n, time, "s does not come after the row above (\(last) s)")
            }
            var row = AdaptedRecording.Row(seconds: seconds)
            if let v = try recorded.table.numbersIfAny(n, columns) {
                row.joints = Array(v.dropLast())
                row.width = (1 - v[count]) * openWidth
            }
            rows.append(row)
        }
        if let fault = RecorderTimes.unitFault(rows.compactMap(\.seconds), path: url.path) { throw fault }
        return AdaptedRecording(
            moving: .joints, rows: rows, positionSigma: 0.001, rotationSigma: 0.002,
            notes: ["joints as the leader gave them; gripper 0 is taken for \(openWidth) m"])
    }
}
