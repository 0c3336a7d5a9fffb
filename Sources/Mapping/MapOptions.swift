public import Imaging

/// How pictures are turned into tracks.
public struct FrontEndOptions: Codable, Sendable, Equatable {
    public var corners = CornerDetector.Options()
    public var flow = OpticalFlow.Options()
    public var features = FeatureDetector.Options()
    /// Corners and descriptors are looked for in pictures no wider than this, pixels; default 640: wider ones are halved first. Points are
    /// followed at full size.
    public var featureWidth = 640
    /// A keyframe gets descriptors when the last ones are this old, seconds, or the camera has turned this far since, degrees, or when it
    /// was made before its time because the view changes fast; defaults 0.4 and 9.
    public var featureInterval = 0.4
    public var featureRotation = 9.0
    /// A new keyframe after this long, seconds; default 0.25: the gyroscope's noise over it is far below a pixel.
    public var keyframeInterval = 0.25
    /// A new keyframe when fewer than this share of the last one's points is still tracked; default 0.7.
    public var keyframeSurvival = 0.7
    /// A new keyframe when the camera has turned this far, degrees; default 10: patches are compared without rotation.
    public var keyframeRotation = 10.0
    /// Frames between two that hold the table tag besides keyframes, which always do where it is seen; default 0: none.
    public var tagInterval = 0
    /// Grey level below which a region that touches the picture's border is taken for the outside of the image circle; default 10.
    public var darkLevel = 10.0
    /// Pictures are brought to one brightness when it differs by more than this share around at least so many points; defaults 0.04 (the
    /// flow compares grey levels), 30.
    public var lightTolerance = 0.04
    public var lightPoints = 30
    /// Points keep this distance from masks and the image circle, pixels; default 8: half a flow window.
    public var maskMargin = 8
    /// Points keep this distance from the picture's border, pixels; default 8.
    public var borderMargin = 8.0
    /// In narrower pictures the distances above, the corners' distance and the flow's window shrink with the width, pixels; default 480.
    public var fullWidth = 480
    /// The gyroscope predicts where points go unless it was off by more than so many times what they moved (and so many pixels more), sums
    /// over the frames before, each fading by this factor a frame; of at least so many points that moved. Defaults 1.5, 30, 0.95 and 10.
    public var gyroscopeTolerance = 1.5
    public var gyroscopeSlack = 30.0
    public var gyroscopeMemory = 0.95
    public var gyroscopePoints = 10
    /// A point that should have moved this far by the gyroscope and by what a quarter of the others did, and has not, is on the device,
    /// pixels; default 20.
    public var deviceMotion = 20.0
    /// ... has not moved by more than this from where it began, pixels; default 1.5.
    public var deviceStillness = 1.5
    /// Smallest side of a usable table tag, pixels; default 14: below it corners are worse than half a pixel.
    public var minimumTagSide = 14.0

    public init() {
        corners.columns = 16
        corners.rows = 12
        corners.perCell = 2
        corners.minimumDistance = 8
        corners.blockSize = 5
        flow.window = 15
        flow.levels = 3
        flow.maximumRoundTrip = 0.5
        features.kind = .sift
        features.maximumCount = 500
        features.contrastThreshold = 0.015
    }
}

extension FrontEndOptions {
    /// The options for pictures of a width.
    func fitted(to width: Int) -> FrontEndOptions {
        let share = Double(width) / Double(max(fullWidth, 1))
        guard share < 1 else { return self }
        var o = self
        o.corners.minimumDistance *= share
        o.corners.perCell = Int((Double(corners.perCell) / share).rounded())
        o.flow.window = max(7, Int((Double(flow.window) * share / 2).rounded()) * 2 + 1)
        o.maskMargin = Int((Double(maskMargin) * share).rounded())
        o.borderMargin *= share
        return o
    }
}

