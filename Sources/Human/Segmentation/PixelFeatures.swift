internal import Imaging
internal import Session

/// A frame's working picture and what is known of it before it is judged.
struct SeenFrame {
    var frame: Int
    var time: Timestamp<VideoClock>
    /// RGB, working size.
    var image: Image
    var picture: ColourPicture
    /// Nil where they are not known.
    var poses: RowPoses?
    /// Working size, before any human is sought.
    var classes: Image
    /// Log odds of human from models and labels, working size; nil without.
    var external: [Float]?
}

/// What is known of a recording when its frames are judged.
struct RecordingKnowledge: Sendable {
    var skin: SkinModel
    /// The factor on the tolerances within the recording.
    var tolerance: Double
    /// The session's static scene; nil without one.
    var background: BackgroundModel?
    /// Nil where no tag of another gripper is seen.
    var others: OtherGrippers?
}

/// Everything known about one working picture's pixels before they are judged, a byte a pixel.
struct PixelFeatures: Sendable {
    /// See `Disagreement.between`; nil without poses.
    var disagreement: [UInt8]?
    /// The same averaged over a small neighbourhood, the device left out: a human is a dense patch, noise and edges are specks.
    var dense: [UInt8] = []
    /// Sets of `blocked`, `held`, `skin`, `gripper`, `notGripper`.
    var flags: [UInt8]
    /// Log odds of human from models and labels; nil without.
    var external: [Float]?
    /// How far the pixel and its neighbours are from the static scene, as a share times `Disagreement.full`, `unknown` where the scene is
    /// not known; nil without a background model.
    var residual: [UInt8]?
    /// What the static scene predicts; nil without a background model.
    var prediction: BackgroundPrediction?
    /// See `HumanOptions.explainedShare` and `explainedDisagreement`.
    private let explained: (share: Double, disagreement: Double)

    /// The device and what lies beyond the circle.
    static let blocked: UInt8 = 1
    /// Steady in the picture between the jaws.
    static let held: UInt8 = 2
    /// May be skin by its colour.
    static let skin: UInt8 = 4
    /// May be another gripper: near its tag, of the device's colours.
    static let gripper: UInt8 = 8
    /// Near another gripper's tag and of the human's colours rather than a gripper's.
    static let notGripper: UInt8 = 16

    /// - Parameter classes: working size, before any human is sought.
    init(classes: Image, options: HumanOptions) {
        let background = PixelClass.background.rawValue
        flags = classes.pixels.map { $0 == background ? 0 : Self.blocked }
        explained = (options.explainedShare, max(options.explainedDisagreement, 1e-3))
    }

    /// Sets which pixels may be another gripper's, and which beside it are not.
    mutating func mark(_ found: GripperMask) {
        for i in flags.indices {
            flags[i] &= ~(Self.gripper | Self.notGripper)
            if found.gripper[i] { flags[i] |= Self.gripper } else if found.human[i] { flags[i] |= Self.notGripper }
        }
    }

    @inline(__always) func has(_ flag: UInt8, _ i: Int) -> Bool { flags[i] & flag != 0 }

    /// Whether the scene, static or of the recording's other pictures, was asked.
    var isCompared: Bool { disagreement != nil || residual != nil }

    /// The disagreement as a share; nil where unknown.
    @inline(__always) func share(_ i: Int) -> Double? {
        guard let disagreement, disagreement[i] != Disagreement.unknown else { return nil }
        return Double(disagreement[i]) / Disagreement.full
    }

    /// How little is known of why the pixel looks as it does, 0 to 1: by the static scene where that is known, else by the recording's other
    /// pictures. What the scene does not hold but the pictures before or after do is a thing that was moved, a part of the scene that is badly
    /// known, or, if it looks like skin, a human who keeps still.
    @inline(__always) func unexplained(_ i: Int) -> Double? {
        guard let share = backgroundShare(i) else { return denseShare(i) }
        guard !has(Self.skin, i), let other = denseShare(i) else { return share }
        return share * (explained.share + (1 - explained.share) * min(1, other / explained.disagreement))
    }

    /// How far the pixel is from the static scene; nil where that is not known.
    @inline(__always) func backgroundShare(_ i: Int) -> Double? {
        guard let residual, residual[i] != Disagreement.unknown else { return nil }
        return Double(residual[i]) / Disagreement.full
    }

    /// The neighbourhood's disagreement as a share; nil where the pixel's own is unknown.
    @inline(__always) func denseShare(_ i: Int) -> Double? {
        guard let disagreement, disagreement[i] != Disagreement.unknown, dense[i] != Disagreement.unknown else { return nil }
        return Double(dense[i]) / Disagreement.full
    }
}
