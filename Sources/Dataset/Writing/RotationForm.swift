public import Geometry

/// How a rotation is written as numbers.
public enum RotationForm: String, Sendable, Codable, CaseIterable {
    /// The first two rows of the matrix, row by row: no two rotations that are near have numbers that are far. UMI's `mat_to_rot6d` and
    /// PyTorch3D's `matrix_to_rotation_6d` (GR00T) take the same; the columns that Zhou et al. 2019 take are other numbers.
    case rot6d
    /// The rotation vector from a reference rotation, radians: `R = exp(w) · R_reference`, both in the base's frame.
    case rotvec
    /// The unit quaternion x y z w, its sign the reference's.
    case quaternion

    /// Names of its numbers, after `ee.` or, from row to row, `ee.d`.
    public func names(isRelative: Bool = false) -> [String] {
        switch self {
        case .rot6d: ["row1_x", "row1_y", "row1_z", "row2_x", "row2_y", "row2_z"]
        case .rotvec: (isRelative ? ["wx", "wy", "wz"] : ["ref_wx", "ref_wy", "ref_wz"])
        case .quaternion: ["qx", "qy", "qz", "qw"]
        }
    }

    /// GR00T's word for it; nil where its reader takes another order (quaternions w x y z).
    var modality: String? {
        switch self {
        case .rot6d: "rotation_6d"
        case .rotvec: "axis_angle"
        case .quaternion: nil
        }
    }

    /// The numbers of a rotation in the chart about `reference`; they jump at a turn of 180° from it, rot6d nowhere.
    public func numbers(of rotation: Rotation, about reference: Rotation = .identity) -> [Double] {
        switch self {
        case .rot6d:
            let m = rotation.matrix
            return [m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2]]
        case .rotvec:
            let w = (rotation * reference.inverse).vector
            return [w.x, w.y, w.z]
        case .quaternion:
            let q = (rotation.xyzw * reference.xyzw).sum() < 0 ? -rotation.xyzw : rotation.xyzw
            return [q.x, q.y, q.z, q.w]
        }
    }
}

/// In which chart a data set writes its rotations: the same for all its episodes, so that near rotations have near numbers in all of them.
public struct RotationChart: Codable, Sendable, Equatable {
    public var form: RotationForm
    /// For each side in the order of columns the rotation, x y z w in its base's frame, that the chart is about; empty for rot6d, which
    /// needs none.
    public var referencesXYZW: [[Double]]

    public init(form: RotationForm, references: [Rotation] = []) {
        self.form = form
        referencesXYZW = form == .rot6d ? [] : references.map { [$0.xyzw.x, $0.xyzw.y, $0.xyzw.z, $0.xyzw.w] }
    }

    /// Of a side by its place; the identity where none is stated.
    public func reference(_ side: Int) -> Rotation {
        guard referencesXYZW.indices.contains(side), referencesXYZW[side].count == 4 else { return .identity }
        let q = referencesXYZW[side]
        return Rotation(checkedXYZW: Vector4(q[0], q[1], q[2], q[3])) ?? .identity
    }

    /// For a message, such as `rotvec about [0.0, 1.0, 0.0, 0.0]`.
    public var text: String {
        referencesXYZW.isEmpty ? form.rawValue : "\(form.rawValue) about \(referencesXYZW.map { "\($0)" }.joined(separator: " and "))"
    }

    /// Of the rotations that turn axes into axes, the one nearest to a rotation.
    public static func upright(nearest rotation: Rotation) -> Rotation {
        uprights.max { abs(($0.xyzw * rotation.xyzw).sum()) < abs(($1.xyzw * rotation.xyzw).sum()) } ?? .identity
    }

    /// The 24 rotations that turn axes into axes: no rotation is farther than 62.8° from the nearest.
    public static let uprights: [Rotation] = {
        let axes = [Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)].flatMap { [$0, $0 * -1] }
        return axes.flatMap { x in
            axes.filter { abs($0.dot(x)) < 0.5 }.map { y in
                let z = x.cross(y)
                return Rotation(matrix: Matrix3(rows: Vector3(x.x, y.x, z.x), Vector3(x.y, y.y, z.y), Vector3(x.z, y.z, z.z)))
            }
        }
    }()
}
