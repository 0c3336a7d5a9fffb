internal import CMuJoCo
internal import Geometry

/// How a gripper of turning fingers stands when it is open by a width, found from its model.
///
/// The joints that an actuator drives (directly, through a tendon, or through a joint equality) go through their ranges together; the others follow
/// so that the model's loops close (`connect` and joint equalities, Gauss–Newton). The opening is how much further apart the two fingertips,
/// the links beyond the flange that move most against each other, are than at their nearest. Made once, then looked up.
struct GripperOpening {
    /// Largest opening, metres.
    let widest: Double
    let joints: [String]
    private let coordinates: [Int]
    /// By opening, ascending from 0.
    private let postures: [(opening: Double, positions: [Double])]

    /// Positions that are tried over the range.
    private static let steps = 48
    /// Largest gap of a loop that counts as closed, metres or radians.
    private static let closed = 1e-3

    /// Nil where the fingers do not turn; `problem` says why they cannot be driven where they do.
    init?(_ handle: ModelHandle, data: UnsafeMutablePointer<mjData>, isBeyondFlange: (Int) -> Bool, problem: inout String?) {
        let m = handle.model.pointee
        let own = (0..<handle.jointCount).filter {
            m.jnt_type[$0] == Int32(mjJNT_HINGE.rawValue) && isBeyondFlange(Int(m.jnt_bodyid[$0]))
        }
        guard !own.isEmpty else { return nil }
        let names = own.map { handle.name(mjOBJ_JOINT, $0) }
        func refuse(_ reason: String) {
            problem = "the gripper's joints \(names.joined(separator: ", ")) are held as the model has them: \(reason)"
        }
        let loops = LoopGaps(handle, among: own)
        let drivers = Self.driven(handle, among: own, loops)
        guard !drivers.isEmpty else {
            refuse("none has an actuator and a range")
            return nil
        }
        let driverCoordinates = drivers.map { Int(m.jnt_qposadr[$0]) }
        let followers = own.filter { !drivers.contains($0) }.map { Int(m.jnt_qposadr[$0]) }
        let bodies = (1..<handle.bodyCount).filter { body in
            isBeyondFlange(body) && (0..<handle.geometryCount).contains { handle.body(ofGeometry: $0) == body }
        }
        coordinates = own.map { Int(m.jnt_qposadr[$0]) }
        joints = names
        var (open, places): ([[Double]], [[Vector3]]) = ([], [])
        for step in 0...Self.steps {
            let share = Double(step) / Double(Self.steps)
            for (driver, coordinate) in zip(drivers, driverCoordinates) {
                let (low, high) = (m.jnt_range[2 * driver], m.jnt_range[2 * driver + 1])
                data.pointee.qpos[coordinate] = low + (high - low) * share
            }
            guard loops.close(handle, data, followers) <= Self.closed else { continue }
            open.append(coordinates.map { data.pointee.qpos[$0] })
            places.append(bodies.map { Self.middle(handle, data, $0) })
        }
        // The two links whose distance changes most.
        var best: (spread: Double, distances: [Double]) = (0, [])
        for i in bodies.indices {
            for j in bodies.indices where j > i {
                let distances = places.map { ($0[i] - $0[j]).length }
                let spread = (distances.max() ?? 0) - (distances.min() ?? 0)
                if spread > best.spread { best = (spread, distances) }
            }
        }
        guard best.spread > 1e-3, let least = best.distances.min() else {
            refuse(open.count < 2 ? "its loops do not close" : "no two of its links come nearer")
            return nil
        }
        postures = zip(best.distances, open).map { ($0 - least, $1) }.sorted { $0.0 < $1.0 }
        widest = best.spread
    }

    /// Puts the gripper's joints where it is open by `width`, metres; beyond its range it stands at its end.
    func set(_ width: Double, _ data: UnsafeMutablePointer<mjData>) {
        let above = postures.firstIndex { $0.opening >= width } ?? postures.count - 1
        let below = max(0, above - 1)
        let (a, b) = (postures[below], postures[above])
        let share = b.opening > a.opening ? min(max((width - a.opening) / (b.opening - a.opening), 0), 1) : 1
        for (k, coordinate) in coordinates.enumerated() {
            data.pointee.qpos[coordinate] = a.positions[k] + (b.positions[k] - a.positions[k]) * share
        }
    }

