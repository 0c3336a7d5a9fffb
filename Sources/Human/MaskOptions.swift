/// How the device, the human and the fill are found. Every threshold of the module is here.
public struct MaskOptions: Codable, Sendable, Equatable {
    public var device = DeviceMaskOptions()
    public var human = HumanOptions()
    public var skin = SkinOptions()
    public var background = BackgroundOptions()
    public var fill = FillOptions()
    public var models = ModelOptions()
    public var scribble = ScribbleOptions()
    public var overlay = OverlayOptions()
    public var fixedView = FixedViewOptions()

    public init() {}
}

/// Options of `DeviceMaskBuilder`.
public struct DeviceMaskOptions: Codable, Sendable, Equatable {
    /// Widest working picture, pixels; default 320. Pictures are scaled down by the smallest whole number that gets them below.
    public var maximumWorkingWidth = 320
    /// Pictures kept from each recording, evenly spread; default 40. More sharpen the statistics, at linear cost.
    public var framesPerRecording = 40
    /// Fewest pictures in all for a device mask from motion; default 12. With fewer only the hints and the circle are used.
    public var minimumFrames = 12
    /// Share of the recordings in which an edge must be rigid and an area steady; default 0.8: in some a hand lies over the device.
    public var recordingShare = 0.8
    /// A pixel beyond the circle is never brighter than this, gray levels; default 12 (black with noise and flare).
    public var circleBrightness = 12.0
    /// The quantile of |I − median| over the pictures that tells rigid from moving; default 0.8: a scene pixel that is steady half of
    /// the time (a bare table) is still swept by something now and then, a device pixel never is.
    public var deviationQuantile = 0.8
    /// A device pixel's deviation quantile is below this, gray levels, default 14: noise, exposure and moving shadows stay below it.
    public var maximumDeviation = 14.0
    /// Width of the band along the circle whose edge is the lens's, not the device's, working pixels; default 3.
    public var circleRim = 3
    /// |mean ∇I| / mean |∇I| above which an edge is rigid; default 0.7. An edge of the scene that moves comes to 0.1 to 0.3.
    public var minimumCoherence = 0.7
    /// |mean ∇I| above which a rigid edge counts, gray levels per pixel; default 4: smooth light on a bare table stays below it.
    public var minimumStrength = 4.0
    /// Mean |∇I| below which a pixel has no edge, gray levels per pixel; default 2.5 (about the noise of a sensor).
    public var minimumGradient = 2.5
    /// |mean ∇I| over the root mean square of |∇I| above which an edge stands still; default 0.75: so a finger's does that opens and closes by
    /// some pixels. An edge of the scene that sways over a place comes to 0.3 to 0.7.
    public var minimumPersistence = 0.75
    /// |mean ∇I| above which such an edge counts, gray levels per pixel; default 12: clouds and a far horizon stand still too, but are faint.
    public var standingStrength = 12.0
    /// Pixels of such edges that a device part needs, in sides of a square of its area; default 1.5 (a square's outline has four). Real and
    /// simulated grippers have 3.5 or more, skies, walls and horizons of footage without a gripper 0 to 0.2.
    public var standingEdge = 1.5
    /// Gap between rigid edges that is closed, share of the picture's width; default 0.025.
    public var edgeGap = 0.025
    /// Largest steady area that rigid edges and the circle may enclose, share of the picture; default 0.08.
    public var largestEnclosed = 0.08
    /// Radius of the thinnest device part, working pixels; default 2: thinner streaks are edges of a scene that moved little.
    public var thinnest = 2
    /// Whether every device part reaches the picture's border or the circle; default true.
    public var comesFromBorder = true
    /// Smallest device part, share of the picture; default 0.002.
    public var minimumShare = 0.002
    /// Dilation of the device for protecting it, working pixels; default 1.
    public var dilation = 1
    /// Pictures of the scene's own recording that are held against each other where the mask lies, most; default 24; fewest that must tell of a
    /// pixel, default 4; the share of other views that may disagree where the scene explains it, default 0.25; and the share of the pictures in
    /// which it must, default 0.6, for the pixel to be scene.
    public var trimPictures = 24
    public var trimKeyframes = 4
    public var trimDisagreement = 0.25
    public var trimShare = 0.6
    /// The patch about a finger tag within which the finger is sought, in tag sides to each side; default 4.
    public var fingerReach = 4.0
    /// A finger's protected square about its tag where no finger could be learned, in tag sides; default 1.9 (quiet zone and plate).
    public var fingerTagScale = 1.9
    /// Fewest pictures with a tag for learning its finger; default 10.
    public var minimumFingerFrames = 10

