/// When a gyroscope or an accelerometer is believed.
public struct SensorOptions: Codable, Sendable, Equatable {
    /// Readings that repeat one value for longer than this are a frozen sensor's and are not used, seconds; default 0.25: the noise of a
    /// sensor that works changes its last digit from reading to reading.
    public var frozenSpan = 0.25
    /// A sensor that has more than this share of its readings frozen or at the end of its range is left out, otherwise those readings alone;
    /// default 0.02.
    public var maximumFaultyShare = 0.02
    /// Neighbouring readings at an axis's largest value from which on it is the end of the range; default 4: a peak of a motion is sharper.
    public var saturatedReadings = 4
    /// More missing readings than this share are reported; default 0.05. They are interpolated up to `maximum_inertial_gap`.
    public var reportedDrop = 0.05
    /// Clock offsets searched on either side of the stated one where it does not fit, seconds; default 0.6.
    public var clockRange = 0.6
    /// How far the accelerometer's clock may be off the gyroscope's, seconds; default 0.06: what the batch finds by itself.
    public var clockTolerance = 0.06
    /// How far a gain may be off 1; default 0.04: ten times what factories leave.
    public var gainTolerance = 0.04
    /// Share of a sensor's squared signal that the pictures must explain; default 0.5. Below, one of the two is wrong.
    public var minimumAgreement = 0.5
    /// Pairs (or triples) of frames that such a comparison needs; default 12.
    public var minimumSamples = 12
    /// The pictures' turns between two frames need this root mean square for it, degrees; default 1: ten times their error.
    public var minimumTurnDegrees = 1.0
    /// Noise is reported from so many times the stated density on; default 5: a hand's vibration makes up to that.
    public var reportedNoise = 5.0

    public init() {}
}
