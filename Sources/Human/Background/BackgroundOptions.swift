/// Options of `BackgroundModel`: the static scene with its depth, from a recording of it (the mapping video).
public struct BackgroundOptions: Codable, Sendable, Equatable {
    /// Seconds between the pictures taken; default 0.25.
    public var interval = 0.25
    /// Most pictures; default 28: each costs about 80 ms once.
    public var keyframes = 28
    /// Fewest pictures with a pose for a model; default 5: with fewer the depth is guessed.
    public var minimumViews = 5
    /// Views that a picture's depth is sought with; default 6.
    public var views = 6
    /// Distance of two views that is liked best, metres; default 0.14.
    public var baseline = 0.14
    /// Largest turn between two views, degrees; default 40.
    public var maximumTurn = 40.0
    /// Heights above the table that are tried beside the table itself: up to, metres, and how many; defaults 0.28 and 22.
    public var maximumHeight = 0.28
    public var heights = 22
    /// Distances from the camera that are tried: from, to, metres, and how many, even in their inverse; defaults 0.25, 7 and 28.
    public var nearest = 0.25
    public var furthest = 7.0
    public var distances = 28
    /// Half side of the window that is compared, working pixels; default 3.
    public var window = 3
    /// Mean difference that a plane above the table, or a distance, has to be better by than the table, levels; default 0.8.
    public var tableBonus = 0.8
    /// Largest mean difference of an accepted depth, levels; default 9.
    public var maximumCost = 9.0
    /// Share by which the depths of two views of one point may differ; default 0.04.
    public var depthTolerance = 0.04
    /// Fewest other views that must agree on a point; default 2.
    public var agreeing = 2
    /// Side of the cells in which points are merged, metres at 0.5 m distance; default 0.007; it grows with the distance beyond.
    public var cell = 0.007
    /// Pixels between the nodes of a depth map, working pixels; default 2.
    public var step = 2
    /// Half the thickness of what counts as the table's own surface, metres; default 0.007.
    public var tableThickness = 0.007
    /// Views of the scene that a picture is compared with; default 5.
    public var comparisons = 5
    /// Blur of the working pictures that are compared, working pixels; default 0.6.
    public var smoothing = 0.6
    /// Noise of a predicted brightness and of its chroma, levels; defaults 1.5 and 1.5, and of brightness as a share of it; default 0.02.
    public var lumaNoise = 1.5
    public var chromaNoise = 1.5
    public var relativeNoise = 0.02
    /// Share of the chroma's difference to the neighbouring pixels by which it may be off at full size, where video holds chroma at half size;
    /// default 0.7.
    public var chromaBleed = 0.7
    /// Pixels by which a prediction may be off; default 0.3: poses, depth, rounding.
    public var shift = 0.3
    /// Added where fewer than three views show a place, levels by the number of views; default 6.
    public var fewViewsNoise = 6.0
    /// A point seen farther than this share beyond what hides it is hidden; default 0.08.
    public var hiddenShare = 0.08
    /// Levels by which brightness may differ from the scene's, default 4, and the same as a share of it, default 0.06.
    public var brightnessTolerance = 4.0
    public var relativeBrightnessTolerance = 0.06

    public init() {}
}
