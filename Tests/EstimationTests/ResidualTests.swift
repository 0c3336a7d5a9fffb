import Estimation
import Geometry
import Testing

/// Every analytic Jacobian against central differences.
struct ResidualTests {
    static func evaluate(_ f: some ResidualFunction, _ blocks: [[Double]], jacobians: inout [[Double]]) -> [Double] {
        var residuals = [Double](repeating: .nan, count: f.dimension)
        var parameterPointers: [UnsafePointer<Double>?] = []
        var owned: [UnsafeMutablePointer<Double>] = []
        var jacobianPointers: [UnsafeMutablePointer<Double>?] = []
        for b in blocks {
            let p = UnsafeMutablePointer<Double>.allocate(capacity: b.count)
            p.initialize(from: b, count: b.count)
            owned.append(p)
            parameterPointers.append(UnsafePointer(p))
            let j = UnsafeMutablePointer<Double>.allocate(capacity: b.count * f.dimension)
            j.initialize(repeating: .nan, count: b.count * f.dimension)
            jacobianPointers.append(j)
        }
        defer {
            for p in owned { p.deallocate() }
            for j in jacobianPointers { j?.deallocate() }
        }
        let done = residuals.withUnsafeMutableBufferPointer { r in
            r.baseAddress.map { f.evaluate(parameterPointers, residuals: $0, jacobians: jacobianPointers) } ?? false
        }
        #expect(done)
        jacobians = zip(jacobianPointers, blocks).map { p, b in
            (0..<b.count * f.dimension).map { p?[$0] ?? .nan }
        }
        return residuals
    }

    static func moved(_ block: [Double], _ k: Int, _ h: Double) -> [Double] {
        var b = block
        if block.count != 7 || k < 3 {
            b[k] += h
            return b
        }
        var d = Vector3.zero
        d[k - 3] = h
        let q = (Rotation(xyzw: Vector4(b[3], b[4], b[5], b[6])) * Rotation(vector: d)).xyzw
        return Array(b[0..<3]) + [q.x, q.y, q.z, q.w]
    }

    static func check(_ f: some ResidualFunction, _ blocks: [[Double]], tolerance: Double = 2e-6) {
        var jacobians: [[Double]] = []
        var ignored: [[Double]] = []
        _ = evaluate(f, blocks, jacobians: &jacobians)
        for (b, block) in blocks.enumerated() {
            let analytic = jacobians[b]
            let scale = max(analytic.filter(\.isFinite).map(abs).max() ?? 1, 1)
            for k in 0..<(block.count == 7 ? 6 : block.count) {
                let h = 1e-6
                var plus = blocks
                var minus = blocks
                plus[b] = moved(block, k, h)
                minus[b] = moved(block, k, -h)
                let up = evaluate(f, plus, jacobians: &ignored)
                let down = evaluate(f, minus, jacobians: &ignored)
                for r in 0..<f.dimension {
                    let numeric = (up[r] - down[r]) / (2 * h)
                    let stated = analytic[r * block.count + k]
                    #expect(abs(numeric - stated) < tolerance * scale, "block \(b), row \(r), column \(k): \(numeric) against \(stated)")
                }
            }
        }
    }

    static func pose(_ random: inout RandomSource, angle: Double = 1) -> [Double] {
        let r = Rotation(vector: Vector3(random.normal(), random.normal(), random.normal()) * angle * 0.5)
        return Transform<Map, Body>(rotation: r, translation: Vector3(random.normal(), random.normal(), random.normal()) * 0.3).blockValues
    }

    static let fisheye = CameraModel(
        lens: .kannalaBrandt, width: 480, height: 360, focalLength: Vector2(141.4, 141.5), principalPoint: Vector2(239.7, 179.8),
        distortion: Vector4(-0.01746, -0.02808, 0.01283, -0.00452))
    static let pinhole = CameraModel(
        lens: .pinhole, width: 752, height: 480, focalLength: Vector2(458, 457), principalPoint: Vector2(367, 248),
        distortion: Vector4(-0.28, 0.07, 2e-4, 1e-5))