/// How tracks are turned into poses.
public struct BatchOptions: Codable, Sendable, Equatable {
    /// Standard deviation of a tracked point before it is estimated from the residuals, pixels; default 0.4.
    public var trackSigma = 0.4
    /// Of a descriptor's keypoint before it is estimated; default 0.7 pixels.
    public var featureSigma = 0.7
    /// Of a tag's corner before it is estimated; default 0.4 pixels.
    public var tagSigma = 0.4
    /// Scale of the Cauchy loss, standard deviations; default 2.
    public var lossScale = 2.0
    /// Observations further off than this are dropped between rounds, standard deviations; default 4.
    public var rejection = 4.0
    /// Bounds of the estimated standard deviation of tracked points, pixels; default 0.08 to 1.5.
    public var minimumTrackSigma = 0.08
    public var maximumTrackSigma = 1.5
    /// ... of keypoints; default 0.2 to 1.5.
    public var minimumFeatureSigma = 0.2
    public var maximumFeatureSigma = 1.5
    /// ... of tag corners; default 0.1 to 1.5.
    public var minimumTagSigma = 0.1
    public var maximumTagSigma = 1.5
    /// Residuals (two for each point) below which a standard deviation is not estimated; default 100.
    public var spreadSamples = 100
    /// Least angle between the rays that make a point, degrees; default 1.5.
    public var minimumParallax = 1.5
    /// Points further from the camera than this are not used, metres; default 30.
    public var maximumDepth = 30.0
    /// Points nearer to the camera than this are not used, metres; default 0.05.
    public var minimumDepth = 0.05
    /// Least number of points that hold a frame's pose; default 8.
    public var minimumPoints = 8
    /// Least number of inliers for a frame to count as tracked; default 10.
    public var minimumInliers = 10
    /// The longest span between two tracked frames that the IMU bridges, seconds; default 1: beyond it errors pass 10 mm (double
    /// integration).
    public var maximumBridge = 1.0
    /// Longest pause between inertial samples that is integrated across, seconds; default 0.05.
    public var maximumInertialGap = 0.05
    /// m/s²; default 9.81.
    public var gravity = 9.81
    /// What is known of the biases beforehand, rad/s and m/s²; defaults 0.03 and 0.3.
    public var gyroscopeBiasSigma = 0.03
    public var accelerometerBiasSigma = 0.3
    /// Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree;
    /// how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6,
    /// 0.2, 20, 0.3, 1.
    public var propagationPasses = 6
    public var propagationShare = 0.2
    public var propagationAngleDegrees = 20.0
    public var propagationDistance = 0.3
    public var propagationBridge = 1.0
    /// Share of what the IMU's carrying missed a frame's place by, a frame's time on, that corrects its velocity; default 0.1: drift is
    /// followed over ten frames, the noise of single poses hardly.
    public var propagationGain = 0.1
    /// Frames between keyframes that end further than this from where the IMU carries the keyframe before were placed wrongly, metres;
    /// default 0.03: the IMU is good to millimetres over that time.
    public var carriedDistance = 0.03
    /// Frames between two at which propagation makes new points, besides keyframes; default 4: a point is made of three views at least.
    public var propagationTriangulation = 4
    /// The loss is so many times wider where a pose that was estimated from something else (a tag, a recognition) is refined; default 2.
    public var refinementWidening = 2.0
    /// A pose from the table tag whose corners are off by more than this, root mean square, is not believed, pixels; default 3.
    public var tagError = 3.0
    /// The tag's other pose is as likely as the better one up to so many times its error (and a pixel more), and gravity decides; default
    /// 3.
    public var tagAmbiguity = 3.0
    /// Poses found without the accelerometer that must have its mean point up for it to decide between others: the least cosine between its
    /// up and theirs, and how many poses a vote needs; half of them must agree. Defaults 0.7 (a hand's accelerations tilt it by up to 45
    /// degrees) and 3.
    public var minimumUpCosine = 0.7
    public var upVotes = 3
    /// Span on either side of a frame over which specific forces are averaged to find up, seconds; default 0.5: a hand's accelerations
    /// cancel over it.
    public var gravitySpan = 0.5
    /// Of more keyframes than this, bundle adjustment takes one for each span of time, no longer than `keyframeSpacing` seconds; defaults
    /// 150 and 0.7: its cost grows with the cube of their number.
    public var maximumKeyframes = 150
    public var keyframeSpacing = 0.7
    /// Rounds of solve, reject, triangulate again; default 3.
    public var rounds = 3
    /// Solver steps in a round at most, and the share of the cost below which a step ends it; defaults 20 and 1e-4.
    public var iterations = 20
    public var tolerance = 1e-4
    /// Gauss-Newton steps of the smoother over all frames; default 8.
    public var smootherIterations = 8
    /// Its first damping, and the share of the cost below which a step ends it; defaults 1e-6 (it begins near the solution) and 1e-6.
    public var smootherDamping = 1e-6
    public var smootherTolerance = 1e-6
    /// What is known of the first velocity of a span, 1 σ, m/s; default 10: no hand is faster, so that it only keeps the system regular.
    public var velocitySigma = 10.0
    /// The biases before the smoother are known to this part of what is known of them beforehand; default 0.3.
    public var knownBias = 0.3
    /// Without an IMU: Gauss-Newton steps of the smoother by motion alone; default 4.
    public var motionIterations = 4
    /// Search radius when landmarks are looked for in other keyframes: first and later rounds, pixels; default 8 and 4.
    public var searchRadius = 8.0
    public var refinedSearchRadius = 4.0
    /// Largest L2 distance of two descriptors of one landmark; default 260 (a descriptor has length 512).
    public var maximumDescriptorDistance = 260.0
    /// Matches between keyframes so many keyframes apart make landmarks; the nearest descriptor must be nearer than this share of the next
    /// one's distance; defaults 1, 2 and 4, and 0.8 (Lowe's).
    public var matchSteps = [1, 2, 4]
    public var matchRatio = 0.8
    /// A landmark's pixel errors at most: median of the two views that make it, of a view that joins it, median of all views at the end;
    /// defaults 1.5, 4 (poses are still rough) and 2.
    public var matchTolerance = 1.5
    public var joinTolerance = 4.0
    public var pointTolerance = 2.0
    /// A landmark is looked for from up to so many times its mean distance or as much nearer, and where the cosine between its direction
    /// and the view's is at least this; defaults 2 and 0.6: descriptors do not hold beyond.
    public var searchScaleRange = 2.0
    public var searchViewCosine = 0.6
    /// ... and its descriptor's squared distance must be below this share of the next one's; default 0.72.
    public var searchRatio = 0.72
    /// Anchors are compared with this many on either side, at most this far in time (seconds); defaults 6 and 3.
    public var seedNeighbours = 6
    public var seedSpan = 3.0
    /// ... must agree with the gyroscope to this angle, degrees, and imply no more than this speed, m/s; defaults 4 and 4.
    public var seedAngle = 4.0
    public var maximumSpeed = 4.0
    /// ... to this distance, metres; default 0.05: what two tags' poses in neighbouring frames may differ by.
    public var seedDistance = 0.05
    /// Without a tag: points that a first pair of keyframes must share; default 40.
    public var minimumPairTracks = 40
    /// ... and the least median parallax between them, degrees; default 3.
    public var minimumPairParallax = 3.0
    /// ... more of which does not make a pair better, degrees; default 10.
    public var usefulPairParallax = 10.0
    /// Until the scale is known, and where it never is, the first pair's points are taken to be so far away, metres; default 0.5. Any
    /// number does: lengths are then taken in proportion to `usualDistance`.
    public var startDistance = 0.5
    /// ... as if these points were so far away, metres; default 4.5: lengths for a hand's distance are too wide for a start (a real
    /// recording comes out half as well at 0.5).
    public var usualDistance = 4.5
    /// Pairs are so many keyframes apart; default 2, 3, 4 and 6.
    public var pairSteps = [2, 3, 4, 6]
    /// Their points agree to this angle, degrees, and at least this share of them; defaults 0.4 and 0.6. Their rotation is the gyroscope's
    /// to this angle, degrees; default 2.
    public var pairThreshold = 0.4
    public var pairInlierShare = 0.6
    public var pairAngle = 2.0
    /// Whether the batch refines what the device file says of clock, shutter, lens and the accelerometer's gain (it needs an IMU); default
    /// true.
    public var calibrates = true
    /// How far each is expected to be off, 1 σ. Clock offset after the search, seconds; default 0.02.
    public var clockSigma = 0.02
    /// Readout time, share of it; default 0.1.
    public var readoutSigma = 0.1
    /// The camera's rotation in the IMU's frame, degrees; default 0.02: looser, small errors of tracks turn it by a tenth of a degree.
    public var cameraTurnSigmaDegrees = 0.02
    /// Focal length, share of it; default 0.001.
    public var focalLengthSigma = 0.001
    /// Principal point, parts of the picture's width; default 0.0001: it trades against the camera's direction.
    public var principalPointSigma = 0.0001
    /// Each distortion number; default 0.0003.
    public var distortionSigma = 0.0003
    /// The accelerometer's gain, each axis; default 0.005: data sheets state 0.5 to 1 percent.
    public var accelerometerGainSigma = 0.005
    /// In a map that was refined already, corrections are expected to be this part of the above; default 0.3.
    public var knownCalibration = 0.3
    /// Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side
    /// (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays
    /// (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
    public var clockSearchStep = 4
    public var clockSearchPairs = 50
    public var clockSearchRange = 0.1
    public var clockSearchShare = 0.8
    public var clockTolerance = 0.004
    /// The IMU's noise is widened, up to so many times, where it does not fit the pictures over this span (seconds) by more than so many
    /// times the variance that pictures alone explain; defaults 50 (1: never), 0.25, 4.
    public var maximumNoiseGain = 50.0
    public var noiseSpan = 0.25
    public var visionMargin = 4.0
    /// When gyroscope and accelerometer are believed.
    public var sensors = SensorOptions()
    /// What is rigid in the picture, and never holds a map.
    public var rigid = RigidOptions()
    /// Without an IMU: frames over which a recording's own accelerations are measured, for the motion model of its smoother; default 6.
    public var motionSpan = 6
    /// Largest relative standard deviation of the scale from the IMU at which lengths count as metres; default 0.05.
    public var maximumScaleSigma = 0.05
    /// What the map's own deformation and the lens add to every pose's standard deviation, on each axis, in pixels: of the position at the
    /// distance of the points (near ones count for more), and of the rotation; defaults 0.04 and 0.047, chosen on the sessions of two simulators.
    public var systematicPosition = 0.04
    public var systematicRotation = 0.047
    /// How far the estimated clock is off at least, 1 σ, seconds: it moves every pose along its own motion; default 0.0002, measured on our
    /// own simulated sessions. What pictures and IMU disagree by on the clock comes on top.
    public var systematicClock = 0.0002
    /// Errors that points share are found by leaving regions of the picture out, so many columns and rows of them, in about so many frames;
    /// defaults 4, 3 and 120.
    public var structuralColumns = 4
    public var structuralRows = 3
    public var structuralFrames = 120
    /// ... and their variance is taken for so many times what is found; default 2: what whole regions of the picture share is not seen so.
    public var structuralInflation = 2.0
    /// Errors of one followed point in frames after one another are not independent: covariances are multiplied by what the recording's own
    /// residuals say of that, of about so many tracks, over so many seconds, as far as their correlation is above a floor; defaults 4000, 1
    /// and 0.05 (below it is chance).
    public var correlationTracks = 4000
    public var correlationSpan = 1.0
    public var correlationFloor = 0.05
    /// ... and by this at least; default 1.
    public var covarianceInflation = 1.0

