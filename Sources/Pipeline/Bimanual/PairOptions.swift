public import Robot

/// How recordings of two grippers are put together.
public struct PairOptions: Codable, Sendable, Equatable {
    /// Shortest time for which two cameras must record together to make a demo, seconds; default 0.5.
    public var minimumOverlap = 0.5
    /// How far beyond what the clocks state the true offset is looked for, seconds; default 0.06: time codes are cut to whole frames (33 ms at
    /// 30 frames a second), and clocks that were set from one another's display differ by about another frame.
    public var searchWindow = 0.06
    /// Fewest sightings of one gripper's tags by the other's camera for the clocks to be set by them; default 10.
    public var minimumSightings = 10
    /// Largest standard deviation of an offset that is taken over from the pictures, seconds; default 0.003, the accuracy asked for.
    public var maximumOffsetSigma = 0.003
    /// Least standard deviation of an offset from the pictures, seconds; default 0.001: the poses' own errors are alike from frame to frame, which
    /// the corners' scatter does not show.
    public var offsetFloor = 0.001
    /// Standard deviation of the two trajectories' common error of place, metres; default 0.004: the map's own accuracy. It is estimated
    /// along with the offset, so that a place that is wrong throughout is not mistaken for time.
    public var placeSigma = 0.004
    /// Scale of the robust kernel on tag corners, pixels; default 1.
    public var cornerScale = 1.0
    /// Least correlation of both grippers' turning speeds at which their clocks are set by it (one object carried with both); default 0.95.
    public var minimumCorrelation = 0.95
    /// Standard deviation given to an offset from correlation, seconds; default 0.004.
    public var correlationSigma = 0.004
    /// Where the right arm's base stands in the table's frame, `x y z yaw_deg`; empty: the arm's own, moved by half `baseSpacing` to the right.
    public var baseRight = ""
    /// The same of the left arm.
    public var baseLeft = ""
    /// Distance of the two bases along the table's y axis where none are given, metres; default 0.6.
    public var baseSpacing = 0.6
    /// How near the two arms may come to each other.
    public var station = StationOptions()

    public init() {}
}

/// A demo recorded by two grippers at once.
struct DemoPair: Sendable, Codable, Equatable {
    /// Right unit, `+`, left unit.
    var name: String
    var right: String
    var left: String
    /// Left video time = right video time + offset, seconds.
    var offset: Double
    var offsetSigma: Double
    /// What the clocks alone stated.
    var statedOffset: Double
    /// `tags`, `motion` or `clock`: what the offset rests on.
    var method: String
    /// Sightings of one gripper's tags by the other, and their residual, pixels.
    var sightings: Int
    var residual: Double
    var notes: [String]
}

/// A recording's part in a pair.
struct PairSide: Sendable {
    var pair: DemoPair
    var isRight: Bool
}
