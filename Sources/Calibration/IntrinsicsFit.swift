internal import Estimation
internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// The bundle adjustment of a lens and the board's poses.
struct IntrinsicsFit {
    var views: [BoardView]
    var camera: CameraModel
    var poses: [Transform<Camera, IntrinsicsCalibration.Board>]
    var options: IntrinsicsCalibrationOptions
    var isUsed: [[Bool]]

    init(
        views: [BoardView], camera: CameraModel, poses: [Transform<Camera, IntrinsicsCalibration.Board>],
        options: IntrinsicsCalibrationOptions
    ) {
        self.views = views
        self.camera = camera
        self.poses = poses
        self.options = options
        isUsed = views.map { [Bool](repeating: true, count: $0.points.count) }
    }

    /// The problem at the present values: the lens's block, then one of each pose.
    private func problem(robust: Bool) -> (LeastSquares, lens: LeastSquares.Block, poses: [LeastSquares.Block]) {
        var problem = LeastSquares()
        let lens = problem.addBlock(camera.intrinsics)
        let (w, h) = (Double(camera.width), Double(camera.height))
        let place = options.principalPointSigma * w
        let free = 10 * w
        problem.addResidual(
            VectorPrior(
                mean: [camera.focalLength.x, camera.focalLength.y, (w - 1) / 2, (h - 1) / 2, 0, 0, 0, 0],
                sigmas: [free, free, place, place] + [Double](repeating: options.distortionSigma, count: 4)), [lens])
        var blocks: [LeastSquares.Block] = []
        for (i, view) in views.enumerated() {
            let pose = problem.addBlock(poses[i].blockValues, kind: .pose)
            blocks.append(pose)
            for k in view.points.indices where isUsed[i][k] {
                problem.addResidual(
                    BoardResidual(camera: camera, point: view.points[k], pixel: view.pixels[k], weight: 1 / options.cornerSigma),
                    [lens, pose], loss: robust ? .cauchy(options.robustScale) : .none)
            }
        }
        return (problem, lens, blocks)
    }

    mutating func solve(robust: Bool) throws {
        var (problem, lens, blocks) = problem(robust: robust)
        var settings = LeastSquaresOptions()
        settings.linearSolver = .sparseCholesky
        settings.maximumIterations = 200
        _ = try problem.solve(settings)
        camera.intrinsics = Array(problem[lens])
        for i in blocks.indices { poses[i] = Transform(blockValues: problem[blocks[i]]) }
    }

    /// Leaves out what is far off next to the rest; what comes back into reach comes back in.
    mutating func dropOutliers() {
        let all = residuals()
        let lengths = all.flatMap { $0.map(\.length) }.sorted()
        guard !lengths.isEmpty else { return }
        let limit = max(options.outlierFloor, options.outlierFactor * lengths[lengths.count / 2])
        isUsed = all.map { $0.map { $0.length <= limit } }
    }

    func residuals() -> [[Vector2]] {
        views.indices.map { i in
            zip(views[i].points, views[i].pixels).map { point, pixel in
                guard let seen = camera.project(poses[i] * point) else { return Vector2(.infinity, .infinity) }
                return pixel - seen
            }
        }
    }

    private var used: [Vector2] { zip(residuals(), isUsed).flatMap { zip($0, $1).filter(\.1).map(\.0) } }

    var residualRMS: Double { IntrinsicsCalibration.rms(used) }

    /// The intrinsics' deviations, scaled so that the residuals have the size that they have.
    func sigmas() throws -> [Double] {
        var (problem, lens, blocks) = problem(robust: false)
        let covariance = try problem.covariance(of: lens)
        let numbers = 2 * used.count
        let freedom = max(1, numbers - CameraModel.intrinsicsCount - 6 * blocks.count)
        let variance = used.reduce(0) { $0 + $1.dot($1) } / Double(freedom)
        let scale = variance.squareRoot() / options.cornerSigma
        return (0..<CameraModel.intrinsicsCount).map { covariance[$0, $0].squareRoot() * scale }
    }

    var largestAngle: Double {
        var largest = 0.0
        for i in views.indices {
            for k in views[i].points.indices where isUsed[i][k] {
                let p = poses[i] * views[i].points[k]
                largest = max(largest, atan2(Vector2(p.x, p.y).length, p.z))
            }
        }
        return largest
    }

    func pictures() -> [IntrinsicsCalibration.Picture] {
        let all = residuals()
        return views.indices.map {
            IntrinsicsCalibration.Picture(
                name: views[$0].name, residuals: all[$0], pixels: views[$0].pixels, isUsed: isUsed[$0], cameraFromBoard: poses[$0])
        }
    }
}
