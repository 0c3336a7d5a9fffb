public import Session

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

    public init(
        jointNames: [String], times: [Timestamp<VideoClock>], positions: [Double], positionResidual: [Double]? = nil,
        rotationResidual: [Double]? = nil, reached: [Bool]? = nil, jumps: [Int] = [], projectedRotation: [Double]? = nil
    ) {
        self.jointNames = jointNames
        self.times = times
        self.positions = positions
        self.positionResidual = positionResidual ?? Array(repeating: 0, count: times.count)
        self.rotationResidual = rotationResidual ?? Array(repeating: 0, count: times.count)
        self.reached = reached ?? Array(repeating: true, count: times.count)
        self.jumps = jumps
        self.projectedRotation = projectedRotation ?? Array(repeating: 0, count: times.count)
        precondition(
            positions.count == times.count * jointNames.count && self.positionResidual.count == times.count
                && self.rotationResidual.count == times.count && self.projectedRotation.count == times.count
                && self.reached.count == times.count,
            "the columns of a joint path are equally long")
    }

    public var count: Int { times.count }
    public var jointCount: Int { jointNames.count }

    /// The joints at one frame.
    public subscript(frame: Int) -> ArraySlice<Double> { positions[frame * jointCount..<(frame + 1) * jointCount] }
}
