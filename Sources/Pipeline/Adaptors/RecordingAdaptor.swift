public import Foundation
public import Geometry
internal import Session

/// What another recorder kept beside a video: poses of camera, tool or hand, or an arm's joints, with the noise that is known of them.
public struct AdaptedRecording: Sendable {
    /// The frame whose poses are given.
    public enum Moving: String, Sendable, Codable {
        /// The video's camera, x right, y down, z forward.
        case camera
        /// The tool centre point, z along the approach.
        case tool
        /// Nothing but joints: the tool follows from the arm.
        case joints
    }

    public struct Row: Sendable {
        /// The video's frame where the file counts frames, else nil.
        public var frame: Int?
        /// Seconds since the video's first frame where the file has times, else nil.
        public var seconds: Double?
        /// In the recorder's own world frame, metres; nil where it was lost.
        public var pose: Transform<Table, Frame>?
        /// Gripper opening, metres; nil where the recorder keeps none.
        public var width: Double?
        /// Radians, in the arm's order; nil where the recorder keeps none.
        public var joints: [Double]?

        /// Whether it says where the tool was.
        var isPosed: Bool { pose != nil || joints != nil }

        public init(
            frame: Int? = nil, seconds: Double? = nil, pose: Transform<Table, Frame>? = nil, width: Double? = nil, joints: [Double]? = nil
        ) {
            self.frame = frame
            self.seconds = seconds
            self.pose = pose
            self.width = width
            self.joints = joints
        }
    }

    public var moving: Moving
    public var rows: [Row]
    /// Standard deviations of a pose, metres and radians.
    public var positionSigma: Double
    public var rotationSigma: Double
    /// What limits the data, in sentences for the report.
    public var notes: [String]

    public init(moving: Moving, rows: [Row], positionSigma: Double, rotationSigma: Double, notes: [String] = []) {
        self.moving = moving
        self.rows = rows
        self.positionSigma = positionSigma
        self.rotationSigma = rotationSigma
        self.notes = notes
    }
}

/// Reads what one kind of recorder leaves. To add a recorder: one file with a type that conforms, one line in `RecordingAdaptors.all`.
///
/// `--poses FILE` (or a folder with one per demo) hands a file to the first adaptor that recognises it. Poses come in the recorder's own
/// world frame with lengths in metres, cameras with the picture's axes; the adaptor turns other conventions. The table's place in that world
/// is `ingest.tableFromWorld`. What the recorder does not state is left nil; the noise is stated from the recorder's published figures
/// where the file has none.
public protocol RecordingAdaptor: Sendable {
    /// As reports name it.
    static var name: String { get }
    /// What it accepts, in one line for messages.
    static var accepts: String { get }
    /// Whether it says where the joints of one arm were rather than where its tool was.
    static var givesJoints: Bool { get }
    /// Whether the file is this recorder's, from its name and first bytes.
    static func recognises(_ url: URL) -> Bool
    /// Reads the file; what is wrong in it is named by row or key. `AdaptedRecording.check` looks through what comes back.
    static func read(_ url: URL) throws -> AdaptedRecording
}

extension RecordingAdaptor {
    public static var givesJoints: Bool { false }
}

/// Every recorder that is known.
public enum RecordingAdaptors {
    public static let all: [any RecordingAdaptor.Type] = [
        FastUMIAdaptor.self, Record3DAdaptor.self, DobbEAdaptor.self, ViveAdaptor.self, ALOHAAdaptor.self, JointLogAdaptor.self,
        HandTrackAdaptor.self, MANOAdaptor.self,
    ]

    /// File extensions under which poses of a demo are looked for, in this order.
    public static let extensions = ["csv", "tum", "txt", "json", "hdf5", "h5"]

    /// The recorder whose file it is; nil for none.
    public static func adaptor(for url: URL) -> (any RecordingAdaptor.Type)? { all.first { $0.recognises(url) } }

    /// Reads a file with the adaptor that recognises it, and looks through what it says; nil where none recognises it.
    public static func read(_ url: URL) throws -> (name: String, recording: AdaptedRecording)? {
        guard let adaptor = adaptor(for: url) else { return nil }
        let recording = try adaptor.read(url)
        try recording.check(path: url.path)
        return (adaptor.name, recording)
    }

    /// What every form of poses looks like, for messages.
    public static var accepted: String {
        (ExternalPoses.accepted + all.map { $0.accepts }).joined(separator: "; ")
    }

    /// Whether a file, whatever its name, begins as a JSON object does.
    static func isJSON(_ url: URL) -> Bool {
        let bytes = FileBytes.prefix(url, count: 64)
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        return text.first { ![9, 10, 13, 32].contains($0) } == UInt8(ascii: "{")
    }

    /// The fields of a table's first line in lower case; none where the file is no text.
    static func header(_ url: URL) -> [String] { firstRow(url, .comma).map { $0.lowercased() } }

    /// The fields of a text file's first line that is no comment.
    static func firstRow(_ url: URL, _ separator: TextRows.Separator) -> [String] {
        var bytes = FileBytes.prefix(url, count: 1 << 16)
        if bytes.contains(0) { return [] }
        // A line that is cut off would be another line.
        if bytes.count == 1 << 16, let end = bytes.lastIndex(where: { $0 == 10 || $0 == 13 }) { bytes.removeSubrange(end...) }
        return (try? TextRows(bytes: bytes, path: url.path, separator: separator))?.rows.first?.fields ?? []
    }

