internal import Geometry
internal import Glibc

/// Which posture an arm takes for a tool pose: a function of the pose and the arm alone, so that the same hand pose gives the same joints in every
/// episode, session and order.
///
/// A family of postures is the continuation of one posture (family 0: the reference, by default the arm's home): the tool is taken from where that
/// posture holds it to the pose along a fixed way, turning about the arm's first axis while distance from it, height and rotation change evenly,
/// and the joints follow without jumping. An arm with more joints than the pose needs is at each step where the `strain` is least: the joints are
/// near the reference and off their limits. Two ways to a pose end alike because the least is taken there, not summed on the way (Klein and Huang
/// 1983: a pseudo-inverse alone drifts). Continuous in the pose as long as the least is one and no singularity is crossed.
final class PostureRule {
    let solver: InverseKinematics
    let reference: [Double]
    let options: SolveOptions
    private let n: Int
    /// What a radian, or metre, away from the reference weighs, by joint.
    private let weight: [Double]
    /// Where the reference holds the tool.
    private let start: Transform<Base, Tool>
    private let axis: Vector3
    private let point: Vector3
    private var kinematics: Kinematics { solver.kinematics }

    init(_ solver: InverseKinematics, reference: [Double], options: SolveOptions) {
        self.solver = solver
        self.reference = reference
        self.options = options
        n = solver.n
        start = solver.kinematics.forward(reference)
        weight = Self.selfMotion(solver).map { 1 + options.strainSelfMotion * $0 }
        let a = solver.kinematics.chain.axes
        axis = Vector3(a[0], a[1], a[2])
        point = Vector3(a[3], a[4], a[5])
    }

    /// By joint its share in the chain's motions that leave the tool where it is, 0 to 1: the diagonal of 1 − Jᵀ(JJᵀ)⁻¹J.
    private static func selfMotion(_ s: InverseKinematics) -> [Double] {
        let n = s.n
        guard n > 6 else { return Array(repeating: 0, count: n) }
        s.kinematics.chain.jacobian(into: s.jacobian)
        return (0..<n).map { joint in
            for a in 0..<6 {
                s.right[a] = s.jacobian[a * n + joint]
                for b in 0...a {
                    s.system[a * 6 + b] = (0..<n).reduce(0) { $0 + s.jacobian[a * n + $1] * s.jacobian[b * n + $1] }
                }
                s.system[a * 6 + a] += 1e-9
            }
            solveCholesky6(s.system, s.right)
            return 1 - (0..<6).reduce(0) { $0 + s.jacobian[$1 * n + joint] * s.right[$1] }
        }
    }

    /// Half the weighted square of the distance from the reference, and more the nearer a joint comes to its limits: `SolveOptions.strainMargin`.
    func strain(_ q: [Double]) -> Double {
        var sum = 0.0
        for i in 0..<n {
            let d = q[i] - reference[i]
            let short = shortfall(q, i)
            sum += 0.5 * (weight[i] * d * d + options.strainLimit * short * short)
        }
        return sum
    }

    /// How much a joint lacks of the margin, negative near its upper end.
    @inline(__always) private func shortfall(_ q: [Double], _ i: Int) -> Double {
        let margin = min(options.strainMargin, 0.25 * (solver.bounds[2 * i + 1] - solver.bounds[2 * i]))
        let (low, high) = (q[i] - solver.bounds[2 * i], solver.bounds[2 * i + 1] - q[i])
        if low < margin { return margin - low }
        return high < margin ? high - margin : 0
    }

    /// The step of least strain that leaves the tool where it is, to second order in the strain: −(1 − H⁻¹Jᵀ(J H⁻¹ Jᵀ)⁻¹J) H⁻¹ ∇strain.
    private func relief(_ q: [Double]) -> [Double] {
        let s = solver
        q.withUnsafeBufferPointer { if let p = $0.baseAddress { kinematics.chain.place(p) } }
        kinematics.chain.jacobian(into: s.jacobian)
        var inverse = [Double](repeating: 0, count: n)
        var step = [Double](repeating: 0, count: n)
        for i in 0..<n {
            let short = shortfall(q, i)
            inverse[i] = 1 / (weight[i] + (short != 0 ? options.strainLimit : 0))
            step[i] = -inverse[i] * (weight[i] * (q[i] - reference[i]) - options.strainLimit * short)
        }
        for a in 0..<6 {
            let ja = s.jacobian + a * n
            var sum = 0.0
            for i in 0..<n { sum += ja[i] * step[i] }
            s.right[a] = sum
            for b in 0...a {
                let jb = s.jacobian + b * n
                var dot = 0.0
                for i in 0..<n { dot += ja[i] * inverse[i] * jb[i] }
                s.system[a * 6 + b] = dot
            }
            s.system[a * 6 + a] += 1e-9
        }
        solveCholesky6(s.system, s.right)
        for i in 0..<n {
            var sum = 0.0
            for a in 0..<6 { sum += s.jacobian[a * n + i] * s.right[a] }
            step[i] -= inverse[i] * sum
        }
        return step
    }

