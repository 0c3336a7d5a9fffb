public import Geometry

/// What one inverse-kinematics solve came to.
public struct PoseSolution: Sendable, Equatable {
    /// rad or m, inside the position limits.
    public var positions: [Double]
    /// What is left over, m and rad.
    public var positionResidual: Double
    public var rotationResidual: Double
    /// Every axis is inside `SolveOptions.tolerance`.
    public var solved: Bool
    public var attempts: Int
}

/// Inverse kinematics of one pose: damped least squares with joint limits as an active set, and seeded random restarts.
///
/// Levenberg–Marquardt on the six pose errors (m and rad, in the base frame) with damping that follows the error (Sugihara, "Solvability-
/// unconcerned inverse kinematics by the Levenberg–Marquardt method", T-RO 2011). A joint that a step would carry over its limit is put on the
/// limit and the step solved again for the others. A stalled attempt is left early and another begun from a random posture.
public final class InverseKinematics {
    public let kinematics: Kinematics
    public var options: SolveOptions
    let n: Int
    let lower: [Double]
    let upper: [Double]
    private let work: UnsafeMutableBufferPointer<Double>
    private let jacobian: UnsafeMutablePointer<Double>
    private let joints: UnsafeMutablePointer<Double>
    private let trial: UnsafeMutablePointer<Double>
    private let step: UnsafeMutablePointer<Double>
    private let system: UnsafeMutablePointer<Double>
    private let error: UnsafeMutablePointer<Double>
    private let right: UnsafeMutablePointer<Double>
    private let free: UnsafeMutablePointer<Double>
    private let bounds: UnsafeMutablePointer<Double>
    private var random: SplitMix

    public init(_ kinematics: Kinematics, options: SolveOptions = SolveOptions()) {
        self.kinematics = kinematics
        self.options = options
        n = kinematics.jointCount
        lower = kinematics.arm.joints.map(\.lower)
        upper = kinematics.arm.joints.map(\.upper)
        work = .allocate(capacity: 6 * n + 6 * n + 36 + 12)
        work.initialize(repeating: 0)
        guard let start = work.baseAddress else { preconditionFailure("an arm has joints") }
        jacobian = start
        joints = jacobian + 6 * n
        trial = joints + n
        step = trial + n
        free = step + n
        bounds = free + n
        system = bounds + 2 * n
        error = system + 36
        right = error + 6
        random = SplitMix(seed: options.seed)
        for i in 0..<n {
            bounds[2 * i] = lower[i]
            bounds[2 * i + 1] = upper[i]
        }
    }

    deinit { work.deallocate() }

    /// Starts the random restarts over, so that a result does not depend on what was solved before.
    public func reseed(_ seed: UInt64) { random = SplitMix(seed: seed) }

    func randomPosture() -> [Double] { (0..<n).map { random.uniform(lower[$0], upper[$0]) } }

    /// Solves for a tool pose, first from `guess` (the arm's home when nil), then from random postures; gives the best when none is exact.
    public func solve(_ target: Transform<Base, Tool>, guess: [Double]? = nil, restarts: Int? = nil) -> PoseSolution {
        var best = PoseSolution(
            positions: guess ?? kinematics.arm.home, positionResidual: .infinity, rotationResidual: .infinity, solved: false, attempts: 0)
        precondition(best.positions.count == n, "a guess has one number for each joint")
        var seed = best.positions
        for attempt in 0...max(0, restarts ?? options.restarts) {
            if attempt > 0 { for i in 0..<n { seed[i] = random.uniform(lower[i], upper[i]) } }
            let result = descend(target, from: &seed)
            let cost = result.position + options.lever * result.rotation
            if result.solved || cost < best.positionResidual + options.lever * best.rotationResidual {
                best.positions = seed
                best.positionResidual = result.position
                best.rotationResidual = result.rotation
            }
            best.attempts = attempt + 1
            if result.solved {
                best.solved = true
                return best
            }
        }
        return best
    }

    struct Descent {
        var position: Double
        var rotation: Double
        var solved: Bool
    }

    @inline(__always) private func poseError(_ target: Transform<Base, Tool>) -> Descent {
        let pose = kinematics.toolPose
        let dp = target.translation - pose.translation
        let dr = (target.rotation * pose.rotation.inverse).vector
        error[0] = dp.x
        error[1] = dp.y
        error[2] = dp.z
        error[3] = dr.x
        error[4] = dr.y
        error[5] = dr.z
        var worst = 0.0
        for k in 0..<6 { worst = max(worst, abs(error[k])) }
        return Descent(position: dp.length, rotation: dr.length, solved: worst < options.tolerance)
    }

