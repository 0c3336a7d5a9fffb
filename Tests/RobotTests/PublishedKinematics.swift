import Foundation
import Geometry

/// Forward kinematics from a published table, written apart from the models under test.
enum PublishedKinematics {
    /// Craig's modified Denavit–Hartenberg rows (α and a before the joint), then the tool on the last frame.
    case modified([(a: Double, alpha: Double, d: Double, theta: Double)], tool: Transform<Tool, Tool>)
    /// Classic rows (θ, d, then a, α after the joint), after a base turn about z, then the tool on the last frame.
    case classic(turn: Double, [(a: Double, alpha: Double, d: Double)], tool: Transform<Tool, Tool>)
    /// Screw axes (ω, v) in the base frame and the tool where every joint is zero: a product of exponentials.
    case screws([(Vector3, Vector3)], tool: Transform<Tool, Tool>)

    static func move(_ rotation: Vector3, _ translation: Vector3) -> Transform<Tool, Tool> {
        Transform(rotation: Rotation(vector: rotation), translation: translation)
    }

    func forward(_ q: [Double]) -> Transform<Base, Tool> {
        var t = Transform<Tool, Tool>.identity
        switch self {
        case .modified(let rows, let tool):
            for (row, angle) in zip(rows, q) {
                t = t * Self.move(Vector3(row.alpha, 0, 0), Vector3(row.a, 0, 0))
                t = t * Self.move(Vector3(0, 0, row.theta + angle), Vector3(0, 0, row.d))
            }
            t = t * tool
        case .classic(let turn, let rows, let tool):
            t = Self.move(Vector3(0, 0, turn), .zero)
            for (row, angle) in zip(rows, q) {
                t = t * Self.move(Vector3(0, 0, angle), Vector3(0, 0, row.d))
                t = t * Self.move(.zero, Vector3(row.a, 0, 0)) * Self.move(Vector3(row.alpha, 0, 0), .zero)
            }
            t = t * tool
        case .screws(let screws, let tool):
            for ((w, v), angle) in zip(screws, q) {
                // A turn about an axis through p with v = p × w.
                let p = w.cross(v)
                t = t * Self.move(.zero, p) * Self.move(w * angle, .zero) * Self.move(.zero, -p)
            }
            t = t * tool
        }
        return Transform(rotation: t.rotation, translation: t.translation)
    }

