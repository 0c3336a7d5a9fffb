internal import Estimation
internal import Geometry
internal import Session

extension Reconstruction {
    /// Smooths frames that stand alone (no IMU) by what a hand can do: white-noise acceleration, as strong as the recording itself shows.
    ///
    /// A frame's pose from few points jumps by more than a hand can; its covariance says so. Positions and rotations with their rates as
    /// states of a constant-velocity model (Särkkä, "Bayesian filtering and smoothing", 2013), poses as measurements with their own
    /// covariances and Cauchy weights, one block-tridiagonal solution. Poses, covariances of `result` are replaced; states stay.
    func smoothMotion(_ result: inout Smoothed) {
        var run: [Int] = []
        for f in 0...frameCount {
            if f < frameCount, result.states[f] == .tracked, result.poses[f] != nil, result.covariances[f] != nil,
                run.last.map({ seconds[f] - seconds[$0] <= options.maximumBridge }) ?? true
            {
                run.append(f)
                continue
            }
            if run.count > 4 * options.motionSpan { smoothMotion(run, &result) }
            run = f < frameCount && result.states[f] == .tracked && result.covariances[f] != nil ? [f] : []
        }
    }

    /// Spectral densities of acceleration, m²/s³ and rad²/s³: second differences over a span in which motion outweighs noise.
    private func accelerationDensities(_ run: [Int], _ measured: [Transform<Map, Body>]) -> (position: Double, rotation: Double) {
        var (ways, turns): ([Double], [Double]) = ([], [])
        let n = options.motionSpan
        for k in n..<(run.count - n) {
            let (a, b, c) = (measured[k - n], measured[k], measured[k + n])
            let dt = 0.5 * (seconds[run[k + n]] - seconds[run[k - n]])
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

    private func smoothMotion(_ run: [Int], _ result: inout Smoothed) {
        let measured = run.compactMap { result.poses[$0] }
        let information = run.compactMap { f in result.covariances[f]?.symmetricInverse }
        guard measured.count == run.count, information.count == run.count else { return }
        let density = accelerationDensities(run, measured)
        var poses = measured
        var rates = [(v: Vector3, w: Vector3)](repeating: (.zero, .zero), count: run.count)
        var covariances: [DenseMatrix] = []
        for _ in 0..<4 {
            var system = BlockTridiagonal(count: run.count, size: 12)
            for k in run.indices {
                let m = measured[k]
                let e = [poses[k].translation - m.translation, (m.rotation.inverse * poses[k].rotation).vector].flatMap {
                    [$0.x, $0.y, $0.z]
                }
                var squared = 0.0
                for r in 0..<6 { for c in 0..<6 { squared += e[r] * information[k][r, c] * e[c] } }
                let w = 1 / (1 + squared / (6 * options.lossScale * options.lossScale))
                for r in 0..<6 {
                    for c in 0..<6 {
                        system.diagonal[k * 144 + 12 * r + c] += w * information[k][r, c]
                        system.right[k * 12 + r] -= w * information[k][r, c] * e[c]
                    }
                    system.diagonal[k * 144 + 13 * (6 + r)] += 1e-9
                }
                guard k + 1 < run.count else { continue }
                addMotion(k, seconds[run[k + 1]] - seconds[run[k]], poses, rates, density, to: &system)
            }
            guard let (x, c) = system.solve(withCovariance: true) else { return }
            covariances = c
            for k in run.indices {
                func v(_ i: Int) -> Vector3 { Vector3(x[12 * k + i], x[12 * k + i + 1], x[12 * k + i + 2]) }
                poses[k] = Transform(rotation: poses[k].rotation * Rotation(vector: v(3)), translation: poses[k].translation + v(0))
                rates[k] = (rates[k].v + v(6), rates[k].w + v(9))
            }
        }
        for (k, f) in run.enumerated() {
            result.poses[f] = poses[k]
            var c = DenseMatrix(rows: 6, columns: 6)
            for r in 0..<6 { for q in 0..<6 { c[r, q] = covariances[k][r, q] } }
            result.covariances[f] = c
        }
    }

    /// The motion between two neighbours: position (or rotation) and its rate, errors of the covariance q [T³/3 T²/2; T²/2 T].
    private func addMotion(
        _ k: Int, _ dt: Double, _ poses: [Transform<Map, Body>], _ rates: [(v: Vector3, w: Vector3)],
        _ density: (position: Double, rotation: Double), to system: inout BlockTridiagonal
    ) {
        let way = poses[k + 1].translation - poses[k].translation - rates[k].v * dt
        let turn = (poses[k].rotation.inverse * poses[k + 1].rotation).vector - rates[k].w * dt
        let (dv, dw) = (rates[k + 1].v - rates[k].v, rates[k + 1].w - rates[k].w)
        for (at, e, d, q) in [(0, way, dv, density.position), (3, turn, dw, density.rotation)] {
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
