internal import CMuJoCo
internal import Geometry

/// The steps of reading an arm, each with its own complaints.
extension Arm {
    static let toolSite = "griptrace_tool"

    struct Mount {
        var body: Int
        var bodyFromFlange: Transform<FlangeFrame, FlangeFrame>
    }

    /// The body that carries the tool, and the tool frame on it, as a sidecar names them or as the model shows.
    /// - Returns: also the joints left out as a gripper's, and what else might be named; nil where the sidecar named it.
    static func flange(
        in model: ModelHandle, sidecar: ArmFile?, mimics: [String], path: String, sidePath: String
    ) throws(RobotError) -> (mount: Mount, found: ArmEnd?) {
        if let name = sidecar?.flange ?? sidecar?.tool_frame {
            let key = sidecar?.flange != nil ? "flange" : "tool_frame"
            return (try mount(in: model, named: name, key: key, path: path, sidePath: sidePath), nil)
        }
        guard let found = ArmEnd(model, mimics: mimics) else { throw .model(path: path, element: "model", reason: "has no joint") }
        return (Mount(body: found.body, bodyFromFlange: .identity), found)
    }

    /// The body or site of that name.
    static func mount(in model: ModelHandle, named name: String, key: String, path: String, sidePath: String) throws(RobotError) -> Mount {
        if let body = model.id(mjOBJ_BODY, name) { return Mount(body: body, bodyFromFlange: .identity) }
        if let site = model.id(mjOBJ_SITE, name) { return mount(ofSite: site, in: model) }
        let bodies = (1..<model.bodyCount).map { model.name(mjOBJ_BODY, $0) }
        let sites = (0..<Int(model.model.pointee.nsite)).map { model.name(mjOBJ_SITE, $0) }.filter { !$0.isEmpty }
        throw .model(
            path: sidePath, element: key,
            reason: "tool frame \(name) does not exist in \(path); its bodies are \(bodies.joined(separator: ", "))"
                + (sites.isEmpty ? "" : ", its sites \(sites.joined(separator: ", "))"))
    }

    /// Where the sidecar's `tool_frame` stands on its flange; nil where it names none beside a flange. The two must be fixed to each other.
    static func toolFrame(
        in model: ModelHandle, on flange: Mount, sidecar: ArmFile?, path: String, sidePath: String
    ) throws(RobotError) -> Transform<FlangeFrame, Tool>? {
        guard let name = sidecar?.tool_frame, sidecar?.flange != nil else { return nil }
        guard sidecar?.flange_from_tool == nil else {
            throw .model(
                path: sidePath, element: "tool_frame",
                reason: "says where the tool stands, as flange_from_tool does: one of both is accepted")
        }
        let frame = try mount(in: model, named: name, key: "tool_frame", path: path, sidePath: sidePath)
        guard model.group(ofBody: frame.body) == model.group(ofBody: flange.body) else {
            let fixed = (1..<model.bodyCount).filter { model.group(ofBody: $0) == model.group(ofBody: flange.body) }
            throw .model(
                path: sidePath, element: "tool_frame",
                reason: "\(name) is not fixed to the flange; of the model's bodies these are: "
                    + fixed.map { model.name(mjOBJ_BODY, $0) }.joined(separator: ", "))
        }
        let a = model.poseInGroup(flange.body) * flange.bodyFromFlange
        let b = model.poseInGroup(frame.body) * frame.bodyFromFlange
        return (a.inverse * b).relabelled(FlangeFrame.self, Tool.self)
    }

    /// Where the site that marks the arm's tool stands on its flange; nil where there is none, or the sidecar says otherwise.
    static func toolSite(of end: ArmEnd, in model: ModelHandle, on flange: Mount) -> Transform<FlangeFrame, Tool>? {
        guard let site = end.toolSite else { return nil }
        let frame = mount(ofSite: site, in: model)
        let a = model.poseInGroup(flange.body) * flange.bodyFromFlange
        return (a.inverse * model.poseInGroup(frame.body) * frame.bodyFromFlange).relabelled(FlangeFrame.self, Tool.self)
    }

    private static func mount(ofSite site: Int, in model: ModelHandle) -> Mount {
        let p = model.model.pointee.site_pos + 3 * site
        let q = model.model.pointee.site_quat + 4 * site
        let pose = Transform<FlangeFrame, FlangeFrame>(
            rotation: Rotation(xyzw: Vector4(q[1], q[2], q[3], q[0])), translation: Vector3(p[0], p[1], p[2]))
        return Mount(body: Int(model.model.pointee.site_bodyid[site]), bodyFromFlange: pose)
    }

