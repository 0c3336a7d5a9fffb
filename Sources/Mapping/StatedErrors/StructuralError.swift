internal import Estimation
internal import Geometry
internal import Session

/// What a recording's own residuals say of errors that its points share: of the lens, of the map's shape, of anything that is not white.
///
/// Points are put into the regions of the picture that they are seen in, and each frame's pose is found again without each region
/// (delete-a-group jackknife: Efron, "The jackknife, the bootstrap and other resampling plans", 1982). White errors make these poses vary
/// by what the points' own noise predicts; errors that neighbours share make them vary more. What they vary more by, over many frames, is
/// the variance that no single pose's covariance has.
struct StructuralError {
    /// Beyond white noise, each axis of the camera's own frame: metres² and radians².
    private(set) var position = Matrix3.zero
    private(set) var rotation = Matrix3.zero
    private(set) var frames = 0

    private let columns: Int
    private let rows: Int
    private let device: DeviceEstimate
    private let lossScale: Double

    init(device: DeviceEstimate, options: BatchOptions) {
        self.device = device
        lossScale = options.lossScale
        (columns, rows) = (options.structuralColumns, options.structuralRows)
    }

    /// Adds a frame: its pose, how it moves, and the points seen from it.
    mutating func add(_ pose: Transform<Map, Body>, _ motion: RowMotion, _ seen: [Sighting]) {
        let zero = DenseMatrix(rows: 6, columns: 6)
        var information = [DenseMatrix](repeating: zero, count: columns * rows)
        var right = [DenseMatrix](repeating: DenseMatrix(rows: 6, columns: 1), count: columns * rows)
        var counts = [Int](repeating: 0, count: columns * rows)
        let loss = RobustLoss.cauchy(lossScale)
        let (width, height) = (Double(device.camera.width), Double(device.camera.height))
        for s in seen {
            guard
                let l = device.reprojection.linearized(
                    s.point, rotation: pose.rotation.matrix, position: pose.translation, motion: motion,
                    rowShare: device.rowShare(s.pixel.y), pixel: s.pixel)
            else { continue }
            let x = min(max(Int(s.pixel.x / width * Double(columns)), 0), columns - 1)
            let y = min(max(Int(s.pixel.y / height * Double(rows)), 0), rows - 1)
            let k = y * columns + x
            counts[k] += 1
            let w = loss.weight(squared: l.error.dot(l.error) / (s.sigma * s.sigma)) / (s.sigma * s.sigma)
            l.withPoseRows { u, v in
                for r in 0..<6 {
                    right[k].values[r] += w * (u[r] * l.error.x + v[r] * l.error.y)
                    for c in 0..<6 { information[k].values[6 * r + c] += w * (u[r] * u[c] + v[r] * v[c]) }
                }
            }
        }
        let groups = counts.indices.filter { counts[$0] > 0 }
        guard groups.count >= 4 else { return }
        let all = groups.reduce(zero) { $0 + information[$1] }
        let sum = groups.reduce(DenseMatrix(rows: 6, columns: 1)) { $0 + right[$1] }
        guard let white = all.symmetricInverse else { return }
        var poses: [[Double]] = []
        for k in groups {
            guard let l = (all - information[k]).cholesky() else { return }
            poses.append(l.choleskySolve(sum - right[k]).values)
        }
        let n = Double(poses.count)
        let mean = (0..<6).map { r in poses.reduce(0) { $0 + $1[r] } / n }
        var spread = zero
        for p in poses {
            for r in 0..<6 { for c in 0..<6 { spread[r, c] += (n - 1) / n * (p[r] - mean[r]) * (p[c] - mean[c]) } }
        }
        let beyond = spread - white
        // Positions in the body's axes, like rotations; then the camera's.
        let turn = (pose.rotation * device.bodyFromCamera.rotation).matrix
        let axes = device.bodyFromCamera.rotation.matrix
        position = position + turn.transposed * beyond.block3(0, 0) * turn
        rotation = rotation + axes.transposed * beyond.block3(3, 3) * axes
        frames += 1
    }

    /// Means over the frames, each axis of the camera by itself, not below zero: metres² and radians².
    func variances(times factor: Double) -> (position: Vector3, rotation: Vector3) {
        let scale = factor / Double(max(frames, 1))
        func mean(_ m: Matrix3) -> Vector3 { (scale * m.diagonal).clamped(lowerBound: .zero, upperBound: Vector3(repeating: .infinity)) }
        return (mean(position), mean(rotation))
    }
}

extension Reconstruction {
    /// What residuals say of shared errors, over about `structuralFrames` frames spread over the recording.
    func structuralError(_ smoothed: SmoothedFrames) -> StructuralError {
        var error = StructuralError(device: device, options: options)
        let ofLandmarks = landmarkSightings()
        let step = max(1, frameCount / max(options.structuralFrames, 1))
        for f in stride(from: 0, to: frameCount, by: step) where smoothed.states[f] == .tracked {
            guard let pose = smoothed.poses[f] else { continue }
            error.add(pose, motion(f, pose: pose), sightings(f) + ofLandmarks[f])
        }
        return error
    }
}
