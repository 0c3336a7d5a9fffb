internal import Estimation
internal import Geometry

/// The present estimate of every frame, in columns.
struct FrameStates: Sendable {
    /// Nil where the frame is not placed yet.
    var poses: [Transform<Map, Body>?]
    /// In the map, m/s.
    var velocities: [Vector3]
    /// rad/s and m/s².
    var gyroscopeBias: [Vector3]
    var accelerometerBias: [Vector3]
    /// Gravity's direction: see `InertialResidual`.
    var tilt = Vector2.zero

    init(count: Int) {
        poses = Array(repeating: nil, count: count)
        velocities = Array(repeating: .zero, count: count)
        gyroscopeBias = velocities
        accelerometerBias = velocities
    }

    /// Takes the biases of one frame for another.
    mutating func copyBiases(from g: Int, to f: Int) {
        gyroscopeBias[f] = gyroscopeBias[g]
        accelerometerBias[f] = accelerometerBias[g]
    }

    /// The placed neighbours of a placed frame, itself where there are none; nil where both are itself.
    func neighbours(of f: Int) -> (before: Int, after: Int)? {
        guard poses[f] != nil else { return nil }
        let a = f > 0 && poses[f - 1] != nil ? f - 1 : f
        let b = f + 1 < poses.count && poses[f + 1] != nil ? f + 1 : f
        return b > a ? (a, b) : nil
    }

    /// Velocity, gyroscope bias, accelerometer bias: a motion block.
    func motionBlock(_ f: Int) -> [Double] {
        let (v, g, a) = (velocities[f], gyroscopeBias[f], accelerometerBias[f])
        return [v.x, v.y, v.z, g.x, g.y, g.z, a.x, a.y, a.z]
    }
}

/// Points made of tracks.
struct TrackPoints: Sendable {
    /// Meaningful where `exists`.
    var positions: [Vector3]
    var exists: [Bool]
    /// Which of the tracks' observations contradict their point.
    var rejected: [Bool]
    /// Tracks with a point that fewer than two keyframes see: the last bundle adjustment left them where they were.
    var unadjusted: [Int] = []

    init(_ tracks: FeatureTracks) {
        positions = Array(repeating: .zero, count: tracks.trackCount)
        exists = Array(repeating: false, count: tracks.trackCount)
        rejected = Array(repeating: false, count: tracks.observations.count)
    }
}

/// Where a landmark with descriptors is seen in a keyframe.
struct LandmarkObservation: Sendable {
    var frame: Int32
    var landmark: Int32
    var pixel: Vector2
}

/// Points with descriptors.
struct Landmarks: Sendable {
    var positions: [Vector3] = []
    /// Whether they are a map's, and stay.
    var areHeld = false
    var observations: [LandmarkObservation] = []
}

/// Standard deviations of tracked points, keypoints and tag corners, pixels: the options' first, then the residuals'.
struct PixelNoise: Sendable {
    var track: Double
    var feature: Double
    var tag: Double
}

/// What holds the batch from outside.
struct Anchors: Sendable {
    var usesTags = true
    /// What is known of gravity's tilt beforehand, and its standard deviation, radians.
    var tilt = Vector2.zero
    var tiltSigma = 0.1
}