    static func named(_ name: String) -> PublishedKinematics {
        let h = Double.pi / 2
        switch name {
        case "panda", "fr3":
            return .modified(
                [
                    (0, 0, 0.333, 0), (0, -h, 0, 0), (0, h, 0.316, 0), (0.0825, h, 0, 0), (-0.0825, -h, 0.384, 0), (0, h, 0, 0),
                    (0.088, h, 0, 0),
                ], tool: move(Vector3(0, 0, h / 2), Vector3(0, 0, 0.107 + 0.1034)))
        case "xarm7":
            return .modified(
                [
                    (0, 0, 0.267, 0), (0, -h, 0, 0), (0, h, 0.293, 0), (0.0525, h, 0, 0), (0.0775, h, 0.3425, 0), (0, h, 0, 0),
                    (0.076, -h, 0.097, 0),
                ], tool: move(Vector3(0, 0, h), Vector3(0, 0, 0.172)))
        case "ur5e":
            // The maker's table; its base frame is turned by half a turn against the one the robot description calls base_link of this model.
            return .classic(
                turn: 0, [(0, h, 0.1625), (-0.425, 0, 0), (-0.3922, 0, 0), (0, h, 0.1333), (0, -h, 0.0997), (0, 0, 0.0996)],
                tool: move(.zero, Vector3(0, 0, 0.235)))
        case "ur10e":
            return .classic(
                turn: 0, [(0, h, 0.1807), (-0.6127, 0, 0), (-0.57155, 0, 0), (0, h, 0.17415), (0, -h, 0.11985), (0, 0, 0.11655)],
                tool: move(.zero, Vector3(0, 0, 0.235)))
        case "iiwa14":
            return .classic(
                turn: 0, [(0, -h, 0.36), (0, h, 0), (0, h, 0.42), (0, -h, 0), (0, -h, 0.4), (0, h, 0), (0, 0, 0.126)],
                tool: move(.zero, Vector3(0, 0, 0.155)))
        case "gen3":
            // The maker's user guide: a first row for the base, then θ + π from the second joint on.
            return .modified(
                [
                    (0, 2 * h, -0.15643 - 0.12838, 0), (0, h, -0.005375 - 0.006375, 0), (0, -h, -0.21038 - 0.21038, 0),
                    (0, h, -0.006375 - 0.006375, 0), (0, -h, -0.20843 - 0.10593, 0), (0, h, -0.00017505 - 0.00017505, 0),
                    (0, -h, -0.10593 - 0.061525, 0),
                ], tool: move(Vector3(2 * h, 0, 0), Vector3(0, 0, -0.155)))
        case "vx300s":
            let y = Vector3(0, 1, 0)
            let x = Vector3(1, 0, 0)
            return .screws(
                [
                    (Vector3(0, 0, 1), .zero), (y, Vector3(-0.12705, 0, 0)), (y, Vector3(-0.42705, 0, 0.05955)),
                    (x, Vector3(0, 0.42705, 0)),
                    (y, Vector3(-0.42705, 0, 0.35955)), (x, Vector3(0, 0.42705, 0)),
                ],
                tool: Transform(
                    rotation: Rotation(matrix: Matrix3(columns: Vector3(0, -1, 0), Vector3(0, 0, -1), Vector3(1, 0, 0))),
                    translation: Vector3(0.536494 + 0.03, 0, 0.42705)))
        case "wx250s":
            // Interbotix's M and Slist.
            let (x, y) = (Vector3(1, 0, 0), Vector3(0, 1, 0))
            return .screws(
                [
                    (Vector3(0, 0, 1), .zero), (y, Vector3(-0.11065, 0, 0)), (y, Vector3(-0.36065, 0, 0.04975)),
                    (x, Vector3(0, 0.36065, 0)),
                    (y, Vector3(-0.36065, 0, 0.29975)), (x, Vector3(0, 0.36065, 0)),
                ],
                tool: Transform(
                    rotation: Rotation(matrix: Matrix3(columns: Vector3(0, -1, 0), Vector3(0, 0, -1), Vector3(1, 0, 0))),
                    translation: Vector3(0.458325 + 0.02, 0, 0.36065)))
        case "xarm6":
            // The upper arm is bent: its length and angle from the manual's drawing, 53.5 and 284.5 mm.
            let (bend, length) = (atan2(0.2845, 0.0535), (0.2845 * 0.2845 + 0.0535 * 0.0535).squareRoot())
            return .modified(
                [
                    (0, 0, 0.267, 0), (0, -h, 0, -bend), (length, 0, 0, bend), (0.0775, -h, 0.3425, 0), (0, h, 0, 0), (0.076, -h, 0.097, 0),
                ], tool: move(Vector3(0, 0, h), Vector3(0, 0, 0.172)))
        case "so101":
            // Axes and points on them with every joint at 0, added up from the robot description: up, then forward along -y.
            let x = Vector3(1, 0, 0)
            func bend(_ y: Double, _ z: Double) -> (Vector3, Vector3) { (x, Vector3(0, z, -y)) }
            return .screws(
                [
                    (Vector3(0, 0, -1), Vector3(0.0230745, 0.0207909, 0)), bend(-0.0534737, 0.1490817), bend(-0.0814737, 0.2616517),
                    bend(-0.2163737, 0.2668517), (Vector3(0, 1, 0), Vector3(-0.2668517, 0, 0.0206131)),
                ],
                tool: Transform(
                    rotation: Rotation(matrix: Matrix3(columns: Vector3(0, 0, 1), Vector3(-1, 0, 0), Vector3(0, -1, 0))),
                    translation: Vector3(0.020394979, -0.3756011, 0.2589517)))
        case "koch":
            let y = Vector3(0, 1, 0)
            return .screws(
                [
                    (Vector3(0, 0, -1), Vector3(0, 0.012, 0)), (y, Vector3(-0.0563, 0, 0.012)), (-y, Vector3(0.1646, 0, 0.0028)),
                    (y, Vector3(-0.1672999, 0, -0.10328)), (Vector3(1, 0, 0), Vector3(0, 0.1672999, 0.001253)),
                ],
                tool: Transform(
                    rotation: Rotation(matrix: Matrix3(columns: Vector3(0, 1, 0), Vector3(0, 0, -1), Vector3(-1, 0, 0))),
                    translation: Vector3(-0.21328, 0.009247, 0.1677999)))
        default: preconditionFailure("no published kinematics of \(name)")
        }
    }
}