    /// Carries ARKit's and OpenGL's camera axes (x right, y up, z backwards) into the picture's.
    static func pictureAxes(_ pose: Transform<Table, Frame>) -> Transform<Table, Frame> {
        Transform(rotation: pose.rotation * Rotation(vector: Vector3(Double.pi, 0, 0)), translation: pose.translation)
    }

    /// A pose from a position in metres and a quaternion x y z w; nil for the zeros that recorders write where they are lost. A quaternion that
    /// is not of unit length, or a position that is none, is an error at `place`.
    static func pose(
        _ p: some Collection<Double>, xyzw q: some Collection<Double>, at place: String, path: String
    ) throws(SessionError) -> Transform<Table, Frame>? {
        let (p, q) = (Array(p), Array(q))
        guard p.count == 3, q.count == 4 else {
            throw .format(path: path, location: place, reason: "3 numbers of a position and 4 of a quaternion are needed")
        }
        if q.allSatisfy({ $0 == 0 }) { return nil }
        let v = Vector4(q[0], q[1], q[2], q[3])
        guard abs((v * v).sum().squareRoot() - 1) < 0.02 else {
            throw .format(path: path, location: place, reason: "its quaternion is not of unit length (\((v * v).sum().squareRoot()))")
        }
        guard let pose = Transform<Table, Frame>(position: Vector3(p[0], p[1], p[2]), xyzw: v) else {
            throw .format(path: path, location: place, reason: "\(p) is no position in metres")
        }
        return pose
    }
}

extension AdaptedRecording {
    /// Refuses what no recording can be: times that go back, widths and joints beyond all grippers and arms, no row at all. The error names the row.
    func check(path: String) throws(SessionError) {
        guard !rows.isEmpty else { throw .format(path: path, location: "rows", reason: "no pose in the file") }
        var last: Double?
        for (n, row) in rows.enumerated() {
            func fail(_ reason: String) -> SessionError { .format(path: path, location: "row \(n + 1)", reason: reason) }
            if let frame = row.frame, !(0...Int(Int32.max)).contains(frame) { throw fail("\(frame) is no frame number from 0") }
            if let s = row.seconds {
                guard Timestamp<VideoClock>(checkedSeconds: s) != nil else { throw fail("\(s) \(Timestamp<VideoClock>.refusal(of: s))") }
                if let last, s < last { throw fail("its time \(s) s comes before the row above (\(last) s)") }
                last = s
            }
            if let width = row.width, !(abs(width) <= 10) { throw fail("\(width) is no opening of a gripper in metres, within ±10") }
            if let wrong = row.joints?.first(where: { !(abs($0) <= 1e3) }) {
                throw fail("\(wrong) is no joint position, within ±1000 rad or m")
            }
        }
    }
}

/// A recorder's table: columns by name whatever the case of letters, poses and times by row, faults named with their line.
struct RecorderTable {
    let table: CSVTable
    private let path: String

    init(_ url: URL) throws(SessionError) {
        table = try CSVTable(contentsOf: url)
        path = url.path
    }

    var rows: Range<Int> { table.rows.indices }

    /// The column of that name; nil where there is none.
    func column(_ name: String) -> Int? { table.header.firstIndex { $0.lowercased() == name.lowercased() } }

    /// The columns of these names; a missing one is named with what there is.
    func columns(_ names: [String]) throws(SessionError) -> [Int] {
        var found: [Int] = []
        for name in names {
            guard let i = column(name) else { _ = try table.columns([name]); continue }
            found.append(i)
        }
        return found
    }

    /// The frame number in a column: a whole number from 0.
    func frame(_ row: Int, _ column: Int) throws(SessionError) -> Int { try table.integer(row, column, in: 0...Int(Int32.max)) }

    /// The pose in seven columns (position, quaternion x y z w); nil where the row says that there is none.
    func pose(_ row: Int, _ columns: some Collection<Int>) throws(SessionError) -> Transform<Table, Frame>? {
        guard let v = try table.numbersIfAny(row, Array(columns)) else { return nil }
        return try RecordingAdaptors.pose(
            v[0...2], xyzw: v[3...6], at: table.location(row: row, column: columns.first ?? 0), path: path)
    }
}

/// Times as a recorder's clock gave them, put on the video's clock by the first row.
struct RecorderTimes {
    private var first: Double?

    /// What is said of times that count from the first row.
    static let note = "its first row is taken for the video's first frame: times count from there"

    /// Seconds since the first row's time, which is taken for the video's first frame.
    mutating func seconds(_ raw: Double) -> Double {
        if first == nil { first = raw }
        return raw - (first ?? raw)
    }

    /// Says that rows are too far apart for seconds; nil where they are not. A recorder gives more than a row a second.
    static func unitFault(_ seconds: [Double], path: String) -> SessionError? {
        let gaps = zip(seconds.dropFirst(), seconds).map { $0 - $1 }.sorted()
        guard gaps.count >= 2 else { return nil }
        let typical = gaps[gaps.count / 2]
        let unit = TimeUnit(ofInterval: typical)
        guard unit != .seconds else { return nil }
        return .format(
            path: path, location: "times",
            reason: "rows are \(typical.fixed(3)) s apart: \(unit.rawValue)? Seconds are expected; \(unit.advice)")
    }
}
