/// How a camera is calibrated from pictures of a board.
public struct IntrinsicsCalibrationOptions: Codable, Sendable, Equatable {
    /// Standard deviation of a detected corner, pixels; default 0.1, what the detectors reach on sharp pictures. The stated deviations of
    /// the result are scaled by what the residuals are in truth.
    public var cornerSigma = 0.1
    /// Scale of the Cauchy loss of the first rounds, standard deviations; default 3.
    public var robustScale = 3.0
    /// A corner further off than this many medians of the residual is left out of the last round; default 6, about four deviations of a
    /// Gaussian.
    public var outlierFactor = 6.0
    /// A corner less far off than this is never left out, pixels; default 0.5.
    public var outlierFloor = 0.5
    /// A picture with fewer corners is left out; default 8, twice what a pose needs.
    public var minimumCorners = 8
    /// Fewer usable pictures are refused; default 5: eight intrinsics want boards at several tilts and places.
    public var minimumPictures = 5
    /// Focal lengths tried first, in parts of the picture's width; default 0.2 to 1.6, from a full fisheye to a long lens.
    public var focalLengths = [0.2, 0.25, 0.3, 0.36, 0.44, 0.53, 0.64, 0.77, 0.93, 1.1, 1.35, 1.6]
    /// Pictures that judge a first focal length; default 8, spread evenly over all.
    public var trialPictures = 8
    /// Threshold of the first poses, degrees; default 1.5: the first focal length is off by up to a tenth.
    public var poseThresholdDegrees = 1.5
    /// Deviation of a distortion term about zero before anything is seen; default 0.3: hardly felt, but keeps unseen terms finite.
    public var distortionSigma = 0.3
    /// Deviation of the principal point about the picture's centre before anything is seen, in parts of the width; default 0.1.
    public var principalPointSigma = 0.1
    /// Beyond the farthest corner that was seen the lens is used for this many degrees more; default 5: a polynomial is not to be trusted
    /// far outside what it was fitted to.
    public var angleMarginDegrees = 5.0

    public init() {}
}
