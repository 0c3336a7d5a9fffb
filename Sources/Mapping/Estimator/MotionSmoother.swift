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
            guard let (x, c) = linearize(state).solve(withCovariance: true) else { return nil }
            covariances = c
            state.move(x)
        }
        return (state.poses, covariances)
    }

    /// The normal equations at a state.
    func linearize(_ state: State) -> BlockTridiagonal {
        var system = BlockTridiagonal(count: times.count, size: Self.size)
        for k in times.indices {
            let m = measured[k]
            let e = [state.poses[k].translation - m.translation, (m.rotation.inverse * state.poses[k].rotation).vector].flatMap {
                [$0.x, $0.y, $0.z]
            }
            var squared = 0.0
            for r in 0..<6 { for c in 0..<6 { squared += e[r] * information[k][r, c] * e[c] } }
            let w = 1 / (1 + squared / (6 * lossScale * lossScale))
            for r in 0..<6 {
                for c in 0..<6 {
                    system.diagonal[k * 144 + 12 * r + c] += w * information[k][r, c]
                    system.right[k * 12 + r] -= w * information[k][r, c] * e[c]
                }
                system.diagonal[k * 144 + 13 * (6 + r)] += 1e-9
            }
            if k + 1 < times.count { addMotion(k, state, to: &system) }
        }
        return system
    }

    /// The motion between two neighbours: position (or rotation) and its rate, errors of the covariance q [T³/3 T²/2; T²/2 T].
    private func addMotion(_ k: Int, _ state: State, to system: inout BlockTridiagonal) {
        let (poses, rates) = (state.poses, state.rates)
        let dt = times[k + 1] - times[k]
        let way = poses[k + 1].translation - poses[k].translation - rates[k].v * dt
        let turn = (poses[k].rotation.inverse * poses[k + 1].rotation).vector - rates[k].w * dt
        let (dv, dw) = (rates[k + 1].v - rates[k].v, rates[k + 1].w - rates[k].w)
        for (at, e, d, q) in [(0, way, dv, densities.position), (3, turn, dw, densities.rotation)] {
            let (a, b, c) = (12 / (q * dt * dt * dt), -6 / (q * dt * dt), 4 / (q * dt))
            for i in 0..<3 {
                // Rows: the position's error and the rate's; columns: x_k, v_k, x_{k+1}, v_{k+1} (small turns: identity).
                let j = [[-1.0, -dt, 1, 0], [0, -1, 0, 1]]
                let w = [[a, b], [b, c]]
                let error = [e[i], d[i]]
                let index = [at + i, 6 + at + i]
                for r in 0..<4 {
                    for s in 0..<2 { for t in 0..<2 { system.right[(k + r / 2) * 12 + index[r % 2]] -= j[s][r] * w[s][t] * error[t] } }
                    for col in 0..<4 {
                        var h = 0.0
                        for s in 0..<2 { for t in 0..<2 { h += j[s][r] * w[s][t] * j[t][col] } }
                        if r / 2 == col / 2 {
                            system.diagonal[(k + r / 2) * 144 + 12 * index[r % 2] + index[col % 2]] += h
                        } else if r < 2 {
                            system.upper[k * 144 + 12 * index[r] + index[col % 2]] += h
                        }
                    }
                }
            }
        }
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
