internal import Estimation
internal import Geometry
internal import Imaging
internal import Session

/// A batch estimate: a pose for each frame, a position for each track, landmarks with descriptors, and the device.
///
/// One engine for mapping and localising: localising holds the landmarks and begins from recognised frames. Each value has one owner; the
/// steps (propagation, bundle adjustment, smoothing, ...) are extensions, or types that take only the values that they need.
struct Reconstruction: Sendable {
    let observed: Observations
    /// Their lengths are in the reconstruction's own unit: metres, or what a start without a scale makes of them.
    var options: BatchOptions
    var device: DeviceEstimate
    var inertial: InertialReadings
    var states: FrameStates
    var points: TrackPoints
    var landmarks = Landmarks()
    var anchors = Anchors()
    var noise: PixelNoise
    /// What was found out about gyroscope and accelerometer beyond that they work.
    var sensors: [SensorJudgement] = []
    /// Whether the accelerometer's mean says where up is: not before it agrees with the poses.
    var knowsUp = true
    /// Matches between keyframes by (first · frames + second): they depend on no pose, so later rounds have them for nothing.
    var matches: [Int: [FeatureMatch]] = [:]

    init(tracks: FeatureTracks, camera: CameraModel, device: Device, signal: InertialSignal?, options: BatchOptions) {
        observed = Observations(tracks, device: device, options: options)
        self.options = options
        self.device = DeviceEstimate(device, camera: camera)
        inertial = InertialReadings(
            signal, densities: InertialDensities(device.inertialNoise), maximumGap: options.maximumInertialGap, seconds: observed.seconds,
            readout: device.readout)
        states = FrameStates(count: observed.frameCount)
        points = TrackPoints(tracks)
        noise = PixelNoise(track: options.trackSigma, feature: options.featureSigma, tag: options.tagSigma)
    }

    var tracks: FeatureTracks { observed.tracks }
    var seconds: [Double] { observed.seconds }
    var frameCount: Int { observed.frameCount }
    /// Keyframes that are adjusted and have a pose.
    var keyframes: [Int] { (0..<frameCount).filter { observed.isAdjusted[$0] && states.poses[$0] != nil } }

    /// How the body moves around a frame's time, for a pose that it may have.
    func motion(_ f: Int, pose: Transform<Map, Body>) -> RowMotion {
        inertial.motion(f, pose: pose, states: states, accelerometerGain: device.accelerometerGain, gravity: options.gravity)
    }

    /// Body at frame `from` from body at frame `to`, by the gyroscope; identity without one.
    func turned(from: Int, to: Int) -> Rotation {
        inertial.turn(from: seconds[from], to: seconds[to], bias: states.gyroscopeBias[min(from, to)])
    }

    /// Pixel error of a point in a placed frame, nil when it cannot be projected.
    func error(_ point: Vector3, frame f: Int, pixel: Vector2) -> Vector2? {
        guard let pose = states.poses[f] else { return nil }
        return device.error(point, pixel: pixel, pose: pose, motion: motion(f, pose: pose))
    }

    /// Velocities by central differences where poses allow, used until the IMU's are known; without an IMU rates too.
    mutating func differentiateVelocities() {
        for f in 0..<frameCount {
            guard let (a, b) = states.neighbours(of: f), let pa = states.poses[a], let pb = states.poses[b], seconds[b] > seconds[a]
            else { continue }
            states.velocities[f] = (pb.translation - pa.translation) / (seconds[b] - seconds[a])
            if inertial.signal == nil {
                inertial.rates[f] = (pa.rotation.inverse * pb.rotation).vector / (seconds[b] - seconds[a])
            }
        }
    }
}
