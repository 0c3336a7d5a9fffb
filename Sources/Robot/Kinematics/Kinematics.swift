internal import CMuJoCo
public import Geometry

/// An arm's working copy: forward kinematics, Jacobian, inverse dynamics and clearances. One for each thread.
///
/// All joint vectors have the arm's joints in order (rad or m); other joints of the model are held. Poses and Jacobians come from the folded
/// `Chain`, dynamics and distances from MuJoCo.
public final class Kinematics {
    public let arm: Arm
    public let jointCount: Int
    let handle: ModelHandle
    let data: UnsafeMutablePointer<mjData>
    let chain: Chain
    /// What a drawing of the arm needs.
    public let skeleton: ArmSkeleton
    private let site: Int32
    let coordinate: [Int]
    let degree: [Int]
    let baseFromWorld: Transform<Base, Base>
    let bounds: BoundingCapsules
    /// Whether the capsules stand where the geometries stand.
    private var boundsFollow = false
    /// Geometries of the arm against those of the obstacles.
    let obstaclePairs: [CollisionPair]
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
        self.site = Int32(site)
        self.data = data
        jointCount = arm.joints.count
        let m = handle.model.pointee
        let ids = arm.joints.compactMap { handle.id(mjOBJ_JOINT, $0.name) }
        precondition(ids.count == arm.joints.count, "an arm's joints are joints of its model")
        coordinate = ids.map { Int(m.jnt_qposadr[$0]) }
        degree = ids.map { Int(m.jnt_dofadr[$0]) }
        let dof = Int(m.nv)
        torqueBuffer = .allocate(capacity: dof)
        for i in 0..<Int(m.nq) { data.pointee.qpos[i] = arm.restPosition[i] }
        for i in coordinate { data.pointee.qpos[i] = 0 }
        mj_kinematics(handle.model, data)
        let p = data.pointee.xpos + 3 * base
        let q = data.pointee.xquat + 4 * base
        let baseFromWorld =
            Transform<Base, Base>(rotation: Rotation(xyzw: Vector4(q[1], q[2], q[3], q[0])), translation: Vector3(p[0], p[1], p[2])).inverse
        self.baseFromWorld = baseFromWorld
        let lines = ids.map { id in
            let (axis, point) = (data.pointee.xaxis + 3 * id, data.pointee.xanchor + 3 * id)
            return Chain.Line(
                axis: baseFromWorld.rotation * Vector3(axis[0], axis[1], axis[2]),
                point: baseFromWorld * Vector3(point[0], point[1], point[2]),
                isRevolute: m.jnt_type[id] == Int32(mjJNT_HINGE.rawValue))
        }
        let (o, r) = (data.pointee.site_xpos + 3 * site, data.pointee.site_xmat + 9 * site)
        func column(_ k: Int) -> Vector3 { baseFromWorld.rotation * Vector3(r[k], r[3 + k], r[6 + k]) }
        chain = Chain(
            lines: lines,
            tool: Chain.Columns(x: column(0), y: column(1), z: column(2), origin: baseFromWorld * Vector3(o[0], o[1], o[2])))
        let tool = baseFromWorld * Vector3(o[0], o[1], o[2])
        skeleton = ArmSkeleton(
            joints: lines.map {
                ArmSkeleton.Joint(
                    axis: [$0.axis.x, $0.axis.y, $0.axis.z], point: [$0.point.x, $0.point.y, $0.point.z], isRevolute: $0.isRevolute)
            }, tool: [tool.x, tool.y, tool.z])
        let free = arm.mayTouchTable
        tableGeometries = (0..<handle.geometryCount).filter { geometry in
            let body = handle.body(ofGeometry: geometry)
            let solid = m.geom_contype[geometry] != 0 || m.geom_conaffinity[geometry] != 0
            return solid && handle.group(ofBody: body) != 0 && !free.contains(handle.name(mjOBJ_BODY, body))
        }
        bounds = BoundingCapsules(handle)
        obstaclePairs = arm.obstacles.flatMap { obstacle in
            let bodies = (0..<handle.geometryCount).map { handle.name(mjOBJ_BODY, handle.body(ofGeometry: $0)) }
            let theirs = bodies.indices.filter { bodies[$0] == obstacle.bodyName }
            let ours = bodies.indices.filter {
                !bodies[$0].hasPrefix("obstacle:") && (m.geom_contype[$0] != 0 || m.geom_conaffinity[$0] != 0)
            }
            return theirs.flatMap { o in ours.map { CollisionPair(first: Int32($0), second: Int32(o)) } }
        }
        setTable(.identity)
    }

    deinit {
        torqueBuffer.deallocate()
        mj_deleteData(data)
    }

    /// Where the table is: gravity pulls along its −z with 9.81 m/s².
    public func setTable(_ tableFromBase: Transform<Table, Base>) {
        self.tableFromBase = tableFromBase
        let down = baseFromWorld.rotation.inverse * (tableFromBase.rotation.inverse * Vector3(0, 0, -9.81))
        handle.model.pointee.opt.gravity = (down.x, down.y, down.z)
        let worldFromTable = baseFromWorld.inverse * tableFromBase.inverse.relabelled(Base.self, Table.self)
        for obstacle in arm.obstacles {
            guard let body = handle.id(mjOBJ_BODY, obstacle.bodyName) else { continue }
            let mocap = Int(handle.model.pointee.body_mocapid[body])
            let pose = worldFromTable * obstacle.tableFromObstacle
            for k in 0..<3 { data.pointee.mocap_pos[3 * mocap + k] = pose.translation[k] }
            let q = pose.rotation.xyzw
            for (k, value) in [q.w, q.x, q.y, q.z].enumerated() { data.pointee.mocap_quat[4 * mocap + k] = value }
        }
        boundsFollow = false
    }

    public private(set) var tableFromBase = Transform<Table, Base>.identity

    /// The table's plane in the model's world: a point x stands `direction · x + offset` over it.
    var worldUp: (direction: Vector3, offset: Double) {
        let tableFromWorld = tableFromBase * baseFromWorld
        return (tableFromWorld.rotation.inverse * Vector3(0, 0, 1), tableFromWorld.translation.z)
    }

    /// Puts MuJoCo's copy of the arm into a posture; clearances and dynamics speak of it.
    @inline(__always) func place(_ q: UnsafePointer<Double>) {
        for i in 0..<jointCount { data.pointee.qpos[coordinate[i]] = q[i] }
        mj_kinematics(handle.model, data)
        boundsFollow = false
    }

    func followGeometries() {
        if boundsFollow { return }
        bounds.move(data)
        boundsFollow = true
    }

    /// The tool's pose in a posture.
    public func forward(_ q: [Double]) -> Transform<Base, Tool> {
        precondition(q.count == jointCount, "a posture has one number for each joint")
        q.withUnsafeBufferPointer { if let p = $0.baseAddress { chain.place(p) } }
        return chain.pose
    }

    /// The 6×n Jacobian of the tool in a posture, row-major; velocity rows first, then angular rate, in the base frame.
    public func jacobian(_ q: [Double]) -> [Double] {
        precondition(q.count == jointCount, "a posture has one number for each joint")
        q.withUnsafeBufferPointer { if let p = $0.baseAddress { chain.place(p) } }
        return Array(unsafeUninitializedCapacity: 6 * jointCount) { buffer, count in
            if let p = buffer.baseAddress { chain.jacobian(into: p) }
            count = 6 * jointCount
        }
    }

    /// The Jacobian by MuJoCo's own functions on the whole model, in its world's axes, 6 × all its degrees of freedom: the peer that benchmarks
    /// hold ours against.
    public func nativeJacobian(_ q: [Double], into out: inout [Double]) {
        precondition(q.count == jointCount, "a posture has one number for each joint")
        let dof = Int(handle.model.pointee.nv)
        if out.count != 6 * dof { out = [Double](repeating: 0, count: 6 * dof) }
        q.withUnsafeBufferPointer { if let p = $0.baseAddress { place(p) } }
        mj_comPos(handle.model, data)
        out.withUnsafeMutableBufferPointer { p in
            guard let start = p.baseAddress else { return }
            mj_jacSite(handle.model, data, start, start + 3 * dof, site)
        }
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
