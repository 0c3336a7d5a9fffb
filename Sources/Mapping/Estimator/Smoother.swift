internal import Estimation
internal import Geometry
internal import Session

extension Reconstruction {
    /// Every frame's pose, covariance and state.
    struct Smoothed {
        var poses: [Transform<Map, Body>?]
        var covariances: [DenseMatrix?]
        var states: [FrameState]
    }

    /// Estimates all frames at once with the points held: reprojections, the IMU between neighbours, block-tridiagonal normal equations.
    ///
    /// Spans of frames are as long as the IMU covers them and no two frames with points are further apart than `maximumBridge`.
    /// Without an IMU each frame stands alone, then all are smoothed by what a hand can do.
    mutating func smooth() -> Smoothed {
        var result = Smoothed(
            poses: poses, covariances: Array(repeating: nil, count: frameCount), states: Array(repeating: .lost, count: frameCount))
        let ofLandmarks = landmarkSightings()
        let seen = (0..<frameCount).map { poses[$0] == nil ? [] : sightings($0) + ofLandmarks[$0] }
        let held = (0..<frameCount).filter { poses[$0] != nil && seen[$0].count >= options.minimumInliers }
        guard let first = held.first else { return result }
        guard useInertial, signal != nil else {
            for f in held {
                guard let pose = poses[f], let refined = refine(pose, frame: f, sightings: seen[f], sigmaScale: 1) else { continue }
                result.poses[f] = refined.pose
                result.covariances[f] = refined.covariance
                result.states[f] = refined.inliers >= options.minimumInliers ? .tracked : .lost
            }
            smoothMotion(&result)
            return result
        }
        var span = [first]
        for f in held.dropFirst() + [-1] {
            if f >= 0, let last = span.last, seconds[f] - seconds[last] <= options.maximumBridge, covered(seconds[last], seconds[f]) {
                span.append(f)
                continue
            }
            if let a = span.first, let b = span.last { smooth(a...b, seen, &result) }
            span = [f]
        }
        return result
    }

    private mutating func smooth(_ range: ClosedRange<Int>, _ seen: [[Sighting]], _ result: inout Smoothed) {
        let frames = Array(range)
        fillGaps(frames)
        guard let signal else { return }
        let n = frames.count
        let size = 15
        var lambda = 1e-6
        var factors = inertialFactors(frames, signal)
        guard factors.count == n - 1 else { return }
        let priorBias = (gyroscopeBias[frames[0]], accelerometerBias[frames[0]])
        func linearize(_ state: Reconstruction, _ withJacobians: Bool) -> (cost: Double, system: BlockTridiagonal) {
            var system = BlockTridiagonal(count: n, size: size)
            var cost = state.addPrior(priorBias, frames[0], &system)
            for (k, f) in frames.enumerated() { cost += state.addVision(seen[f], f, k, &system, withJacobians) }
            for k in 0..<(n - 1) { cost += state.addInertial(factors[k], frames[k], frames[k + 1], k, &system, withJacobians) }
            return (cost, system)
        }
        var (cost, system) = linearize(self, true)
        var steps = 0
        for _ in 0..<(3 * options.smootherIterations) {
            if steps >= options.smootherIterations { break }
            var damped = system
            for k in 0..<n { for r in 0..<size { damped.diagonal[k * size * size + r * (size + 1)] *= 1 + lambda } }
            guard let (x, _) = damped.solve(withCovariance: false) else {
                lambda = max(lambda * 10, 1e-6)
                if lambda > 1e6 { break }
                continue
            }
            var candidate = self
            for (k, f) in frames.enumerated() { candidate.move(f, x, k * size) }
            let next = linearize(candidate, true)
            if next.cost <= cost {
                let gain = (cost - next.cost) / max(cost, 1e-12)
                self = candidate
                (cost, system) = next
                lambda = max(lambda * 0.1, 1e-9)
                steps += 1
                if steps == 2 {
                    // Biases have moved: integrate again with them.
                    factors = inertialFactors(frames, signal)
                    guard factors.count == n - 1 else { return }
                    (cost, system) = linearize(self, true)
                } else if gain < 1e-6 {
                    break
                }
            } else {
                lambda *= 10
                if lambda > 1e6 { break }
            }
        }
        guard let (_, covariances) = system.solve(withCovariance: true) else { return }
        var lastTracked: Int?
        var inlierFrames = [Bool](repeating: false, count: n)
        for (k, f) in frames.enumerated() {
            let limit = options.rejection
            var inliers = 0
            if let pose = poses[f] {
                for s in seen[f] {
                    if let e = error(s.point, frame: f, pixel: s.pixel, pose: pose), e.length < limit * s.sigma { inliers += 1 }
                }
            }
            inlierFrames[k] = inliers >= options.minimumInliers
        }
        for (k, f) in frames.enumerated() {
            result.poses[f] = poses[f]
            var c = DenseMatrix(rows: 6, columns: 6)
            for r in 0..<6 { for q in 0..<6 { c[r, q] = covariances[k][r, q] * options.covarianceInflation } }
            result.covariances[f] = c
            if inlierFrames[k] {
                result.states[f] = .tracked
                if let last = lastTracked, last + 1 < k {
                    let bridged = seconds[f] - seconds[frames[last]] <= options.maximumBridge
                    for b in (last + 1)..<k { result.states[frames[b]] = bridged ? .bridged : .lost }
                }
                lastTracked = k
            }
        }
    }

