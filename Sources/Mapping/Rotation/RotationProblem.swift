internal import Estimation
internal import Geometry

/// Orientations of all frames, gyroscope bias and camera orientation, by Gauss-Newton with robust weights.
struct RotationProblem {
    /// First camera from camera.
    private(set) var orientations: [Rotation]
    private(set) var bias = Vector3.zero
    private(set) var bodyFromCamera = Rotation.identity

    private struct Turn {
        /// Body from next body, with the bias `RotationProblem` was aligned with not taken off.
        var step: Int
        var rotation: Rotation
        var duration: Double
        var weight: Double
    }

    private let pairs: [RotationPair]
    private let options: RotationEstimate.Options
    private var turns: [Turn] = []
    private var priorOrientation = Rotation.identity
    private var orientationWeight = 0.0
    private var biasWeight = 0.0

    init(frameCount: Int, pairs: [RotationPair], options: RotationEstimate.Options) {
        self.pairs = pairs
        self.options = options
        orientations = [Rotation](repeating: .identity, count: frameCount)
        var steps = [Rotation?](repeating: nil, count: frameCount)
        for p in pairs where p.second == p.first + 1 { steps[p.second] = p.rotation }
        for i in 1..<max(frameCount, 1) where i < frameCount { orientations[i] = orientations[i - 1] * (steps[i] ?? .identity) }
    }

    /// Adds the gyroscope between neighbouring frames and restarts from it.
    mutating func addGyroscope(_ gyroscope: GyroscopeIntegral, _ alignment: RotationAlignment, times: [Double], isOrientationGiven: Bool) {
        let radians = Double.pi / 180
        bias = alignment.bias
        bodyFromCamera = alignment.bodyFromCamera
        priorOrientation = bodyFromCamera
        let sigma = (isOrientationGiven ? options.givenOrientationSigmaDegrees : options.estimatedOrientationSigmaDegrees) * radians
        orientationWeight = 1 / (sigma * sigma)
        biasWeight = 1 / (options.consistency.biasSigma * options.consistency.biasSigma)
        for i in 0..<(times.count - 1) {
            let (a, b) = (times[i] + alignment.offset, times[i + 1] + alignment.offset)
            guard let rotation = gyroscope.turn(from: a, to: b) else {
                continue
            }
            let noise = options.gyroscopeDensity * (b - a).squareRoot()
            let scale = options.gyroscopeScaleSigma * rotation.angle
            turns.append(Turn(step: i, rotation: rotation, duration: b - a, weight: 1 / (noise * noise + scale * scale + 1e-12)))
            let camera = bodyFromCamera.inverse * rotation * Rotation(vector: -(b - a) * bias) * bodyFromCamera
            orientations[i + 1] = orientations[i] * camera
        }
    }

    mutating func solve() {
        let n = orientations.count
        let band = 3 * ((pairs.map { $0.second - $0.first }.max() ?? 1) + 1)
        for _ in 0..<options.iterations {
            var system = BandedSystem(count: 3 * n, band: band, border: 6)
            addPairs(&system)
            addTurns(&system)
            addPriors(&system)
            guard let step = system.solve() else { return }
            var largest = 0.0
            for i in 0..<n {
                let d = Vector3(step.chain[3 * i], step.chain[3 * i + 1], step.chain[3 * i + 2])
                orientations[i] = orientations[i] * Rotation(vector: d)
                largest = max(largest, d.length)
            }
            let start = orientations[0].inverse
            for i in 0..<n { orientations[i] = start * orientations[i] }
            bias += Vector3(step.border[0], step.border[1], step.border[2])
            bodyFromCamera = bodyFromCamera * Rotation(vector: Vector3(step.border[3], step.border[4], step.border[5]))
            if largest < 1e-8 { break }
        }
    }

    /// r = log(Zᵀ C_iᵀ C_j); dr/dδ_j = J_r⁻¹(r), dr/dδ_i = −J_r⁻¹(r) · C_jᵀ C_i.
    private func addPairs(_ system: inout BandedSystem) {
        let sigma = options.consistency.pictureSigmaDegrees * .pi / 180
        for p in pairs {
            let between = orientations[p.first].inverse * orientations[p.second]
            let r = (p.rotation.inverse * between).vector
            let jj = Rotation.inverseRightJacobian(r)
            let ji = -(jj * between.inverse.matrix)
            let weight = 1 / (sigma * sigma) / (1 + r.squaredLength / (4 * sigma * sigma))
            system.add(r, weight, (3 * p.first, ji), (3 * p.second, jj))
        }
    }

    /// r = log(Pᵀ C_iᵀ C_i+1) with P = Eᵀ G exp(−b Δt) E; by the bias and by E to first order in r.
    private func addTurns(_ system: inout BandedSystem) {
        for t in turns {
            let predicted = bodyFromCamera.inverse * t.rotation * Rotation(vector: -t.duration * bias) * bodyFromCamera
            let between = orientations[t.step].inverse * orientations[t.step + 1]
            let r = (predicted.inverse * between).vector
            let jj = Rotation.inverseRightJacobian(r)
            let ji = -(jj * between.inverse.matrix)
            let byBias = bodyFromCamera.inverse.matrix * t.duration
            let byOrientation = predicted.inverse.matrix - Matrix3.identity
            system.add(r, t.weight, (3 * t.step, ji), (3 * t.step + 3, jj), border: [(0, byBias), (3, byOrientation)])
        }
    }

    private func addPriors(_ system: inout BandedSystem) {
        for i in 0..<3 { system.addDiagonal(i, 1e12) }
        // Unmeasured steps must not be singular.
        let sigma = options.unmeasuredSigmaDegrees * .pi / 180
        for i in 0..<(orientations.count - 1) {
            let between = orientations[i].inverse * orientations[i + 1]
            system.add(
                turns.isEmpty ? between.vector : .zero, 1 / (sigma * sigma), (3 * i, -between.inverse.matrix), (3 * i + 3, .identity))
        }
        system.addBorderPrior(0, biasWeight + 1e-6, bias * biasWeight)
        let off = (priorOrientation.inverse * bodyFromCamera).vector
        system.addBorderPrior(3, orientationWeight + 1e-6, off * orientationWeight)
    }
}
