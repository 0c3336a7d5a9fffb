/// How a replay is run and what passes.
public struct ReplayOptions: Codable, Sendable, Equatable {
    public init() {}

    /// Step of the simulation and of the controller, s. Default 1 ms, as arms are commanded.
    public var step: Double = 0.001
    /// Natural frequency of the controller's position error, Hz, critically damped. Default 8.
    public var stiffness: Double = 8
    /// By how much every mass of the simulated arm exceeds what the controller believes, share. Default 0.02.
    public var massError: Double = 0.02
    /// Furthest that the simulated tool may be from the commanded and from the recorded path, m. Default 2 mm.
    public var position: Double = 2e-3
    /// The same for rotation, rad. Default 0.5 degrees.
    public var rotation: Double = 0.5 * Double.pi / 180
    /// Contacts are looked for each so many steps. Default 4.
    public var contactSteps: Int = 4
}

/// Where a limit came nearest to being exceeded in a replay.
public struct ReplayExtreme: Sendable, Equatable, Codable {
    public var kind: LimitKind
    public var joint: String
    /// Value over limit; above 1 is exceeded.
    public var share: Double
    public var value: Double
    public var limit: Double
    public var unit: String
    /// Seconds after the start.
    public var seconds: Double
}

/// A contact that was not in the plan.
public struct ReplayContact: Sendable, Equatable, Codable {
    public var check: FeasibilityCheck
    /// Bodies: `a|b`, or one body in the table.
    public var element: String
    public var seconds: Double
    /// Metres; negative when they overlap.
    public var clearance: Double
}

/// What came of driving a simulated arm with an episode's joints.
public struct ReplayReport: Sendable, Equatable, Codable {
    public var arm: String
    public var frames: Int
    public var seconds: Double
    /// Simulated tool against the commanded one, m and rad: largest and mean.
    public var positionError: Double
    public var positionErrorMean: Double
    public var rotationError: Double
    /// Simulated tool against the recorded one at the frames; nil where the recorded path is not known.
    public var recordedPositionError: Double?
    public var recordedRotationError: Double?
    /// Frames that are inside every limit and tolerance.
    public var goodFrames: Int
    /// Share of the steps in which the controller asked for more torque than there is.
    public var saturated: Double
    public var extremes: [ReplayExtreme]
    public var contacts: [ReplayContact]
    /// What failed, a line each; empty when it passed.
    public var failures: [String]

    public var passes: Bool { failures.isEmpty }

    /// One line: how well it went, or what failed first.
    public var verdict: String {
        let worst = extremes.max { $0.share < $1.share }
        let limit = worst.map { ", \(shortest(100 * $0.share)) % of \($0.joint)'s \($0.kind.rawValue)" } ?? ""
        let recorded = recordedPositionError.map { ", \(shortest(1000 * $0)) mm from the recorded" } ?? ""
        let text =
            "within \(shortest(1000 * positionError)) mm and \(shortest(rotationError * 180 / .pi))° of the command\(recorded)\(limit)"
        return failures.isEmpty ? text : failures.joined(separator: "; ")
    }
}