    static func base(in model: ModelHandle, named name: String?, path: String, sidePath: String) throws(RobotError) -> Int {
        let body: Int
        if let name {
            guard let found = model.id(mjOBJ_BODY, name) else {
                throw .model(path: sidePath, element: "base", reason: "body \(name) does not exist in \(path)")
            }
            body = found
        } else {
            // URDF's root link is the world body of MuJoCo, or its only child.
            let roots = (1..<max(1, model.bodyCount)).filter { model.parent(ofBody: $0) == 0 }
            body = roots.count == 1 && model.group(ofBody: roots[0]) == 0 ? roots[0] : 0
        }
        guard model.group(ofBody: body) == 0 else {
            throw .model(
                path: sidePath, element: "base", reason: "body \(model.name(mjOBJ_BODY, body)) moves; a body fixed to the world is accepted"
            )
        }
        return body
    }

    static func checkJoints(_ model: ModelHandle, path: String) throws(RobotError) {
        for joint in 0..<model.jointCount {
            let kind = model.model.pointee.jnt_type[joint]
            guard kind == Int32(mjJNT_HINGE.rawValue) || kind == Int32(mjJNT_SLIDE.rawValue) else {
                throw .model(
                    path: path, element: "joint \(model.name(mjOBJ_JOINT, joint))",
                    reason: "is a ball or free joint; hinges and slides are accepted")
            }
        }
    }

    static func joints(
        _ model: ModelHandle, chain: [Int], urdf: URDF?, listed: [String]?, path: String, sidePath: String
    ) throws(RobotError) -> [ArmJoint] {
        let names = chain.map { model.name(mjOBJ_JOINT, $0) }
        if let listed, listed != names {
            throw .model(path: sidePath, element: "joints", reason: "\(listed) is not the chain to the flange, which is \(names)")
        }
        var out: [ArmJoint] = []
        for (id, name) in zip(chain, names) {
            let m = model.model.pointee
            let limited = m.jnt_limited[id]
            let kind: ArmJoint.Kind = m.jnt_type[id] == Int32(mjJNT_HINGE.rawValue) ? .revolute : .prismatic
            var joint = ArmJoint(
                name: name, kind: kind, lower: limited ? m.jnt_range[2 * id] : -.infinity,
                upper: limited ? m.jnt_range[2 * id + 1] : .infinity)
            joint.velocity = urdf?.velocities.first { $0.joint == name }?.value
            if m.jnt_actfrclimited[id] {
                joint.torque = min(-m.jnt_actfrcrange[2 * id], m.jnt_actfrcrange[2 * id + 1])
            }
            out.append(joint)
        }
        return out
    }

    static func apply(
        _ limits: ArmFile.Limits, to joints: inout [ArmJoint], sources: inout LimitSources, path: String
    ) throws(RobotError) {
        if let position = limits.position {
            guard position.lower.count == joints.count, position.upper.count == joints.count else {
                throw .model(path: path, element: "limits.position", reason: "needs \(joints.count) values for lower and for upper")
            }
            for i in joints.indices {
                guard position.lower[i].isFinite, position.upper[i].isFinite, position.lower[i] < position.upper[i] else {
                    throw .model(
                        path: path, element: "limits.position of \(joints[i].name)",
                        reason: "lower \(position.lower[i]) must be below upper \(position.upper[i]), both finite")
                }
                joints[i].lower = position.lower[i]
                joints[i].upper = position.upper[i]
            }
            sources.position = position.source
        }
        for kind in LimitKind.allCases where kind != .position {
            guard let given = limits.magnitudes(kind) else { continue }
            guard given.values.count == joints.count, given.values.allSatisfy({ $0 > 0 && $0.isFinite }) else {
                throw .model(path: path, element: "limits.\(kind.rawValue)", reason: "needs \(joints.count) positive numbers")
            }
            for i in joints.indices { joints[i][kind] = given.values[i] }
            sources[kind] = given.source
            guard let slow = given.position_dependent else { continue }
            let element = "limits.\(kind.rawValue).position_dependent"
            guard kind == .velocity else {
                throw .model(path: path, element: element, reason: "only limits.velocity can depend on the position")
            }
            guard slow.deceleration.count == joints.count, slow.offset.count == joints.count,
                slow.deceleration.allSatisfy({ $0 > 0 && $0.isFinite }), slow.offset.allSatisfy({ $0 >= 0 && $0.isFinite })
            else {
                throw .model(
                    path: path, element: element,
                    reason: "needs \(joints.count) positive numbers for deceleration and as many from 0 for offset")
            }
            for i in joints.indices {
                joints[i].slowdown = VelocitySlowdown(deceleration: slow.deceleration[i], offset: slow.offset[i])
            }
            sources.velocitySlowdown = slow.source
        }
    }

