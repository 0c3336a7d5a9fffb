/// What is done with frames that only speed makes infeasible.
public enum Repair: String, Codable, Sendable, CaseIterable {
    case retime, none
}

/// At what speed demonstrations are replayed.
public enum Speed: String, Codable, Sendable, CaseIterable {
    case recorded
    case fastestFeasible = "fastest-feasible"
}

/// Thresholds of the feasibility verdict.
public struct FeasibilityOptions: Codable, Sendable, Equatable {
    public init() {}

    /// How joint paths are smoothed before they are checked.
    public var smoothing = SmoothingOptions()
    /// How motions that are too fast are given more time.
    public var retiming = RetimingOptions()
    /// What is done with frames that only speed makes infeasible: `retime` gives them more time, `none` cuts them. Default `retime`.
    public var repair: Repair = .retime
    /// `recorded` keeps the demonstrator's speed where the arm can follow, `fastest-feasible` goes as fast as the arm's limits allow. Default
    /// `recorded`.
    public var speed: Speed = .recorded
    /// Furthest apart in time that a motion is checked, s. Default 1/60: a frame that is shown longer is checked more than once.
    public var step: Double = 1.0 / 60
    /// Torque rates are differences of torques so far before and after, s. Default 4 ms.
    public var torqueStep: Double = 0.004
    /// Position residual above which a frame is out of reach, m. Default 1 mm.
    public var reachPosition: Double = 1e-3
    /// Rotation residual above which a frame is out of reach, rad. Default 0.5 degrees.
    public var reachRotation: Double = 0.5 * Double.pi / 180
    /// Distance a joint must keep from the ends of its range, rad or m. Default 0.02.
    public var positionMargin: Double = 0.02
    /// A joint that is no further than this beyond its range (less the margin) is held at its end and the others take over, as long as the tool
    /// stays within 0.7 of `smoothing.position` and `.rotation`, rad or m. Default 0.1.
    public var graze: Double = 0.1
    /// How far inside a joint is held then, rad or m, so that smoothing does not carry it out again. Default 0.002.
    public var grazeMargin: Double = 0.002
    /// Share of the velocity limit that may be used. Default 0.9: room for the controller.
    public var velocityFraction: Double = 0.9
    /// Share of the acceleration limit that may be used. Default 0.95: a controller adds a few hundredths when it follows a data set's frames.
    public var accelerationFraction: Double = 0.95
    /// Share of the jerk limit that may be used. Default 1.
    public var jerkFraction: Double = 1
    /// Share of the torque limit that may be used. Default 0.9: the model's masses are known to about that.
    public var torqueFraction: Double = 0.9
    /// Share of the torque rate limit that may be used. Default 0.85: what frames at 60 Hz do not show of it a controller makes up.
    public var torqueRateFraction: Double = 0.85
    /// Smallest clearance of the arm from itself, m; below it there is a collision. Default 0.
    public var selfClearance: Double = 0
    /// Smallest clearance of the arm, without its fingers, from the table, m. Default −10 mm: a table found by tracking is known to no better,
    /// so what seems to dip in by less is a warning.
    public var tableClearance: Double = -0.01
    /// Smallest clearance of the arm from the obstacles given, m. Default 0.
    public var obstacleClearance: Double = 0
    /// Clearance at which the margin reads 1, m. Default 0.05.
    public var farClearance: Double = 0.05
    /// Clearance under which there is a warning, m. Default 5 mm.
    public var nearClearance: Double = 0.005
    /// Smallest singular value of the Jacobian (angles weighted by `lever`) under which a frame is infeasible, m. Default 0.003: to move its tool
    /// by 1 mm the arm would have to turn a joint by 20 degrees.
    public var singular: Double = 0.003
    /// The value under which there is a warning, m. Default 0.03.
    public var nearSingular: Double = 0.03
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
