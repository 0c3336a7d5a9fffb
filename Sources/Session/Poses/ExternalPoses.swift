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

    /// Recognises the form by the first line. An unknown one is refused with the forms that are accepted.
    public init(contentsOf url: URL) throws(SessionError) {
        let bytes = try FileBytes.read(url)
        let path = url.path
        let lines = try TextRows(bytes: bytes, path: path, separator: .comma, commentsInside: false)
        let first = lines.rows.first?.fields ?? []
        if first.first == "frame_idx" {
            self = try Self.umiTrajectory(CSVTable(bytes: bytes, path: path))
        } else if first.starts(with: Self.stateColumns) {
            self = try Self.umiState(CSVTable(bytes: bytes, path: path))
        } else if first.first == "time_s_video" {
            let t = try Trajectory<Table, Camera>(csv: url)
            form = .table
            rows = (0..<t.count).map {
                Row(
                    frame: nil, seconds: t.times[$0].seconds,
                    pose: t.states[$0] == .lost ? nil : t.poses[$0].relabelled(Table.self, Frame.self), width: nil)
            }
        } else if try Self.isTUM(TextRows(bytes: bytes, path: path, separator: .blanks)) {
            let t = try Trajectory<Table, Frame>(tum: url)
            form = .tum
            rows = (0..<t.count).map { Row(frame: nil, seconds: t.times[$0].seconds, pose: t.poses[$0], width: nil) }
        } else {
            throw .format(
                path: path, location: "line \(lines.rows.first?.line ?? 1)",
                reason: "\(first.joined(separator: ",").excerpt) begins no form of poses that is known; accepted: "
                    + Self.accepted.joined(separator: ", "))
        }
    }

    /// The forms, for messages.
    public static let accepted = [
        "TUM lines (time x y z q_x q_y q_z q_w)", "UMI's camera_trajectory.csv (header frame_idx,timestamp,…)",
        "UMI's state (header frame,x,y,z,rx,ry,rz,gripper_width)", "a trajectory table of this program (header time_s_video,…)",
    ]

    private static let stateColumns = ["frame", "x", "y", "z", "rx", "ry", "rz"]

    /// Whether a file may be TUM's: it begins with a comment, or with eight numbers.
    private static func isTUM(_ text: TextRows) -> Bool {
        guard let first = text.rows.first else { return false }
        return !text.comments.isEmpty || (first.fields.count == 8 && first.fields.allSatisfy { NumberText.number($0) != nil })
    }

    private init(form: Form, rows: [Row]) {
        self.form = form
        self.rows = rows
    }

    private static func umiTrajectory(_ table: CSVTable) throws(SessionError) -> ExternalPoses {
        let columns = try table.columns(["frame_idx", "timestamp", "is_lost", "x", "y", "z", "q_x", "q_y", "q_z", "q_w"])
        var rows: [Row] = []
        for n in table.rows.indices {
            let isLost = try flag(table, n, columns[2])
            let time = isLost && NumberText.isAbsent(table.rows[n][columns[1]]) ? nil : try table.time(n, columns[1])
            var pose: Transform<Table, Frame>?
            // A lost frame is all zeros, or nothing at all.
            if !isLost, let v = try table.numbersIfAny(n, Array(columns[3...])), v[3...] != [0, 0, 0, 0] {
                pose = Transform(position: Vector3(v[0], v[1], v[2]), xyzw: Vector4(v[3], v[4], v[5], v[6]))
                if pose == nil { throw table.error(n, columns[3], "begins no pose: x y z in metres and a quaternion are expected") }
            }
            rows.append(Row(frame: try frame(table, n, columns[0]), seconds: time?.seconds, pose: pose, width: nil))
        }
        return ExternalPoses(form: .umiTrajectory, rows: rows)
    }

    private static func umiState(_ table: CSVTable) throws(SessionError) -> ExternalPoses {
        let columns = try table.columns(stateColumns)
        let width = table.index(of: "gripper_width")
        var rows: [Row] = []
        for n in table.rows.indices {
            var row = Row(frame: try frame(table, n, columns[0]), seconds: nil, pose: nil, width: nil)
            if let v = try table.numbersIfAny(n, Array(columns[1...])) {
                row.pose = Transform(position: Vector3(v[0], v[1], v[2]), rotationVector: Vector3(v[3], v[4], v[5]))
                guard row.pose != nil else {
                    throw table.error(n, columns[1], "begins no pose: x y z in metres and a rotation vector in radians are expected")
                }
            }
            if let width { row.width = try Self.width(table, n, width) }
            rows.append(row)
        }
        return ExternalPoses(form: .umiState, rows: rows)
    }

    /// A gripper's opening, metres; nil where the field holds none.
    private static func width(_ table: CSVTable, _ row: Int, _ column: Int) throws(SessionError) -> Double? {
        guard let width = try table.numbersIfAny(row, [column])?.first else { return nil }
        guard abs(width) <= 10 else { throw table.error(row, column, "is no opening of a gripper in metres, within ±10") }
        return width
    }

    private static func frame(_ table: CSVTable, _ row: Int, _ column: Int) throws(SessionError) -> Int {
        try table.integer(row, column, in: 0...Int(Int32.max))
    }

    private static func flag(_ table: CSVTable, _ row: Int, _ column: Int) throws(SessionError) -> Bool {
        switch table.rows[row][column].lowercased() {
        case "true", "1": return true
        case "false", "0": return false
        default: throw table.error(row, column, "is neither true nor false")
        }
    }
}
