/// What the masker did to a recording.
public struct MaskStatistics: Sendable, Equatable {
    /// Whether a human was seen at all, and why, in one line.
    public var humanVisible: Bool
    public var reason: String
    public var frameCount: Int
    /// Frames with any pixel to be removed.
    public var humanFrameCount: Int
    /// By frame, in order: human pixels (margin left out) as a share of the picture inside the image circle.
    public var humanShares: [Double]
    /// By frame, in order.
    public var doubts: [MaskUncertainty] = []

    public var meanHumanShare: Double { humanShares.isEmpty ? 0 : humanShares.reduce(0, +) / Double(humanShares.count) }
    public var largestHumanShare: Double { humanShares.max() ?? 0 }
}