    /// One attempt from `q`, which becomes the posture reached.
    func descend(_ target: Transform<Base, Tool>, from q: inout [Double]) -> Descent {
        for i in 0..<n { joints[i] = min(max(q[i], bounds[2 * i]), bounds[2 * i + 1]) }
        kinematics.place(joints)
        var state = poseError(target)
        var squared = norm()
        var damping = 1e-3
        var slow = 0
        var iteration = 0
        while !state.solved, iteration < options.iterations {
            iteration += 1
            kinematics.jacobian(into: jacobian)
            findStep(damping: damping * squared + 1e-12)
            for i in 0..<n { trial[i] = min(max(joints[i] + step[i], bounds[2 * i]), bounds[2 * i + 1]) }
            let before = (error[0], error[1], error[2], error[3], error[4], error[5])
            kinematics.place(trial)
            let next = poseError(target)
            let nextSquared = norm()
            if nextSquared < squared {
                slow = nextSquared > 0.95 * squared ? slow + 1 : 0
                for i in 0..<n { joints[i] = trial[i] }
                squared = nextSquared
                state = next
                damping = max(damping * 0.2, 1e-8)
                if slow > 5 { break }
            } else {
                (error[0], error[1], error[2], error[3], error[4], error[5]) = before
                kinematics.place(joints)
                damping *= 8
                slow += 1
                if damping > 1e6 || slow > 8 { break }
            }
        }
        for i in 0..<n { q[i] = joints[i] }
        return state
    }

    @inline(__always) private func norm() -> Double {
        var sum = 0.0
        for k in 0..<6 { sum += error[k] * error[k] }
        return sum
    }

    /// The damped step with joints on their limits held there.
    private func findStep(damping: Double) {
        for i in 0..<n {
            free[i] = 1
            step[i] = 0
        }
        for _ in 0..<n {
            // right = error − J·(steps that are fixed), system = J_free·J_freeᵀ + damping
            for a in 0..<6 {
                var sum = error[a]
                for i in 0..<n where free[i] == 0 { sum -= jacobian[a * n + i] * step[i] }
                right[a] = sum
                for b in 0...a {
                    var dot = 0.0
                    for i in 0..<n { dot += free[i] * jacobian[a * n + i] * jacobian[b * n + i] }
                    system[a * 6 + b] = dot
                }
                system[a * 6 + a] += damping
            }
            solveCholesky6(system, right)
            var largest = 0.0
            for i in 0..<n where free[i] == 1 {
                var sum = 0.0
                for a in 0..<6 { sum += jacobian[a * n + i] * right[a] }
                step[i] = sum
                largest = max(largest, abs(sum))
            }
            if largest > options.step { for i in 0..<n where free[i] == 1 { step[i] *= options.step / largest } }
            var changed = false
            for i in 0..<n where free[i] == 1 {
                let room = step[i] < 0 ? bounds[2 * i] - joints[i] : bounds[2 * i + 1] - joints[i]
                if abs(step[i]) > abs(room) + 1e-12 {
                    step[i] = room
                    free[i] = 0
                    changed = true
                }
            }
            if !changed { return }
        }
    }
}

/// Solves a symmetric positive definite 6×6 system in place (lower triangle given); the solution replaces the right-hand side.
@inline(__always) func solveCholesky6(_ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>) {
    for i in 0..<6 {
        for j in 0...i {
            var sum = a[i * 6 + j]
            for k in 0..<j { sum -= a[i * 6 + k] * a[j * 6 + k] }
            if i == j { a[i * 6 + i] = max(sum, 1e-30).squareRoot() } else { a[i * 6 + j] = sum / a[j * 6 + j] }
        }
        var sum = b[i]
        for k in 0..<i { sum -= a[i * 6 + k] * b[k] }
        b[i] = sum / a[i * 6 + i]
    }
    for i in stride(from: 5, through: 0, by: -1) {
        var sum = b[i]
        for k in i + 1..<6 { sum -= a[k * 6 + i] * b[k] }
        b[i] = sum / a[i * 6 + i]
    }
}
