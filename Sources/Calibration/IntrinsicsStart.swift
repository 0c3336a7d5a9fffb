internal import Geometry
internal import Imaging

/// A first lens and first poses: what the bundle adjustment starts from.
struct IntrinsicsStart {
    var camera: CameraModel
    var views: [BoardView]
    var poses: [Transform<Camera, IntrinsicsCalibration.Board>]
    var leftOut: [(name: String, reason: String)]

    /// Tries every first focal length on a few pictures, and takes poses of all with the best.
    static func find(
        _ views: [BoardView], width: Int, height: Int, lens: LensModel, options: IntrinsicsCalibrationOptions
    ) throws -> IntrinsicsStart {
        let step = max(1, views.count / max(1, options.trialPictures))
        let trials = stride(from: 0, to: views.count, by: step).map { views[$0] }
        var best: (score: Double, camera: CameraModel)?
        for part in options.focalLengths {
            let f = part * Double(width)
            let camera = CameraModel(
                lens: lens, width: width, height: height, focalLength: Vector2(f, f),
                principalPoint: Vector2(Double(width - 1), Double(height - 1)) / 2)
            let score = try trials.reduce(0) { try $0 + pose(of: $1, camera, options).score }
            if score < best?.score ?? .infinity { best = (score, camera) }
        }
        guard let camera = best?.camera else {
            throw CalibrationError.insufficient("no first focal length is given", accepted: "at least one, in parts of the picture's width")
        }
        var start = IntrinsicsStart(camera: camera, views: [], poses: [], leftOut: [])
        for view in views {
            if let found = try pose(of: view, camera, options).pose {
                start.views.append(view)
                start.poses.append(found)
            } else {
                start.leftOut.append((view.name, "no pose of the board explains its corners within \(options.poseThresholdDegrees)°"))
            }
        }
        return start
    }

    /// A board's pose through a lens, and its sum of squared reprojection errors, each at most a thousandth of the width squared.
    private static func pose(
        of view: BoardView, _ camera: CameraModel, _ options: IntrinsicsCalibrationOptions
    ) throws -> (pose: Transform<Camera, IntrinsicsCalibration.Board>?, score: Double) {
        let limit = 1e-3 * Double(camera.width * camera.width)
        let all = limit * Double(view.points.count)
        var points: [Vector3] = []
        var bearings: [Vector3] = []
        for (point, pixel) in zip(view.points, view.pixels) {
            guard let bearing = camera.unproject(pixel) else { continue }
            points.append(point)
            bearings.append(bearing)
        }
        var ransac = BearingRansacOptions()
        ransac.thresholdDegrees = options.poseThresholdDegrees
        ransac.maximumIterations = 200
        guard let found = try AbsolutePose.estimate(bearings: bearings, points: points, options: ransac) else { return (nil, all) }
        let pose = Transform<Camera, IntrinsicsCalibration.Board>(rotation: found.rotation, translation: found.translation)
        let score = zip(view.points, view.pixels).reduce(0.0) { sum, pair in
            guard let seen = camera.project(pose * pair.0) else { return sum + limit }
            let d = seen - pair.1
            return sum + min(limit, d.dot(d))
        }
        return (pose, score)
    }
}
