public import Foundation
internal import Session

/// A leader's joint log as GELLO-like devices give it, as CSV: `time_s`, `joint_1` … `joint_n` (radians), `gripper` (0 open to 1 closed).
public enum JointLogAdaptor: RecordingAdaptor {
    public static let name = "joint-log"
    public static let accepts = "joint log (GELLO): CSV with time_s, joint_1 … joint_n, gripper"

    /// Opening of the gripper at 0, metres.
    public static let openWidth = 0.085

    public static func recognises(_ url: URL) -> Bool {
        let line = RecordingAdaptors.firstLine(url)
        return line.hasPrefix("time_s") && line.contains("joint_1")
    }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        let table = try CSVTable(contentsOf: url)
        let count = table.header.filter { $0.hasPrefix("joint_") }.count
        let columns = try RecordingAdaptors.columns(["time_s"] + (1...max(count, 1)).map { "joint_\($0)" } + ["gripper"], table, url)
        var rows: [AdaptedRecording.Row] = []
        for n in table.rows.indices {
            let v = try RecordingAdaptors.numbers(table, columns, row: n, url)
            if let last = rows.last?.seconds, v[0] <= last {
                throw SessionError.format(
                    path: url.path, location: "row \(n + 1)", reason: "its time \(v[0]) s does not come after the row before")
            }
            rows.append(.init(seconds: v[0], width: (1 - v[count + 1]) * openWidth, joints: Array(v[1...count])))
        }
        return AdaptedRecording(
            moving: .joints, rows: rows, positionSigma: 0.001, rotationSigma: 0.002,
            notes: ["joints as the leader gave them; gripper 0 is taken for \(openWidth) m"])
    }
}