    public init() {}
}

extension BatchOptions {
    /// With every length so many times as long: for a reconstruction whose unit is not the metre.
    func lengths(times factor: Double) -> BatchOptions {
        var o = self
        o.minimumDepth *= factor
        o.maximumDepth *= factor
        o.propagationDistance *= factor
        o.carriedDistance *= factor
        o.seedDistance *= factor
        o.maximumSpeed *= factor
        o.velocitySigma *= factor
        return o
    }
}

public struct MapOptions: Codable, Sendable, Equatable {
    public var frontEnd = FrontEndOptions()
    public var batch = BatchOptions()
    /// Descriptors kept for each landmark; default 4.
    public var descriptorsPerLandmark = 4
    /// How frames that tracking lost are found again in the map so far; every keyframe is tried.
    public var recognition = RecognitionOptions()
    /// Keyframes of the mapping video below which there is no map; default 5.
    public var minimumKeyframes = 5
    /// Landmarks below which there is no map; default 50.
    public var minimumLandmarks = 50
    /// The largest distance between two places of the camera in the mapping recording, metres, where neither the table tag nor an IMU gives
    /// the scale; default 0: not stated.
    public var statedExtent = 0.0
    /// A map whose scale nothing says is made so large that the points it began with are about so far away, metres; default 0.5: a hand's
    /// distance, for which what other stages state in metres is made.
    public var unscaledDistance = 0.5
    /// Without a table tag: which surface the session's frame stands on.
    public var surface = SurfaceOptions()

