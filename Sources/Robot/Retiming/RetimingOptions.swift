/// How motions are given another speed.
public struct RetimingOptions: Codable, Sendable, Equatable {
    public init() {}

    /// Distance of the points at which speed is chosen, s of the recording; default 1/120.
    public var spacing: Double = 1.0 / 120
    /// Slowest speed, share of the recorded; default 0.2. A frame that the arm can only pass more slowly is cut: so slow is no demonstration any
    /// more, and near a singularity no speed is slow enough.
    public var slowest: Double = 0.2
    /// Highest speed under `fastest-feasible`, as a multiple of the recorded; default 8.
    public var fastest: Double = 8
    /// Width of the window over which changes of acceleration are spread, applied twice, s; default 1/30: a data set of 30 Hz still shows them.
    public var window: Double = 1.0 / 30
    /// Share of each limit that is used; default 0.995, so that rounding and interpolation stay inside.
    public var share: Double = 0.995
    /// How often limits are tightened where spreading the acceleration broke them; default 25.
    public var rounds: Int = 25
    /// Distance of the knots of the new motion, s; default 1/120.
    public var knot: Double = 1.0 / 120
    /// Speed under which a frame counts as slowed down, share of the recorded; default 0.99.
    public var slowed: Double = 0.99
}
