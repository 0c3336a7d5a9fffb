/// What is checked, by the word that reports and rejections use.
public enum FeasibilityCheck: String, Sendable, Codable, CaseIterable {
    case outOfReach = "out_of_reach"
    case pathJump = "path_jump"
    /// The smooth motion is too far from the recorded tool.
    case toolDeviation = "tool_deviation"
    case selfCollision = "self_collision"
    case tableCollision = "table_collision"
    case obstacleCollision = "obstacle_collision"
    case jointPosition = "joint_position"
    case singularity
    case jointVelocity = "joint_velocity"
    case jointAcceleration = "joint_acceleration"
    case jointTorque = "joint_torque"
    case jointJerk = "joint_jerk"
    case jointTorqueRate = "joint_torque_rate"

    /// Whether more time could mend it.
    public var isSpeed: Bool {
        switch self {
        case .jointVelocity, .jointAcceleration, .jointTorque, .jointJerk, .jointTorqueRate: true
        default: false
        }
    }
}

/// A stretch of frames in which one check, for one joint where it has one, is violated.
public struct FeasibilitySpan: Sendable, Equatable, Codable {
    public var check: FeasibilityCheck
    /// False for a warning.
    public var fails: Bool
    /// The joint, or the two bodies of a collision as `a|b`; nil for reach, jumps and singularities.
    public var element: String?
    /// First and one-past-last frame of the path.
    public var firstFrame: Int
    public var endFrame: Int
    /// On the path's clock, seconds.
    public var startSeconds: Double
    public var endSeconds: Double
    public var worstFrame: Int
    public var worstSeconds: Double
    /// The worst value and the limit it is held against, in `unit`.
    public var worst: Double
    public var limit: Double
    public var unit: String
    /// Who says the limit.
    public var source: String
    public var assumed: Bool
    /// One line for people.
    public var detail: String
}

/// How near each frame comes to one kind of limit.
public struct FeasibilityMargin: Sendable, Equatable, Codable {
    public var check: FeasibilityCheck
    /// One for each frame: 1 far from the limit, 0 at it, below 0 violated; nil where it cannot be said (out of reach, beside a jump).
    public var values: [Double?]
    /// The smallest, and its frame; nil if there is none.
    public var worst: Double?
    public var worstFrame: Int?
}

/// The largest value of one joint over the path against its limit.
public struct JointExtreme: Sendable, Equatable, Codable {
    public var joint: String
    public var kind: LimitKind
    public var value: Double
    /// Nil where nobody has said.
    public var limit: Double?
    public var unit: String
    public var frame: Int
    public var source: String?
}

/// The verdict on one joint path for one arm.
public struct FeasibilityReport: Sendable, Equatable, Codable {
    public var arm: String
    public var frames: Int
    /// No frame is infeasible.
    public var feasible: Bool
    /// One line: `feasible`, or what is wrong, where.
    public var verdict: String
    /// For each frame the first reason that makes it infeasible (reach before posture before speed), nil where it is feasible.
    public var reasons: [FeasibilityCheck?]
    public var spans: [FeasibilitySpan]
    public var margins: [FeasibilityMargin]
    public var extremes: [JointExtreme]
    /// What could not be checked and why, such as a limit nobody has published.
    public var unchecked: [String]
    /// How the joints were smoothed before they were differentiated, such as `cutoff 10 Hz`.
    public var smoothing: String
    /// Standard deviation of the noise of the joint positions about the fitted motion, rad or m, the largest over the joints.
    public var positionNoise: Double
    /// Largest distance of the smooth motion's tool from the recorded one at a frame, m and rad.
    public var positionDeviation: Double
    public var rotationDeviation: Double
    /// Where the path was moved aside, within tolerance, to keep a joint inside its range.
    public var grazes: [JointGraze] = []

    /// Share of the frames that are feasible, 0...1.
    public var feasibleShare: Double {
        frames == 0 ? 1 : Double(reasons.filter { $0 == nil }.count) / Double(frames)
    }
}
