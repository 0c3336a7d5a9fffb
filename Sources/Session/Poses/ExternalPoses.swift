public import Foundation
public import Geometry

/// Poses that another program made, as its file holds them; frames and clocks are settled by whoever uses them.
public struct ExternalPoses: Sendable {
    /// Which form the file had.
    public enum Form: String, Sendable, Codable {
        /// `time x y z q_x q_y q_z q_w`.
        case tum
        /// UMI's `camera_trajectory.csv`: the camera in the SLAM map's frame, one row a frame.
        case umiTrajectory = "umi_trajectory"
        /// UMI's six-number state (position and rotation vector of the tool in the table's frame) with the gripper width, one row a frame.
        case umiState = "umi_state"
        /// This project's own trajectory table.
        case table
    }

    public struct Row: Sendable {
        /// The frame's index where the file counts frames, else nil.
        public var frame: Int?
        /// Seconds on the video clock where the file has times, else nil.
        public var seconds: Double?
        /// Nil where the file says that the frame is lost.
        public var pose: Transform<Table, Frame>?
        /// Gripper width, metres, where the file has it.
        public var width: Double?
    }

    public var form: Form
    public var rows: [Row]

    /// Whether the moving frame is the tool's (UMI's state) or the camera's (all else).
    public var isToolPose: Bool { form == .umiState }

    /// Recognises the form by the header line. An unknown one is refused with the forms that are accepted.
    public init(contentsOf url: URL) throws(SessionError) {
        let bytes = try FileBytes.read(url)
        let first = String(decoding: bytes.prefix(while: { $0 != 10 }), as: UTF8.self).trimmingCharacters(in: .whitespaces)
        if first.hasPrefix("frame_idx,") {
            self = try Self.umiTrajectory(CSVTable(bytes: bytes, path: url.path), path: url.path)
        } else if first.hasPrefix("frame,x,y,z,rx,ry,rz") {
            self = try Self.umiState(CSVTable(bytes: bytes, path: url.path), path: url.path)
        } else if first.hasPrefix("time_s_video,") || first.hasPrefix("# Table from Camera") {
            let t = try Trajectory<Table, Camera>(csv: url)
            form = .table
            rows = (0..<t.count).map {
                Row(
                    frame: nil, seconds: t.times[$0].seconds,
                    pose: t.states[$0] == .lost ? nil : t.poses[$0].relabelled(Table.self, Frame.self), width: nil)
            }
        } else if first.hasPrefix("#") || first.split(separator: " ").count == 8 {
            let t = try Trajectory<Table, Frame>(tum: url)
            form = .tum
            rows = (0..<t.count).map { Row(frame: nil, seconds: t.times[$0].seconds, pose: t.poses[$0], width: nil) }
        } else {
            throw .format(
                path: url.path, location: "line 1",
                reason: "not a form of poses that is known; accepted: TUM lines (time x y z q_x q_y q_z q_w), UMI's camera_trajectory.csv "
                    + "(header frame_idx,timestamp,…), UMI's state (header frame,x,y,z,rx,ry,rz,gripper_width)")
        }
    }

    private init(form: Form, rows: [Row]) {
        self.form = form
        self.rows = rows
    }

    private static func umiTrajectory(_ table: CSVTable, path: String) throws(SessionError) -> ExternalPoses {
        let names = ["frame_idx", "timestamp", "is_lost", "x", "y", "z", "q_x", "q_y", "q_z", "q_w"]
        let columns = try columns(names, of: table, path: path)
        var rows: [Row] = []
        for (n, row) in table.rows.enumerated() {
            let lost = row[columns[2]].lowercased() == "true"
            let v = try numbers(row, [columns[0], columns[1]] + columns[3...], path: path, row: n)
            let q = Vector4(v[5], v[6], v[7], v[8])
            let pose =
                lost || q == .zero ? nil : Transform<Table, Frame>(rotation: Rotation(xyzw: q), translation: Vector3(v[2], v[3], v[4]))
            rows.append(Row(frame: Int(v[0]), seconds: v[1], pose: pose, width: nil))
        }
        return ExternalPoses(form: .umiTrajectory, rows: rows)
    }

    private static func umiState(_ table: CSVTable, path: String) throws(SessionError) -> ExternalPoses {
        let columns = try columns(["frame", "x", "y", "z", "rx", "ry", "rz"], of: table, path: path)
        let width = table.index(of: "gripper_width")
        var rows: [Row] = []
        for (n, row) in table.rows.enumerated() {
            let v = try numbers(row, columns + (width.map { [$0] } ?? []), path: path, row: n)
            rows.append(
                Row(
                    frame: Int(v[0]), seconds: nil,
                    pose: Transform(rotation: Rotation(vector: Vector3(v[4], v[5], v[6])), translation: Vector3(v[1], v[2], v[3])),
                    width: width == nil ? nil : v[7]))
        }
        return ExternalPoses(form: .umiState, rows: rows)
    }

    private static func columns(_ names: [String], of table: CSVTable, path: String) throws(SessionError) -> [Int] {
        var found: [Int] = []
        for name in names {
            guard let i = table.index(of: name) else {
                throw .format(path: path, location: "header", reason: "the column \(name) is missing")
            }
            found.append(i)
        }
        return found
    }

    private static func numbers(_ row: [String], _ columns: [Int], path: String, row n: Int) throws(SessionError) -> [Double] {
        var values: [Double] = []
        for c in columns {
            guard let v = Double(row[c]), v.isFinite else {
                throw .format(path: path, location: "row \(n + 1), field \(c + 1)", reason: "\"\(row[c])\" is not a finite number")
            }
            values.append(v)
        }
        return values
    }
}
