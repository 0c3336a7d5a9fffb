import Foundation
import Geometry
import Human
import Imaging
import Pipeline
import Robot
import Session
import Testing

/// The drawn arm stands where its joints put it, by Denavit and Hartenberg's table worked out here.
@Suite struct ArmOverlayTests {
    /// Origins of the Panda's frames 2 to 8 (a, d, alpha of the maker's table), in the base's frame, and its tool.
    func origins(_ q: [Double]) -> [Vector3] {
        let table: [(a: Double, d: Double, alpha: Double)] = [
            (0, 0.333, 0), (0, 0, -.pi / 2), (0, 0.316, .pi / 2), (0.0825, 0, .pi / 2), (-0.0825, 0.384, -.pi / 2), (0, 0, .pi / 2),
            (0.088, 0, .pi / 2), (0, 0.107, 0),
        ]
        var pose = Transform<Base, Base>.identity
        var out: [Vector3] = []
        for (i, row) in table.enumerated() {
            pose = pose * Transform(rotation: Rotation(axis: Vector3(1, 0, 0), angle: row.alpha), translation: Vector3(row.a, 0, 0))
            let turn = i < 7 ? q[i] : 0
            pose = pose * Transform(rotation: Rotation(axis: Vector3(0, 0, 1), angle: turn), translation: Vector3(0, 0, row.d))
            if i > 0 { out.append(pose.translation) }
        }
        // Along the hand, inside of it.
        for z in [0.02, 0.05, 0.08] { out.append(pose * Vector3(0, 0, z)) }
        return out
    }

    func looking(from eye: Vector3, at target: Vector3) -> Transform<Table, Camera> {
        let z = (target - eye).normalized
        let x = z.cross(Vector3(0, 0, 1)).normalized
        return Transform(rotation: Rotation(matrix: Matrix3(columns: x, z.cross(x), z)), translation: eye)
    }

    func parts(_ surfaces: [ArmSurface]) -> [OverlayPart] {
        surfaces.map { OverlayPart(kind: .link, vertices: $0.vertices, normals: $0.normals, triangles: $0.triangles, colour: $0.colour) }
    }

    @Test func linksAreWhereTheJointsPutThem() throws {
        let panda = try arm("panda")
        let appearance = try ArmAppearance(panda)
        #expect(appearance.notes.isEmpty)
        let tableFromBase = Transform<Table, Base>(
            rotation: Rotation(axis: Vector3(0, 0, 1), angle: 0.4), translation: Vector3(-0.5, 0.1, 0.02))
        let lenses = [
            CameraModel(lens: .pinhole, width: 320, height: 240, focalLength: Vector2(190, 190), principalPoint: Vector2(159.5, 119.5)),
            CameraModel(
                lens: .kannalaBrandt, width: 320, height: 240, focalLength: Vector2(94, 94), principalPoint: Vector2(159.5, 119.5),
                distortion: Vector4(-0.01746, -0.02808, 0.01283, -0.00452), maximumAngle: 1.45),
        ]
        var checked = 0
        for (k, q) in [panda.home, [0.6, 0.3, -0.4, -1.9, 0.5, 2.2, -0.3], [-0.9, -0.2, 0.7, -2.6, -0.8, 1.7, 1.2]].enumerated() {
            let poses = appearance.poses(joints: q, width: 0.04, tableFromBase: tableFromBase)
            for lens in lenses {
                let tableFromCamera = looking(from: Vector3(0.9, 0.8 - 0.7 * Double(k), 0.8), at: Vector3(-0.2, 0.1, 0.4))
                let overlay = RobotOverlay(parts: parts(appearance.surfaces), camera: lens)
                var frame = FilledFrame(untouched: Image(width: 320, height: 240, channels: 3, filledWith: 120))
                let share = try overlay.draw(
                    on: &frame, classes: Image(width: 320, height: 240, everywhere: .background),
                    cameraFromPart: poses.map { tableFromCamera.inverse * $0.relabelled(Table.self, OverlayPart.Frame.self) },
                    tableFromCamera: tableFromCamera, isWristView: false)
                #expect(share > 0 && share < 0.5)
                for point in origins(q) {
                    guard let p = lens.project(tableFromCamera.inverse * (tableFromBase * point)), lens.contains(p, margin: 1) else {
                        continue
                    }
                    checked += 1
                    let at = Int(p.y.rounded()) * 320 + Int(p.x.rounded())
                    #expect(frame.provenance.pixels[at] == Provenance.rendered.rawValue, "posture \(k), \(point)")
                }
            }
        }
        #expect(checked > 40)
    }

    /// An arm's own meshes are drawn where there are any; another arm is told from the same arm in other clothes.
    @Test(.enabled(if: isShared("robots/ufactory_xarm7/xarm7.xml"), "no shared folder"))
    func meshesAreDrawn() throws {
        let shipped = try arm("xarm7")
        let other = try Arm(contentsOf: shared.appendingPathComponent("robots/ufactory_xarm7/xarm7.xml"))
        // The arm ends where its gripper begins: its fingers' joints are none of the arm's.
        #expect(other.jointCount == 7 && shipped.difference(inJointsFrom: other) == nil)
        #expect(try #require(shipped.difference(inJointsFrom: arm("ur5e"))).contains("6"))
        // Read as a model of the arm it ends at the flange; its fingers close and open with the measured width, and the loops stay closed.
        let dressed = try shipped.drawn(as: shared.appendingPathComponent("robots/ufactory_xarm7/xarm7.xml"))
        #expect(shipped.difference(inJointsFrom: dressed) == nil && dressed.jointCount == 7)
        let drawn = try ArmAppearance(dressed)
        #expect(drawn.notes.isEmpty, "\(drawn.notes)")
        func tips(_ width: Double) throws -> (gap: Double, knuckles: [Double]) {
            let poses = drawn.poses(joints: dressed.home, width: width, tableFromBase: .identity)
            func place(_ body: String) throws -> Transform<Table, ArmSurface.Frame> {
                poses[try #require(drawn.surfaces.firstIndex { $0.body == body })]
            }
            // The model's own pins between finger and inner knuckle.
            let pins = try [("left", -1.0), ("right", 1.0)].map { side, sign in
                let finger = try place("\(side)_finger") * Vector3(0, 0.015 * sign, 0.015)
                let knuckle = try place("\(side)_inner_knuckle") * Vector3(0, sign * -0.035465, 0.042039)
                return (finger - knuckle).length
            }
            return ((try place("left_finger").translation - place("right_finger").translation).length, pins)
        }
        let closed = try tips(0)
        for width in [0.01, 0.03, 0.05, 0.08] {
            let open = try tips(width)
            #expect(abs(open.gap - closed.gap - width) < 0.001, "\(width): \(open.gap - closed.gap)")
            #expect((open.knuckles + closed.knuckles).allSatisfy { $0 < 0.001 }, "\(open.knuckles) \(closed.knuckles)")
        }
        let panda = try arm("panda")
        #expect(shipped.difference(inJointsFrom: panda) != nil)
        let ur = try arm("ur5e")
        #expect(try #require(shipped.difference(inJointsFrom: ur)).contains("6"))
        #expect(try ArmAppearance(other).surfaces.reduce(0) { $0 + $1.triangles.count / 3 } > 10_000)
    }
}
