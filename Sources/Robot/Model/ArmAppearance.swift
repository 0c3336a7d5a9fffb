internal import CMuJoCo
public import Foundation
public import Geometry

/// A rigid part of an arm as triangles, for drawing.
public struct ArmSurface: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// Foot and links, up to the flange.
        case link
        /// What the flange carries.
        case gripper
        /// What stands where the arm works: it hides, but is not drawn.
        case obstacle
    }

    /// The part's own frame: that of the body it belongs to.
    public enum Frame {}

    public var body: String
    public var kind: Kind
    /// Metres, in the body's frame.
    public var vertices: [Vector3]
    /// Unit, one for each vertex.
    public var normals: [Vector3]
    /// Three indices for each triangle, counter-clockwise seen from outside.
    public var triangles: [Int32]
    /// Red, green, blue, 0 to 1, sRGB.
    public var colour: Vector3
}

/// An arm as it looks: surfaces of its bodies and where each stands in a posture. One for each thread.
///
/// Of each body the meshes and shapes that are there for looks (MuJoCo: neither `contype` nor `conaffinity`), else its collision shapes; with the
/// obstacles the arm was read with. Meshes that MuJoCo does not read (COLLADA) count as not there.
public final class ArmAppearance {
    public let surfaces: [ArmSurface]
    /// What could not be shown as the model says, in sentences.
    public let notes: [String]
    private let arm: Arm
    private let obstacles: Kinematics
    private let handle: ModelHandle
    private let data: UnsafeMutablePointer<mjData>
    /// The body of each surface; obstacles' bodies are of the arm's own model.
    private let bodies: [(id: Int, isObstacle: Bool)]
    private let coordinates: [Int]
    /// Sliding joints of the gripper, with their ranges.
    private let fingers: [(coordinate: Int, range: ClosedRange<Double>)]
    /// Turning joints of the gripper; nil where it has none that can be driven.
    private let opening: GripperOpening?
    private let base: Int

    public init(_ arm: Arm) throws(RobotError) {
        self.arm = arm
        obstacles = Kinematics(arm)
        var notes: [String] = []
        var shown: ModelHandle?
        if let file = arm.files.first {
            do throws(RobotError) {
                let (spec, _) = try Arm.describe(file, keepsVisuals: true)
                shown = try spec.compile(path: file.path)
            } catch {
                notes.append("\(arm.name) is drawn by its collision shapes: \(error)")
            }
        }
        guard let handle = shown ?? ModelHandle(bytes: arm.compiledModel), let data = mj_makeData(handle.model) else {
            throw .model(path: arm.files.first?.path ?? arm.name, element: "model", reason: "cannot be loaded for drawing")
        }
        self.handle = handle
        self.data = data
        let m = handle.model.pointee
        let ids = arm.joints.compactMap { handle.id(mjOBJ_JOINT, $0.name) }
        let base = handle.id(mjOBJ_BODY, arm.baseBody) ?? 0
        let flange = handle.id(mjOBJ_BODY, arm.flangeBody) ?? 0
        precondition(ids.count == arm.jointCount, "an arm's joints are joints of its model")
        self.base = base
        coordinates = ids.map { Int(m.jnt_qposadr[$0]) }
        func isBeyondFlange(_ body: Int) -> Bool {
            var at = body
            while at > 0 {
                at = handle.parent(ofBody: at)
                if at == flange { return true }
            }
            return false
        }
        for i in 0..<Int(m.nq) { data.pointee.qpos[i] = m.qpos0[i] }
        if arm.restPosition.count == Int(m.nq) { for i in 0..<Int(m.nq) { data.pointee.qpos[i] = arm.restPosition[i] } }
        fingers = (0..<handle.jointCount).filter {
            !ids.contains($0) && m.jnt_type[$0] == Int32(mjJNT_SLIDE.rawValue) && isBeyondFlange(Int(m.jnt_bodyid[$0]))
        }.map { id in
            let (low, high) = (m.jnt_range[2 * id], m.jnt_range[2 * id + 1])
            return (Int(m.jnt_qposadr[id]), low < high ? low...high : -1...1)
        }
        var problem: String?
        opening = GripperOpening(handle, data: data, isBeyondFlange: isBeyondFlange, problem: &problem)
        if let problem { notes.append("\(arm.name): \(problem)") }
        var surfaces: [ArmSurface] = []
        var bodies: [(Int, Bool)] = []
        for body in 0..<handle.bodyCount where !handle.name(mjOBJ_BODY, body).hasPrefix("obstacle:") {
            let own = (0..<handle.geometryCount).filter { handle.body(ofGeometry: $0) == body }
            let visual = own.filter { m.geom_contype[$0] == 0 && m.geom_conaffinity[$0] == 0 }
            for g in visual.isEmpty ? own : visual {
                guard let shape = handle.surface(ofGeometry: g) else { continue }
                surfaces.append(
                    shape.surface(handle.name(mjOBJ_BODY, body), isBeyondFlange(body) ? .gripper : .link, handle.colour(ofGeometry: g)))
                bodies.append((body, false))
            }
        }
        let plain = obstacles.handle
        for g in 0..<plain.geometryCount where plain.name(mjOBJ_BODY, plain.body(ofGeometry: g)).hasPrefix("obstacle:") {
            guard let shape = plain.surface(ofGeometry: g) else { continue }
            surfaces.append(shape.surface(plain.name(mjOBJ_BODY, plain.body(ofGeometry: g)), .obstacle, .zero))
            bodies.append((plain.body(ofGeometry: g), true))
        }
        self.surfaces = surfaces
        self.bodies = bodies
        self.notes = notes
    }

