public import Geometry
public import Session

/// Figures of how an estimate came about.
public struct MappingStatistics: Sendable, Equatable, Codable {
    public var frames = 0
    public var keyframes = 0
    public var trackedFrames = 0
    public var bridgedFrames = 0
    public var lostFrames = 0
    /// Tracked points a frame, and those of them that hold its pose.
    public var tracksPerFrame = 0.0
    public var pointsPerFrame = 0.0
    /// What makes lengths metres: "table tag", "inertial", "stated" (`MapOptions.statedExtent`), "map" (localised in one) or "none".
    public var scaleSource = "none"
    /// Relative standard deviation of a scale from the IMU.
    public var scaleSigma: Double?
    /// Points made from tracks, and landmarks that carry descriptors.
    public var points = 0
    public var landmarks = 0
    /// Frames in which the table tag was seen.
    public var tagFrames = 0
    /// Keyframes recognised in the map, of those tried.
    public var recognizedKeyframes = 0
    public var triedKeyframes = 0
    /// Observations of landmarks in keyframes.
    public var landmarkObservations = 0
    /// Pairs of keyframes more than two seconds apart that share a landmark.
    public var loopPairs = 0
    /// Root mean square of the tracked points' residuals after rejection, pixels.
    public var reprojectionRMS = 0.0
    /// Of the tag's corners, pixels.
    public var tagRMS = 0.0
    /// Estimated standard deviation of a tracked point, pixels.
    public var trackSigma = 0.0
    /// Whether the accelerometer said where up is.
    public var knowsUp = false
    /// Angle between the map's z and gravity's up, degrees.
    public var tiltDegrees = 0.0
    /// What the batch found of the device: pictures taken later than stated (seconds), readout (seconds), relative focal length, gain.
    public var clockCorrection = 0.0
    public var readout = 0.0
    public var focalLengthCorrection = 0.0
    public var accelerometerGain = [1.0, 1.0, 1.0]
    /// By how much the stated noise of gyroscope and accelerometer was widened because the pictures contradict it; 1, 1 where they do not.
    public var inertialNoiseGain = [1.0, 1.0]
    /// What was found out about gyroscope and accelerometer beyond that they work.
    public var sensors: [SensorJudgement] = []
    /// Share of the tracked points that are rigid in the picture (the device's own) and were left out.
    public var rigidShare = 0.0
    /// Standard deviations that errors which points share add to a pose, each axis of the camera: metres and radians (`StructuralError`).
    public var structuralPosition = [0.0, 0.0, 0.0]
    public var structuralRotation = [0.0, 0.0, 0.0]
    /// How a demo that the map did not hold was placed, and what was tried before.
    public var fallback: String?
    /// Means over the recording.
    public var gyroscopeBias = [0.0, 0.0, 0.0]
    public var accelerometerBias = [0.0, 0.0, 0.0]
    /// Metres by which the median pose of tag frames differs from that of the map; only where both are known.
    public var tagDisagreement: Double?
    /// Why reading the pictures stopped before their end, if it did.
    public var readProblem: String?

    public init() {}
}

/// A map and where the camera was while it was made.
public struct MapResult: Sendable {
    public var map: LandmarkMap
    /// One row for every frame.
    public var trajectory: Trajectory<Map, Camera>
    public var statistics: MappingStatistics
}

/// What became of a demo.
public enum LocalizationVerdict: Sendable, Equatable {
    /// Every frame has a pose.
    case complete
    /// Some frames are lost.
    case partial(lostFrames: Int)
    /// No frame could be placed in the map: what was tried, with numbers.
    case lost(reason: String)
}

public struct LocalizationResult: Sendable {
    /// One row for every frame; lost frames carry no information.
    public var trajectory: Trajectory<Map, Camera>
    public var statistics: MappingStatistics
    public var verdict: LocalizationVerdict
}
