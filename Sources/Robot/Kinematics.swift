internal import CMuJoCo
public import Geometry

/// An arm's working copy: forward kinematics, Jacobian, inverse dynamics and clearances. One for each thread.
///
/// All joint vectors have the arm's joints in order (rad or m); other joints of the model are held. About 0.5 µs for a pose with Jacobian.
public final class Kinematics {
    public let arm: Arm
    public let jointCount: Int
    let handle: ModelHandle
    let data: UnsafeMutablePointer<mjData>
    private let site: Int32
    let coordinate: [Int]
    let degree: [Int]
    private let baseFromWorld: Transform<Base, Base>
    private let jacobianBuffer: UnsafeMutableBufferPointer<Double>
    private let torqueBuffer: UnsafeMutableBufferPointer<Double>
    /// Geometries that are checked against the table.
    let tableGeometries: [Int]

    /// Loads the arm's compiled model.
    public init(_ arm: Arm) {
        guard let handle = ModelHandle(bytes: arm.compiledModel), let data = mj_makeData(handle.model),
            let site = handle.id(mjOBJ_SITE, Arm.toolSite), let base = handle.id(mjOBJ_BODY, arm.baseBody)
        else { preconditionFailure("an arm that was read holds a model that loads") }
        self.arm = arm
        self.handle = handle
        self.data = data
        self.site = Int32(site)
        jointCount = arm.joints.count
        let m = handle.model.pointee
        let ids = arm.joints.compactMap { handle.id(mjOBJ_JOINT, $0.name) }
        precondition(ids.count == arm.joints.count, "an arm's joints are joints of its model")
        coordinate = ids.map { Int(m.jnt_qposadr[$0]) }
        degree = ids.map { Int(m.jnt_dofadr[$0]) }
        let dof = Int(m.nv)
        jacobianBuffer = .allocate(capacity: 6 * dof)
        torqueBuffer = .allocate(capacity: dof)
        for i in 0..<Int(m.nq) { data.pointee.qpos[i] = arm.restPosition[i] }
        mj_kinematics(handle.model, data)
        let p = data.pointee.xpos + 3 * base
        let q = data.pointee.xquat + 4 * base
        baseFromWorld =
            Transform<Base, Base>(rotation: Rotation(xyzw: Vector4(q[1], q[2], q[3], q[0])), translation: Vector3(p[0], p[1], p[2])).inverse
        let free = arm.mayTouchTable
        tableGeometries = (0..<handle.geometryCount).filter { geometry in
            let body = handle.body(ofGeometry: geometry)
            let solid = m.geom_contype[geometry] != 0 || m.geom_conaffinity[geometry] != 0
            return solid && handle.group(ofBody: body) != 0 && !free.contains(handle.name(mjOBJ_BODY, body))
        }
        setTable(.identity)
    }

    deinit {
        jacobianBuffer.deallocate()
        torqueBuffer.deallocate()
        mj_deleteData(data)
    }

    /// Where the table is: gravity pulls along its −z with 9.81 m/s².
    public func setTable(_ tableFromBase: Transform<Table, Base>) {
        self.tableFromBase = tableFromBase
        let down = baseFromWorld.rotation.inverse * (tableFromBase.rotation.inverse * Vector3(0, 0, -9.81))
        handle.model.pointee.opt.gravity = (down.x, down.y, down.z)
    }

    public private(set) var tableFromBase = Transform<Table, Base>.identity

    /// The table's plane in the model's world: a point x stands `direction · x + offset` over it.
    var worldUp: (direction: Vector3, offset: Double) {
        let tableFromWorld = tableFromBase * baseFromWorld
        return (tableFromWorld.rotation.inverse * Vector3(0, 0, 1), tableFromWorld.translation.z)
    }

    /// Puts the arm into a posture; what follows speaks of it.
    @inline(__always) func place(_ q: UnsafePointer<Double>) {
        for i in 0..<jointCount { data.pointee.qpos[coordinate[i]] = q[i] }
        mj_kinematics(handle.model, data)
    }

    var toolPose: Transform<Base, Tool> {
        let p = data.pointee.site_xpos + 3 * Int(site)
        let r = data.pointee.site_xmat + 9 * Int(site)
        let rotation = Rotation(
            matrix: Matrix3(rows: Vector3(r[0], r[1], r[2]), Vector3(r[3], r[4], r[5]), Vector3(r[6], r[7], r[8])))
        let pose = Transform<Base, Tool>(rotation: rotation, translation: Vector3(p[0], p[1], p[2]))
        return baseFromWorld * pose
    }

    /// The tool's pose in a posture.
    public func forward(_ q: [Double]) -> Transform<Base, Tool> {
        precondition(q.count == jointCount, "a posture has one number for each joint")
        place(q)
        return toolPose
    }

    /// Fills the 6×n Jacobian of the placed posture, row-major: rows 0–2 the tool origin's velocity, 3–5 its angular rate, in the base frame.
    @inline(__always) func jacobian(into out: UnsafeMutablePointer<Double>) {
        let dof = Int(handle.model.pointee.nv)
        guard let buffer = jacobianBuffer.baseAddress else { return }
        mj_comPos(handle.model, data)
        mj_jacSite(handle.model, data, buffer, buffer + 3 * dof, site)
        let r = baseFromWorld.rotation
        if r == .identity {
            for row in 0..<6 { for i in 0..<jointCount { out[row * jointCount + i] = buffer[row * dof + degree[i]] } }
        } else {
            for block in 0..<2 {
                for i in 0..<jointCount {
                    let c = 3 * block * dof + degree[i]
                    let v = r * Vector3(buffer[c], buffer[c + dof], buffer[c + 2 * dof])
                    for k in 0..<3 { out[(3 * block + k) * jointCount + i] = v[k] }
                }
            }
        }
    }

    /// The 6×n Jacobian of the tool in a posture, row-major; velocity rows first, then angular rate, in the base frame.
    public func jacobian(_ q: [Double]) -> [Double] {
        precondition(q.count == jointCount, "a posture has one number for each joint")
        place(q)
        var out = [Double](repeating: 0, count: 6 * jointCount)
        out.withUnsafeMutableBufferPointer { if let p = $0.baseAddress { jacobian(into: p) } }
        return out
    }

    /// Joint torques (Nm, N) for a motion, by recursive Newton–Euler on the rigid links, tool and payload; no friction, damping or rotor inertia.
    public func inverseDynamics(_ q: [Double], velocity: [Double], acceleration: [Double]) -> [Double] {
        precondition(q.count == jointCount && velocity.count == jointCount && acceleration.count == jointCount, "one number for each joint")
        place(q)
        let dof = Int(handle.model.pointee.nv)
        for i in 0..<dof {
            data.pointee.qvel[i] = 0
            data.pointee.qacc[i] = 0
        }
        for i in 0..<jointCount {
            data.pointee.qvel[degree[i]] = velocity[i]
            data.pointee.qacc[degree[i]] = acceleration[i]
        }
        mj_comPos(handle.model, data)
        mj_comVel(handle.model, data)
        mj_rne(handle.model, data, 1, torqueBuffer.baseAddress)
        return degree.map { torqueBuffer[$0] }
    }
}
