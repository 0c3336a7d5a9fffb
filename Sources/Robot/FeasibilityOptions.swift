/// Thresholds of the feasibility verdict.
public struct FeasibilityOptions: Codable, Sendable, Equatable {
    public init() {}

    /// Length of the window over which joint motion is fitted, seconds. Default 0.3: with a cubic, motion up to about 5 Hz passes, and
    /// 1 mm of white pose noise at 60 Hz reads as about 0.3 rad/s² on an arm's joint, far under any limit.
    public var window: Double = 0.3
    /// Degree of the polynomial fitted in the window. Default 3; 5 follows faster motion and lets through about six times the noise.
    public var degree: Int = 3
    /// Position residual above which a frame is out of reach, m. Default 1 mm.
    public var reachPosition: Double = 1e-3
    /// Rotation residual above which a frame is out of reach, rad. Default 0.5 degrees.
    public var reachRotation: Double = 0.5 * Double.pi / 180
    /// Distance a joint must keep from the ends of its range, rad or m. Default 0.02.
    public var positionMargin: Double = 0.02
    /// Share of the velocity limit that may be used. Default 0.9: room for the controller.
    public var velocityFraction: Double = 0.9
    /// Share of the acceleration limit that may be used. Default 1.
    public var accelerationFraction: Double = 1
    /// Share of the jerk limit above which there is a warning. Default 1.
    public var jerkFraction: Double = 1
    /// Share of the torque limit that may be used. Default 0.9: the model's masses are known to about that.
    public var torqueFraction: Double = 0.9
    /// Share of the torque rate limit above which there is a warning. Default 1.
    public var torqueRateFraction: Double = 1
    /// Smallest clearance of the arm from itself, m; below it there is a collision. Default 0.
    public var selfClearance: Double = 0
    /// Smallest clearance of the arm, without its fingers, from the table, m. Default 0.
    public var tableClearance: Double = 0
    /// Clearance at which the margin reads 1, m. Default 0.05.
    public var farClearance: Double = 0.05
    /// Clearance under which there is a warning, m. Default 5 mm.
    public var nearClearance: Double = 0.005
    /// Smallest singular value of the Jacobian (angles weighted by `lever`) under which there is a warning. Default 0.03.
    public var singular: Double = 0.03
    /// Length that makes rotation comparable with translation, m. Default 0.3.
    public var lever: Double = 0.3
    /// Whether limits that are only assumed can fail a frame. Default true; false turns them into warnings.
    public var assumedLimitsFail: Bool = true
    /// Seconds around a span out of reach in which fast joints of the stretching arm are put down to the reach and not to speed. Default 0.5.
    public var reachShadow: Double = 0.5
    /// Singular value under which an arm counts as stretching in that sense. Default 0.1.
    public var stretching: Double = 0.1
    /// Frames of one reason that are this close, seconds, are one span. Default 0.05.
    public var mergeGap: Double = 0.05
}