    static func addTool(
        to spec: SpecHandle, body name: String, bodyFromTool: Transform<FlangeFrame, Tool>, payload: Payload?, path: String
    ) throws(RobotError) {
        guard !name.isEmpty, let body = mjs_findBody(spec.spec, name) else {
            throw .model(path: path, element: "flange", reason: "the body that carries the tool needs a name")
        }
        let (p, q) = (bodyFromTool.translation, bodyFromTool.rotation.xyzw)
        guard let site = mjs_addSite(body, nil) else { throw .model(path: path, element: "flange", reason: "takes no tool site") }
        mjs_setName(site.pointee.element, toolSite)
        site.pointee.pos = (p.x, p.y, p.z)
        site.pointee.quat = (q.w, q.x, q.y, q.z)
        guard let payload, payload.mass > 0 else { return }
        guard let load = mjs_addBody(body, nil) else { throw .model(path: path, element: "payload", reason: "cannot be added") }
        mjs_setName(load.pointee.element, "griptrace_payload")
        let c = payload.centerOfMass
        load.pointee.pos = (p.x, p.y, p.z)
        load.pointee.quat = (q.w, q.x, q.y, q.z)
        load.pointee.mass = payload.mass
        load.pointee.ipos = (c.x, c.y, c.z)
        // The inertia of a solid ball of 3 cm: an object between fingers.
        let inertia = 0.4 * payload.mass * 0.03 * 0.03
        load.pointee.inertia = (inertia, inertia, inertia)
        load.pointee.explicitinertial = true
    }

    /// Bodies that are put where the table is (`Kinematics.setTable`); they meet nothing by MuJoCo's own rules.
    static func addObstacles(_ obstacles: [Obstacle], to spec: SpecHandle, path: String) throws(RobotError) {
        for obstacle in obstacles {
            guard let world = mjs_findBody(spec.spec, "world"), let body = mjs_addBody(world, nil), let shape = mjs_addGeom(body, nil)
            else {
                throw .model(path: path, element: "obstacle \(obstacle.name)", reason: "cannot be added")
            }
            mjs_setName(body.pointee.element, obstacle.bodyName)
            body.pointee.mocap = true
            switch obstacle.shape {
            case .box(let s):
                shape.pointee.type = mjGEOM_BOX
                shape.pointee.size = (s.x / 2, s.y / 2, s.z / 2)
            case .sphere(let r):
                shape.pointee.type = mjGEOM_SPHERE
                shape.pointee.size = (r, 0, 0)
            case .cylinder(let radius, let height):
                shape.pointee.type = mjGEOM_CYLINDER
                shape.pointee.size = (radius, height / 2, 0)
            }
            shape.pointee.contype = 1 << 30
            shape.pointee.conaffinity = 0
        }
    }

    /// Every moving link must weigh something with what is fixed to it, or inverse dynamics says nothing.
    static func checkMasses(_ model: ModelHandle, chain: [Int], path: String) throws(RobotError) {
        for joint in chain {
            let body = Int(model.model.pointee.jnt_bodyid[joint])
            let group = model.group(ofBody: body)
            var mass = 0.0
            for other in 0..<model.bodyCount where model.group(ofBody: other) == group { mass += model.model.pointee.body_mass[other] }
            guard mass > 0 else {
                throw .model(
                    path: path, element: "body \(model.name(mjOBJ_BODY, body))",
                    reason:
                        "moves with joint \(model.name(mjOBJ_JOINT, joint)) and has no mass: give it, or what is fixed to it, mass and inertia"
                )
            }
        }
    }

    static func rest(_ model: ModelHandle, joints: [ArmJoint], held: [String: Double], path: String) throws(RobotError) -> [Double] {
        let m = model.model.pointee
        var q = (0..<Int(m.nq)).map { m.qpos0[$0] }
        for id in 0..<model.jointCount where m.jnt_limited[id] {
            let at = Int(m.jnt_qposadr[id])
            q[at] = min(max(q[at], m.jnt_range[2 * id]), m.jnt_range[2 * id + 1])
        }
        for (name, value) in held.sorted(by: { $0.key < $1.key }) {
            guard let id = model.id(mjOBJ_JOINT, name), !joints.contains(where: { $0.name == name }) else {
                throw .model(path: path, element: "held.\(name)", reason: "is not a joint outside the arm's chain")
            }
            guard value.isFinite else {
                throw .model(path: path, element: "held.\(name)", reason: "\(value) is not a finite joint position")
            }
            q[Int(m.jnt_qposadr[id])] = value
        }
        return q
    }

    static func bodies(_ model: ModelHandle, named names: [String]?, orBeyond flange: Int, path: String) throws(RobotError) -> [String] {
        if let names {
            for name in names where model.id(mjOBJ_BODY, name) == nil {
                throw .model(path: path, element: "may_touch_table", reason: "body \(name) does not exist in the model")
            }
            return names
        }
        let group = model.group(ofBody: flange)
        return (1..<model.bodyCount).filter { body in
            var at = body
            while at > 0 {
                if model.group(ofBody: at) == group { return true }
                at = model.parent(ofBody: at)
            }
            return false
        }.map { model.name(mjOBJ_BODY, $0) }
    }
}
