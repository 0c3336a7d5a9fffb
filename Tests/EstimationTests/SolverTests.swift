import Estimation
import Geometry
import Testing

struct SolverTests {
    /// Bundle adjustment of a small synthetic scene: two fixed poses, the rest free; exact pixels must give back the truth.
    @Test func recoversASceneExactly() throws {
        var random = RandomSource(seed: 11)
        let camera = ResidualTests.fisheye
        let points = (0..<60).map { _ in Vector3(random.uniform() - 0.5, random.uniform() - 0.5, 1 + 0.5 * random.uniform()) }
        let poses = (0..<6).map { i in
            Transform<Map, Body>(
                rotation: Rotation(vector: Vector3(0.05, 0.1, -0.08) * Double(i)), translation: Vector3(0.08, -0.03, 0.02) * Double(i))
        }
        var problem = LeastSquares()
        let poseBlocks = poses.enumerated().map { i, p in
            var start = p
            if i > 1 { start.translation += Vector3(0.02, 0.01, -0.02) }
            return problem.addBlock(start.blockValues, kind: .pose, fixed: i < 2)
        }
        let pointBlocks = points.map { problem.addBlock([$0.x + 0.02, $0.y, $0.z - 0.05], group: .eliminatedFirst) }
        for (i, p) in poses.enumerated() {
            for (k, x) in points.enumerated() {
                guard let pixel = camera.project(p.inverse * x) else { continue }
                // One observation in ten is wrong by 30 px: the robust loss must lose it.
                let wrong = (i + k) % 10 == 0 ? Vector2(30, -20) : .zero
                problem.addResidual(
                    Reprojection(camera: camera, pixel: pixel + wrong, sigma: 0.3, isCorrected: false),
                    [poseBlocks[i], pointBlocks[k]], loss: .cauchy(1))
            }
        }
        let summary = try problem.solve()
        #expect(summary.finalCost < summary.initialCost)
        for (i, p) in poses.enumerated() {
            let found = Transform<Map, Body>(blockValues: problem[poseBlocks[i]])
            #expect((found.translation - p.translation).length < 2e-3)
            #expect(found.rotation.angle(to: p.rotation) < 2e-3)
        }
        let covariance = try problem.covariance(of: poseBlocks[4])
        #expect(covariance.rows == 6)
        #expect((0..<6).allSatisfy { covariance[$0, $0] > 0 && covariance[$0, $0] < 1e-4 })
    }

    @Test func covarianceOfALineFit() throws {
        // One number measured twice with sigma 0.1 and 0.2: variance 1 / (100 + 25).
        var problem = LeastSquares()
        let x = problem.addBlock([0])
        problem.addResidual(VectorPrior(mean: [1], sigmas: [0.1]), [x])
        problem.addResidual(VectorPrior(mean: [2], sigmas: [0.2]), [x])
        _ = try problem.solve()
        #expect(abs(problem[x][problem[x].startIndex] - 1.2) < 1e-7)
        #expect(abs(try problem.covariance(of: x)[0, 0] - 1.0 / 125) < 1e-9)
    }

    @Test func undeterminedBlocksAreAnError() throws {
        var problem = LeastSquares()
        let x = problem.addBlock([0, 0])
        let y = problem.addBlock([3])
        problem.addResidual(VectorPrior(mean: [1], sigmas: [1]), [y])
        #expect(throws: EstimationError.self) { try problem.covariance(of: x) }
        var broken = LeastSquares()
        let z = broken.addBlock([.nan])
        broken.addResidual(VectorPrior(mean: [1], sigmas: [1]), [z])
        #expect(throws: EstimationError.self) { try broken.solve() }
        var empty = LeastSquares()
        #expect(throws: EstimationError.self) { try empty.solve() }
    }

    @Test func cameraSystemAgreesWithDense() throws {
        var random = RandomSource(seed: 8)
        let (frames, shared) = (5, 4)
        var system = CameraSystem(frames: frames, shared: shared)
        let (n, all) = (system.columns, system.columns + 9 * frames)
        // A random positive definite matrix with the system's pattern: sums of squares over the numbers that one residual reads.
        var dense = DenseMatrix(rows: all, columns: all)
        for i in 0..<all { dense[i, i] = 0.5 }
        for k in 0..<(frames - 1) {
            let reads = Array(6 * k..<6 * k + 12) + Array(6 * frames..<n) + Array(n + 9 * k..<n + 9 * k + 18)
            for _ in 0..<20 {
                let row = reads.map { ($0, random.normal()) }
                for (a, x) in row { for (b, y) in row { dense[a, b] += x * y } }
            }
        }
        let far = (0..<6).map { ($0, random.normal()) } + (18..<24).map { ($0, random.normal()) }
        for (a, x) in far { for (b, y) in far { dense[a, b] += x * y } }
        let right = (0..<all).map { _ in random.normal() }
        for r in 0..<n { for c in 0..<n { system.poses[r * n + c] = dense[r, c] } }
        system.posesRight = Array(right[..<n])
        system.motionsRight = Array(right[n...])
        for k in 0..<frames {
            for r in 0..<9 {
                let row = n + 9 * k + r
                for c in 0..<9 {
                    system.motions[81 * k + 9 * r + c] = dense[row, n + 9 * k + c]
                    if k + 1 < frames { system.next[81 * k + 9 * r + c] = dense[row, n + 9 * k + 9 + c] }
                }
                let at = (9 * k + r) * system.width
                for d in -1...1 where k + d >= 0 && k + d < frames {
                    for c in 0..<6 { system.coupling[at + 6 * (d + 1) + c] = dense[row, 6 * (k + d) + c] }
                }
                for c in 0..<shared { system.coupling[at + 18 + c] = dense[row, 6 * frames + c] }
            }
        }
        let x = try #require(system.solve())
        let back = dense * x
        for i in 0..<all { #expect(abs(back[i] - right[i]) < 1e-9) }
        system.motions[0] = -1
        #expect(system.solve() == nil)
    }

    @Test func blockTridiagonalAgreesWithDense() throws {
        var random = RandomSource(seed: 2)
        let (n, count) = (4, 7)
        var system = BlockTridiagonal(count: count, size: n)
        var dense = DenseMatrix(rows: n * count, columns: n * count)
        for i in 0..<n * count { dense[i, i] = 8 }
        for i in 0..<count {
            for r in 0..<n {
                for c in 0..<n {
                    if c <= r {
                        let x = random.normal() * 0.5
                        dense[i * n + r, i * n + c] += x
                        if r != c { dense[i * n + c, i * n + r] += x }
                    }
                    if i + 1 < count {
                        let x = random.normal() * 0.5
                        dense[i * n + r, (i + 1) * n + c] = x
                        dense[(i + 1) * n + c, i * n + r] = x
                    }
                }
            }
        }
        for i in 0..<count {
            for r in 0..<n {
                for c in 0..<n {
                    system.diagonal[i * n * n + r * n + c] = dense[i * n + r, i * n + c]
                    if i + 1 < count { system.upper[i * n * n + r * n + c] = dense[i * n + r, (i + 1) * n + c] }
                }
                system.right[i * n + r] = random.normal()
            }
        }
        let inverse = try #require(dense.symmetricInverse)
        let (x, covariances) = try #require(system.solve(withCovariance: true))
        let expected = inverse * system.right
        for k in x.indices { #expect(abs(x[k] - expected[k]) < 1e-10) }
        for i in 0..<count {
            for r in 0..<n { for c in 0..<n { #expect(abs(covariances[i][r, c] - inverse[i * n + r, i * n + c]) < 1e-10) } }
        }
    }
}
