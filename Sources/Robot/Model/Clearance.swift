internal import CMuJoCo
internal import Estimation
internal import Geometry

/// The least distance found between two things, and which they are.
public struct Clearance: Sendable, Equatable {
    /// Metres; negative when they overlap.
    public var distance: Double
    /// Bodies: `a|b`, or one body above the table. Empty when nothing is nearer than asked.
    public var element: String
}

extension Kinematics {
    /// The arm's least distance from itself in the posture placed last, capped at `reach` metres.
    ///
    /// Exact distances between convex shapes (MuJoCo's GJK/EPA), meshes by their convex hulls, after a test of bounding capsules.
    func selfClearance(reach: Double) -> Clearance { clearance(of: arm.collisionPairs, reach: reach) }

    /// The arm's least distance from the obstacles in the posture placed last, capped at `reach` metres.
    func obstacleClearance(reach: Double) -> Clearance { clearance(of: obstaclePairs, reach: reach) }

    private func clearance(of pairs: [CollisionPair], reach: Double) -> Clearance {
        if pairs.isEmpty { return Clearance(distance: reach, element: "") }
        followGeometries()
        var best = reach
        var found: CollisionPair?
        for pair in pairs {
            if bounds.areApart(Int(pair.first), Int(pair.second), reach: best) { continue }
            let distance = mj_geomDistance(handle.model, data, pair.first, pair.second, reach, nil)
            if distance < best {
                best = distance
                found = pair
            }
        }
        guard let found else { return Clearance(distance: reach, element: "") }
        let names = [found.first, found.second].map { handle.name(mjOBJ_BODY, handle.body(ofGeometry: Int($0))) }
        return Clearance(distance: best, element: names.joined(separator: "|"))
    }

    /// The least height over the table of what may not touch it, in the posture placed last, capped at `reach` metres.
    func tableClearance(reach: Double) -> Clearance {
        // The table's plane in the model's world: height = up · x + offset.
        let up = worldUp
        followGeometries()
        var best = reach
        var found: Int?
        for geometry in tableGeometries where bounds.lowest(geometry, along: up.direction) + up.offset < best {
            let height = lowest(geometry, along: up.direction) + up.offset
            if height < best {
                best = height
                found = geometry
            }
        }
        return Clearance(distance: best, element: found.map { handle.name(mjOBJ_BODY, handle.body(ofGeometry: $0)) } ?? "")
    }

    /// The smallest `up · x` over a geometry's points: its support towards the table.
    private func lowest(_ geometry: Int, along up: Vector3) -> Double {
        let m = handle.model
        let p = data.pointee.geom_xpos + 3 * geometry
        let r = data.pointee.geom_xmat + 9 * geometry
        let size = m.pointee.geom_size + 3 * geometry
        let center = up.x * p[0] + up.y * p[1] + up.z * p[2]
        // `up` in the geometry's own axes.
        let u = Vector3(
            r[0] * up.x + r[3] * up.y + r[6] * up.z, r[1] * up.x + r[4] * up.y + r[7] * up.z, r[2] * up.x + r[5] * up.y + r[8] * up.z)
        switch mjtGeom(UInt32(m.pointee.geom_type[geometry])) {
        case mjGEOM_SPHERE: return center - size[0]
        case mjGEOM_CAPSULE: return center - abs(u.z) * size[1] - size[0]
        case mjGEOM_CYLINDER: return center - abs(u.z) * size[1] - size[0] * max(0, 1 - u.z * u.z).squareRoot()
        case mjGEOM_BOX: return center - abs(u.x) * size[0] - abs(u.y) * size[1] - abs(u.z) * size[2]
        case mjGEOM_ELLIPSOID: return center - (u * Vector3(size[0], size[1], size[2])).length
        case mjGEOM_MESH:
            let mesh = Int(m.pointee.geom_dataid[geometry])
            let first = Int(m.pointee.mesh_vertadr[mesh])
            var least = Double.infinity
            for i in first..<first + Int(m.pointee.mesh_vertnum[mesh]) {
                let v = m.pointee.mesh_vert + 3 * i
                least = min(least, u.x * Double(v[0]) + u.y * Double(v[1]) + u.z * Double(v[2]))
            }
            return center + least
        default: return .infinity
        }
    }

    /// The arm's least distance from itself in a posture, metres, capped at `reach`.
    public func selfClearance(_ q: [Double], reach: Double = 0.05) -> Clearance {
        precondition(q.count == jointCount, "a posture has one number for each joint")
        place(q)
        return selfClearance(reach: reach)
    }

