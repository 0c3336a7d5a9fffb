public import Geometry

/// Poses out of numbers and text that people and other programs wrote.
extension Transform {
    /// A position (metres) and a quaternion of any length; nil where a number is not finite, the position is further than 1000 km, or the
    /// quaternion has no direction.
    public init?(position: Vector3, xyzw: Vector4) {
        guard Self.isPlace(position), let rotation = Rotation(checkedXYZW: xyzw) else { return nil }
        self.init(rotation: rotation, translation: position)
    }

    /// A position (metres) and a rotation vector (radians); nil where a number is not finite, the position is further than 1000 km, or the
    /// vector is longer than 1000 rad.
    public init?(position: Vector3, rotationVector: Vector3) {
        guard Self.isPlace(position), let rotation = Rotation(checkedVector: rotationVector) else { return nil }
        self.init(rotation: rotation, translation: position)
    }

    /// A pose in one line, `PoseText.accepted`; nil where the text is no such.
    public init?(text: some StringProtocol) {
        guard let v = NumberText.numbers(in: text) else { return nil }
        switch v.count {
        case 4: self.init(position: Vector3(v[0], v[1], v[2]), rotationVector: Vector3(0, 0, v[3] * .pi / 180))
        case 7: self.init(position: Vector3(v[0], v[1], v[2]), xyzw: Vector4(v[3], v[4], v[5], v[6]))
        default: return nil
        }
    }

    private static func isPlace(_ v: Vector3) -> Bool { v.isFinite && max(abs(v.x), abs(v.y), abs(v.z)) <= 1e6 }
}

/// The one-line form of a pose, as options and files state it.
public enum PoseText {
    public static let accepted = "x y z yaw_deg, or x y z q_x q_y q_z q_w (metres and degrees, blanks or commas between)"

    /// A pose in one line; anything else is an error that names the option or key, quotes the text and says what is accepted.
    public static func pose<A, B>(_ text: some StringProtocol, name: String) throws(SessionError) -> Transform<A, B> {
        guard let pose = Transform<A, B>(text: text) else {
            throw .format(path: name, location: text.excerpt, reason: "is no pose; accepted: \(accepted)")
        }
        return pose
    }
}
