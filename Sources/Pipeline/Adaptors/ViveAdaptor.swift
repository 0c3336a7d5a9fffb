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
        let fields = RecordingAdaptors.firstLine(url).split(separator: " ")
        return fields.count >= 3 && Double(fields[0]) != nil && Double(fields[1]) == nil
            && (fields.count >= 10 && fields[2] == "POSE" || ["CONFIG", "LH_POSE", "VELOCITY", "IMU"].contains(fields[2]))
    }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        let text = String(decoding: try FileBytes.read(url), as: UTF8.self)
        var rows: [AdaptedRecording.Row] = []
        var device: Substring?
        var others: Set<Substring> = []
        var start = 0.0
        for (n, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            let fields = line.split(separator: " ")
            guard fields.count >= 3, fields[2] == "POSE" else { continue }
            if device == nil { device = fields[1] }
            guard fields[1] == device else {
                others.insert(fields[1])
                continue
            }
            let v = ([fields[0]] + fields.dropFirst(3)).compactMap { Double($0) }
            guard v.count >= 8, v.allSatisfy(\.isFinite) else {
                throw SessionError.format(
                    path: url.path, location: "line \(n + 1)", reason: "time device POSE x y z qw qx qy qz is expected")
            }
            if rows.isEmpty { start = v[0] }
            let pose = try RecordingAdaptors.pose(Array(v[1...3]), xyzw: [v[5], v[6], v[7], v[4]], row: n, url)
            rows.append(.init(seconds: v[0] - start, pose: pose))
        }
        guard !rows.isEmpty else { throw SessionError.format(path: url.path, location: "line 1", reason: "no POSE line in the file") }
        var notes = ["poses of a Vive tracker: 2 mm and 0.3° are assumed of them; the tracker is taken for the tool"]
        if !others.isEmpty { notes.append("other devices in the file are left out: \(others.sorted().joined(separator: ", "))") }
        return AdaptedRecording(moving: .tool, rows: rows, positionSigma: 0.002, rotationSigma: 0.0052, notes: notes)
    }
}
