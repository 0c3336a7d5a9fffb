internal import Geometry
internal import Human
internal import Robot

/// The arm's surfaces as the overlay draws them, with where they stand.
///
/// Of neither Robot nor Human, which do not know each other; `human-bench` compiles this file too.
final class DrawnArm {
    let parts: [OverlayPart]
    var notes: [String] { appearance.notes }
    private let appearance: ArmAppearance

    init(_ arm: Arm) throws {
        appearance = try ArmAppearance(arm)
        parts = appearance.surfaces.map { s in
            let kind: OverlayPart.Kind =
                switch s.kind {
                case .link: .link
                case .gripper: .gripper
                case .obstacle: .obstacle
                }
            return OverlayPart(kind: kind, vertices: s.vertices, normals: s.normals, triangles: s.triangles, colour: s.colour)
        }
    }

    func tableFromParts(joints: [Double], width: Double, tableFromBase: Transform<Table, Base>) -> [Transform<Table, OverlayPart.Frame>] {
        appearance.poses(joints: joints, width: width, tableFromBase: tableFromBase).map {
            $0.relabelled(Table.self, OverlayPart.Frame.self)
        }
    }
}