    deinit { mj_deleteData(data) }

    /// Where each of `surfaces` stands.
    /// - Parameters:
    ///   - joints: of the arm, rad or m.
    ///   - width: how far the gripper is open, m; sliding fingers stand half of it each from closed, turning ones where their tips are that much
    ///     further apart than closed, others as the arm file holds them.
    public func poses(
        joints: [Double], width: Double, tableFromBase: Transform<Table, Base>
    ) -> [Transform<Table, ArmSurface.Frame>] {
        precondition(joints.count == coordinates.count, "a posture has one number for each joint")
        for (i, coordinate) in coordinates.enumerated() { data.pointee.qpos[coordinate] = joints[i] }
        for finger in fingers {
            data.pointee.qpos[finger.coordinate] = min(max(0.5 * width, finger.range.lowerBound), finger.range.upperBound)
        }
        opening?.set(width, data)
        mj_kinematics(handle.model, data)
        obstacles.setTable(tableFromBase)
        obstacles.place(joints)
        let baseFromWorld = Self.pose(base, data, Base.self).inverse
        let tableFromWorld = tableFromBase * baseFromWorld
        let obstacleWorld = tableFromBase * obstacles.baseFromWorld
        return bodies.map { body in
            body.isObstacle
                ? obstacleWorld * Self.pose(body.id, obstacles.data, ArmSurface.Frame.self).relabelled(Base.self, ArmSurface.Frame.self)
                : tableFromWorld * Self.pose(body.id, data, ArmSurface.Frame.self).relabelled(Base.self, ArmSurface.Frame.self)
        }
    }

    private static func pose<F>(_ body: Int, _ data: UnsafeMutablePointer<mjData>, _: F.Type) -> Transform<Base, F> {
        let (p, q) = (data.pointee.xpos + 3 * body, data.pointee.xquat + 4 * body)
        return Transform(rotation: Rotation(xyzw: Vector4(q[1], q[2], q[3], q[0])), translation: Vector3(p[0], p[1], p[2]))
    }
}

extension Arm {
    /// Reads a model of this arm for drawing alone, with a gripper of its own: a plain URDF or MJCF ends where this arm's joints do, the rest is
    /// what the flange carries. With an arm file of its own it says so itself.
    public func drawn(as url: URL) throws(RobotError) -> Arm {
        guard ["urdf", "xml", "mjcf"].contains(url.pathExtension.lowercased()),
            !FileManager.default.fileExists(atPath: url.deletingPathExtension().appendingPathExtension("arm.yaml").path)
        else { return try Arm(contentsOf: url) }
        let plain = try Arm.describe(url).0.compile(path: url.path)
        let bodies = (1..<max(1, plain.bodyCount)).filter { plain.chain(toBody: $0).count == jointCount }
        // The body that moves with the last of the joints; by this arm's name where it goes by that.
        guard
            let flange = bodies.first(where: { plain.name(mjOBJ_BODY, $0) == flangeBody })
                ?? bodies.min(by: { plain.depth(ofBody: $0) < plain.depth(ofBody: $1) })
        else {
            throw .model(path: url.path, element: "model", reason: "no body moves with \(jointCount) joints, as the flange of \(name) does")
        }
        return try Arm(contentsOf: url, flange: plain.name(mjOBJ_BODY, flange))
    }

    /// In what another arm's joints differ from this one's, or nil where the same joint vector means the same posture (to 1 mm and 0.1°).
    public func difference(inJointsFrom other: Arm) -> String? {
        guard jointCount == other.jointCount else { return "\(name) has \(jointCount) joints, \(other.name) \(other.jointCount)" }
        let (a, b) = (Kinematics(self).jointLines(), Kinematics(other).jointLines())
        for i in a.indices {
            let offset = b[i].point - a[i].point
            let beside = (offset - a[i].axis * offset.dot(a[i].axis)).length
            if a[i].axis.dot(b[i].axis) < 0.9999985 || a[i].isRevolute != b[i].isRevolute || a[i].isRevolute && beside > 1e-3 {
                return "joint \(i + 1) (\(joints[i].name), \(other.joints[i].name)) moves about another line"
            }
        }
        return nil
    }
}

extension Kinematics {
    /// The joints' axes in the base's frame with all joints at zero.
    fileprivate func jointLines() -> [Chain.Line] {
        place([Double](repeating: 0, count: jointCount))
        return arm.joints.compactMap { joint in
            guard let id = handle.id(mjOBJ_JOINT, joint.name) else { return nil }
            let (axis, point) = (data.pointee.xaxis + 3 * id, data.pointee.xanchor + 3 * id)
            return Chain.Line(
                axis: baseFromWorld.rotation * Vector3(axis[0], axis[1], axis[2]),
                point: baseFromWorld * Vector3(point[0], point[1], point[2]),
                isRevolute: handle.model.pointee.jnt_type[id] == Int32(mjJNT_HINGE.rawValue))
        }
    }
}
