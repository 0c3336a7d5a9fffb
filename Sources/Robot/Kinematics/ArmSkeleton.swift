/// An arm's joints as lines in its base's frame while every joint stands at zero: a joint turns everything behind it about its line (or moves
/// it along). Enough to draw the arm in any posture.
public struct ArmSkeleton: Codable, Sendable, Equatable {
    public struct Joint: Codable, Sendable, Equatable {
        /// Unit vector.
        public var axis: [Double]
        /// Where the joint sits, m.
        public var point: [Double]
        public var isRevolute: Bool
    }

    public var joints: [Joint]
    /// The tool's origin, m.
    public var tool: [Double]
}
