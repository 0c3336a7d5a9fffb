internal import Estimation
public import Geometry
internal import Glibc

/// What one inverse-kinematics solve came to.
public struct PoseSolution: Sendable, Equatable {
    /// rad or m, inside the position limits.
    public var positions: [Double]
    /// What is left over, m and rad.
    public var positionResidual: Double
    public var rotationResidual: Double
    /// Every axis is inside `SolveOptions.tolerance`; of an arm with fewer than six joints the position is, and the rotation is the nearest there is.
    public var solved: Bool
    public var attempts: Int
    /// Rotation that an arm with fewer than six joints cannot take, rad; 0 for others. `rotationResidual` is without it.
    public var projectedRotation: Double = 0

    func isReached(_ options: SolveOptions) -> Bool {
        positionResidual <= options.reachPosition && rotationResidual <= options.reachRotation
            && projectedRotation <= options.projectedRotation
    }
}

/// Inverse kinematics of one pose: damped least squares with joint limits as an active set, and seeded random restarts.
///
/// Levenberg–Marquardt on the six pose errors (m and rad, in the base frame) with damping that follows the error (Sugihara, "Solvability-
/// unconcerned inverse kinematics by the Levenberg–Marquardt method", T-RO 2011). A joint that a step would carry over its limit is put on the
/// limit and the step solved again for the others. A stalled attempt is left early and another begun from a random posture.
///
/// An arm with fewer than six joints cannot take every pose: its position is met and the rotation is the nearest that it can take there
/// (projection onto its task space, by weighting position over rotation).
public final class InverseKinematics {
    public let kinematics: Kinematics
    public var options: SolveOptions
    let n: Int
    let lower: [Double]
    let upper: [Double]
    private let work: UnsafeMutableBufferPointer<Double>
    let jacobian: UnsafeMutablePointer<Double>
    let joints: UnsafeMutablePointer<Double>
    let trial: UnsafeMutablePointer<Double>
    let step: UnsafeMutablePointer<Double>
    let system: UnsafeMutablePointer<Double>
    let error: UnsafeMutablePointer<Double>
    let right: UnsafeMutablePointer<Double>
    let free: UnsafeMutablePointer<Double>
    let bounds: UnsafeMutablePointer<Double>
    private var random: RandomSource

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
        random = RandomSource(seed: options.seed)
        for i in 0..<n {
            bounds[2 * i] = lower[i]
            bounds[2 * i + 1] = upper[i]
        }
    }

    deinit { work.deallocate() }

    /// Starts the random restarts over, so that a result does not depend on what was solved before.
    public func reseed(_ seed: UInt64) { random = RandomSource(seed: seed) }

    func randomPosture() -> [Double] { (0..<n).map { random.uniform(lower[$0], upper[$0]) } }

    /// Solves for a tool pose, first from `guess` (the arm's home when nil), then from random postures; gives the best when none is exact.
    public func solve(_ target: Transform<Base, Tool>, guess: [Double]? = nil, restarts: Int? = nil) -> PoseSolution {
        var best = PoseSolution(
            positions: guess ?? kinematics.arm.home, positionResidual: .infinity, rotationResidual: .infinity, solved: false, attempts: 0)
        precondition(best.positions.count == n, "a guess has one number for each joint")
        var seed = best.positions
        let attempts = restarts ?? options.restarts
        for attempt in 0...max(0, n < 6 ? min(attempts, options.projectionRestarts) : attempts) {
            if attempt > 0 { for i in 0..<n { seed[i] = random.uniform(lower[i], upper[i]) } }
            let result = descend(target, from: &seed)
            let cost = result.position + options.lever * result.rotation
            let isBetter =
                result.solved == best.solved
                ? cost + result.projected < best.positionResidual + options.lever * best.rotationResidual + best.projectedRotation
                : result.solved
            if isBetter {
                best.positions = seed
                best.positionResidual = result.position
                best.rotationResidual = result.rotation
                best.projectedRotation = result.projected
                best.solved = result.solved
            }
            best.attempts = attempt + 1
            // With fewer than six joints another branch may come nearer to the rotation asked for.
            if best.solved, best.projectedRotation < options.tolerance { return best }
        }
        return best
    }

    struct Descent {
        var position: Double
        var rotation: Double
        var projected = 0.0
        var solved: Bool

        /// Whether a frame of a path that ends here counts as reached.
        func isReached(_ options: SolveOptions) -> Bool {
            position <= options.reachPosition && rotation <= options.reachRotation && projected <= options.projectedRotation
        }
    }

    /// The pose error of the chain's posture into `error`: m, and rad about the base's axes.
    @inline(__always) func poseError(_ target: Chain.Columns) -> Descent {
        let pose = kinematics.chain.placed
        let dp = target.origin - pose.origin
        // Columns r of the tool and t of the target: ½ Σ r × t is the axis times the sine of the angle between them.
        var v: Vector3 = pose.x.cross(target.x)
        v += pose.y.cross(target.y)
        v += pose.z.cross(target.z)
        v *= 0.5
        let sine = v.length
        let same: Vector3 = pose.x * target.x + pose.y * target.y + pose.z * target.z
        let cosine = 0.5 * (same.sum() - 1)
        let dr: Vector3
        if cosine < -0.999 {
            let from = Rotation(matrix: Matrix3(columns: pose.x, pose.y, pose.z))
            dr = (Rotation(matrix: Matrix3(columns: target.x, target.y, target.z)) * from.inverse).vector
        } else {
            dr = sine < 1e-6 ? v : v * (atan2(sine, cosine) / sine)
        }
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
        let goal = Chain.Columns(target)
        let chain = kinematics.chain
        for i in 0..<n { joints[i] = min(max(q[i], bounds[2 * i]), bounds[2 * i + 1]) }
        chain.place(joints)
        var state = poseError(goal)
        var squared = norm()
        var damping = options.damping
        var slow = 0
        var iteration = 0
        var settled = false
        while !state.solved, iteration < options.iterations {
            iteration += 1
            chain.jacobian(into: jacobian)
            let largest = findStep(damping: damping * squared + 1e-14)
            if n < 6, largest < options.settled {
                settled = true
                break
            }
            for i in 0..<n { trial[i] = min(max(joints[i] + step[i], bounds[2 * i]), bounds[2 * i + 1]) }
            let before = (error[0], error[1], error[2], error[3], error[4], error[5])
            chain.place(trial)
            let next = poseError(goal)
            let nextSquared = norm()
            if nextSquared < squared {
                slow = nextSquared > 0.95 * squared ? slow + 1 : 0
                for i in 0..<n { joints[i] = trial[i] }
                squared = nextSquared
                state = next
                damping = max(damping * 0.2, 1e-8)
                if slow > 5, n >= 6 { break }
            } else {
                (error[0], error[1], error[2], error[3], error[4], error[5]) = before
                chain.place(joints)
                damping *= 8
                slow += 1
                if damping > 1e6 || slow > 8 { break }
            }
        }
        for i in 0..<n { q[i] = joints[i] }
        if n < 6 {
            // What is left of the rotation at rest is what the arm cannot take.
            state.solved = state.solved || (settled && state.position < options.tolerance)
            if settled || state.solved {
                state.projected = state.rotation
                state.rotation = 0
            }
        }
        return state
    }

    /// Rotation counts for so many metres a radian in the sum of squares: next to nothing where the arm cannot take every rotation.
    private var rotationWeight: Double { n < 6 ? options.projectionWeight : 1 }

    @inline(__always) private func norm() -> Double {
        let w = rotationWeight
        return error[0] * error[0] + error[1] * error[1] + error[2] * error[2]
            + w * w * (error[3] * error[3] + error[4] * error[4] + error[5] * error[5])
    }

    /// The damped step with joints on their limits held there; gives its largest component.
    private func findStep(damping: Double) -> Double {
        let w = rotationWeight
        if n < 6 { for k in 3 * n..<6 * n { jacobian[k] *= w } }
        for i in 0..<n {
            free[i] = 1
            step[i] = 0
        }
        for pass in 0..<n {
            // right = error − J·(steps that are fixed), system = J_free·J_freeᵀ + damping
            for a in 0..<6 {
                let ja = jacobian + a * n
                var sum = a < 3 ? error[a] : w * error[a]
                if pass > 0 { for i in 0..<n where free[i] == 0 { sum -= ja[i] * step[i] } }
                right[a] = sum
                for b in 0...a {
                    let jb = jacobian + b * n
                    var dot = 0.0
                    if pass == 0 { for i in 0..<n { dot += ja[i] * jb[i] } } else { for i in 0..<n { dot += free[i] * ja[i] * jb[i] } }
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
            if !changed { return largest }
        }
        return (0..<n).reduce(0) { max($0, abs(step[$1])) }
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
