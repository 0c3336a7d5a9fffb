internal import Estimation
internal import Geometry
internal import Session

/// Smooths frames that stand alone (no IMU) by what a hand can do: white-noise acceleration, as strong as the recording itself shows.
///
/// A frame's pose from few points jumps by more than a hand can; its covariance says so. Positions and rotations with their rates as
/// states of a constant-velocity model (Särkkä, "Bayesian filtering and smoothing", 2013), poses as measurements with their own
/// covariances and Cauchy weights, one block-tridiagonal solution.
struct MotionSmoother {
    let seconds: [Double]
    let options: BatchOptions

    /// Replaces poses and covariances of the tracked frames; states stay.
    func smooth(_ result: inout SmoothedFrames) {
        func isTracked(_ f: Int) -> Bool {
            f < seconds.count && result.states[f] == .tracked && result.poses[f] != nil && result.covariances[f] != nil
        }
        var run: [Int] = []
        for f in 0...seconds.count {
            if isTracked(f), run.last.map({ seconds[f] - seconds[$0] <= options.maximumBridge }) ?? true {
                run.append(f)
                continue
            }
            if run.count > 4 * options.motionSpan { smooth(run, &result) }
            run = isTracked(f) ? [f] : []
        }
    }

    private func smooth(_ run: [Int], _ result: inout SmoothedFrames) {
        let measured = run.compactMap { result.poses[$0] }
        let information = run.compactMap { f in result.covariances[f]?.symmetricInverse }
        guard measured.count == run.count, information.count == run.count else { return }
        let times = run.map { seconds[$0] }
        let chain = MotionChain(
            times: times, measured: measured, information: information, densities: accelerationDensities(times, measured),
            lossScale: options.lossScale)
        guard let (poses, covariances) = chain.solve(iterations: options.motionIterations) else { return }
        for (k, f) in run.enumerated() {
            result.poses[f] = poses[k]
            result.covariances[f] = covariances[k].leading(6)
        }
    }

    /// Spectral densities of acceleration, m²/s³ and rad²/s³: second differences over a span in which motion outweighs noise.
    private func accelerationDensities(_ times: [Double], _ measured: [Transform<Map, Body>]) -> (position: Double, rotation: Double) {
        var (ways, turns): ([Double], [Double]) = ([], [])
        let n = options.motionSpan
        for k in n..<(times.count - n) {
            let (a, b, c) = (measured[k - n], measured[k], measured[k + n])
            let dt = 0.5 * (times[k + n] - times[k - n])
            let way = c.translation - 2 * b.translation + a.translation
            let turn = (b.rotation.inverse * c.rotation).vector - (a.rotation.inverse * b.rotation).vector
            // Of white-noise acceleration a second difference has the variance 2/3 q T³.
            let scale = 1 / (2.0 / 3 * dt * dt * dt).squareRoot()
            for i in 0..<3 {
                ways.append(abs(way[i]) * scale)
                turns.append(abs(turn[i]) * scale)
            }
        }
        func density(_ x: inout [Double]) -> Double {
            x.sort()
            let s = 1.4826 * x[x.count / 2]
            return max(s * s, 1e-12)
        }
        return (density(&ways), density(&turns))
    }
}

/// Measured poses joined by a constant-velocity model: 12 numbers a frame (position, rotation, velocity, rate of turn).
struct MotionChain {
    let times: [Double]
    let measured: [Transform<Map, Body>]
    /// 6×6 of each measurement, in the body's tangent [δp δθ].
    let information: [DenseMatrix]
    /// Spectral densities of acceleration, m²/s³ and rad²/s³.
    let densities: (position: Double, rotation: Double)
    let lossScale: Double

    struct State {
        var poses: [Transform<Map, Body>]
        var rates: [(v: Vector3, w: Vector3)]
    }

    static let size = 12

    /// Gauss-Newton from the measured poses at rest; nil where the equations are singular.
    func solve(iterations: Int) -> (poses: [Transform<Map, Body>], covariances: [DenseMatrix])? {
        var state = State(poses: measured, rates: Array(repeating: (.zero, .zero), count: measured.count))
        var covariances: [DenseMatrix] = []
        for _ in 0..<iterations {
            guard let (x, c) = linearize(state).system.solve(withCovariance: true) else { return nil }
            covariances = c
            state.move(x)
        }
        return (state.poses, covariances)
    }

    /// Half the weighted squares (with the loss) at a state, and the normal equations there: `right` is minus the cost's gradient.
    func linearize(_ state: State) -> (cost: Double, system: BlockTridiagonal) {
        var system = BlockTridiagonal(count: times.count, size: Self.size)
        var cost = 0.0
        for k in times.indices {
            cost += addMeasurement(k, state.poses[k], to: &system)
            // Keeps rates regular where nothing is known of them.
            for r in 6..<12 { system.diagonal[k * 144 + 13 * r] += 1e-9 }
            if k + 1 < times.count { cost += addMotion(k, state, to: &system) }
        }
        return (cost, system)
    }

