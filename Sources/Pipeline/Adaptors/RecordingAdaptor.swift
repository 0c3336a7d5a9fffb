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
    /// Whether the file is this recorder's, from its name and first bytes.
    static func recognises(_ url: URL) -> Bool
    /// Reads the file; what is wrong in it is named by row or key.
    static func read(_ url: URL) throws -> AdaptedRecording
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

    /// The first line of a text file, or nothing.
    static func firstLine(_ url: URL) -> String {
        guard let file = try? FileHandle(forReadingFrom: url), let data = try? file.read(upToCount: 4096) else { return "" }
        return String(decoding: data.prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
    }

    /// Numbers from a table's row; a field that is none is named.
    static func numbers(_ table: CSVTable, _ columns: [Int], row n: Int, _ url: URL) throws(SessionError) -> [Double] {
        var values: [Double] = []
        for c in columns {
            guard let v = Double(table.rows[n][c].trimmingCharacters(in: .whitespaces)), v.isFinite else {
                throw .format(
                    path: url.path, location: "row \(n + 1), \(table.header[c])", reason: "\"\(table.rows[n][c])\" is not a finite number")
            }
            values.append(v)
        }
        return values
    }

    /// The columns of these names; a missing one is named.
    static func columns(_ names: [String], _ table: CSVTable, _ url: URL) throws(SessionError) -> [Int] {
        var found: [Int] = []
        for name in names {
            guard let i = table.header.firstIndex(where: { $0.trimmingCharacters(in: .whitespaces).lowercased() == name.lowercased() })
            else {
                throw .format(path: url.path, location: "header", reason: "the column \(name) is missing")
            }
            found.append(i)
        }
        return found
    }

    /// A pose from position and quaternion x y z w; a quaternion that is not of unit length is named.
    static func pose(_ p: [Double], xyzw q: [Double], row: Int, _ url: URL) throws(SessionError) -> Transform<Table, Frame> {
        let v = Vector4(q[0], q[1], q[2], q[3])
        guard abs((v * v).sum().squareRoot() - 1) < 0.02 else {
            throw .format(path: url.path, location: "row \(row + 1)", reason: "its quaternion is not of unit length")
        }
        return Transform(rotation: Rotation(xyzw: v), translation: Vector3(p[0], p[1], p[2]))
    }

    /// Carries ARKit's and OpenGL's camera axes (x right, y up, z backwards) into the picture's.
    static func pictureAxes(_ pose: Transform<Table, Frame>) -> Transform<Table, Frame> {
        Transform(rotation: pose.rotation * Rotation(vector: Vector3(Double.pi, 0, 0)), translation: pose.translation)
    }
}
