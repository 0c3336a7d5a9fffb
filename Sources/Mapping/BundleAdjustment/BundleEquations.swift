internal import Estimation
internal import Geometry

/// A bundle adjustment linearised at one state: the cost, and normal equations before any damping.
struct BundleEquations {
    private(set) var cost = 0.0
    private(set) var system: CameraSystem
    /// For each point its block (upper triangle: xx xy xz yy yz zz), right side (3), and coupling with the correction (13×3).
    private var pointBlocks: [Double]
    private var pointCorrection: [Double]
    /// For each sight of a free point the coupling of its pose with the point (6×3, row-major).
    private var couplings: [Double]

    private static let shared = BundleState.sharedCount
    private static let correctionCount = CameraCorrection.count

    init(_ problem: BundleAdjustment, _ state: BundleState) {
        system = CameraSystem(frames: state.poses.count, shared: Self.shared)
        pointBlocks = [Double](repeating: 0, count: 9 * state.points.count)
        pointCorrection = problem.calibrates ? [Double](repeating: 0, count: 3 * Self.correctionCount * state.points.count) : []
        couplings = [Double](repeating: 0, count: 18 * problem.observations.count)
        addSights(problem, state)
        addInertial(problem, state)
        addPriors(problem, state)
    }

    // MARK: Sights

    private mutating func addSights(_ problem: BundleAdjustment, _ state: BundleState) {
        let kernel = RowReprojection(
            camera: problem.camera, bodyFromCamera: problem.bodyFromCamera, readout: problem.readout, correction: state.correction)
        let rotations = state.poses.map(\.rotation.matrix)
        let height = Double(max(problem.camera.height - 1, 1))
        let scale2 = problem.lossScale * problem.lossScale
        let n = system.columns
        let correctionAt = 6 * state.poses.count + BundleState.correctionAt
        let calibrates = problem.calibrates
        let count = Self.correctionCount
        var sum = 0.0
        var rows = [Double](repeating: 0, count: 2 * Self.correctionCount)
        // Out of the system for as long as they are written to: members of one value cannot be written side by side.
        var (matrix, side) = ([Double](), [Double]())
        swap(&matrix, &system.poses)
        swap(&side, &system.posesRight)
        matrix.withUnsafeMutableBufferPointer { h in
            side.withUnsafeMutableBufferPointer { right in
                rows.withUnsafeMutableBufferPointer { rows in
                    guard let correctionRows = rows.baseAddress else { return }
                    /// Adds a sight's share in poses and correction; what it says of the point comes back (weighted).
                    func add(_ o: BundleObservation, _ point: Vector3) -> (l: RowReprojection.Linear, weight: Double)? {
                        let f = Int(o.frame)
                        guard
                            let l = kernel.linearized(
                                point, rotation: rotations[f], position: state.poses[f].translation, motion: problem.motions[f],
                                rowShare: o.pixel.y / height - 0.5, pixel: o.pixel)
                        else {
                            let e = RowReprojection.unprojectable * o.weight
                            sum += 0.5 * scale2 * logOnePlus(2 * e * e / scale2)
                            return nil
                        }
                        let e2 = l.error.dot(l.error) * o.weight * o.weight
                        sum += 0.5 * scale2 * logOnePlus(e2 / scale2)
                        let w = o.weight * o.weight / (1 + e2 / scale2)
                        l.withPoseRows { a, b in
                            for r in 0..<6 {
                                let (ar, br) = (w * a[r], w * b[r])
                                right[6 * f + r] -= ar * l.error.x + br * l.error.y
                                let row = (6 * f + r) * n + 6 * f
                                for c in 0...r { h[row + c] += ar * a[c] + br * b[c] }
                            }
                            guard calibrates else { return }
                            kernel.correctionRows(l, into: correctionRows)
                            for r in 0..<count {
                                let (ar, br) = (w * correctionRows[r], w * correctionRows[count + r])
                                right[correctionAt + r] -= ar * l.error.x + br * l.error.y
                                let row = (correctionAt + r) * n
                                for c in 0..<6 { h[row + 6 * f + c] += ar * a[c] + br * b[c] }
                                for c in 0...r {
                                    h[row + correctionAt + c] += ar * correctionRows[c] + br * correctionRows[count + c]
                                }
                            }
                        }
                        return (l, w)
                    }
                    for (o, point) in problem.held { _ = add(o, point) }
                    for i in state.points.indices {
                        for k in problem.offsets[i]..<problem.offsets[i + 1] {
                            guard let (l, w) = add(problem.observations[k], state.points[i]) else { continue }
                            addPoint(i, k, l, w, calibrates ? UnsafePointer(correctionRows) : nil)
                        }
                    }
                }
            }
        }
        swap(&matrix, &system.poses)
        swap(&side, &system.posesRight)
        cost += sum
    }