    /// Solves for a pose from a posture near by, and takes up redundancy to where the strain is least.
    ///
    /// Steps of Barzilai and Borwein's length along `relief`, each brought back to the pose and taken only where the strain falls.
    func settle(_ q: inout [Double], at pose: Transform<Base, Tool>) -> InverseKinematics.Descent {
        var result = solver.descend(pose, from: &q)
        guard n > 6, result.solved else { return result }
        var here = strain(q)
        var share = 1.0
        var step = relief(q)
        for _ in 0..<options.strainRounds {
            let largest = step.reduce(0) { max($0, abs($1)) }
            guard largest > options.strainTolerance else { break }
            let length = min(share, options.strainStep / largest)
            var trial = zip(q, step).map { $0 + length * $1 }
            let next = solver.descend(pose, from: &trial)
            let there = strain(trial)
            guard next.solved, there <= here else {
                share = 0.4 * length
                if share * largest < options.strainTolerance { break }
                continue
            }
            let after = relief(trial)
            var (along, square) = (0.0, 0.0)
            for i in 0..<n {
                along += step[i] * (step[i] - after[i])
                square += step[i] * step[i]
            }
            share = along > 0.1 * square ? min(length * square / along, 4) : 2 * length
            (q, here, step, result) = (trial, there, after, next)
        }
        return result
    }

    /// Goes on from a posture at one pose to another: what would be a leap is gone through in halves, down to a thirty-second of the way.
    ///
    /// Near a singularity a long step ends in another family, where small ones follow a fast but continuous motion.
    func follow(
        _ q: inout [Double], from: Transform<Base, Tool>, to pose: Transform<Base, Tool>, halvings: Int = 5
    ) -> InverseKinematics.Descent {
        var next = q
        let result = settle(&next, at: pose)
        let move = zip(q, next).reduce(0) { max($0, abs($1.0 - $1.1)) }
        if result.solved, move > options.strainLeap, halvings > 0 {
            let middle = from.interpolated(to: pose, fraction: 0.5)
            var half = q
            if follow(&half, from: from, to: middle, halvings: halvings - 1).solved {
                let whole = follow(&half, from: middle, to: pose, halvings: halvings - 1)
                if whole.solved {
                    q = half
                    return whole
                }
            }
        }
        q = next
        return result
    }

    /// The posture of the family of `seed`, which stands where the reference does, for a pose; nil where the way there does not end at it.
    func posture(at pose: Transform<Base, Tool>, from seed: [Double]) -> [Double]? {
        var q = seed
        let way = way(to: pose)
        var solved = false
        var at = start
        for k in 1...way.steps {
            var next = q
            let pose = way.pose(Double(k) / Double(way.steps))
            solved = follow(&next, from: at, to: pose).solved
            // Out of reach on the way the arm waits; what comes after may be in reach again.
            if solved { (q, at) = (next, pose) }
        }
        return solved ? q : nil
    }

    private struct Way {
        var steps: Int
        var pose: (Double) -> Transform<Base, Tool>
    }

    /// From the reference's tool pose to a pose, in steps of at most `SolveOptions.wayStep` and `wayTurn`.
    private func way(to pose: Transform<Base, Tool>) -> Way {
        func parts(_ p: Vector3) -> (height: Double, level: Vector3) {
            let height = (p - point).dot(axis)
            return (height, p - point - axis * height)
        }
        let (a, b) = (parts(start.translation), parts(pose.translation))
        let (from, to) = (a.level.length, b.level.length)
        let angle = min(from, to) < 1e-3 ? 0 : atan2(a.level.cross(b.level).dot(axis), a.level.dot(b.level))
        let outward = from < 1e-3 ? (to < 1e-3 ? Vector3.zero : b.level * (1 / to)) : a.level * (1 / from)
        let turn = (start.rotation.inverse * (Rotation(vector: axis * -angle) * pose.rotation)).vector
        let length = abs(to - from) + abs(b.height - a.height) + abs(angle) * max(from, to)
        let steps = max(1, Int(max(length / options.wayStep, turn.length / options.wayTurn, abs(angle) / options.wayTurn).rounded(.up)))
        return Way(steps: steps) { [self] s in
            if s >= 1 { return pose }
            let about = Rotation(vector: axis * (s * angle))
            let p = outward * (from + s * (to - from)) + axis * (a.height + s * (b.height - a.height))
            return Transform(
                rotation: about * (start.rotation * Rotation(vector: turn * s)), translation: point + (about * p))
        }
    }

    /// Seeds of the families: the reference, then what else holds the tool where it does, least strain first.
    ///
    /// From `SolveOptions.familySamples` random postures by `SolveOptions.seed`.
    func seeds() -> [[Double]] {
        solver.reseed(options.seed)
        var found: [[Double]] = []
        for _ in 0..<options.familySamples {
            var q = solver.randomPosture()
            guard settle(&q, at: start).solved else { continue }
            let isNew = !([reference] + found).contains { known in (0..<n).allSatisfy { abs(known[$0] - q[$0]) < options.distinct } }
            if isNew { found.append(q) }
        }
        return [reference] + found.sorted { strain($0) < strain($1) }.prefix(max(0, options.families - 1))
    }
}
