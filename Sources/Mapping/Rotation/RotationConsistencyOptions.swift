/// Every threshold of the comparison between the rotation in the pictures and the gyroscope's.
public struct RotationConsistencyOptions: Codable, Sendable, Equatable {
    /// Pictures are made no wider than this before tracking, pixels; default 640: rotation needs no more, and it bounds the cost.
    public var maximumWidth = 640
    /// Frames are skipped down to about this rate, 1/s; default 30.
    public var maximumRate = 30.0
    /// `check` ends after so much footage that moves enough, seconds; default 12: stabilisation is set for a whole clip.
    public var sufficientMotion = 12.0
    /// After so much footage that moves enough, and again after twice that, what was seen is looked at: where the pictures follow the gyroscope
    /// beyond doubt, `check` ends there, seconds; default 2: a stabiliser lets no shake pass for that long; 0: never. Only with known intrinsics.
    public var earlyMotion = 2.0
    /// Beyond doubt: `minimumShakeGain` is passed by so many standard errors of the gain; default 6.
    public var earlyErrors = 6.0
    /// `check` ends after so much footage in any case, seconds; default 90.
    public var maximumDuration = 90.0
    /// Footage counts as moving from this rate on, degrees per second; default 5, ten times what tracking noise shows.
    public var movingRateDegrees = 5.0
    /// Corners followed at once; default 240.
    public var trackCount = 240
    /// Side of the window that corners are followed with, pixels, odd; default 21: rotation is judged from few corners, which should hold.
    public var flowWindow = 21
    /// Least corners of a pair; default 20.
    public var minimumTracks = 20
    /// Least share of a pair's corners that agree on one motion; default 0.4: below, something else than the room fills the picture.
    public var minimumInlierShare = 0.4
    /// Largest angle of an inlier to its epipolar plane, degrees; default 0.2, about one pixel at 300 px focal length.
    public var inlierThresholdDegrees = 0.2
    /// RANSAC samples a pair; default 50: 80 % sure with half outliers, 98 % with 40 %, and a miss is weighed down later.
    public var ransacIterations = 50
    /// A corner that stays within this while half the others move ten times as far is rigid with the camera (the gripper), pixels of the
    /// tracked picture; default 0.3.
    public var rigidMotion = 0.3
    /// Frames (after skipping) between the two pictures of a pair; default 1, 4 and 12: about 33, 130 and 400 ms. The longer ones serve an estimate
    /// of the rotation alone (`griptrace inspect --rotation`).
    public var baselines = [1, 4, 12]
    /// Clock offsets searched on either side of the stated one, seconds; default 0.15.
    public var offsetRange = 0.15
    /// Step of the coarse search, seconds; default 0.004: below a gyroscope's sample interval.
    public var offsetStep = 0.004
    /// A hole in the gyroscope's samples longer than this is not bridged, seconds; default 0.05.
    public var maximumGyroscopeGap = 0.05
    /// Slow turns (which a stabiliser lets pass) are taken out by the mean over this window, seconds; default 0.8.
    public var slowWindow = 0.8
    /// The gyroscope's shake that the pictures must show at least; default 0.6: no stabiliser leaves half, no honest clip loses a third.
    public var minimumShakeGain = 0.6
    /// A stabilised clip shows at least this share of the gyroscope's slow turns; default 0.5: of one that shows neither them nor the shake
    /// the axes may be wrong, which the reason says.
    public var minimumSlowGain = 0.5
    /// Slow turns below this root mean square tell nothing, degrees per second; default 2.
    public var minimumSlowDegrees = 2.0
    /// Pairs of neighbouring frames that must be comparable for a clip to be called stabilised, share of them; default 0.5.
    public var minimumPairShare = 0.5
    /// Shake below this root mean square cannot be judged, degrees per second; default 1.5.
    public var minimumShakeDegrees = 1.5
    /// Least correlation of the two rates of turn below which the pair does not belong together; default 0.5.
    public var minimumCorrelation = 0.5
    /// Expected gyroscope bias (1 σ), rad/s; default 0.01: consumer MEMS after factory calibration.
    public var biasSigma = 0.01
    /// Error of a turn between two pictures (1 σ), degrees; default 0.1: a third of a pixel of 200 corners and an unmodelled lens.
    public var pictureSigmaDegrees = 0.1
    /// Shortest focal length of the search for unknown intrinsics, in widths; default 0.2: the widest fisheyes.
    public var shortestFocalLength = 0.2
    /// Longest focal length of the search, in widths; default 1.5 (37° across).
    public var longestFocalLength = 1.5

    /// When the gyroscope is believed at all.
    public var sensors = SensorOptions()
    /// What is rigid in the picture, and left out.
    public var rigid = RigidOptions()

    public init() {}
}
