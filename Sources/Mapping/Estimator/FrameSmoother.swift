internal import Estimation
internal import Geometry
internal import Session

/// Every frame's pose, covariance (6×6 in the body's tangent [δp δθ], as if the errors of all sights were independent) and state.
struct SmoothedFrames {
    var poses: [Transform<Map, Body>?]
    var covariances: [DenseMatrix?]
    var states: [FrameState]
}

extension Reconstruction {
    /// Estimates all frames at once with the points held: reprojections, the IMU between neighbours, block-tridiagonal normal equations.
    ///
    /// Spans of frames are as long as the IMU covers them and no two frames with points are further apart than `maximumBridge`.
    /// Without an IMU each frame stands alone, then all are smoothed by what a hand can do.
    mutating func smooth() -> SmoothedFrames {
        var result = SmoothedFrames(
            poses: states.poses, covariances: Array(repeating: nil, count: frameCount),
            states: Array(repeating: .lost, count: frameCount))
        let ofLandmarks = landmarkSightings()
        let seen = (0..<frameCount).map { states.poses[$0] == nil ? [] : sightings($0) + ofLandmarks[$0] }
        let held = (0..<frameCount).filter { states.poses[$0] != nil && seen[$0].count >= options.minimumInliers }
        guard inertial.hasFactors else {
            for f in held {
                guard let pose = states.poses[f], let refined = refine(pose, frame: f, sightings: seen[f]) else { continue }
                result.poses[f] = refined.pose
                result.covariances[f] = refined.covariance
                result.states[f] = refined.inliers >= options.minimumInliers ? .tracked : .lost
            }
            MotionSmoother(seconds: seconds, options: options).smooth(&result)
            return result
        }
        var span: [Int] = []
        for f in held + [-1] {
            if let last = span.last {
                if f >= 0, seconds[f] - seconds[last] <= options.maximumBridge, inertial.covers(seconds[last], seconds[f]) {
                    span.append(f)
                    continue
                }
                smooth(span[0]...last, seen, &result)
            }
            span = [f]
        }
        return result
    }

    private mutating func smooth(_ range: ClosedRange<Int>, _ seen: [[Sighting]], _ result: inout SmoothedFrames) {
        let smoother = FrameSmoother(
            frames: Array(range), seen: seen, seconds: seconds, device: device, inertial: inertial, options: options)
        guard let covariances = smoother.solve(&states) else { return }
        var lastTracked: Int?
        for f in range {
            result.poses[f] = states.poses[f]
            result.covariances[f] = covariances[f - range.lowerBound].leading(6)
            guard inliers(f, seen[f]) >= options.minimumInliers else { continue }
            result.states[f] = .tracked
            if let last = lastTracked, last + 1 < f {
                let bridged = seconds[f] - seconds[last] <= options.maximumBridge
                for b in (last + 1)..<f { result.states[b] = bridged ? .bridged : .lost }
            }
            lastTracked = f
        }
    }

    private func inliers(_ f: Int, _ seen: [Sighting]) -> Int {
        guard let pose = states.poses[f] else { return 0 }
        let motion = motion(f, pose: pose)
        return seen.count { s in
            device.error(s.point, pixel: s.pixel, pose: pose, motion: motion).map { $0.length < options.rejection * s.sigma } ?? false
        }
    }
}

/// All frames of a span at once, points held: 15 numbers a frame (position, rotation, velocity, gyroscope bias, accelerometer bias).
struct FrameSmoother {
    /// Neighbouring frames that the IMU joins.
    let frames: [Int]
    /// Known points seen, by frame of the recording; likewise `seconds`.
    let seen: [[Sighting]]
    let seconds: [Double]
    let device: DeviceEstimate
    let inertial: InertialReadings
    let options: BatchOptions

    static let size = 15

    /// Levenberg-Marquardt on the states of the frames; the IMU is integrated anew once, when the biases have moved.
    /// - Returns: each frame's 15×15 covariance; nil where the IMU does not join all frames or the equations are singular.
    func solve(_ states: inout FrameStates) -> [DenseMatrix]? {
        fillGaps(&states)
        guard var factors = inertialFactors(states) else { return nil }
        let first = (states.gyroscopeBias[frames[0]], states.accelerometerBias[frames[0]])
        var damping = Damping(first: options.smootherDamping, largest: 1e7)
        var (cost, system) = linearize(states, factors, priorBias: first)
        var steps = 0
        for _ in 0..<(3 * options.smootherIterations) where steps < options.smootherIterations {
            guard let (x, _) = damped(system, damping.value).solve(withCovariance: false) else {
                damping.raise()
                if damping.isExhausted { break }
                continue
            }
            var candidate = states
            for (k, f) in frames.enumerated() { candidate.move(f, x, k * Self.size) }
            let next = linearize(candidate, factors, priorBias: first)
            guard next.cost <= cost else {
                damping.raise()
                if damping.isExhausted { break }
                continue
            }
            let gain = (cost - next.cost) / max(cost, 1e-12)
            states = candidate
            (cost, system) = next
            damping.lower()
            steps += 1
            if steps == 2 {
                // Biases have moved: integrate again with them.
                guard let again = inertialFactors(states) else { return nil }
                factors = again
                (cost, system) = linearize(states, factors, priorBias: first)
            } else if gain < options.smootherTolerance {
                break
            }
        }
        return system.solve(withCovariance: true)?.covariances
    }

    private func damped(_ system: BlockTridiagonal, _ lambda: Double) -> BlockTridiagonal {
        var s = system
        let n = Self.size
        for k in frames.indices { for r in 0..<n { s.diagonal[k * n * n + r * (n + 1)] *= 1 + lambda } }
        return s
    }

