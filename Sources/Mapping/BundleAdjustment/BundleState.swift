internal import Estimation
internal import Geometry

/// The unknowns of a bundle adjustment: poses and motions of its frames, points, and what the whole batch shares.
struct BundleState {
    var poses: [Transform<Map, Body>] = []
    /// 9 for each frame: velocity, gyroscope bias, accelerometer bias.
    var motions: [Double] = []
    var points: [Vector3] = []
    var tilt = Vector2.zero
    var gain = Vector3(repeating: 1)
    var correction = CameraCorrection()

    /// What the whole batch shares, in the order of the system: tilt, gain, correction.
    static let gainAt = 2
    static let correctionAt = 5
    static let sharedCount = correctionAt + CameraCorrection.count

    /// The state after a step of the camera system (poses, shared, motions) and of the points.
    func moved(by x: [Double], points steps: [Vector3]) -> BundleState {
        var s = self
        for k in poses.indices {
            func v(_ i: Int) -> Vector3 { Vector3(x[6 * k + i], x[6 * k + i + 1], x[6 * k + i + 2]) }
            s.poses[k] = Transform(rotation: poses[k].rotation * Rotation(vector: v(3)), translation: poses[k].translation + v(0))
        }
        let shared = 6 * poses.count
        s.tilt += Vector2(x[shared], x[shared + 1])
        for i in 0..<3 { s.gain[i] += x[shared + Self.gainAt + i] }
        for i in 0..<CameraCorrection.count { s.correction.values[i] += x[shared + Self.correctionAt + i] }
        let motion = shared + Self.sharedCount
        for i in motions.indices { s.motions[i] += x[motion + i] }
        for i in points.indices { s.points[i] += steps[i] }
        return s
    }

    /// The blocks that an inertial factor between a frame and the next one reads.
    func inertialBlocks(_ k: Int) -> [[Double]] {
        [
            poses[k].blockValues, Array(motions[(9 * k)..<(9 * k + 9)]), poses[k + 1].blockValues,
            Array(motions[(9 * k + 9)..<(9 * k + 18)]), [tilt.x, tilt.y], [gain.x, gain.y, gain.z],
        ]
    }
}

/// One sight of a point.
struct BundleObservation {
    /// Which of the adjustment's frames.
    var frame: Int32
    var pixel: Vector2
    /// 1/σ, per pixel.
    var weight: Double
}

/// What is known beforehand of a frame's motion or of the shared numbers.
struct BundlePrior {
    /// Where its numbers begin in the motion of `frame`, or in the shared numbers where `frame` is nil.
    var frame: Int?
    var at: Int
    var mean: [Double]
    var sigmas: [Double]
}