    public init() { recognition.interval = 1 }
}

/// How a frame is recognised by its descriptors.
public struct RecognitionOptions: Codable, Sendable, Equatable {
    /// Landmark matches that agree with one pose for a frame to be recognised; default 15.
    public var minimumInliers = 15
    /// Largest angle between a match and its landmark, degrees; default 0.8: 2 px at a focal length of 141 px.
    public var threshold = 0.8
    /// The nearest landmark's descriptor must be nearer than this share of the next one's distance, and than so many times
    /// `maximumDescriptorDistance`; defaults 0.85 and 1.2: RANSAC sorts out what a loose match lets in.
    public var ratio = 0.85
    public var distanceFactor = 1.2
    /// Of the keyframes with descriptors one in so many is tried; default 2, in a mapping video 1.
    public var interval = 2

    public init() {}
}

public struct LocalizeOptions: Codable, Sendable, Equatable {
    /// One point a cell, not two as in a mapping video: the map's landmarks hold a demo, and points are most of its cost.
    public var frontEnd = FrontEndOptions()
    public var batch = BatchOptions()
    public var recognition = RecognitionOptions()
    /// How well the map's up direction is trusted, radians; default 0.002: it comes from the whole mapping video.
    public var gravitySigma = 0.002
    /// A recording that the map does not hold is mapped by itself and joined by the table tag; default true.
    public var mapsAlone = true
    /// ... also when more than this share of its frames is lost; default 0.3.
    public var aloneShare = 0.3
    /// The table tag is no anchor when it stands this far from where the map says it is, metres; default 0.03: it was moved.
    public var movedTagDistance = 0.03

    public init() { frontEnd.corners.perCell = 1 }
}