    /// Half the weighted squares (with the loss) at the states, and the normal equations there: `right` is minus the cost's gradient.
    func linearize(
        _ states: FrameStates, _ factors: [InertialResidual], priorBias: (Vector3, Vector3)
    ) -> (cost: Double, system: BlockTridiagonal) {
        var system = BlockTridiagonal(count: frames.count, size: Self.size)
        var cost = addPrior(priorBias, states, &system)
        for (k, f) in frames.enumerated() {
            guard let pose = states.poses[f] else { continue }
            let motion = inertial.motion(
                f, pose: pose, states: states, accelerometerGain: device.accelerometerGain, gravity: options.gravity)
            cost += addVision(seen[f], pose, motion, k, &system)
        }
        for (k, factor) in factors.enumerated() { cost += addInertial(factor, states, k, &system) }
        return (cost, system)
    }

    /// Frames without a pose get one from their neighbours, for a start.
    private func fillGaps(_ states: inout FrameStates) {
        for f in frames where states.poses[f] == nil {
            guard f > 0, let base = states.poses[f - 1] else { continue }
            let next = frames.first { $0 > f && states.poses[$0] != nil } ?? f
            states.copyBiases(from: f - 1, to: f)
            if let after = states.poses[next], next != f {
                let fraction = (seconds[f] - seconds[f - 1]) / (seconds[next] - seconds[f - 1])
                states.poses[f] = base.interpolated(to: after, fraction: fraction)
                states.velocities[f] = (after.translation - base.translation) / (seconds[next] - seconds[f - 1])
            } else {
                states.poses[f] = base
            }
        }
    }

    /// The IMU between each frame and the next; nil where it does not join all of them.
    func inertialFactors(_ states: FrameStates) -> [InertialResidual]? {
        guard let signal = inertial.signal else { return nil }
        let factors = zip(frames, frames.dropFirst()).compactMap { f, g -> InertialResidual? in
            guard seconds[g] > seconds[f] else { return nil }
            return InertialResidual(
                Preintegration(
                    signal, from: seconds[f], to: seconds[g], gyroscopeBias: states.gyroscopeBias[f],
                    accelerometerBias: states.accelerometerBias[f], noise: inertial.densities,
                    accelerometerGain: device.accelerometerGain), gravity: options.gravity)
        }
        return factors.count == frames.count - 1 ? factors : nil
    }

    /// A weak hold on the first frame's biases and, so that the system is never singular, on its velocity.
    private func addPrior(_ bias: (Vector3, Vector3), _ states: FrameStates, _ system: inout BlockTridiagonal) -> Double {
        let f = frames[0]
        var cost = 0.0
        let groups: [(Vector3, Double, Int)] = [
            (states.velocities[f], options.velocitySigma, 6),
            (states.gyroscopeBias[f] - bias.0, options.knownBias * options.gyroscopeBiasSigma, 9),
            (states.accelerometerBias[f] - bias.1, options.knownBias * options.accelerometerBiasSigma, 12),
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

    private func addVision(
        _ seen: [Sighting], _ pose: Transform<Map, Body>, _ motion: RowMotion, _ k: Int, _ system: inout BlockTridiagonal
    ) -> Double {
        let kernel = device.reprojection
        let rotation = pose.rotation.matrix
        let scale2 = options.lossScale * options.lossScale
        var cost = 0.0
        let dAt = k * 225
        let rAt = k * 15
        for s in seen {
            guard
                let l = kernel.linearized(
                    s.point, rotation: rotation, position: pose.translation, motion: motion, rowShare: device.rowShare(s.pixel.y),
                    pixel: s.pixel)
            else { continue }
            let e2 = l.error.dot(l.error) / (s.sigma * s.sigma)
            cost += 0.5 * scale2 * logOnePlus(e2 / scale2)
            let w = 1 / ((1 + e2 / scale2) * s.sigma * s.sigma)
            l.withPoseRows { u, v in
                for r in 0..<6 {
                    system.right[rAt + r] -= w * (u[r] * l.error.x + v[r] * l.error.y)
                    for q in 0..<6 { system.diagonal[dAt + 15 * r + q] += w * (u[r] * u[q] + v[r] * v[q]) }
                }
            }
        }
        return cost
    }

    private func addInertial(_ factor: InertialResidual, _ states: FrameStates, _ k: Int, _ system: inout BlockTridiagonal) -> Double {
        let (f, g) = (frames[k], frames[k + 1])
        guard let pf = states.poses[f], let pg = states.poses[g] else { return 0 }
        let tilt = [states.tilt.x, states.tilt.y]
        let linear = linearized(factor, [pf.blockValues, states.motionBlock(f), pg.blockValues, states.motionBlock(g), tilt])
        // Columns: state f (15), state g (15).
        var j = DenseMatrix(rows: 15, columns: 30)
        for r in 0..<15 {
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
        return linear.residual.reduce(0) { $0 + 0.5 * $1 * $1 }
    }
}

extension FrameStates {
    /// Moves a frame by 15 numbers of a step, from `at` on.
    mutating func move(_ f: Int, _ x: [Double], _ at: Int) {
        guard let pose = poses[f] else { return }
        func v(_ k: Int) -> Vector3 { Vector3(x[at + k], x[at + k + 1], x[at + k + 2]) }
        poses[f] = Transform(rotation: pose.rotation * Rotation(vector: v(3)), translation: pose.translation + v(0))
        velocities[f] += v(6)
        gyroscopeBias[f] += v(9)
        accelerometerBias[f] += v(12)
    }
}
