internal import Estimation
internal import Geometry
internal import Imaging
internal import Session

#if canImport(Glibc)
    internal import Glibc
#endif

/// Where a landmark with descriptors is seen in a keyframe.
struct LandmarkObservation: Sendable {
    var frame: Int32
    var landmark: Int32
    var pixel: Vector2
}

/// The state of a batch estimate: tracks, the IMU, a pose for each frame, a position for each track, landmarks with descriptors.
///
/// One engine for mapping and localising: localising holds `landmarks` fixed and begins from recognised frames.
struct Reconstruction: Sendable {
    let tracks: FeatureTracks
    /// Keyframes that bundle adjustment works on; the others only make points while poses are propagated.
    let isAdjusted: [Bool]
    /// The device's, corrected as far as the batch has found out.
    var camera: CameraModel
    var bodyFromCamera: Transform<Body, Camera>
    var readout: Double
    var signal: InertialSignal?
    /// What the accelerometer's readings are multiplied with.
    var accelerometerGain = Vector3(repeating: 1)
    /// Everything that was corrected so far, and how far corrections are expected to go, as parts of the options' standard deviations.
    var corrections = CameraCorrection()
    var correctionLatitude = 1.0
    /// What the search before the batch made of the clock, seconds.
    var clockFound = 0.0
    let statedCamera: CameraModel
    /// The IMU's noise as stated, and as it is taken since `findInertialNoise`; by how much gyroscope and accelerometer were widened.
    let statedDensities: InertialDensities
    var densities: InertialDensities
    var noiseGain = Vector2(1, 1)
    let tagCorners: [Vector3]
    var options: BatchOptions

    let seconds: [Double]
    /// Gyroscope readings at the frames' times, biases included; without an IMU from the poses themselves.
    var rates: [Vector3]
    /// Derivatives of the rates, and the accelerometer's readings, at the frames' times; zero without an IMU.
    var rateSlopes: [Vector3]
    var forces: [Vector3]
    var poses: [Transform<Map, Body>?]
    var velocities: [Vector3]
    var gyroscopeBias: [Vector3]
    var accelerometerBias: [Vector3]
    var tilt = Vector2.zero

    /// Positions of tracks; meaningful where `hasPoint`.
    var points: [Vector3]
    var hasPoint: [Bool]
    var rejected: [Bool]
    /// Tracks with a point that fewer than two keyframes see: the last bundle adjustment left them where they were.
    var unadjusted: [Int] = []
    let trackOffsets: [Int]
    let trackIndices: [Int32]

    var landmarks: [Vector3] = []
    var landmarksFixed = false
    var landmarkObservations: [LandmarkObservation] = []
    /// Matches between keyframes by (first · frames + second): they depend on no pose, so later rounds have them for nothing.
    var matched: [Int: [FeatureMatch]] = [:]
    var useTags = true
    /// Whether the IMU's factors are used; its gyroscope predicts rotations in any case.
    var useInertial = true
    /// What is known of gravity's tilt beforehand, radians.
    var tiltSigma = 0.1
    var tiltMean = Vector2.zero
    /// Noise of tracked points, keypoints and tag corners, pixels: the options' first, then the residuals'.
    var trackSigma: Double
    var featureSigma: Double
    var tagSigma: Double

    init(tracks: FeatureTracks, camera: CameraModel, device: Device, signal: InertialSignal?, options: BatchOptions) {
        self.tracks = tracks
        isAdjusted = tracks.adjusted(limit: options.maximumKeyframes, longest: options.keyframeSpacing)
        self.camera = camera
        statedCamera = camera
        bodyFromCamera = device.bodyFromCamera
        readout = device.readout
        self.signal = signal
        statedDensities = InertialDensities(device.inertialNoise)
        densities = statedDensities
        tagCorners = device.tableTag?.corners ?? []
        self.options = options
        let n = tracks.frameCount
        seconds = tracks.times.map(\.seconds)
        rates = Array(repeating: .zero, count: n)
        rateSlopes = rates
        forces = rates
        poses = Array(repeating: nil, count: n)
        velocities = Array(repeating: .zero, count: n)
        gyroscopeBias = velocities
        accelerometerBias = velocities
        points = Array(repeating: .zero, count: tracks.trackCount)
        hasPoint = Array(repeating: false, count: tracks.trackCount)
        rejected = Array(repeating: false, count: tracks.observations.count)
        (trackOffsets, trackIndices) = tracks.byTrack()
        trackSigma = options.trackSigma
        featureSigma = options.featureSigma
        tagSigma = options.tagSigma
        readSignal()
    }

