internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// The motions that a scenario can name.
public enum MotionKind: String, Codable, Sendable, CaseIterable {
    /// Looks at the table from 0.35 to 0.65 m on all sides, with turns about every axis; 12 s.
    case mapping
    /// Nearly still, the fingers close and open twice; 3 s.
    case gripperCalibration = "gripper_calibration"
    /// Picks the object up on the right and puts it down on the left; 6 s.
    case pickPlace = "pick_place"
    /// Comes down, then twists about the approach axis faster than any joint of the named arms can turn; 4 s.
    case tooFast = "too_fast"
    /// Goes slowly to a place more than 1.1 m from the foot of the arm; 5.5 s.
    case outOfReach = "out_of_reach"
    /// Sways over its place, goes down, closes, lifts, carries along and opens; 4 s. With `shift_m` two grippers work side by side.
    case sweep
    /// Holds still before the tag, which the fingers do not cover; 1 s.
    case still
    /// The recording's own `keyframes`.
    case custom
    /// The recording's `motion_file`, with the readings of its `inertial_file`.
    case recorded
}

/// A pose of the tool, and the gripper's opening, at one time; between keys everything moves by a minimum-jerk profile.
///
/// With all angles zero the tool points along the table's x, picture upright; `pitch` tips it down, `yaw` turns about the table's z, `roll` turns
/// about the pointing axis (clockwise seen from behind).
public struct MotionKey: Codable, Sendable, Equatable {
    /// Seconds on the video clock.
    public var time = 0.0
    /// Place of the tool centre point in the table frame, metres.
    public var position = [0.0, 0.0, 0.2]
    /// Degrees.
    public var yaw = 0.0
    /// Degrees.
    public var pitch = 65.0
    /// Degrees.
    public var roll = 0.0
    /// Opening between the finger tips, metres.
    public var width = 0.08

    public init() {}

    init(_ time: Double, _ position: Vector3, yaw: Double = 0, pitch: Double = 65, roll: Double = 0, width: Double = 0.08) {
        self.time = time
        self.position = [position.x, position.y, position.z]
        self.yaw = yaw
        self.pitch = pitch
        self.roll = roll
        self.width = width
    }

    enum CodingKeys: String, CodingKey {
        case time = "time_s"
        case position = "tool_position_m"
        case yaw = "yaw_deg"
        case pitch = "pitch_deg"
        case roll = "roll_deg"
        case width = "width_m"
    }

    var tableFromTool: Transform<Table, Tool> {
        Transform(
            rotation: Self.orientation(yaw: yaw, pitch: pitch, roll: roll),
            translation: Vector3(position[0], position[1], position[2]))
    }

    /// Columns: picture right, picture down, pointing axis.
    static func orientation(yaw: Double, pitch: Double, roll: Double) -> Rotation {
        let (y, p) = (yaw * .pi / 180, pitch * .pi / 180)
        let forward = Vector3(cos(p) * cos(y), cos(p) * sin(y), -sin(p))
        let right = Vector3(sin(y), -cos(y), 0)
        let upright = Rotation(matrix: Matrix3(columns: right, forward.cross(right), forward))
        return upright * Rotation(vector: Vector3(0, 0, roll * .pi / 180))
    }
}

/// What is done in one recording: keys of the path, and when the object is held.
struct MotionPlan: Equatable {
    var keys: [MotionKey]
    /// Minimum jerk between keys; else straight (for dense keys).
    var isEased = true
    var duration: Double
    /// Where the object stands at first; nil keeps it out of the scene.
    var object: Vector2?
    /// From when to when the object moves with the tool, seconds.
    var held: ClosedRange<Double>?
    /// The IMU's motion on a grid of `RecordedMotion.knotSpacing / 2`, in place of keys, with its readings.
    var measured: MeasuredMotion?

    /// The key at any time: the first before, the last after.
    func key(at time: Double) -> MotionKey {
        guard let first = keys.first, let last = keys.last else { return MotionKey() }
        if time <= first.time { return first }
        if time >= last.time { return last }
        var i = 0
        while keys[i + 1].time < time { i += 1 }
        let (a, b) = (keys[i], keys[i + 1])
        let s = (time - a.time) / (b.time - a.time)
        let f = isEased ? s * s * s * (10 + s * (6 * s - 15)) : s
        func mix(_ x: Double, _ y: Double) -> Double { x + (y - x) * f }
        var key = MotionKey()
        key.time = time
        key.position = zip(a.position, b.position).map { mix($0, $1) }
        (key.yaw, key.pitch, key.roll) = (mix(a.yaw, b.yaw), mix(a.pitch, b.pitch), mix(a.roll, b.roll))
        key.width = mix(a.width, b.width)
        return key
    }
}
