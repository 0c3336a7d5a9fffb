/// What the masker did to a recording, in pixels of working size.
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
    public var uncertainties: [MaskUncertainty] = []

    public var meanHumanShare: Double { humanShares.isEmpty ? 0 : humanShares.reduce(0, +) / Double(humanShares.count) }

    mutating func add(_ mask: WorkingMask) {
        frameCount += 1
        humanFrameCount += mask.isTouched ? 1 : 0
        humanShares.append(mask.humanShare)
        uncertainties.append(mask.uncertainty)
    }
}
