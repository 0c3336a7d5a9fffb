public import Foundation
internal import Geometry
internal import Session

/// A Vive tracker on the gripper, as libsurvive's recorder writes it: lines `time device POSE x y z qw qx qy qz`; the first device counts.
///
/// The tracker is taken for the tool: its mount goes into the device file's `camera_from_tool`. Noise as published of the tracker in a room:
/// 2 mm and 0.3°. Times count from the first pose.
public enum ViveAdaptor: RecordingAdaptor {
    public static let name = "vive"
    public static let accepts = "Vive tracker: libsurvive lines (time device POSE x y z qw qx qy qz)"

    public static func recognises(_ url: URL) -> Bool {
        let fields = RecordingAdaptors.firstRow(url, .blanks)
        return fields.count >= 3 && NumberText.number(fields[0]) != nil && NumberText.number(fields[1]) == nil
            && (fields.count >= 10 && fields[2] == "POSE" || ["CONFIG", "LH_POSE", "VELOCITY", "IMU"].contains(fields[2]))
    }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        let text = try TextRows(contentsOf: url, separator: .blanks)
        var rows: [AdaptedRecording.Row] = []
        var device: String?
        var others: Set<String> = []
        var times = RecorderTimes()
        for n in text.rows.indices {
            let fields = text.rows[n].fields
            guard fields.count >= 3, fields[2] == "POSE" else { continue }
            if device == nil { device = fields[1] }
            guard fields[1] == device else {
                others.insert(fields[1])
                continue
            }
            guard fields.count >= 10, let time = NumberText.number(fields[0]) else {
                throw text.error(n, 0, "begins no line that is known: time device POSE x y z qw qx qy qz is expected")
            }
            var row = AdaptedRecording.Row(seconds: times.seconds(time))
            if let v = try text.numbersIfAny(n, 3..<10, accepted: "time device POSE x y z qw qx qy qz") {
                row.pose = try RecordingAdaptors.pose(v[0...2], xyzw: [v[4], v[5], v[6], v[3]], at: text.location(row: n), path: url.path)
            }
            rows.append(row)
        }
        if let fault = RecorderTimes.unitFault(rows.compactMap(\.seconds), path: url.path) { throw fault }
        guard !rows.isEmpty else { throw SessionError.format(path: url.path, location: "line 1", reason: "no POSE line in the file") }
        var notes = ["poses of a Vive tracker: 2 mm and 0.3° are assumed of them; the tracker is taken for the tool", RecorderTimes.note]
        if !others.isEmpty { notes.append("other devices in the file are left out: \(others.sorted().joined(separator: ", "))") }
        return AdaptedRecording(moving: .tool, rows: rows, positionSigma: 0.002, rotationSigma: 0.0052, notes: notes)
    }
}
