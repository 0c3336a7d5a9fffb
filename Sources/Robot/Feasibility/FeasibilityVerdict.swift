/// Where a demonstration was given another speed, and what came of it.
public struct SpeedChange: Sendable, Equatable, Codable {
    /// First and one-past-last frame of the path that are shown for longer or shorter than they were recorded.
    public var firstFrame: Int
    public var endFrame: Int
    /// On the path's clock, seconds.
    public var startSeconds: Double
    public var endSeconds: Double
    /// How long it took as recorded, and how long it takes now, s.
    public var recordedSeconds: Double
    public var seconds: Double
    /// Slowest and fastest speed as a share of the recorded.
    public var slowest: Double
    public var fastest: Double
    /// Largest distance of the tool from the recorded one in these frames, m and rad.
    public var positionDeviation: Double
    public var rotationDeviation: Double
    /// What was wrong, in words; empty where nothing was (`fastest-feasible`).
    public var cause: String
    /// One line for people.
    public var detail: String
}

/// A stretch that is kept, with its time map.
public struct KeptMotion: Sendable, Equatable, Codable {
    public var firstFrame: Int
    public var endFrame: Int
    public var isRetimed: Bool
    public var recordedSeconds: Double
    public var seconds: Double
    /// For each frame when it is shown, s after the stretch's start.
    public var frameSeconds: [Double]
}

/// What was found of a demonstration as recorded, what was done about it, and what is true of what is kept.
public struct FeasibilityVerdict: Sendable, Equatable, Codable {
    /// At the speed at which it was recorded.
    public var recorded: FeasibilityReport
    /// After repair; frames that are cut have their reason.
    public var kept: FeasibilityReport
    public var changes: [SpeedChange]
    public var motions: [KeptMotion]
    /// What each posture family would keep, where it is not the first or that one loses frames; empty elsewhere.
    public var postures: [PostureTrial] = []

    /// The motions themselves, in the order of `motions`; not part of the JSON.
    public var paths: [Motion] = []

    enum CodingKeys: CodingKey { case recorded, kept, changes, motions, postures }

    public init(recorded: FeasibilityReport, kept: FeasibilityReport, changes: [SpeedChange], motions: [KeptMotion], paths: [Motion]) {
        self.recorded = recorded
        self.kept = kept
        self.changes = changes
        self.motions = motions
        self.paths = paths
    }

    /// One line: `feasible …`, or what is wrong where, and what was changed.
    public var verdict: String { kept.verdict }
    /// Whether the joints are of another posture family than the first, see `JointPath.family`.
    public var leavesFamily: Bool { postures.contains { $0.isTaken && $0.family != 0 } }
    /// The first violation as recorded that made a frame infeasible for a reason.
    public func culprit(_ reason: FeasibilityCheck, frames: Range<Int>) -> FeasibilitySpan? {
        let overlapping = recorded.spans.filter { $0.fails && $0.firstFrame < frames.upperBound && $0.endFrame > frames.lowerBound }
        return overlapping.first { $0.check == reason } ?? overlapping.first
    }
}