    public init() {}
}

/// Options of `HumanMasker`.
public struct HumanOptions: Codable, Sendable, Equatable {
    /// Widest working picture, pixels; default 240: where the static scene is known the outline is found at full size anyway.
    public var maximumWorkingWidth = 240
    /// Seconds between the pictures that stand for the static scene; default 0.2.
    public var keyframeInterval = 0.2
    /// Most keyframes held in memory; default 1200 (about 0.2 GB); a longer recording gets a longer interval.
    public var maximumKeyframes = 1200
    /// Other keyframes a picture is compared with; default 12, half before and half after.
    public var neighbours = 12
    /// Nearest keyframe used, seconds; default 0.25: nearer ones show the human at the same place.
    public var nearestNeighbour = 0.25
    /// Furthest keyframe used, seconds; default 3.5: further ones see a different light and a drifted pose.
    public var furthestNeighbour = 3.5
    /// Heights above the table on which a pixel may lie, metres: the table itself and what stands on it. More surfaces explain more of the
    /// scene, and by chance more of a hand on wood: twice as many cost 0.1 of IoU on the fixture.
    public var planeHeights = [0.0, 0.025, 0.06, 0.12, 0.2]
    /// Distances from the camera at which a pixel may lie where it is not near the table, metres: walls and what is behind.
    public var sphereDistances = [6.0, 2.0, 1.0, 0.6, 0.35]
    /// Furthest point on a plane, metres; default 4.
    public var maximumPlaneDistance = 4.0
    /// Pixels between the nodes at which the warp is computed exactly, working pixels; default 8.
    public var gridStep = 8
    /// Gray levels by which brightness may differ between two views of the same point; default 8 (noise, vignetting).
    public var brightnessTolerance = 8.0
    /// The same as a share of the brightness; default 0.12 (exposure, vignetting).
    public var relativeBrightnessTolerance = 0.12
    /// Colour distance |ΔCb| + |ΔCr| + half the brightness left after tolerance above which two views differ, levels; default 9.
    public var colourTolerance = 9.0
    /// Factors on the three tolerances, the largest first: the smallest is used with which the static scene explains itself, so that a steady,
    /// clean recording tells a hand from a wooden table.
    public var toleranceLadder = [1.0, 0.7, 0.5, 0.35, 0.25]
    /// A smaller tolerance is taken while this quantile of the disagreement over the sampled keyframes' pixels, default 0.9, …
    public var toleranceQuantile = 0.9
    /// … is at most this share of views; default 0.16.
    public var toleranceDisagreement = 0.16
    /// Keyframes on which the tolerance is chosen; default 9.
    public var toleranceKeyframes = 9
    /// Fewest neighbours that see a pixel for it to be judged; default 3.
    public var minimumViews = 3
    /// Half side of the neighbourhood over which disagreement is averaged, working pixels; default 2, at most 31.
    public var denseRadius = 2
    /// Averaged share of views (before, after and together, on every surface) that must disagree for a seed of human; default 0.4.
    public var seedDisagreement = 0.4
    /// Averaged share of views that must agree for a pixel to be a seed of scene; default 0.8.
    public var sceneAgreement = 0.8
    /// Disagreement that says neither human nor scene; default 0.25.
    public var neutralDisagreement = 0.25
    /// Keyframes to one with a seed, before and after, between which another one's regions are human, where the static scene is known; default 2.
    public var seedReach = 2
    /// What of a pixel's deviation from the static scene is left where the recording's other pictures explain it wholly, default 0.25, and the share
    /// of them that must disagree for all of it to count, default 0.4: a thing that was moved is no human unless it looks like skin.
    public var explainedShare = 0.25
    public var explainedDisagreement = 0.4
    /// Keyframes from one with a human within which a frame is searched; default 2.
    public var activeReach = 2.0
    /// Smallest seed region, share of the picture inside the circle; default 0.003.
    public var seedShare = 0.003
    /// Judge recordings without poses, by skin colour alone; default false: wood, mulch and orange plastic look like skin, and a recording
    /// without poses gives no episode anyway.
    public var judgeWithoutPoses = false
    /// Agreement at which a pixel is explained and no further surface is tried; default 0.85.
    public var sufficientAgreement = 0.85
    /// Fewest keyframes with a seed region for the recording to have a human at all; default 5 (a second).
    public var gateKeyframes = 5
    /// Share of the picture that the seeds of so many keyframes must cover; default 0.006.
    public var gateShare = 0.006
    /// Smallest seed region where none of it looks like skin, share of the picture; default 0.006: sleeves and gloves are large.
    public var plainSeedShare = 0.006
    /// Share of a seed region that must look like skin to be taken at `seedShare`; default 0.12.
    public var seedSkinShare = 0.12
    /// Log odds from which a pixel's word is taken: for learning the human's colours again from what was found, and where a model or label says so;
    /// default 1.
    public var sureOdds = 1.0
    /// Weaker evidence that may link a region to the border: averaged share of views that disagree, default 0.2, or log odds above, default −1.5.
    public var linkDisagreement = 0.2
    public var linkOdds = -1.5
    /// Share of a region's pixels that the scene must leave unexplained (more than `neutralDisagreement`); default 0.3: colour alone, at the
    /// rim above all, is no human.
    public var regionDisagreement = 0.3
    /// Sectors of the border (36 in all) with at least this share of the seeds of the fullest one let a human in; default 0.2.
    public var entryShare = 0.2
    /// Sectors to each side of those that do so too; default 5 (50 degrees).
    public var entryReach = 5
    /// A region counts as reaching the border within this many working pixels of it; default 9: beyond `rimWidth`.
    public var borderReach = 9
    /// Width of the band along the image circle in which nothing can be a seed, working pixels; default 6: the light falls off there in a way
    /// that no other picture explains.
    public var rimWidth = 6
    /// Radius about the tool in which a thing that is steady in the picture is held by the jaws, metres; default 0.09.
    public var heldRadius = 0.09
    /// Seconds before and after in which a held thing is steady, default 0.5; pictures nearer than the gap, default 0.08, are the picture itself; and
    /// the share of them that must look alike, default 0.75.
    public var heldSpan = 0.5
    public var heldGap = 0.08
    public var heldAgreement = 0.75
    /// Weight of the recording's own colour model against the motion evidence; default 1.
    public var colourWeight = 1.0
    /// Weight of the motion evidence; default 5: full disagreement is worth e^3.75.
    public var motionWeight = 5.0
    /// Log odds against human for what the jaws hold; default 2.
    public var heldWeight = 2.0
    /// Log odds against human before any evidence, default 0.7, and where the static scene is known, default 0: there the evidence says enough.
    public var prior = 0.7
    public var backgroundPrior = 0.0
    /// Deviation from the static scene that says nothing yet, default 1.2, and how much more says all that can be said, default 3; standard
    /// deviations of the prediction.
    public var backgroundDeviation = 1.2
    public var backgroundLevels = 3.0
    /// Where the static scene is known much less gives a human away: smallest seed region, default 0.0015, share of the picture that the seeds of
    /// `gateKeyframes` keyframes must cover, default 0.0025, smallest region in a frame, default 0.0005, and the band along the circle in
    /// which nothing can be a seed, working pixels, default 1.
    public var backgroundSeedShare = 0.0015
    public var backgroundGateShare = 0.0025
    public var backgroundMinimumShare = 0.0005
    public var backgroundRimWidth = 1
    /// A region of a smaller share, default 0.004, must touch the border or lie within this reach, working pixels, default 12, of one that is larger or
    /// does: what stands alone in the picture is an edge or a shadow.
    public var loneShare = 0.004
    public var loneReach = 12
    /// Fewest frames with a tag that is neither one's own nor in the static scene for it to be another gripper's; default 8.
    public var otherTagFrames = 8
    /// Seconds before and after a frame in which such a tag may be seen for its place to be known in the frame; default 1.
    public var otherTagReach = 1.0
    /// How far from the tag its gripper is sought, in tag sides; default 5.
    public var otherGripperReach = 5.0
    /// The square about a tag that is the gripper in any colour, in tag sides; default 1.6: quiet zone and plate.
    public var otherTagScale = 1.6
    /// Log of a colour's density in one's own device over that of any colour, from which it is a gripper's, default 2; once the human's colours are
    /// known, default 0.5; and over its density in the human then, default 0.
    public var otherColourOdds = 2.0
    public var otherKnownOdds = 0.5
    public var otherHumanOdds = 0.0
    /// Widest gap in another gripper that is closed, working pixels; default 2.
    public var otherGapRadius = 2
    /// Half the widest gap between the parts of another gripper (body, fingers), working pixels; default 4.
    public var otherPartGap = 4
    /// Log odds against human, from models and labels, above which what the static scene does not explain is no seed; default 8: a drawn label says
    /// 12, a model that is sure 4, a classifier learned from labels 2.
    public var externalVeto = 8.0
    /// Smallest part of another gripper, working pixels; default 12: less is a speck of its colours in the human or the scene.
    public var otherPartArea = 12
    /// A region is another gripper's edge, not a human, where this share of it, default 0.6, lies within this reach of the gripper, working pixels,
    /// default 2 (blur and the video's coarse colours), where it does not come in from the border, and less than half of it is clearly of the
    /// human's colours: log of their density over the device's, default 2.
    public var otherEdgeShare = 0.6
    public var otherEdgeReach = 2
    public var otherSureOdds = 2.0
    /// Width about another gripper that is not taken for the human's margin, working pixels; default 1.
    public var otherMargin = 1
    /// Log odds against human there; default 4.
    public var otherGripperWeight = 4.0
    /// Keyframes on which the colours of one's own device are learned, default 20, and the shares of their light in which they are, defaults 1, 0.75,
    /// 0.55, 0.4: another gripper is lit otherwise. What the human's pixels near such a tag count, default 0.1.
    public var otherKeyframes = 20
    public var otherLights = [1.0, 0.75, 0.55, 0.4]
    public var otherNearWeight = 0.1
    /// Factor on the log odds of the static scene against the human's colours; default 1; 0 leaves the scene out.
    public var backgroundWeight = 1.0
    /// Share of scene pixels that the scene does not predict (edges, shadows, what moved); default 0.02.
    public var backgroundSurprise = 0.02
    /// Factor on the tolerances within the recording where the static scene is known; default 0.7.
    public var backgroundTolerance = 0.7
    /// Cost of an edge of the mask between like-coloured pixels, log odds; default 2.5.
    public var edgeCost = 2.5
    /// The same at full size along the mask's edge; default 2.5, and how far from the working mask's edge it is sought, working pixels; default 2.
    public var fineEdgeCost = 2.5
    public var edgeReach = 2
    /// Weight of the working picture's log odds in the full-size ones; default 0: they only smear the outline.
    public var edgeCoarseWeight = 0.0
    /// Colour difference over which that cost falls off, levels, default 9, and the share of it that is left across any, default 0.12: noise makes
    /// edges too.
    public var edgeLevels = 9.0
    public var leastEdgeCost = 0.12
    /// Most a single pixel's evidence counts in the cut, log odds; default 5.
    public var cutLimit = 5.0
    /// What is cut: the rectangle about the pixels above these log odds, default −1, and so many working pixels more, default 4: farther off
    /// everything is scene.
    public var cutOdds = -1.0
    public var cutMargin = 4
    /// Frames before and after whose masks are joined into the margin; default 2.
    public var unionFrames = 2
    /// Dilation of those frames' masks before that, working pixels; default 1: their full-size outlines, which may be wider, are not known.
    public var neighbourReach = 1
    /// Dilation of the human into the margin, working pixels; default 2.
    public var marginRadius = 2
    /// Most the margin grows with the picture's own motion (blur), working pixels; default 3.
    public var maximumBlurMargin = 3
    /// Distance of what the camera moves past, for that motion, metres; default 0.5: the table below a hand-held gripper.
    public var blurDistance = 0.5
    /// Frames to each side from which a finger tag is borrowed where a frame has none; default 45: a finger that is covered for a second is still there.
    public var fingerTagReach = 45
    /// Seconds by which a pose's time may be off its frame's; default 0.01: less than half a frame at 50 a second.
    public var poseTolerance = 0.01
    /// Probability of human from which a pixel that is not taken out counts as unresolved; default 0.4: its own evidence says human as soon as not.
    public var unresolvedProbability = 0.4
    /// Smallest human region in a frame, share of the picture; default 0.0025: smaller ones are boxes that the surfaces do not explain.
    public var minimumShare = 0.0025

