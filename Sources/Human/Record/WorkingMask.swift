public import Imaging
public import Session
#if canImport(Glibc)
    internal import Glibc
#endif

/// Where the human is in one frame, at the size at which humans are sought: what `HumanMasker.seek` hands out and `MaskRecordWriter` takes.
public struct WorkingMask: Sendable {
    /// Frame number in the recording.
    public var frame: Int
    public var time: Timestamp<VideoClock>
    /// A `PixelClass` raw value per pixel, at working size: what `MaskFinisher` refines at full size.
    public var classes: Image
    /// Pixels of human, margin left out, as a share of the picture inside the image circle.
    public var humanShare: Double
    /// Whether any pixel of the frame is to be removed.
    public var isTouched: Bool
    /// The probability of human, 0 to 255, by pixel.
    public var humanProbability: Image
    public var uncertainty: MaskUncertainty
    let finding: FrameFinding
}

/// What of a frame is needed to make its class map from its picture.
struct FrameFinding: Sendable, Equatable {
    /// Nil where no region was accepted.
    var score: ScoreMap?
    /// Nil where nothing is marked.
    var marks: MarkMap?
    /// By how many working pixels the margin grows with the picture's motion.
    var blur = 0
    /// Views of the background model that the picture was compared with; empty without.
    var used: [UsedView] = []

    var isEmpty: Bool { score == nil && marks == nil }
}

/// A view of the background model and the picture's brightness over the view's.
struct UsedView: Sendable, Equatable {
    var view: Int
    var gain: Float
}

/// Log odds of human by working pixel in tenths, from −5 to 5.
struct ScoreMap: Sendable, Equatable {
    /// One byte a pixel: 0 where nothing was judged, else `middle` and a tenth of log odds to a level.
    let levels: Image

    private static let middle: Float = 128
    private static let step: Float = 0.1
    private static let most: Float = 50
    /// The lowest level that is judged: what is lower still has it too.
    static let lowest = UInt8(middle - most)

    /// - Precondition: `levels` has one channel.
    init(levels: Image) {
        precondition(levels.channels == 1, "a score has a byte a pixel")
        self.levels = levels
    }

    /// - Parameter score: `HumanScore.blocked` where nothing was judged; what is more than 0 stays so.
    init(_ score: [Float], width: Int, height: Int) {
        levels = Image(
            width: width, height: height, channels: 1,
            pixels: score.map { s in
                if s <= HumanScore.blocked { return 0 }
                let tenths = max(-Self.most, min(Self.most, (s / Self.step).rounded()))
                return UInt8(Self.middle + (s > 0 ? max(tenths, 1) : min(tenths, 0)))
            })
    }

    static func isJudged(_ level: UInt8) -> Bool { level != 0 }

    /// By level: log odds.
    static let odds: [Float] = (0..<256).map { $0 == 0 ? HumanScore.blocked : (Float($0) - middle) * step }
    /// By level: the probability of what is likelier, human or not.
    static let sureness = odds.map { 1 / (1 + exp(-Double(abs($0)))) }
    /// By level: entropy of human against not, bits; 0 where nothing was judged.
    static let entropy = sureness.enumerated().map { level, p in
        level == 0 || p > 1 - 1e-6 ? 0 : -(p * log2(p) + (1 - p) * log2(1 - p))
    }

    /// By pixel: log odds, `HumanScore.blocked` where nothing was judged.
    var odds: [Float] { levels.pixels.map { Self.odds[Int($0)] } }

    /// By pixel: human sooner than not.
    var area: [Bool] { levels.pixels.map { Float($0) > Self.middle } }
}

/// What of the working pixels is neither human nor scene.
struct MarkMap: Sendable, Equatable {
    /// May be another gripper.
    static let gripper: UInt8 = 1
    /// Held by the jaws, and not explained by the scene.
    static let moved: UInt8 = 2

    /// Sets of `gripper` and `moved`, one byte a pixel.
    let flags: Image

    init(flags: Image) { self.flags = flags }

    /// Nil where nothing is marked.
    init?(width: Int, height: Int, _ flags: (_ pixel: Int) -> UInt8) {
        let found = (0..<(width * height)).map(flags)
        guard found.contains(where: { $0 != 0 }) else { return nil }
        self.flags = Image(width: width, height: height, channels: 1, pixels: found)
    }

    @inline(__always) func has(_ flag: UInt8, _ i: Int) -> Bool { flags.pixels[i] & flag != 0 }
}