    @Test(arguments: [fisheye, pinhole]) func rowReprojection(_ camera: CameraModel) throws {
        var random = RandomSource(seed: 4)
        for _ in 0..<12 {
            let block = Self.pose(&random)
            let body = Transform<Map, Body>(blockValues: block)
            let bodyFromCamera = Transform<Body, Camera>(
                rotation: Rotation(vector: Vector3(0.3, -1.2, 0.4)), translation: Vector3(0.02, -0.03, 0.05))
            func vector(_ s: Double) -> Vector3 { Vector3(random.normal(), random.normal(), random.normal()) * s }
            let inCamera = Vector3(random.uniform() - 0.5, random.uniform() - 0.5, 1 + random.uniform())
            let landmark = body * (bodyFromCamera * inCamera)
            let f = Reprojection(
                camera: camera, bodyFromCamera: bodyFromCamera,
                motion: RowMotion(rate: vector(1), rateSlope: vector(20), velocity: vector(0.5), acceleration: vector(2)),
                rowShare: random.uniform() - 0.5,
                readout: 0.012, pixel: (camera.project(inCamera) ?? .zero) + Vector2(1.2, -0.7), sigma: 0.5)
            // The rotation's derivative holds at zero, where the batch puts it.
            let correction = [0.002, 0.001, 0, 0, 0, 0.002, -0.001, 0.7, -0.4, 1e-3, -1e-3, 5e-4, -2e-4]
            Self.check(f, [block, [landmark.x, landmark.y, landmark.z], correction], tolerance: 5e-6)
            // Without corrections it is a plain projection at the row's pose.
            let row = body * (f.motion.body(after: f.rowShare * f.readout) * bodyFromCamera)
            let plain = try #require(camera.project(row.inverse * landmark))
            var ignored: [[Double]] = []
            let zero = [Double](repeating: 0, count: CameraCorrection.count)
            let b = Self.evaluate(f, [block, [landmark.x, landmark.y, landmark.z], zero], jacobians: &ignored)
            #expect(abs(b[0] - (plain.x - f.pixel.x) / f.sigma) < 1e-9 && abs(b[1] - (plain.y - f.pixel.y) / f.sigma) < 1e-9)
        }
    }

    @Test func inertial() throws {
        var random = RandomSource(seed: 5)
        let motion = AnalyticMotion()
        let signal = motion.signal(duration: 3, gyroscopeBias: Vector3(0.01, 0.02, -0.01), accelerometerBias: Vector3(0.1, 0, 0.05))
        for i in 0..<6 {
            let a = 0.2 + 0.3 * Double(i)
            let d = Preintegration(
                signal, from: a, to: a + 0.31, gyroscopeBias: Vector3(0.008, 0.021, -0.012), accelerometerBias: Vector3(0.08, 0.01, 0.04),
                noise: AnalyticMotion.noise)
            let f = try #require(InertialResidual(d, gravity: 9.81))
            func motionBlock() -> [Double] {
                (0..<3).map { _ in random.normal() * 0.3 } + (0..<3).map { _ in 0.01 * random.normal() }
                    + (0..<3).map { _ in 0.05 * random.normal() }
            }
            let blocks = [
                Self.pose(&random), motionBlock(), Self.pose(&random), motionBlock(), [0.03 * random.normal(), 0.03 * random.normal()],
            ]
            Self.check(f, blocks, tolerance: 5e-6)
            let g = try #require(InertialResidual(d, gravity: 9.81, estimatesGain: true))
            Self.check(g, blocks + [[1.004, 0.997, 1.01]], tolerance: 5e-6)
        }
    }

    /// At the true states the whitened residual is small; a velocity that is off by 1 cm/s is seen.
    @Test func inertialResidualVanishesAtTheTruth() throws {
        let motion = AnalyticMotion()
        let d = Preintegration(
            motion.signal(duration: 3), from: 1, to: 1.3, gyroscopeBias: .zero, accelerometerBias: .zero, noise: AnalyticMotion.noise)
        let f = try #require(InertialResidual(d, gravity: AnalyticMotion.gravity))
        func pose(_ t: Double) -> [Double] {
            Transform<Map, Body>(rotation: motion.rotation(t), translation: motion.position(t)).blockValues
        }
        func state(_ t: Double) -> [Double] {
            let v = motion.velocity(t)
            return [v.x, v.y, v.z, 0, 0, 0, 0, 0, 0]
        }
        var ignored: [[Double]] = []
        let r = Self.evaluate(f, [pose(1), state(1), pose(1.3), state(1.3), [0, 0]], jacobians: &ignored)
        #expect(r.allSatisfy { abs($0) < 0.1 })
        var wrong = state(1.3)
        wrong[1] += 0.01
        let w = Self.evaluate(f, [pose(1), state(1), pose(1.3), wrong, [0, 0]], jacobians: &ignored)
        #expect(w.contains { abs($0) > 3 })
    }

    @Test func priors() {
        var random = RandomSource(seed: 8)
        Self.check(DistancePrior(distance: 0.3, sigma: 0.01), [Self.pose(&random), Self.pose(&random)], tolerance: 1e-5)
        Self.check(VectorPrior(mean: [1, 2, 3], sigmas: [0.1, 0.2, 0.3]), [[0.4, 2.2, 5]])
    }
}