    /// A measured pose: a Cauchy loss of the squared error over its six numbers.
    private func addMeasurement(_ k: Int, _ pose: Transform<Map, Body>, to system: inout BlockTridiagonal) -> Double {
        let (dp, dr) = (pose.translation - measured[k].translation, (measured[k].rotation.inverse * pose.rotation).vector)
        let lambda = information[k]
        let (pp, pr, rr) = (lambda.block3(0, 0), lambda.block3(0, 3), lambda.block3(3, 3))
        let turn = Rotation.inverseRightJacobian(dr)
        // Λ e, block by block.
        let (lp, lr) = (pp * dp + pr * dr, pr.transposed * dp + rr * dr)
        let squared = dp.dot(lp) + dr.dot(lr)
        let scale2 = 6 * lossScale * lossScale
        let w = 1 / (1 + squared / scale2)
        system.add(k, k, 0, 0, w * pp)
        system.add(k, k, 0, 3, w * (pr * turn))
        system.add(k, k, 3, 0, w * (turn.transposed * pr.transposed))
        system.add(k, k, 3, 3, w * (turn.transposed * rr * turn))
        system.subtract(k, 0, w * lp)
        system.subtract(k, 3, w * (turn.transposed * lr))
        return 0.5 * scale2 * logOnePlus(squared / scale2)
    }

    /// The motion between two neighbours: position (or rotation) and its rate, errors of the covariance q [T³/3 T²/2; T²/2 T].
    private func addMotion(_ k: Int, _ state: State, to system: inout BlockTridiagonal) -> Double {
        let (here, next) = (state.poses[k], state.poses[k + 1])
        let dt = times[k + 1] - times[k]
        let between = here.rotation.inverse * next.rotation
        let angle = between.vector
        // d log(B)/dδ on the right of the later rotation; the earlier one's goes through B.
        let later = Rotation.inverseRightJacobian(angle)
        let one = Matrix3.identity
        let position = Step(
            error: next.translation - here.translation - state.rates[k].v * dt, rate: state.rates[k + 1].v - state.rates[k].v,
            byFirst: -one, bySecond: one)
        let rotation = Step(
            error: angle - state.rates[k].w * dt, rate: state.rates[k + 1].w - state.rates[k].w,
            byFirst: -(later * between.inverse.matrix), bySecond: later)
        return add(position, k, at: 0, dt, densities.position, to: &system)
            + add(rotation, k, at: 3, dt, densities.rotation, to: &system)
    }

    /// What one part of the motion misses: the way, and the change of its rate; the way's derivatives by the two poses.
    private struct Step {
        var error: Vector3
        var rate: Vector3
        var byFirst: Matrix3
        var bySecond: Matrix3
    }

    private func add(
        _ s: Step, _ k: Int, at: Int, _ dt: Double, _ density: Double, to system: inout BlockTridiagonal
    ) -> Double {
        // The inverse of the covariance: [a b; b c].
        let (a, b, c) = (12 / (density * dt * dt * dt), -6 / (density * dt * dt), 4 / (density * dt))
        let (zero, one) = (Matrix3.zero, Matrix3.identity)
        // Of each unknown: its frame, where it lies there, and what it does to way and rate.
        let columns: [(frame: Int, at: Int, way: Matrix3, rate: Matrix3)] = [
            (k, at, s.byFirst, zero), (k, 6 + at, -dt * one, -one), (k + 1, at, s.bySecond, zero), (k + 1, 6 + at, zero, one),
        ]
        let (we, wr) = (a * s.error + b * s.rate, b * s.error + c * s.rate)
        for p in columns {
            system.subtract(p.frame, p.at, p.way.transposed * we + p.rate.transposed * wr)
            for q in columns where q.frame >= p.frame {
                let h =
                    p.way.transposed * (a * q.way + b * q.rate) + p.rate.transposed * (b * q.way + c * q.rate)
                system.add(p.frame, q.frame, p.at, q.at, h)
            }
        }
        return 0.5 * (s.error.dot(we) + s.rate.dot(wr))
    }
}

extension BlockTridiagonal {
    /// Adds 3×3 numbers to the block of two frames (the same, or the next) that begin at a row and a column in it.
    fileprivate mutating func add(_ first: Int, _ second: Int, _ row: Int, _ column: Int, _ m: Matrix3) {
        let start = first * size * size + row * size + column
        for r in 0..<3 {
            for c in 0..<3 {
                if first == second { diagonal[start + r * size + c] += m[r, c] } else { upper[start + r * size + c] += m[r, c] }
            }
        }
    }

    fileprivate mutating func subtract(_ frame: Int, _ row: Int, _ v: Vector3) {
        for r in 0..<3 { right[frame * size + row + r] -= v[r] }
    }
}

extension MotionChain.State {
    /// Moves every frame by 12 numbers of a step.
    mutating func move(_ x: [Double]) {
        for k in poses.indices {
            func v(_ i: Int) -> Vector3 { Vector3(x[12 * k + i], x[12 * k + i + 1], x[12 * k + i + 2]) }
            poses[k] = Transform(rotation: poses[k].rotation * Rotation(vector: v(3)), translation: poses[k].translation + v(0))
            rates[k] = (rates[k].v + v(6), rates[k].w + v(9))
        }
    }
}