    public init() {}
}

/// Options of `SkinModel` and the colour path.
public struct SkinOptions: Codable, Sendable, Equatable {
    /// Centre of skin in ln(R/G) and ln(G/B) of a white-balanced picture; defaults 0.36 and 0.20. Melanin and blood absorb green and
    /// blue more than red: skin of every tone lies on one short line in these two; lightness tells tones apart and is not used.
    public var centreRedGreen = 0.36
    public var centreGreenBlue = 0.20
    /// Standard deviations about the centre; defaults 0.15 and 0.14.
    public var sigmaRedGreen = 0.15
    public var sigmaGreenBlue = 0.14
    /// Squared Mahalanobis distance below which a pixel surely looks like skin; default 1.5.
    public var strictDistance = 1.5
    /// The same below which it may be skin; default 4.5.
    public var looseDistance = 4.5
    /// Darkest and brightest green value judged, levels; defaults 18 and 245: the ratios are noise below and clipped above.
    public var minimumBrightness = 18.0
    public var maximumBrightness = 245.0
    /// Pictures of the recording on which white balance is found; default 40, evenly spread.
    public var balancePictures = 40
    /// Share of the scene's pixels, the brightest, among which gray ones are sought for white balance; default 0.1.
    public var brightShare = 0.1
    /// Fewest gray pixels among them for white balance, share of the scene; default 0.005.
    public var neutralShare = 0.005
    /// Most that a channel of a gray pixel differs from green, as a ratio, and so the most that white balance changes; default 1.25: cameras
    /// balance already.
    public var maximumBalance = 1.25
    /// Smallest region of skin in a single picture, share of it; default 0.004.
    public var minimumShare = 0.004
    /// GrabCut iterations of the colour path on a single picture; default 3; 0 leaves the grown region as it is.
    public var grabCutIterations = 3