    /// A sight's share in its point's block, and the couplings of pose and correction with the point.
    private mutating func addPoint(_ i: Int, _ k: Int, _ l: RowReprojection.Linear, _ w: Double, _ correction: UnsafePointer<Double>?) {
        let (u, v) = l.landmark
        let (wu, wv) = (w * u, w * v)
        pointBlocks.withUnsafeMutableBufferPointer { p in
            let at = 9 * i
            p[at] += wu.x * u.x + wv.x * v.x
            p[at + 1] += wu.x * u.y + wv.x * v.y
            p[at + 2] += wu.x * u.z + wv.x * v.z
            p[at + 3] += wu.y * u.y + wv.y * v.y
            p[at + 4] += wu.y * u.z + wv.y * v.z
            p[at + 5] += wu.z * u.z + wv.z * v.z
            for c in 0..<3 { p[at + 6 + c] -= wu[c] * l.error.x + wv[c] * l.error.y }
        }
        couplings.withUnsafeMutableBufferPointer { m in
            for r in 0..<3 {
                for c in 0..<3 {
                    m[18 * k + 3 * r + c] = -(u[r] * wu[c] + v[r] * wv[c])
                    m[18 * k + 9 + 3 * r + c] = l.rotation.u[r] * wu[c] + l.rotation.v[r] * wv[c]
                }
            }
        }
        guard let correction else { return }
        let n = Self.correctionCount
        pointCorrection.withUnsafeMutableBufferPointer { m in
            for r in 0..<n { for c in 0..<3 { m[3 * n * i + 3 * r + c] += correction[r] * wu[c] + correction[n + r] * wv[c] } }
        }
    }

    // MARK: The IMU and what is known beforehand

    private mutating func addInertial(_ problem: BundleAdjustment, _ state: BundleState) {
        let n = system.columns
        let frames = state.poses.count
        let width = system.width
        for (k, factor) in problem.factors {
            let blocks = state.inertialBlocks(k)
            let (e, j) = linearized(factor, factor.estimatesGain ? blocks : Array(blocks.prefix(5)))
            cost += 0.5 * e.reduce(0) { $0 + $1 * $1 }
            // Columns of poses k and k + 1, shared; of motions k and k + 1.
            var poses: [(column: Int, block: Int, stride: Int, at: Int)] = []
            for c in 0..<6 { poses.append((6 * k + c, 0, 7, c)) }
            for c in 0..<6 { poses.append((6 * k + 6 + c, 2, 7, c)) }
            for c in 0..<2 { poses.append((6 * frames + c, 4, 2, c)) }
            if factor.estimatesGain { for c in 0..<3 { poses.append((6 * frames + BundleState.gainAt + c, 5, 3, c)) } }
            func column(_ block: Int, _ stride: Int, _ at: Int) -> [Double] { (0..<15).map { j[block][$0 * stride + at] } }
            func product(_ a: [Double], _ b: [Double]) -> Double {
                var s = 0.0
                for r in 0..<15 { s += a[r] * b[r] }
                return s
            }
            let poseColumns = poses.map { column($0.block, $0.stride, $0.at) }
            let motionColumns = (0..<9).map { column(1, 9, $0) } + (0..<9).map { column(3, 9, $0) }
            for (a, p) in poses.enumerated() {
                system.posesRight[p.column] -= product(poseColumns[a], e)
                for (b, q) in poses.enumerated() where q.column <= p.column {
                    system.poses[p.column * n + q.column] += product(poseColumns[a], poseColumns[b])
                }
            }
            for r in 0..<18 {
                let (f, row) = (k + r / 9, r % 9)
                system.motionsRight[9 * f + row] -= product(motionColumns[r], e)
                for c in 0..<18 {
                    let x = product(motionColumns[r], motionColumns[c])
                    if r / 9 == c / 9 {
                        system.motions[81 * f + 9 * row + c % 9] += x
                    } else if r < 9 {
                        system.next[81 * k + 9 * row + c - 9] += x
                    }
                }
                for (a, p) in poses.enumerated() {
                    // Seen from motion f: the pose before, its own, the one after, then shared.
                    let slot = p.column >= 6 * frames ? 18 + p.column - 6 * frames : p.column - 6 * (f - 1)
                    system.coupling[(9 * f + row) * width + slot] += product(motionColumns[r], poseColumns[a])
                }
            }
        }
    }

