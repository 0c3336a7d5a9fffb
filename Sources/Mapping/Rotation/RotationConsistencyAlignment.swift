internal import Geometry
#if canImport(Glibc)
    internal import Glibc
#endif

/// How the camera's turns and the gyroscope's are brought together: turn_body(t + offset) − bias·Δt ≈ bodyFromCamera · turn_camera(t).
struct RotationAlignment: Sendable {
    var offset = 0.0
    var bodyFromCamera = Rotation.identity
    var bias = Vector3.zero
    /// Share of the gyroscope's squared turn that the pictures show, 0...1; negative where they contradict.
    var explained = -Double.infinity

    /// A pair's turns on both sides, radians, body axes.
    struct Turn {
        var pair: Int
        var body: Vector3
        var camera: Vector3
    }

    /// Both sides of every pair the gyroscope covers, with this alignment.
    func turns(_ pairs: [RotationPair], _ gyroscope: GyroscopeIntegral) -> [Turn] {
        var out: [Turn] = []
        for (i, p) in pairs.enumerated() {
            guard let turn = gyroscope.pictureTurn(from: p.start, to: p.end, offset: offset) else { continue }
            out.append(Turn(pair: i, body: turn.vector - p.duration * bias, camera: bodyFromCamera * p.rotation.vector))
        }
        return out
    }

    /// Finds offset, rotation (unless `known`) and bias over the pairs of the shortest baseline.
    ///
    /// At every offset the rotation is Kabsch's over rotation vectors, robust by Cauchy weights; the offset that leaves least wins, refined
    /// by a parabola. Comparing vectors instead of the rates' lengths alone tells a nod from a shake and finds the offset more sharply.
    static func fit(
        _ pairs: [RotationPair], _ gyroscope: GyroscopeIntegral, around center: Double, known: Rotation?,
        options: RotationConsistencyOptions
    ) -> RotationAlignment? {
        func at(_ offset: Double, from start: RotationAlignment?) -> RotationAlignment? {
            var a = start ?? RotationAlignment()
            a.offset = offset
            if let known { a.bodyFromCamera = known }
            return a.solved(pairs, gyroscope, known: known != nil, iterations: start == nil ? 6 : 3, options: options)
        }
        var best: RotationAlignment?
        let steps = Int((options.offsetRange / options.offsetStep).rounded())
        for k in -steps...steps {
            guard let a = at(center + Double(k) * options.offsetStep, from: nil) else { continue }
            if a.explained > best?.explained ?? -.infinity { best = a }
        }
        guard var coarse = best else { return nil }
        var step = options.offsetStep
        for _ in 0..<3 {
            guard let l = at(coarse.offset - step, from: coarse), let r = at(coarse.offset + step, from: coarse) else { break }
            let (x, y, z) = (l.explained, coarse.explained, r.explained)
            let curvature = x - 2 * y + z
            if curvature < 0 {
                let shift = min(1, max(-1, 0.5 * (x - z) / curvature))
                if let better = at(coarse.offset + shift * step, from: coarse), better.explained >= y { coarse = better }
            } else if max(x, z) > y {
                coarse = x > z ? l : r
            }
            step /= 4
        }
        return coarse
    }

    private func solved(
        _ pairs: [RotationPair], _ gyroscope: GyroscopeIntegral, known: Bool, iterations: Int, options: RotationConsistencyOptions
    ) -> RotationAlignment? {
        var a = self
        let raw = RotationAlignment(offset: offset).turns(pairs, gyroscope)
        guard raw.count >= 8 else { return nil }
        var weights = [Double](repeating: 1, count: raw.count)
        for iteration in 0..<iterations {
            if !known {
                var from: [Vector3] = []
                var to: [Vector3] = []
                for (t, w) in zip(raw, weights) {
                    // Kabsch takes centred points: each pair and its opposite keep the centre at zero.
                    let s = w.squareRoot()
                    from += [s * t.camera, -s * t.camera]
                    to += [s * (t.body - pairs[t.pair].duration * a.bias), -s * (t.body - pairs[t.pair].duration * a.bias)]
                }
                guard let fit = Alignment.fit(from: from, to: to, withScale: false) else { return nil }
                a.bodyFromCamera = fit.rotation
            }
            var residuals = raw.map { $0.body - a.bodyFromCamera * $0.camera }
            // The bias, held to zero by its prior against the pictures' noise.
            var sum = Vector3.zero
            let noise = options.pictureSigmaDegrees * .pi / 180
            var mass = noise * noise / (options.biasSigma * options.biasSigma)
            for (i, t) in raw.enumerated() {
                let dt = pairs[t.pair].duration
                sum += weights[i] * dt * residuals[i]
                mass += weights[i] * dt * dt
            }
            a.bias = sum / mass
            for (i, t) in raw.enumerated() { residuals[i] -= pairs[t.pair].duration * a.bias }
            let lengths = residuals.map { $0.length }
            let scale = max(1e-4, 2 * lengths.sorted()[lengths.count / 2])
            weights = lengths.map { 1 / (1 + ($0 / scale) * ($0 / scale)) }
            if iteration == iterations - 1 { a.explained = share(residuals, raw.map { $0.body }) }
        }
        return a
    }

    /// One less the ratio of squared sums, the worst twentieth of the residuals left out.
    private func share(_ residuals: [Vector3], _ signal: [Vector3]) -> Double {
        let order = residuals.indices.sorted { (residuals[$0].squaredLength, $0) < (residuals[$1].squaredLength, $1) }
        let kept = order.prefix(max(1, residuals.count * 19 / 20))
        let left = kept.reduce(0) { $0 + residuals[$1].squaredLength }
        let all = kept.reduce(0) { $0 + signal[$1].squaredLength }
        return all > 0 ? 1 - left / all : -.infinity
    }
}
