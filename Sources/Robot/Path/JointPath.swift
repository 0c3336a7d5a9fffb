public import Session

/// What a path would lose in one posture family.
public struct PostureTrial: Sendable, Equatable, Codable {
    /// As in `JointPath.family`; `JointPath.noFamily` stands for the best choice over all frames and families.
    public var family: Int
    /// Frames out of reach, in collision, on a joint's limit or singular.
    public var lostFrames: Int
    public var jumps: Int
    public var isTaken: Bool

    /// A family in words.
    public static func name(_ family: Int) -> String {
        switch family {
        case 0: "the home family"
        case JointPath.noFamily: "a posture of its own"
        default: "family \(family)"
        }
    }

    /// Why a path is not, or not wholly, followed in the first family: what each would lose. Empty where nothing was tried but the first.
    public static func sentence(_ trials: [PostureTrial], frames: Int) -> String {
        guard let taken = trials.first(where: \.isTaken) else { return "" }
        let list = trials.map { "\(name($0.family)) keeps \(frames - $0.lostFrames) of \(frames) frames with \($0.jumps) jumps" }
        return "in \(name(taken.family)): \(list.joined(separator: ", "))"
    }
}

/// Joint positions along a recording, one row for each frame, with what the inverse kinematics left over.
public struct JointPath: Sendable, Equatable {
    public var jointNames: [String]
    public var times: [Timestamp<VideoClock>]
    /// Row-major, `times.count` × `jointNames.count`; rad or m.
    public var positions: [Double]
    /// What is left between the asked and the reached tool pose, m and rad.
    public var positionResidual: [Double]
    public var rotationResidual: [Double]
    /// Rotation that an arm with fewer than six joints cannot take and that is left out, rad; 0 for others. Not part of `rotationResidual`.
    public var projectedRotation: [Double]
    /// Whether the residual is inside the solver's tolerance.
    public var reached: [Bool]
    /// Frames at which the arm would have to jump to another posture: the step from the frame before is not one motion.
    public var jumps: [Int]
    /// By frame the posture family that the joints are of: 0 that of `SolveOptions.posture`, 1… the arm's others in order of strain, `noFamily`
    /// where the posture was chosen for this path alone, by the solver or by whoever recorded the joints.
    public var family: [Int]
    /// What the families that were tried would each have lost; empty where the first lost nothing, or where no rule was asked for.
    public var trials: [PostureTrial] = []

    public static let noFamily = -1

    public init(
        jointNames: [String], times: [Timestamp<VideoClock>], positions: [Double], positionResidual: [Double]? = nil,
        rotationResidual: [Double]? = nil, reached: [Bool]? = nil, jumps: [Int] = [], projectedRotation: [Double]? = nil,
        family: [Int]? = nil
    ) {
        self.jointNames = jointNames
        self.times = times
        self.positions = positions
        self.positionResidual = positionResidual ?? Array(repeating: 0, count: times.count)
        self.rotationResidual = rotationResidual ?? Array(repeating: 0, count: times.count)
        self.reached = reached ?? Array(repeating: true, count: times.count)
        self.jumps = jumps
        self.projectedRotation = projectedRotation ?? Array(repeating: 0, count: times.count)
        self.family = family ?? Array(repeating: Self.noFamily, count: times.count)
        precondition(
            positions.count == times.count * jointNames.count && self.positionResidual.count == times.count
                && self.rotationResidual.count == times.count && self.projectedRotation.count == times.count
                && self.reached.count == times.count && self.family.count == times.count,
            "the columns of a joint path are equally long")
    }

    public var count: Int { times.count }
    public var jointCount: Int { jointNames.count }

    /// The joints at one frame.
    public subscript(frame: Int) -> ArraySlice<Double> { positions[frame * jointCount..<(frame + 1) * jointCount] }
}
