internal import Geometry

/// Where something stands, as people write it: `x y z yaw_deg` or `x y z q_x q_y q_z q_w`, with spaces or commas between; metres, degrees.
enum PlaceText {
    static let accepted = "x y z yaw_deg, or x y z q_x q_y q_z q_w (metres, degrees)"

    /// Nil where it is neither, or no finite place.
    static func transform<To, From>(_ text: String, _: To.Type, _: From.Type) -> Transform<To, From>? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," })
        let v = words.compactMap { Double($0) }
        guard v.count == words.count, v.allSatisfy(\.isFinite) else { return nil }
        switch v.count {
        case 4:
            return Transform(rotation: Rotation(axis: Vector3(0, 0, 1), angle: v[3] * .pi / 180), translation: Vector3(v[0], v[1], v[2]))
        case 7 where v[3...].contains { $0 != 0 }:
            return Transform(rotation: Rotation(xyzw: Vector4(v[3], v[4], v[5], v[6])), translation: Vector3(v[0], v[1], v[2]))
        default: return nil
        }
    }
}