    /// Joints of limited range that something drives; without any actuator those that no loop makes follow.
    private static func driven(_ handle: ModelHandle, among own: [Int], _ loops: LoopGaps) -> [Int] {
        let m = handle.model.pointee
        var found: Set<Int> = []
        for a in 0..<Int(m.nu) {
            let target = Int(m.actuator_trnid[2 * a])
            switch mjtTrn(UInt32(max(0, m.actuator_trntype[a]))) {
            case mjTRN_JOINT, mjTRN_JOINTINPARENT: found.insert(target)
            case mjTRN_TENDON:
                for w in Int(m.tendon_adr[target])..<Int(m.tendon_adr[target] + m.tendon_num[target])
                where m.wrap_type[w] == Int32(mjWRAP_JOINT.rawValue) {
                    found.insert(Int(m.wrap_objid[w]))
                }
            default: break
            }
        }
        found.formIntersection(own)
        if found.isEmpty, loops.isEmpty { found = Set(own) }
        return found.filter { m.jnt_limited[$0] }.sorted()
    }

    /// Middle of a body's geometries, in the world.
    private static func middle(_ handle: ModelHandle, _ data: UnsafeMutablePointer<mjData>, _ body: Int) -> Vector3 {
        let own = (0..<handle.geometryCount).filter { handle.body(ofGeometry: $0) == body }
        let sum = own.reduce(Vector3.zero) { sum, g in
            let p = data.pointee.geom_xpos + 3 * g
            return sum + Vector3(p[0], p[1], p[2])
        }
        return sum / Double(max(own.count, 1))
    }
}

/// The equality constraints that tie some joints to each other or close a loop through them.
private struct LoopGaps {
    private var connects: [(Int, Vector3, Int, Vector3)] = []
    private var couplings: [(first: Int, second: Int?, polynomial: [Double])] = []

    var isEmpty: Bool { connects.isEmpty && couplings.isEmpty }

    init(_ handle: ModelHandle, among own: [Int]) {
        let m = handle.model.pointee
        for e in 0..<Int(m.neq) {
            let (a, b) = (Int(m.eq_obj1id[e]), Int(m.eq_obj2id[e]))
            let d = m.eq_data + Int(mjNEQDATA) * e
            switch mjtEq(UInt32(max(0, m.eq_type[e]))) {
            case mjEQ_CONNECT where m.eq_objtype[e] == Int32(mjOBJ_BODY.rawValue):
                connects.append((a, Vector3(d[0], d[1], d[2]), b, Vector3(d[3], d[4], d[5])))
            case mjEQ_JOINT where own.contains(a): couplings.append((a, b < 0 ? nil : b, (0..<5).map { d[$0] }))
            default: break
            }
        }
    }

    private func gaps(_ handle: ModelHandle, _ data: UnsafeMutablePointer<mjData>) -> [Double] {
        mj_kinematics(handle.model, data)
        let m = handle.model.pointee
        func point(_ body: Int, _ p: Vector3) -> Vector3 {
            let (x, q) = (data.pointee.xpos + 3 * body, data.pointee.xquat + 4 * body)
            return Rotation(xyzw: Vector4(q[1], q[2], q[3], q[0])) * p + Vector3(x[0], x[1], x[2])
        }
        var out: [Double] = []
        for (a, p, b, q) in connects {
            let gap = point(a, p) - point(b, q)
            out += [gap.x, gap.y, gap.z]
        }
        for c in couplings {
            func beyond(_ joint: Int) -> Double { data.pointee.qpos[Int(m.jnt_qposadr[joint])] - m.qpos0[Int(m.jnt_qposadr[joint])] }
            let x = c.second.map(beyond) ?? 0
            out.append(beyond(c.first) - c.polynomial.reversed().reduce(0) { $0 * x + $1 })
        }
        return out
    }

    /// Moves the followers until every gap is closed.
    /// - Returns: the largest gap that is left.
    func close(_ handle: ModelHandle, _ data: UnsafeMutablePointer<mjData>, _ followers: [Int]) -> Double {
        let n = followers.count
        var gap = gaps(handle, data)
        for _ in 0..<30 where n > 0 && (gap.map(abs).max() ?? 0) > 1e-7 {
            let step = 1e-6
            var columns: [[Double]] = []
            for f in followers {
                let before = data.pointee.qpos[f]
                data.pointee.qpos[f] = before + step
                columns.append(zip(gaps(handle, data), gap).map { ($0 - $1) / step })
                data.pointee.qpos[f] = before
            }
            var normal = [Double](repeating: 0, count: n * n)
            var right = [Double](repeating: 0, count: n)
            for i in 0..<n {
                for j in 0..<n { normal[i * n + j] = zip(columns[i], columns[j]).reduce(0) { $0 + $1.0 * $1.1 } + (i == j ? 1e-9 : 0) }
                right[i] = -zip(columns[i], gap).reduce(0) { $0 + $1.0 * $1.1 }
            }
            var change = right
            guard mju_cholFactor(&normal, Int32(n), 1e-14) == n else { break }
            mju_cholSolve(&change, normal, right, Int32(n))
            for (k, f) in followers.enumerated() { data.pointee.qpos[f] += max(-0.3, min(0.3, change[k])) }
            gap = gaps(handle, data)
        }
        return gap.map(abs).max() ?? 0
    }
}
