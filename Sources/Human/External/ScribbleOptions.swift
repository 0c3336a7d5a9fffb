/// Options of hand-drawn labels and of the classifier that carries them to a recording's other frames.
public struct ScribbleOptions: Codable, Sendable, Equatable {
    /// Widest picture that features are taken from, pixels; default 320, that of the masks.
    public var maximumWidth = 320
    /// Half sides of the neighbourhoods whose mean and spread are features, pixels of that picture; default 3, 8, 20.
    public var radii = [3, 8, 20]
    /// The trees; default 30 of depth 12: labels are true, so leaves may be small.
    public var forest = ForestOptions(trees: 30, depth: 12, tries: 8, smallestSplit: 8)
    /// Most samples of each class that a labelled frame gives; default 4000, evenly spread over its labelled pixels.
    public var samples = 4000
    /// Fewest pixels of each class over all labels for a classifier; default 30.
    public var minimumPixels = 30
    /// Half side of the neighbourhood over which the classifier's chances are averaged, pixels of that picture; default 1.
    public var smoothing = 1
    /// Factor on the log odds of the labels on their own frames; default 3: they overrule everything but the device.
    public var labelWeight = 3.0
    /// Factor on the classifier's log odds on all frames; default 1.5: colours that a person has named count more than those found.
    /// Where the session's static scene is known default 0.5: what it predicts is more certain than colours named on one frame.
    public var weight = 1.5
    public var backgroundWeight = 0.5
    /// Largest chance that the classifier can claim; default 0.97.
    public var certainty = 0.97

    public init() {}
}
