internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// A seven-joint arm from its published numbers: only for the truth beside a simulated recording, apart from the pipeline's own arm models.
struct SerialArm: Sendable {
    /// One row of a modified Denavit-Hartenberg table (Craig): translation a and turn α about x, then the joint about z, then d along z.
    struct Link: Sendable {
        var a: Double
        var alpha: Double
        var d: Double
    }

    typealias Joints = SIMD8<Double>

    var name: String
    var links: [Link]
    var lower: Joints
    var upper: Joints
    var velocity: Joints
    var acceleration: Joints
    var home: Joints
    /// The last joint's frame to the tool's: z out of the flange, tool x across the fingers, tool y towards the hand's −x.
    var lastFromTool: Transform<Tool, Tool>

    static let published: [SerialArm] = [panda, xarm7]

    /// Franka Emika Robot (Panda): kinematics and limits of the maker's documentation; hand 0.1034 m, turned by −45 degrees.
    static let panda = SerialArm(
        name: "panda",
        links: [
            Link(a: 0, alpha: 0, d: 0.333), Link(a: 0, alpha: -.pi / 2, d: 0), Link(a: 0, alpha: .pi / 2, d: 0.316),
            Link(a: 0.0825, alpha: .pi / 2, d: 0), Link(a: -0.0825, alpha: -.pi / 2, d: 0.384), Link(a: 0, alpha: .pi / 2, d: 0),
            Link(a: 0.088, alpha: .pi / 2, d: 0),
        ],
        lower: Joints(-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973, 0),
        upper: Joints(2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973, 0),
        velocity: Joints(2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61, 1), acceleration: Joints(15, 7.5, 10, 12.5, 15, 20, 20, 1),
        home: Joints(0, -0.785, 0, -2.356, 0, 1.571, 0.785, 0),
        lastFromTool: Transform(
            rotation: Rotation(vector: Vector3(0, 0, -.pi / 4)) * Rotation(vector: Vector3(0, 0, .pi / 2)),
            translation: Vector3(0, 0, 0.107 + 0.1034)))

    /// UFACTORY xArm7: kinematics of the maker's manual; gripper 0.172 m. The maker publishes no joint acceleration: 20 rad/s² is assumed.
    static let xarm7 = SerialArm(
        name: "xarm7",
        links: [
            Link(a: 0, alpha: 0, d: 0.267), Link(a: 0, alpha: -.pi / 2, d: 0), Link(a: 0, alpha: .pi / 2, d: 0.293),
            Link(a: 0.0525, alpha: .pi / 2, d: 0), Link(a: 0.0775, alpha: .pi / 2, d: 0.3425), Link(a: 0, alpha: .pi / 2, d: 0),
            Link(a: 0.076, alpha: -.pi / 2, d: 0.097),
        ],
        lower: Joints(-6.2832, -2.059, -6.2832, -0.19198, -6.2832, -1.69297, -6.2832, 0),
        upper: Joints(6.2832, 2.0944, 6.2832, 3.927, 6.2832, 3.14159, 6.2832, 0),
        velocity: Joints(3.14, 3.14, 3.14, 3.14, 3.14, 3.14, 3.14, 1), acceleration: Joints(20, 20, 20, 20, 20, 20, 20, 1),
        home: Joints(0, -0.4, 0, 0.9, 0, 1.3, 0, 0),
        lastFromTool: Transform(rotation: Rotation(vector: Vector3(0, 0, .pi / 2)), translation: Vector3(0, 0, 0.172)))

    /// The tool in the base, and the columns of the geometric Jacobian (linear, angular) in the base frame.
    func forward(_ q: Joints) -> (pose: Transform<Base, Tool>, linear: [Vector3], angular: [Vector3]) {
        var t = Transform<Base, Tool>.identity
        var axes: [Vector3] = []
        var origins: [Vector3] = []
        for (i, link) in links.enumerated() {
            let step = Transform<Tool, Tool>(rotation: Rotation(vector: Vector3(link.alpha, 0, 0)), translation: Vector3(link.a, 0, 0))
            let joint = Transform<Tool, Tool>(rotation: Rotation(vector: Vector3(0, 0, q[i])), translation: Vector3(0, 0, link.d))
            t = t * step * joint
            axes.append(t.rotation * Vector3(0, 0, 1))
            origins.append(t.translation)
        }
        t = t * lastFromTool
        return (t, zip(axes, origins).map { $0.cross(t.translation - $1) }, axes)
    }

    /// Position error (m) and rotation error (rad) of a posture against a wanted pose.
    func error(_ pose: Transform<Base, Tool>, _ wanted: Transform<Base, Tool>) -> (position: Vector3, rotation: Vector3) {
        (wanted.translation - pose.translation, pose.rotation * (pose.rotation.inverse * wanted.rotation).vector)
    }

    /// The joint rates of least norm for a twist of the tool (base frame), and the direction of self-motion.
    func rates(_ q: Joints, linear: Vector3, angular: Vector3, damping: Double = 1e-6) -> Joints {
        let f = forward(q)
        return step(f.linear, f.angular, linear, angular, damping)
    }

    /// Jᵀ (J Jᵀ + λ I)⁻¹ e by Gauss elimination with pivots.
    func step(_ linear: [Vector3], _ angular: [Vector3], _ e: Vector3, _ r: Vector3, _ damping: Double) -> Joints {
        func row(_ i: Int, _ j: Int) -> Double { i < 3 ? linear[j][i] : angular[j][i - 3] }
        var m = [Double](repeating: 0, count: 42)
        for i in 0..<6 {
            for k in 0..<6 {
                var sum = i == k ? damping : 0
                for j in 0..<7 { sum += row(i, j) * row(k, j) }
                m[i * 7 + k] = sum
            }
            m[i * 7 + 6] = i < 3 ? e[i] : r[i - 3]
        }
        for p in 0..<6 {
            let best = (p..<6).max { abs(m[$0 * 7 + p]) < abs(m[$1 * 7 + p]) } ?? p
            if best != p { for k in 0..<7 { m.swapAt(p * 7 + k, best * 7 + k) } }
            guard m[p * 7 + p] != 0 else { return .zero }
            for i in 0..<6 where i != p {
                let f = m[i * 7 + p] / m[p * 7 + p]
                for k in p..<7 { m[i * 7 + k] -= f * m[p * 7 + k] }
            }
        }
        var out = Joints.zero
        for j in 0..<7 {
            var sum = 0.0
            for i in 0..<6 { sum += row(i, j) * m[i * 7 + 6] / m[i * 7 + i] }
            out[j] = sum
        }
        return out
    }

    /// Damped least squares from a posture; the best posture found within the joint limits, and its errors (m, rad).
    func solve(_ wanted: Transform<Base, Tool>, from start: Joints, iterations: Int = 60) -> (q: Joints, position: Double, rotation: Double)
    {
        var q = start.clamped(lowerBound: lower, upperBound: upper)
        var best = (q: q, position: Double.infinity, rotation: Double.infinity)
        var damping = 1e-3
        for _ in 0..<iterations {
            let f = forward(q)
            let e = error(f.pose, wanted)
            let cost = e.position.length + 0.3 * e.rotation.length
            if cost < best.position + 0.3 * best.rotation {
                best = (q, e.position.length, e.rotation.length)
                damping = max(damping * 0.3, 1e-7)
            } else {
                damping = min(damping * 4, 1)
            }
            if best.position < 1e-6, best.rotation < 1e-6 { break }
            q = (q + step(f.linear, f.angular, e.position, e.rotation, damping)).clamped(lowerBound: lower, upperBound: upper)
        }
        return best
    }
}
