internal import Estimation
internal import Geometry

/// Makes a chosen joint path smooth as a whole, inside the tolerance of the tool's pose.
///
/// Gauss–Newton over all frames at once on the pose errors (in units of the tolerance), the third derivative of the joints, a weak spring that
/// holds redundancy where it was, and linearised margins to limits, singularities and collisions where they are small. The normal equations are
/// banded (each frame meets the next three), so a round costs a few milliseconds a thousand frames. Frames that come near the tolerance are
/// weighted up; what would still leave it, or collide more than before, is taken back towards the path as it was.
/// The pose's weight against the third derivative makes a low-pass of third order at `SolveOptions.refineFrequency`.
struct PathRefinement {
    let solver: InverseKinematics
    let options: SolveOptions
    private var kinematics: Kinematics { solver.kinematics }
    private var n: Int { solver.n }

    /// Frames fewer than this are left as they are.
    static let shortest = 5

    func refine(_ path: inout JointPath, poses: [Transform<Base, Tool>], seconds: [Double]) {
        for piece in Feasibility.pieces(path.reached, jumps: path.jumps) where piece.count >= Self.shortest {
            let rows = piece.lowerBound * n..<piece.upperBound * n
            let original = Array(path.positions[rows])
            let goals = piece.map { Chain.Columns(poses[$0]) }
            let times = piece.map { seconds[$0] }
            let refined = smooth(original, goals, times)
            // Take back what leaves the tolerance; at nothing the path is the old one, which was inside.
            let before = collisions(original)
            for share in [1, 0.5, 0.25] {
                let blend = zip(original, refined).map { $0 + share * ($1 - $0) }
                guard residuals(blend, goals).allSatisfy({ $0.share <= 1 }), collisions(blend) <= before else { continue }
                path.positions.replaceSubrange(rows, with: blend)
                for (k, r) in residuals(blend, goals).enumerated() {
                    path.positionResidual[piece.lowerBound + k] = r.position
                    path.rotationResidual[piece.lowerBound + k] = r.rotation
                }
                break
            }
        }
    }

    private struct Residual {
        var position: Double
        var rotation: Double
        /// Of the tolerance, the worse of the two.
        var share: Double
    }

    private func residuals(_ q: [Double], _ goals: [Chain.Columns]) -> [Residual] {
        q.withUnsafeBufferPointer { q in
            goals.indices.map { k in
                guard let p = q.baseAddress else { return Residual(position: .infinity, rotation: .infinity, share: .infinity) }
                kinematics.chain.place(p + k * n)
                let r = solver.poseError(goals[k])
                return Residual(
                    position: r.position, rotation: r.rotation,
                    share: max(r.position / options.reachPosition, r.rotation / options.reachRotation))
            }
        }
    }

    /// Frames nearer to something than asked.
    private func collisions(_ q: [Double]) -> Int {
        (0..<q.count / n).filter { clearance(Array(q[$0 * n..<($0 + 1) * n]), reach: options.clearance) < options.clearance }.count
    }

    private func clearance(_ q: [Double], reach: Double) -> Double {
        kinematics.place(q)
        return min(
            kinematics.selfClearance(reach: reach).distance, kinematics.tableClearance(reach: reach).distance,
            kinematics.obstacleClearance(reach: reach).distance)
    }