    /// The arm's least distance from the obstacles (see `Arm.init(contentsOf:obstacles:)`) in a posture, metres, capped at `reach`.
    public func obstacleClearance(_ q: [Double], reach: Double = 0.05) -> Clearance {
        precondition(q.count == jointCount, "a posture has one number for each joint")
        place(q)
        return obstacleClearance(reach: reach)
    }

    /// The least height over the table (see `setTable`) of the links that may not touch it, in a posture, metres, capped at `reach`.
    public func tableClearance(_ q: [Double], reach: Double = 0.05) -> Clearance {
        precondition(q.count == jointCount, "a posture has one number for each joint")
        place(q)
        return tableClearance(reach: reach)
    }
}

extension Arm {
    /// Share of random postures from which a contact counts as always there: such a pair says something about the shapes, not the posture.
    static let alwaysInContact = 0.95
    static let contactSamples = 400

    /// Pairs of solid shapes of different rigid groups, less the adjacent, the listed and the ones that touch in nearly every posture.
    mutating func findCollisionPairs(in model: ModelHandle) {
        let m = model.model.pointee
        func parentGroup(_ group: Int) -> Int { group == 0 ? -1 : model.group(ofBody: model.parent(ofBody: group)) }
        func name(_ body: Int) -> String { body == 0 ? "world" : model.name(mjOBJ_BODY, body) }
        let moving = joints.compactMap { model.id(mjOBJ_JOINT, $0.name) }
        /// The arm's joints that carry a body: two bodies with the same ones do not move against each other.
        func driven(_ body: Int) -> [Int] { model.chain(toBody: body).filter(moving.contains) }
        var excluded: [Int32] = (0..<Int(m.nexclude)).map { m.exclude_signature[$0] }
        for pair in ignoredCollisions {
            if let a = model.id(mjOBJ_BODY, pair.first), let b = model.id(mjOBJ_BODY, pair.second) {
                excluded.append(Int32(min(a, b) << 16 + max(a, b)))
            }
        }
        var pairs: [CollisionPair] = []
        for a in 0..<model.geometryCount {
            for b in a + 1..<max(a + 1, model.geometryCount) {
                let (bodyA, bodyB) = (model.body(ofGeometry: a), model.body(ofGeometry: b))
                let (groupA, groupB) = (model.group(ofBody: bodyA), model.group(ofBody: bodyB))
                let meets = m.geom_contype[a] & m.geom_conaffinity[b] != 0 || m.geom_contype[b] & m.geom_conaffinity[a] != 0
                let plane = [a, b].contains {
                    m.geom_type[$0] == Int32(mjGEOM_PLANE.rawValue) || m.geom_type[$0] == Int32(mjGEOM_HFIELD.rawValue)
                }
                if groupA == groupB || !meets || plane { continue }
                if driven(bodyA) == driven(bodyB) {
                    ignore(name(bodyA), name(bodyB), "held")
                    continue
                }
                if parentGroup(groupA) == groupB || parentGroup(groupB) == groupA {
                    ignore(name(bodyA), name(bodyB), "adjacent")
                } else if excluded.contains(Int32(min(bodyA, bodyB) << 16 + max(bodyA, bodyB))) {
                    ignore(name(bodyA), name(bodyB), "listed")
                } else {
                    pairs.append(CollisionPair(first: Int32(a), second: Int32(b)))
                }
            }
        }
        collisionPairs = pairs
        let kinematics = Kinematics(self)
        var random = RandomSource(seed: 7)
        var touching = [Int](repeating: 0, count: pairs.count)
        var q = home
        for _ in 0..<Self.contactSamples {
            for i in q.indices { q[i] = random.uniform(joints[i].lower, joints[i].upper) }
            kinematics.place(q)
            for (i, pair) in pairs.enumerated()
            where mj_geomDistance(kinematics.handle.model, kinematics.data, pair.first, pair.second, 0.01, nil) < 0 {
                touching[i] += 1
            }
        }
        let limit = Int((Self.alwaysInContact * Double(Self.contactSamples)).rounded())
        collisionPairs = []
        for (i, pair) in pairs.enumerated() {
            if touching[i] >= limit {
                ignore(name(model.body(ofGeometry: Int(pair.first))), name(model.body(ofGeometry: Int(pair.second))), "always in contact")
            } else {
                collisionPairs.append(pair)
            }
        }
    }

    private mutating func ignore(_ first: String, _ second: String, _ reason: String) {
        let entry = IgnoredCollision(first: first, second: second, reason: reason)
        if !ignoredCollisions.contains(where: { $0.first == first && $0.second == second }) { ignoredCollisions.append(entry) }
    }
}
