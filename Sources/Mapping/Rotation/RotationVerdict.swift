public import Geometry
public import Session

/// Whether the pictures turn as the gyroscope says the camera did.
public enum RotationFinding: String, Sendable, Codable, CaseIterable {
    /// They do: the recording can be used with its IMU.
    case consistent
    /// The pictures do not show the gyroscope's shake: stabilised in the camera, or a gyroscope that is wired otherwise or of another recording;
    /// the reason says which.
    case stabilised
    /// There is no gyroscope to compare with.
    case notApplicable = "not_applicable"
    /// Too little motion, too few corners or too short a recording to tell, or pictures and gyroscope differ otherwise than by a stabiliser.
    case undetermined
}

/// What the comparison found; angles in degrees where the name says so, else SI.
public struct RotationVerdict: Sendable, Equatable {
    public var finding: RotationFinding
    /// One sentence with the numbers that decided, and what would help.
    public var reason: String
    /// Share of the gyroscope's squared rate that the pictures explain, 0...1; negative where they contradict it.
    public var explainedShare = 0.0
    /// The same for the shake alone: without turns slower than about 0.8 s.
    public var explainedShakeShare = 0.0
    /// How much of the gyroscope's shake the pictures show: 1 of an honest clip, 0.0 to 0.4 of a stabilised one. Tracking noise does not
    /// change it.
    public var shakeGain = 0.0
    /// Standard error of `shakeGain`.
    public var shakeGainError = 0.0
    /// The same of the slow turns, which a stabiliser lets pass.
    public var slowGain = 0.0
    /// Share of the followed corners that are rigid in the picture (the gripper) and were left out.
    public var rigidShare = 0.0
    /// `explainedShare` after the camera's own record of its stabilisation is undone; nil without such a record or without need.
    public var undoneExplainedShare: Double?
    /// The gyroscope's shake, root mean square, degrees per second.
    public var shakeDegrees = 0.0
    /// Correlation of the two rates' lengths.
    public var correlation = 0.0
    /// What remains between the rates over the shortest baseline, root mean square over axes, worst twentieth left out, degrees per second.
    public var rateResidualDegrees = 0.0
    /// Best offset: `inertial = video + offset`.
    public var clockOffset = ClockOffset(nanoseconds: 0)
    /// rad/s, body axes.
    public var gyroscopeBias = Vector3.zero
    /// Used or found camera orientation in the IMU's frame.
    public var bodyFromCamera = Rotation.identity
    public var isRotationEstimated = false
    /// Used or found intrinsics.
    public var camera: CameraModel?
    public var isCameraEstimated = false
    /// Footage compared, seconds, and pairs of frames in it.
    public var checkedSeconds = 0.0
    public var pairCount = 0
    /// Why reading stopped before the end, if it did.
    public var readProblem: String?

    public var stabilised: Bool { finding == .stabilised }

    init(_ finding: RotationFinding, _ reason: String) {
        self.finding = finding
        self.reason = reason
    }
}
