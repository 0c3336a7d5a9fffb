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
    /// Half side of the square whose mean brightness is taken off before pictures are compared, working pixels, default 4: exposure drops out.
    public var detailRadius = 4
    /// Most that a pixel's brightness, and its chroma, count as different, levels; defaults 24 and 20: what moved is not compared for ever.
    public var mostLumaDifference = 24
    public var mostChromaDifference = 20
    /// Weight of the half of the views that agrees better, default 0.6, and what is added where only one half shows a place, levels, default 2.
    public var betterHalfWeight = 0.6
    public var loneHalfCost = 2.0
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
    /// Distance up to which cells are of that size, metres, default 0.6; they double with it. And fewest points of a cell, default 2: one is noise.
    public var cellDistance = 0.6
    public var pointsInCell = 2
    /// Points of the cloud that are farther than the nearest one by no more than this share, default 0.06, and this much more, metres, default
    /// 0.01, belong to one surface.
    public var surfaceShare = 0.06
    public var surfaceMargin = 0.01
    /// A point covers the nodes within this share of its cell's side, default 0.62, and so many nodes more, default 0.25, so that neighbours meet; and
    /// at most so many nodes to each side, default 3.5.
    public var splatShare = 0.62
    public var splatMargin = 0.25
    public var largestSplat = 3.5
    /// A node that shows the table takes the table's exact distance where that is off by less than this share; default 0.2.
    public var tableSnap = 0.2
    /// Nodes by which the known may grow into holes of a depth map; default 6.
    public var holeReach = 6
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
    /// Added where fewer than so many views show a place, default 3, levels by the number of views, default 6.
    public var fewViews = 3
    public var fewViewsNoise = 6.0
    /// Noise to a level by which the views are apart in brightness, default 1.5, and in chroma, both channels together, default 0.75.
    public var lumaSpread = 1.5
    public var chromaSpread = 0.75
    /// A point seen farther than this share beyond what hides it is hidden; default 0.08.
    public var hiddenShare = 0.08
    /// And farther beyond it than this, metres; default 0.01.
    public var hiddenMargin = 0.01
    /// What a turn of a radian counts for when the nearest views are sought, metres; default 0.35.
    public var turnDistance = 0.35
    /// Places at which both a picture and a view must show the scene for their brightness to be compared, default 60, and the darkest and brightest
    /// level that counts there, defaults 16 and 245.
    public var exposureWitnesses = 60
    public var darkestWitness = 16
    public var brightestWitness = 245

    public init() {}
}
