public import Foundation
internal import Imaging
internal import Session

/// ALOHA and ACT logs: HDF5 with `observations/qpos`, a row a frame. Per arm six joints (radians) and a gripper (0 closed to 1 open).
///
/// Fourteen columns are two arms; of those the left (first) is taken unless the file's name ends in `_right`. The follower did move so: joints are
/// only checked, not solved.
public enum ALOHAAdaptor: RecordingAdaptor {
    public static let name = "aloha"
    public static let accepts = "ALOHA: HDF5 with observations/qpos of 14 columns (two arms), or n + 1 for an arm of n joints"
    public static let givesJoints = true

    /// Opening of the gripper at 1, metres.
    public static let openWidth = 0.084

    public static func recognises(_ url: URL) -> Bool {
        guard let file = try? HDF5File.reading(url), let entry = try? file.entry("/observations/qpos") else { return false }
        return entry.shape.count == 2 && entry.shape[1] > 1 && entry.shape[1] != 7
    }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        let (values, shape) = try HDF5File.reading(url).doubles("/observations/qpos")
        let isRight = url.deletingPathExtension().lastPathComponent.hasSuffix("_right")
        let count = shape[1] == 14 ? 7 : shape[1]
        let from = shape[1] == 14 && isRight ? 7 : 0
        let rows = (0..<shape[0]).map { n -> AdaptedRecording.Row in
            let row = Array(values[(n * shape[1] + from)..<(n * shape[1] + from + count)])
            // What a log holds where the arm was not read.
            if row.allSatisfy(\.isNaN) { return AdaptedRecording.Row(frame: n) }
            return AdaptedRecording.Row(frame: n, width: row[count - 1] * openWidth, joints: Array(row.dropLast()))
        }
        var notes = ["joints as the arm reported them; gripper 1 is taken for \(openWidth) m"]
        if shape[1] == 14 { notes.append("two arms in the file: the \(isRight ? "right" : "left") one is taken") }
        return AdaptedRecording(moving: .joints, rows: rows, positionSigma: 0.001, rotationSigma: 0.002, notes: notes)
    }
}