    private mutating func addPriors(_ problem: BundleAdjustment, _ state: BundleState) {
        let n = system.columns
        let frames = state.poses.count
        let shared = [state.tilt.x, state.tilt.y, state.gain.x, state.gain.y, state.gain.z] + state.correction.values
        for prior in problem.priors {
            for (i, (mean, sigma)) in zip(prior.mean, prior.sigmas).enumerated() {
                let w = 1 / (sigma * sigma)
                if let f = prior.frame {
                    let e = state.motions[9 * f + prior.at + i] - mean
                    cost += 0.5 * w * e * e
                    system.motions[81 * f + 10 * (prior.at + i)] += w
                    system.motionsRight[9 * f + prior.at + i] -= w * e
                } else {
                    let e = shared[prior.at + i] - mean
                    let column = 6 * frames + prior.at + i
                    cost += 0.5 * w * e * e
                    system.poses[column * (n + 1)] += w
                    system.posesRight[column] -= w * e
                }
            }
        }
        if let (a, b, prior) = problem.distance {
            let (e, j) = linearized(prior, [state.poses[a].blockValues, state.poses[b].blockValues])
            cost += 0.5 * e[0] * e[0]
            let columns = (0..<6).map { (6 * a + $0, j[0][$0]) } + (0..<6).map { (6 * b + $0, j[1][$0]) }
            for (p, x) in columns {
                system.posesRight[p] -= x * e[0]
                for (q, y) in columns where q <= p { system.poses[p * n + q] += x * y }
            }
        }
        // Numbers that nothing else holds stay where they are.
        if let origin = problem.origin { for c in 0..<6 { system.poses[(6 * origin + c) * (n + 1)] += 1e14 } }
        if problem.factors.isEmpty { for f in 0..<frames { for c in 0..<9 { system.motions[81 * f + 10 * c] += 1 } } }
        for c in 0..<Self.shared where system.poses[(6 * frames + c) * (n + 1)] == 0 { system.poses[(6 * frames + c) * (n + 1)] = 1 }
    }

    // MARK: Steps