    private func smooth(_ original: [Double], _ goals: [Chain.Columns], _ times: [Double]) -> [Double] {
        let count = goals.count
        // Curvature of the pose cost for a joint with an arm's length of lever, against which the other terms are weighed.
        let scale = (options.lever / options.reachPosition) * (options.lever / options.reachPosition)
        let omega = 2 * Double.pi * options.refineFrequency
        var roughness = scale
        for _ in 0..<6 { roughness /= omega }
        let differences = (0..<count - 3).map { Self.thirdDerivative(Array(times[$0...$0 + 3])) }
        let dt = (times[count - 1] - times[0]) / Double(count - 1)
        let pushes = n > 6 ? margins(original, scale: scale * options.refineMargin) : []
        var q = original
        var weights = [Double](repeating: 1, count: count)
        for _ in 0..<max(1, options.refineRounds) {
            var system = BandedSystem(count: count * n, band: 4 * n)
            for k in 0..<count { addPose(&system, k, q, goals[k], weights[k]) }
            for (k, c) in differences.enumerated() {
                // A rougher motion than the mean rate's is weighed alike: the sum stands for an integral over time.
                let local = (times[k + 3] - times[k]) / 3 / dt
                for i in k * n..<(k + 1) * n {
                    let value = (0..<4).reduce(0) { $0 + c[$1] * q[i + $1 * n] }
                    system.addStencil(at: i, stride: n, c, value: value, weight: roughness * local)
                }
            }
            for i in 0..<count * n { system.addDiagonal(i, scale * options.refineSpring, pull: original[i] - q[i]) }
            for push in pushes {
                let moved = (0..<n).reduce(push.shortfall) {
                    $0 - push.gradient[$1] * (q[push.frame * n + $1] - original[push.frame * n + $1])
                }
                if moved > 0 { system.addSquare(at: push.frame * n, push.gradient, size: n, value: moved, weight: push.weight) }
            }
            // A direction that nothing determines stays where it is.
            guard let change = system.solve(minimumPivot: 1e-12)?.chain else { break }
            for i in 0..<count * n {
                let joint = i % n
                q[i] = min(max(q[i] + change[i], solver.bounds[2 * joint]), solver.bounds[2 * joint + 1])
            }
            for (k, r) in residuals(q, goals).enumerated() where r.share > options.refineShare {
                weights[k] *= 4 * (r.share / options.refineShare) * (r.share / options.refineShare)
            }
        }
        return q
    }

    private func addPose(_ system: inout BandedSystem, _ frame: Int, _ q: [Double], _ goal: Chain.Columns, _ weight: Double) {
        q.withUnsafeBufferPointer { if let p = $0.baseAddress { kinematics.chain.place(p + frame * n) } }
        _ = solver.poseError(goal)
        kinematics.chain.jacobian(into: solver.jacobian)
        for a in 0..<6 {
            let unit = a < 3 ? options.reachPosition : options.reachRotation
            system.addSquare(
                at: frame * n, solver.jacobian + a * n, size: n, value: solver.error[a], weight: weight / (unit * unit))
        }
    }

    /// A wish to move away from something: gradient · change should make up the shortfall.
    private struct Push {
        var frame: Int
        var gradient: [Double]
        var shortfall: Double
        var weight: Double
    }

    /// Joints nearer to their limits than `postureMargin`, and postures near singularities and collisions with their numeric gradients.
    private func margins(_ q: [Double], scale: Double) -> [Push] {
        var out: [Push] = []
        let h = 1e-5
        for frame in 0..<q.count / n {
            let posture = Array(q[frame * n..<(frame + 1) * n])
            for i in 0..<n {
                let (low, high) = (posture[i] - solver.bounds[2 * i], solver.bounds[2 * i + 1] - posture[i])
                let room = min(low, high)
                guard room < options.postureMargin else { continue }
                var gradient = [Double](repeating: 0, count: n)
                gradient[i] = low < high ? 1 : -1
                out.append(Push(frame: frame, gradient: gradient, shortfall: options.postureMargin - room, weight: scale))
            }
            func push(_ wanted: Double, _ value: ([Double]) -> Double) {
                let here = value(posture)
                guard here < wanted else { return }
                let gradient = (0..<n).map { i in
                    var other = posture
                    other[i] += h
                    return (value(other) - here) / h
                }
                out.append(Push(frame: frame, gradient: gradient, shortfall: wanted - here, weight: scale))
            }
            push(2 * options.clearance) { clearance($0, reach: 3 * options.clearance) }
            posture.withUnsafeBufferPointer { if let p = $0.baseAddress { kinematics.chain.place(p) } }
            if !kinematics.isRegular(over: options.singular, lever: options.lever) {
                push(options.singular) { kinematics.smallestSingularValue($0, lever: options.lever) }
            }
        }
        return out
    }

    /// Weights of four values at four times whose sum is the third derivative.
    private static func thirdDerivative(_ t: [Double]) -> [Double] {
        (0..<4).map { k in 6 / (0..<4).reduce(1.0) { $1 == k ? $0 : $0 * (t[k] - t[$1]) } }
    }
}
