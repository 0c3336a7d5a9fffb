public import Geometry
public import Imaging

/// A scene as landmarks with descriptors and the keyframes that saw them: flat tables, joined by Int32 ids.
public struct LandmarkMap: Sendable, Equatable {
    /// Positions in the map's frame, metres.
    public var landmarks: [Vector3] = []
    /// Standard deviation of each landmark, metres (root of the covariance's trace, poses held).
    public var landmarkSigmas: [Float] = []
    /// Descriptors of all landmarks; `descriptorLandmark[i]` owns row i.
    public var descriptorKind = FeatureKind.sift
    public var descriptors: [UInt8] = []
    public var descriptorLandmark: [Int32] = []
    /// Keyframes of the mapping video: seconds on its clock, and where the camera was.
    public var keyframeTimes: [Double] = []
    public var mapFromCameras: [Transform<Map, Camera>] = []
    /// Which keyframe saw which landmark where.
    public var observationKeyframe: [Int32] = []
    public var observationLandmark: [Int32] = []
    public var observationPixel: [Vector2] = []
    /// Where the table tag lies; nil where it was not seen.
    public var tableFromMap: Transform<Table, Map>?
    /// Standard deviations of it: metres, radians.
    public var tableSigma = Vector2.zero
    /// Unit vector against gravity, map frame.
    public var up = Vector3(0, 0, 1)
    /// Whether lengths are metres (from a tag or the IMU) or arbitrary.
    public var isMetric = true
    /// The intrinsics it was made with: the device's, refined.
    public var camera: CameraModel
    /// What was refined, for recordings by the same device; nil where nothing was.
    public var refinement: MapRefinement?
    /// Root mean square reprojection error of the landmarks, pixels.
    public var reprojectionRMS = 0.0
    /// Pairs of keyframes more than two seconds apart that share a landmark.
    public var loopPairs = 0

    public init(camera: CameraModel) { self.camera = camera }
}

/// What a map's own bundle adjustment found out about the device that made it.
public struct MapRefinement: Sendable, Equatable {
    /// The intrinsics of the device file at the picture's size: corrections hold for the same ones only.
    public var statedCamera: CameraModel
    /// As in `CameraCorrection`; the clock's is the mapping recording's own.
    public var corrections: [Double]
    public var accelerometerGain: Vector3
}
