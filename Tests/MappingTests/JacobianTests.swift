import Estimation
import Geometry
import Session
import Testing

@testable import Mapping

/// Normal equations against finite differences of the cost that they belong to.
struct JacobianTests {
    /// Every number of a gradient against central differences of a cost; `tolerance` is relative to the largest number of its group, so
    /// that numbers of different units do not hide each other.
    static func check(
        _ gradient: [Double], _ groups: [[Int]], _ cost: ([Double]) -> Double, step: Double = 1e-6, tolerance: Double = 1e-6,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(groups.flatMap { $0 }.sorted() == Array(gradient.indices), "every number in one group", sourceLocation: sourceLocation)
        for group in groups {
            let scale = group.map { abs(gradient[$0]) }.max() ?? 0
            #expect(scale > 0, "a gradient of zeros proves nothing: \(group)", sourceLocation: sourceLocation)
            for i in group {
                var x = [Double](repeating: 0, count: gradient.count)
                x[i] = step
                let up = cost(x)
                x[i] = -step
                let numeric = (up - cost(x)) / (2 * step)
                #expect(
                    abs(numeric - gradient[i]) < tolerance * scale, "\(i): \(numeric) against \(gradient[i])",
                    sourceLocation: sourceLocation)
            }
        }
    }

    /// Of `count` frames with `size` numbers each: the first three of all frames, the next three, and so on.
    static func triples(_ count: Int, _ size: Int, from start: Int = 0) -> [[Int]] {
        (0..<(size / 3)).map { k in (0..<count).flatMap { f in (0..<3).map { start + f * size + 3 * k + $0 } } }
    }

    /// The blocks of a system against central differences of its gradient, where residuals are small enough for the two to agree;
    /// `tolerance` is relative to the diagonal.
    static func checkBlocks(
        _ system: BlockTridiagonal, _ right: ([Double]) -> [Double], step: Double = 1e-6, tolerance: Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let n = system.size
        func diagonal(_ i: Int) -> Double { system.diagonal[(i / n) * n * n + (i % n) * (n + 1)] }
        for i in 0..<(n * system.count) {
            var x = [Double](repeating: 0, count: n * system.count)
            x[i] = step
            let up = right(x)
            x[i] = -step
            let down = right(x)
            for j in x.indices where abs(i / n - j / n) <= 1 {
                let numeric = (down[j] - up[j]) / (2 * step)
                let stated =
                    i / n == j / n
                    ? system.diagonal[(i / n) * n * n + (i % n) * n + j % n]
                    : i < j
                        ? system.upper[(i / n) * n * n + (i % n) * n + j % n] : system.upper[(j / n) * n * n + (j % n) * n + i % n]
                let scale = (diagonal(i) * diagonal(j)).squareRoot()
                #expect(
                    abs(numeric - stated) < tolerance * scale, "\(i), \(j): \(numeric) against \(stated)", sourceLocation: sourceLocation)
            }
        }
    }

    /// Four frames along the synthetic motion, with points seen in them.
    static func smoother(noise: Double, seed: UInt64) -> (smoother: FrameSmoother, states: FrameStates) {
        var random = RandomSource(seed: seed)
        var recording = SyntheticRecording()
        recording.duration = 1
        (recording.gyroscopeBias, recording.accelerometerBias) = (.zero, .zero)
        var device = SyntheticRecording.device
        // With a moving shutter the rows' motion is held: only an instant shutter has an exact derivative.
        device.readout = 0
        recording.readout = 0
        let seconds = (0..<4).map { 0.3 + Double($0) / 30 }
        var states = FrameStates(count: seconds.count)
        var seen = [[Sighting]](repeating: [], count: seconds.count)
        let points = SyntheticRecording.Scene(seed: 3, count: 60).points
        for (f, t) in seconds.enumerated() {
            states.poses[f] = recording.mapFromBody(t)
            let h = 1e-4
            states.velocities[f] = (recording.mapFromBody(t + h).translation - recording.mapFromBody(t - h).translation) / (2 * h)
            for point in points {
                guard let pixel = recording.pixel(of: point, at: t) else { continue }
                let off = Vector2(random.normal(), random.normal()) * noise
                seen[f].append(Sighting(point: point, pixel: pixel + off, sigma: 0.5))
            }
        }
        let signal = InertialSignal(recording.inertial(), offset: device.clockOffset)
        let options = BatchOptions()
        let inertial = InertialReadings(
            signal, densities: InertialDensities(device.inertialNoise), maximumGap: options.maximumInertialGap, seconds: seconds, readout: 0
        )
        let smoother = FrameSmoother(
            frames: Array(seconds.indices), seen: seen, seconds: seconds, device: DeviceEstimate(device, camera: device.camera),
            inertial: inertial, options: options)
        return (smoother, states)
    }

    @Test func smootherOverAllFrames() throws {
        var (smoother, states) = Self.smoother(noise: 1, seed: 5)
        var random = RandomSource(seed: 8)
        let factors = try #require(smoother.inertialFactors(states))
        for f in smoother.frames {
            // Positions, rotations, velocities and biases that are not the solution's.
            let x = [0.002, 0.002, 0.05, 0.002, 0.02].flatMap { s in (0..<3).map { _ in s * random.normal() } }
            states.move(f, x, 0)
        }
        let prior = (Vector3(0.001, 0, -0.002), Vector3(0.01, 0.02, 0))
        func moved(_ x: [Double]) -> (cost: Double, system: BlockTridiagonal) {
            var s = states
            for f in smoother.frames { s.move(f, x, 15 * f) }
            return smoother.linearize(s, factors, priorBias: prior)
        }
        let none = [Double](repeating: 0, count: 60)
        Self.check(moved(none).system.right.map { -$0 }, Self.triples(4, 15), { moved($0).cost }, tolerance: 1e-5)

        // At the truth, with exact pixels, the second derivatives are the system's blocks.
        (smoother, states) = Self.smoother(noise: 0, seed: 5)
        Self.checkBlocks(moved(none).system, { moved($0).system.right }, tolerance: 0.02)
    }

    @Test func motionSmoother() {
        var random = RandomSource(seed: 2)
        func vector(_ s: Double) -> Vector3 { Vector3(random.normal(), random.normal(), random.normal()) * s }
        let times = [0, 0.03, 0.07, 0.1]
        func chain(noise: Double) -> (MotionChain, MotionChain.State) {
            // A fast turn: neighbours differ by a third of a radian.
            let (v, w) = (Vector3(0.3, -0.2, 0.5), Vector3(4, -3, 6))
            let truth = times.map { t in
                Transform<Map, Body>(rotation: Rotation(vector: Vector3(0.3, 0.1, -0.2)) * Rotation(vector: w * t), translation: v * t)
            }
            let information = times.map { _ -> DenseMatrix in
                var a = DenseMatrix(rows: 6, columns: 6)
                for i in 0..<36 { a.values[i] = random.normal() }
                return a.transposed * a + DenseMatrix(identity: 6, scale: 3)
            }
            let measured = truth.map {
                Transform<Map, Body>(rotation: $0.rotation * Rotation(vector: vector(noise)), translation: $0.translation + vector(noise))
            }
            let chain = MotionChain(
                times: times, measured: measured, information: information, densities: (2.0, 5.0), lossScale: 2)
            return (chain, MotionChain.State(poses: truth, rates: times.map { _ in (v + vector(noise), w + vector(noise)) }))
        }
        var (problem, state) = chain(noise: 0.3)
        func moved(_ x: [Double]) -> (cost: Double, system: BlockTridiagonal) {
            var s = state
            s.move(x)
            return problem.linearize(s)
        }
        let none = [Double](repeating: 0, count: 48)
        Self.check(moved(none).system.right.map { -$0 }, Self.triples(4, 12), { moved($0).cost })
        (problem, state) = chain(noise: 0)
        Self.checkBlocks(moved(none).system, { moved($0).system.right }, tolerance: 1e-6)
    }

    /// Sights with corrections, the IMU, priors and a held distance, all by poses, motions, points and what the batch shares.
    @Test func bundleAdjustment() throws {
        var random = RandomSource(seed: 12)
        func vector(_ s: Double) -> Vector3 { Vector3(random.normal(), random.normal(), random.normal()) * s }
        let recording = SyntheticRecording()
        let device = SyntheticRecording.device
        let signal = InertialSignal(recording.inertial(), offset: device.clockOffset)
        var problem = BundleAdjustment(
            camera: device.camera, bodyFromCamera: device.bodyFromCamera, readout: device.readout, lossScale: 2)
        problem.calibrates = true
        let times = [0.2, 0.4, 0.6]
        let biases = (recording.gyroscopeBias + vector(1e-3), recording.accelerometerBias + vector(1e-2))
        for t in times {
            var pose = recording.mapFromBody(t)
            pose.translation += vector(0.004)
            pose = Transform(rotation: pose.rotation * Rotation(vector: vector(0.004)), translation: pose.translation)
            problem.state.poses.append(pose)
            // Not so far from the IMU's that the cost's own rounding hides its differences.
            let h = 1e-4
            let actual = (recording.mapFromBody(t + h).translation - recording.mapFromBody(t - h).translation) / (2 * h)
            let (v, g, a) = (actual + vector(0.01), biases.0 + vector(2e-5), biases.1 + vector(2e-4))
            problem.state.motions += [v.x, v.y, v.z, g.x, g.y, g.z, a.x, a.y, a.z]
            problem.motions.append(RowMotion(rate: vector(1), rateSlope: vector(2), velocity: v, acceleration: vector(3)))
        }
        for point in SyntheticRecording.Scene(seed: 4, count: 12).points {
            let seen = times.enumerated().compactMap { f, t in
                recording.pixel(of: point, at: t).map { BundleObservation(frame: Int32(f), pixel: $0 + Vector2(0.7, -1.2), weight: 2) }
            }
            if seen.count >= 2 { problem.add(point: point + vector(0.01), seen) }
            if let first = seen.first { problem.held.append((first, point)) }
        }
        #expect(problem.state.points.count >= 4)
        for k in 0..<2 {
            let d = Preintegration(
                signal, from: times[k], to: times[k + 1], gyroscopeBias: .zero, accelerometerBias: .zero,
                noise: InertialDensities(device.inertialNoise))
            problem.factors.append((k, try #require(InertialResidual(d, gravity: 9.81, estimatesGain: true))))
        }
        problem.state.tilt = Vector2(0.02, -0.01)
        problem.state.gain = Vector3(1.01, 0.99, 1.02)
        // The rotation's derivative holds at zero, where the batch puts it.
        problem.state.correction = CameraCorrection(
            values: [0.002, 0.001, 0, 0, 0, 0.002, -0.001, 0.7, -0.4, 1e-3, -1e-3, 5e-4, -2e-4])
        problem.priors = [
            BundlePrior(frame: 1, at: 3, mean: [0, 0, 0], sigmas: [0.01, 0.02, 0.03]),
            BundlePrior(frame: nil, at: 0, mean: [0.05, 0], sigmas: [0.1, 0.1]),
            BundlePrior(frame: nil, at: BundleState.gainAt, mean: [1, 1, 1], sigmas: [0.01, 0.01, 0.01]),
        ]
        problem.distance = (0, 2, DistancePrior(distance: 0.3, sigma: 0.01))
        let equations = BundleEquations(problem, problem.state)
        let cameras = equations.system.posesRight + equations.system.motionsRight
        let gradient = cameras.map { -$0 } + problem.state.points.indices.flatMap { i in (0..<3).map { -equations.right(i)[$0] } }
        let cost = { (x: [Double]) -> Double in
            let points = problem.state.points.indices.map { i in
                Vector3(x[cameras.count + 3 * i], x[cameras.count + 3 * i + 1], x[cameras.count + 3 * i + 2])
            }
            return BundleEquations(problem, problem.state.moved(by: Array(x[..<cameras.count]), points: points)).cost
        }
        let shared = [18..<20, 20..<23, 23..<24, 24..<25, 25..<28, 28..<30, 30..<32, 32..<36].map(Array.init)
        Self.check(
            gradient, Self.triples(3, 6) + shared + Self.triples(3, 9, from: 36) + [Array(63..<gradient.count)], cost, tolerance: 1e-5)
    }

    /// The covariance of a pose with an offset against the derivative of the composition.
    @Test func carriedCovariance() {
        var random = RandomSource(seed: 6)
        func vector(_ s: Double) -> Vector3 { Vector3(random.normal(), random.normal(), random.normal()) * s }
        let pose = Transform<Map, Body>(rotation: Rotation(vector: vector(1)), translation: vector(1))
        let offset = Transform<Body, Camera>(rotation: Rotation(vector: vector(1)), translation: vector(0.3))
        var root = DenseMatrix(rows: 6, columns: 6)
        for i in 0..<36 { root.values[i] = 0.01 * random.normal() }
        let covariance = root * root.transposed
        let carried = PoseCovariance(tangent: covariance).carried(from: pose, by: offset)
        let h = 1e-6
        var j = DenseMatrix(rows: 6, columns: 6)
        for k in 0..<6 {
            func ends(_ s: Double) -> Transform<Map, Camera> {
                var x = [Double](repeating: 0, count: 6)
                x[k] = s
                return Transform<Map, Body>(
                    rotation: pose.rotation * Rotation(vector: Vector3(x[3], x[4], x[5])),
                    translation: pose.translation + Vector3(x[0], x[1], x[2])) * offset
            }
            let dp = (ends(h).translation - ends(-h).translation) / (2 * h)
            let dr = (ends(-h).rotation.inverse * ends(h).rotation).vector / (2 * h)
            for r in 0..<3 { (j[r, k], j[3 + r, k]) = (dp[r], dr[r]) }
        }
        let expected = j * covariance * j.transposed
        for (stated, at) in [(carried.position, (0, 0)), (carried.rotation, (3, 3)), (carried.cross, (0, 3))] {
            for r in 0..<3 { for c in 0..<3 { #expect(abs(stated[r, c] - expected[at.0 + r, at.1 + c]) < 1e-10) } }
        }
    }
}