    /// Takes the readings at the frames' times.
    mutating func readSignal() {
        guard let signal else { return }
        let h = max(0.5 * readout, 0.004)
        for (f, t) in seconds.enumerated() {
            rates[f] = signal.rate(at: t)
            rateSlopes[f] = (signal.rate(at: t + h) - signal.rate(at: t - h)) / (2 * h)
            forces[f] = 0.5 * signal.force(at: t) + 0.25 * (signal.force(at: t - h) + signal.force(at: t + h))
        }
    }

    var frameCount: Int { seconds.count }
    /// Keyframes that are adjusted and have a pose.
    var keyframes: [Int] { (0..<frameCount).filter { isAdjusted[$0] && poses[$0] != nil } }

    func observations(of frame: Int) -> Range<Int> { tracks.frameOffsets[frame]..<tracks.frameOffsets[frame + 1] }

    /// How the body moves around a frame's time, for a pose that it may have.
    func motion(_ frame: Int, pose: Transform<Map, Body>) -> RowMotion {
        let back = pose.rotation.inverse
        let velocity = back * velocities[frame]
        let rate = rates[frame] - gyroscopeBias[frame]
        guard useInertial, signal != nil else { return RowMotion(rate: rate, rateSlope: rateSlopes[frame], velocity: velocity) }
        let gravity = InertialResidual.gravityVector(tilt: tilt, gravity: options.gravity)
        let acceleration = accelerometerGain * forces[frame] - accelerometerBias[frame] + back * gravity
        return RowMotion(rate: rate, rateSlope: rateSlopes[frame], velocity: velocity, acceleration: acceleration)
    }

    func rowShare(_ row: Double) -> Double { row / Double(max(camera.height - 1, 1)) - 0.5 }

    /// The camera at the time of a row, in the body frame of the frame's own time.
    func rowCamera(_ motion: RowMotion, row: Double) -> Transform<Body, Camera> {
        readout == 0 ? bodyFromCamera : motion.body(after: rowShare(row) * readout) * bodyFromCamera
    }

    func rowCamera(_ frame: Int, row: Double, pose: Transform<Map, Body>) -> Transform<Body, Camera> {
        readout == 0 ? bodyFromCamera : rowCamera(motion(frame, pose: pose), row: row)
    }

    /// Whether the IMU can be integrated between two times.
    func covered(_ a: Double, _ b: Double) -> Bool {
        guard let signal else { return false }
        return signal.longestGap(from: a, to: b, margin: options.maximumInertialGap) <= options.maximumInertialGap
    }

    /// Body at frame `from` from body at frame `to`, by the gyroscope; identity without one.
    func turned(from: Int, to: Int) -> Rotation {
        guard let signal, from != to else { return .identity }
        let (a, b) = (min(from, to), max(from, to))
        guard seconds[b] > seconds[a] else { return .identity }
        let d = Preintegration(
            signal, from: seconds[a], to: seconds[b], gyroscopeBias: gyroscopeBias[a], accelerometerBias: .zero, noise: densities)
        return from < to ? d.rotation : d.rotation.inverse
    }

    /// Pixel error of a point in a frame, nil when it cannot be projected.
    func error(_ point: Vector3, frame: Int, pixel: Vector2, pose: Transform<Map, Body>) -> Vector2? {
        let c = rowCamera(frame, row: pixel.y, pose: pose)
        let x = (pose * c).inverse * point
        return camera.project(x).map { $0 - pixel }
    }

    /// Velocities by central differences where poses allow; used until the IMU's are known.
    mutating func differentiateVelocities() {
        for f in 0..<frameCount where poses[f] != nil {
            let a = f > 0 && poses[f - 1] != nil ? f - 1 : f
            let b = f + 1 < frameCount && poses[f + 1] != nil ? f + 1 : f
            guard b > a, let pa = poses[a], let pb = poses[b], seconds[b] > seconds[a] else { continue }
            velocities[f] = (pb.translation - pa.translation) / (seconds[b] - seconds[a])
            if signal == nil { rates[f] = (pa.rotation.inverse * pb.rotation).vector / (seconds[b] - seconds[a]) }
        }
    }
}