    public init() {}
}

/// What replaces a removed pixel.
public enum FillMode: String, Codable, Sendable, CaseIterable {
    /// True background from other frames where they agree, else painted in from around.
    case observed
    /// Painted in from around (Telea).
    case inpaint
    /// Black.
    case black
    /// Left as it is: the mask is made, the picture untouched.
    case keep
}

/// Options of `Filler`.
public struct FillOptions: Codable, Sendable, Equatable {
    /// Default `observed`.
    public var mode = FillMode.observed
    /// Radius of Telea's neighbourhood, pixels; default 4.
    public var inpaintRadius = 4.0
    /// Full-size pictures held for filling from other frames; default 48, evenly spread over the recording.
    public var plates = 48
    /// Fewest views that agree for a pixel to count as observed; default 2.
    public var minimumViews = 2
    /// Most views asked for a pixel; default 6, nearest first.
    public var maximumViews = 6
    /// Spread of the agreeing views, levels summed over the channels; default 14: more and what is off by a pixel passes for observed.
    public var viewTolerance = 14.0
    /// Most that a view counts as off, levels summed over the channels; default 90: a view that shows something else is not compared for ever.
    public var mostDifference = 90.0
    /// Without a background model: half side of the square over which views on a surface are compared, pixels, default 4, and what each surface
    /// after the first has to be better by than the one before, levels, default 0.15: the table is likelier than what stands on it.
    public var surfaceWindow = 4
    public var surfaceBonus = 0.15
    /// What a turn of a radian counts for when the nearest viewpoints are sought, metres; default 0.3.
    public var turnDistance = 0.3
    /// Pixels of the ring on which a view's brightness is compared with the picture's, at least, default 40; the darkest level that counts there,
    /// default 12; and the smallest change that is made, default 0.015: rounding is less.
    public var exposureWitnesses = 40
    public var darkestWitness = 12.0
    public var exposureStep = 0.015
    /// Largest mean spread of the views about an observed pixel, levels summed over the channels, default 12, and the half side of the square it is
    /// taken over, pixels, default 2: views that differ all about agree on a pixel by chance.
    public var agreement = 12.0
    public var agreementRadius = 2
    /// Mean spread beyond which nobody knows what is there, levels, default 24: the pixel counts as invented.
    public var disagreement = 24.0
    /// Pictures that are looked at for a hole where the static scene is known, the nearest viewpoints first; default 14.
    public var candidateViews = 14
    /// Agreeing views whose mean is taken, the nearest first; default 2: more blur fine print.
    public var meanViews = 2
    /// Places of a hole at which it is asked whether a view helps, default 40, and the share of those still lacking views that it must show
    /// to be looked at, default 0.08.
    public var probes = 40
    public var helpfulShare = 0.08
    /// Pixels between the nodes of the depth behind a hole, working pixels; default 1.
    public var depthStep = 1
    /// Seconds between the pictures that are completed for the frames between them; default 0.5: less costs more, more drifts.
    public var anchorInterval = 0.5
    /// Farthest such picture a frame is filled from, seconds; default 1; a frame without one near is filled by itself.
    public var maximumAnchorGap = 1.0
    /// What a pixel that one view alone showed there, or nobody, counts beside one that two views showed; defaults 0.25 and 0.02.
    public var propagatedTrust = 0.25
    public var inventedTrust = 0.02
    /// What a frame's anchors do not show is sought in the other views where it is more than this share of the picture; default 0.002.
    public var smallestDirect = 0.002
    /// Width of the ring about a hole from which brightness is matched, pixels; default 6.
    public var ringWidth = 6
    /// How the ring's brightness is carried into the hole: over cells of so many pixels, default 3, by means over squares of these half sides, cells,
    /// defaults 2, 6, 18, of which the narrower count as far as they have so many pixels of the ring, default 24; a pixel's difference counts for no more
    /// than so many levels, default 24: one that the views do not explain at all is no witness.
    public var ringCell = 3
    public var ringRadii = [2, 6, 18]
    public var ringWitnesses = 24
    public var ringDifference = 24.0
    /// What nobody saw is painted in smoothly where it is no wider than this, pixels of working size, default 6, and continued by copied
    /// squares where it is.
    public var sliverWidth = 6
    /// Side of those squares, default 9, and how far they are sought, default 40, pixels.
    public var exemplarSize = 9
    public var exemplarReach = 40
    /// Largest share of the picture that is so continued in one picture, default 0.02: more costs much and is smooth instead.
    public var largestExemplar = 0.02
    /// What a smooth guess of a square's unknown pixels counts beside its known ones; default 0.5: less lets colours wander.
    public var guessTrust = 0.5
    /// Most by which a square's brightness is changed to meet its surroundings, levels; default 12.
    public var exemplarBrightness = 12.0
    /// Within so many pixels, working size, of another gripper or a moved thing nobody knows whether that or the scene lies behind the human:
    /// there a pixel counts as invented; default 5.
    public var moverMargin = 5
    /// Whether sharpness and grain are matched to those of the ring; default true: else a hole is told by its smoothness.
    public var matchesGrain = true
    /// Pixels of the ring that they are matched on: fewest, default 150, and most, default 2000.
    public var grainWitnesses = 150
    public var mostGrainWitnesses = 2000
    /// Bounds of what fine detail is multiplied by, defaults 0.5 (the frame is blurred by motion) and 1.6 (more tells noise for structure).
    public var leastSharpening = 0.5
    public var mostSharpening = 1.6
    /// Most that a pixel's fine detail counts, levels, default 24, and the detail below which nothing is told from it, default 0.5.
    public var mostDetail = 24.0
    public var steadyDetail = 0.5
    /// Noise that is added, standard deviation of its fine detail, levels: at least, else none is, default 2 (less cannot be told from fine
    /// texture, and would cost 0.5 dB), and at most, default 8.
    public var leastGrain = 2.0
    public var mostGrain = 8.0
    /// Most that its neighbouring pixels are correlated; default 0.3: what views are off by looks like more.
    public var mostCorrelation = 0.3
    /// Pixels over which the picture fades into the hole, in the margin about the human, default 3, and how far it may be from what is filled
    /// to show, levels, default 8: a human does not.
    public var featherWidth = 3
    public var featherTolerance = 8.0
    /// Paint the finger tags over with the colour around them, as UMI does; default false.
    public var paintFingerTags = false
    /// The painted square, in tag sides; default 1.4.
    public var paintScale = 1.4

    public init() {}
}