    /// Frames without a pose inside a span get one from their neighbours, for a start.
    private mutating func fillGaps(_ frames: [Int]) {
        for f in frames where poses[f] == nil {
            guard f > 0, let base = poses[f - 1] else { continue }
            let next = frames.first { $0 > f && poses[$0] != nil } ?? f
            gyroscopeBias[f] = gyroscopeBias[f - 1]
            accelerometerBias[f] = accelerometerBias[f - 1]
            if let after = poses[next], next != f {
                let fraction = (seconds[f] - seconds[f - 1]) / (seconds[next] - seconds[f - 1])
                poses[f] = base.interpolated(to: after, fraction: fraction)
                velocities[f] = (after.translation - base.translation) / (seconds[next] - seconds[f - 1])
            } else {
                poses[f] = base
            }
        }
    }

    private func inertialFactors(_ frames: [Int], _ signal: InertialSignal) -> [InertialResidual] {
        zip(frames, frames.dropFirst()).compactMap { f, g in
            guard seconds[g] > seconds[f] else { return nil }
            return InertialResidual(
                Preintegration(
                    signal, from: seconds[f], to: seconds[g], gyroscopeBias: gyroscopeBias[f], accelerometerBias: accelerometerBias[f],
                    noise: densities, accelerometerGain: accelerometerGain), gravity: options.gravity)
        }
    }

    private mutating func move(_ f: Int, _ x: [Double], _ at: Int) {
        guard let pose = poses[f] else { return }
        func v(_ k: Int) -> Vector3 { Vector3(x[at + k], x[at + k + 1], x[at + k + 2]) }
        poses[f] = Transform(rotation: pose.rotation * Rotation(vector: v(3)), translation: pose.translation + v(0))
        velocities[f] += v(6)
        gyroscopeBias[f] += v(9)
        accelerometerBias[f] += v(12)
    }

    /// A weak hold on the first frame's biases and, so that the system is never singular, on its velocity.
    private func addPrior(_ bias: (Vector3, Vector3), _ f: Int, _ system: inout BlockTridiagonal) -> Double {
        var cost = 0.0
        let groups: [(Vector3, Double, Int)] = [
            (velocities[f], 10, 6), (gyroscopeBias[f] - bias.0, 0.3 * options.gyroscopeBiasSigma, 9),
            (accelerometerBias[f] - bias.1, 0.3 * options.accelerometerBiasSigma, 12),
        ]
        for (e, sigma, at) in groups {
            let w = 1 / (sigma * sigma)
            cost += 0.5 * w * e.squaredLength
            for k in 0..<3 {
                system.diagonal[(at + k) * 16] += w
                system.right[at + k] -= w * e[k]
            }
        }
        return cost
    }