    /// The step of a damping; nil where the equations do not determine one.
    func step(_ problem: BundleAdjustment, lambda: Double) -> (cameras: [Double], points: [Vector3])? {
        var s = system
        let n = s.columns
        let frames = s.frames
        for i in 0..<n { s.poses[i * (n + 1)] *= 1 + lambda }
        for f in 0..<frames { for c in 0..<9 { s.motions[81 * f + 10 * c] *= 1 + lambda } }
        let inverses = (0..<(pointBlocks.count / 9)).map { i -> Matrix3 in
            let p = pointBlocks[(9 * i)..<(9 * i + 6)]
            let at = p.startIndex
            let (xx, yy, zz) = (p[at] * (1 + lambda), p[at + 3] * (1 + lambda), p[at + 5] * (1 + lambda))
            let m = Matrix3(rows: Vector3(xx, p[at + 1], p[at + 2]), Vector3(p[at + 1], yy, p[at + 4]), Vector3(p[at + 2], p[at + 4], zz))
            let inverse = m.inverse
            return inverse.trace.isFinite ? inverse : .zero
        }
        eliminatePoints(problem, inverses, from: &s)
        guard let x = s.solve() else { return nil }
        let correctionAt = 6 * frames + BundleState.correctionAt
        var points: [Vector3] = []
        points.reserveCapacity(inverses.count)
        for (i, inverse) in inverses.enumerated() {
            var b = right(i)
            for k in problem.offsets[i]..<problem.offsets[i + 1] {
                let f = Int(problem.observations[k].frame)
                for r in 0..<6 { for c in 0..<3 { b[c] -= couplings[18 * k + 3 * r + c] * x[6 * f + r] } }
            }
            if problem.calibrates {
                let at = 3 * Self.correctionCount * i
                for r in 0..<Self.correctionCount { for c in 0..<3 { b[c] -= pointCorrection[at + 3 * r + c] * x[correctionAt + r] } }
            }
            points.append(inverse * b)
        }
        return (x, points)
    }

    /// Minus the gradient of the cost by a point.
    func right(_ i: Int) -> Vector3 { Vector3(pointBlocks[9 * i + 6], pointBlocks[9 * i + 7], pointBlocks[9 * i + 8]) }

    /// Subtracts W H⁻¹ Wᵀ of every point from the cameras' equations.
    private func eliminatePoints(_ problem: BundleAdjustment, _ inverses: [Matrix3], from s: inout CameraSystem) {
        let n = s.columns
        let correctionAt = 6 * s.frames + BundleState.correctionAt
        let count = problem.calibrates ? Self.correctionCount : 0
        var (matrix, side) = ([Double](), [Double]())
        swap(&matrix, &s.poses)
        swap(&side, &s.posesRight)
        matrix.withUnsafeMutableBufferPointer { h in
            side.withUnsafeMutableBufferPointer { b in
                couplings.withUnsafeBufferPointer { w in
                    pointCorrection.withUnsafeBufferPointer { wc in
                        problem.observations.withUnsafeBufferPointer { seen in
                            for (i, inverse) in inverses.enumerated() {
                                let x = inverse * right(i)
                                let shared = 3 * Self.correctionCount * i
                                for k in problem.offsets[i]..<problem.offsets[i + 1] {
                                    let f = 6 * Int(seen[k].frame)
                                    for r in 0..<6 {
                                        let at = 18 * k + 3 * r
                                        let row = Vector3(w[at], w[at + 1], w[at + 2])
                                        let t = inverse * row
                                        b[f + r] -= row.dot(x)
                                        let line = (f + r) * n
                                        for q in problem.offsets[i]...k {
                                            let g = 6 * Int(seen[q].frame)
                                            let last = q == k ? r : 5
                                            for c in 0...last {
                                                let o = 18 * q + 3 * c
                                                h[line + g + c] -= t.x * w[o] + t.y * w[o + 1] + t.z * w[o + 2]
                                            }
                                        }
                                        for c in 0..<count {
                                            let o = shared + 3 * c
                                            h[(correctionAt + c) * n + f + r] -= t.x * wc[o] + t.y * wc[o + 1] + t.z * wc[o + 2]
                                        }
                                    }
                                }
                                for r in 0..<count {
                                    let row = Vector3(wc[shared + 3 * r], wc[shared + 3 * r + 1], wc[shared + 3 * r + 2])
                                    let t = inverse * row
                                    b[correctionAt + r] -= row.dot(x)
                                    for c in 0...r {
                                        let o = shared + 3 * c
                                        h[(correctionAt + r) * n + correctionAt + c] -= t.x * wc[o] + t.y * wc[o + 1] + t.z * wc[o + 2]
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        swap(&matrix, &s.poses)
        swap(&side, &s.posesRight)
    }
}