    private func addVision(_ seen: [Sighting], _ f: Int, _ k: Int, _ system: inout BlockTridiagonal, _ withJacobians: Bool) -> Double {
        guard let pose = poses[f] else { return 0 }
        let rotation = pose.rotation.matrix
        let motion = motion(f, pose: pose)
        let scale2 = options.lossScale * options.lossScale
        var cost = 0.0
        let dAt = k * 225
        let rAt = k * 15
        for s in seen {
            let c = rowCamera(motion, row: s.pixel.y)
            let cr = c.rotation.matrix
            let y = rotation.transposed * (s.point - pose.translation)
            guard let (pixel, du, dv) = camera.projectWithJacobian(cr.transposed * (y - c.translation)) else { continue }
            let e = (pixel - s.pixel) / s.sigma
            let e2 = e.dot(e)
            cost += 0.5 * scale2 * logOnePlus(e2 / scale2)
            let w = 1 / (1 + e2 / scale2) / s.sigma
            let (bu, bv) = (cr * du, cr * dv)
            let (mu, mv) = (rotation * bu, rotation * bv)
            let (tu, tv) = (bu.cross(y), bv.cross(y))
            let ju = (-mu.x, -mu.y, -mu.z, tu.x, tu.y, tu.z)
            let jv = (-mv.x, -mv.y, -mv.z, tv.x, tv.y, tv.z)
            let ws = w / s.sigma
            withUnsafeBytes(of: ju) { a in
                withUnsafeBytes(of: jv) { b in
                    let (a, b) = (a.bindMemory(to: Double.self), b.bindMemory(to: Double.self))
                    for r in 0..<6 {
                        system.right[rAt + r] -= w * (a[r] * e.x + b[r] * e.y)
                        for q in 0..<6 { system.diagonal[dAt + 15 * r + q] += ws * (a[r] * a[q] + b[r] * b[q]) }
                    }
                }
            }
        }
        return cost
    }

    private func addInertial(
        _ factor: InertialResidual, _ f: Int, _ g: Int, _ k: Int, _ system: inout BlockTridiagonal, _ withJacobians: Bool
    ) -> Double {
        guard let pf = poses[f], let pg = poses[g] else { return 0 }
        func motion(_ i: Int) -> [Double] {
            let (v, b, a) = (velocities[i], gyroscopeBias[i], accelerometerBias[i])
            return [v.x, v.y, v.z, b.x, b.y, b.z, a.x, a.y, a.z]
        }
        let blocks = [pf.blockValues, motion(f), pg.blockValues, motion(g), [tilt.x, tilt.y]]
        let linear = linearized(factor, blocks)
        var cost = 0.0
        // Columns: state f (15), state g (15).
        var j = DenseMatrix(rows: 15, columns: 30)
        for r in 0..<15 {
            cost += 0.5 * linear.residual[r] * linear.residual[r]
            for c in 0..<6 {
                j[r, c] = linear.jacobians[0][r * 7 + c]
                j[r, 15 + c] = linear.jacobians[2][r * 7 + c]
            }
            for c in 0..<9 {
                j[r, 6 + c] = linear.jacobians[1][r * 9 + c]
                j[r, 21 + c] = linear.jacobians[3][r * 9 + c]
            }
        }
        let h = j.transposed * j
        for r in 0..<15 {
            for c in 0..<15 {
                system.diagonal[k * 225 + 15 * r + c] += h[r, c]
                system.diagonal[(k + 1) * 225 + 15 * r + c] += h[15 + r, 15 + c]
                system.upper[k * 225 + 15 * r + c] += h[r, 15 + c]
            }
            var (a, b) = (0.0, 0.0)
            for q in 0..<15 {
                a += j[q, r] * linear.residual[q]
                b += j[q, 15 + r] * linear.residual[q]
            }
            system.right[k * 15 + r] -= a
            system.right[(k + 1) * 15 + r] -= b
        }
        return cost
    }
}
