public import Geometry
public import Imaging

/// One row of a demonstration, whatever the format it goes to: what each arm and its gripper do at one moment, and what its camera sees.
public struct DatasetFrame: Sendable {
    /// One arm at that moment.
    public struct Side: Sendable {
        /// Radians (metres for sliding joints), in the specification's order.
        public var joints: [Double]
        /// Gripper opening, metres; 0 is closed.
        public var gripperWidth: Double
        /// The tool in the frame of this arm's base, metres.
        public var baseFromTool: Transform<Base, Tool>
        /// The tool in the table tag's frame, z up, metres.
        public var tableFromTool: Transform<Table, Tool>
        /// Smallest margin over all checks of feasibility, 0 at a limit.
        public var feasibilityMargin: Double
        /// Of the position, metres; negative where it is not known.
        public var positionSigma: Double
        /// Whether the pose was bridged over a gap in tracking.
        public var isBridged: Bool
        /// Share of the picture's pixels that were filled in, 0 to 1.
        public var filledShare: Double
        /// Frame of the recording that is shown.
        public var sourceFrame: Int
        /// What sensors beside the camera read, in the order of the specification's samples.
        public var samples: [[Double]]
        /// RGB, as large as the recording's: writers crop and scale as their format needs.
        public var picture: Image

        public init(
            joints: [Double], gripperWidth: Double, baseFromTool: Transform<Base, Tool>, tableFromTool: Transform<Table, Tool>,
            feasibilityMargin: Double, positionSigma: Double, isBridged: Bool, filledShare: Double, sourceFrame: Int, picture: Image,
            samples: [[Double]] = []
        ) {
            self.joints = joints
            self.gripperWidth = gripperWidth
            self.baseFromTool = baseFromTool
            self.tableFromTool = tableFromTool
            self.feasibilityMargin = feasibilityMargin
            self.positionSigma = positionSigma
            self.isBridged = isBridged
            self.filledShare = filledShare
            self.sourceFrame = sourceFrame
            self.picture = picture
            self.samples = samples
        }

        /// In the order of `DatasetSide.annotations`.
        var annotations: [AnnotationValue] {
            [
                .float(Float(feasibilityMargin)), .float(Float(positionSigma)), .bool(isBridged), .float(Float(filledShare)),
                .integer(Int64(sourceFrame)),
            ]
        }
    }

    /// One for each side of the specification, in its order.
    public var sides: [Side]
    /// Of the episode's speed among all, 0 to 1.
    public var speedPercentile: Double
    /// How much the row is to be trained on, at least 0.
    public var weight: Double
    /// Whether the row is not at the recording's own speed.
    public var isRetimed: Bool

    public init(sides: [Side], speedPercentile: Double = 1, weight: Double = 1, isRetimed: Bool = false) {
        self.sides = sides
        self.speedPercentile = speedPercentile
        self.weight = weight
        self.isRetimed = isRetimed
    }

    /// The specification's samples, those of one side after another; nil where a side has others.
    func vectors(_ features: [SampleFeature]) -> [[Double]]? {
        guard sides.allSatisfy({ $0.samples.map(\.count) == features.map(\.columns.count) }) else { return nil }
        return features.indices.map { k in sides.flatMap { $0.samples[k] } }
    }
}

/// Which arm a column is of.
public enum DatasetSide: String, Sendable, Codable, CaseIterable {
    /// A lone arm.
    case only
    case left
    case right

    /// Before the names of its numbers and cameras.
    public var prefix: String { self == .only ? "" : "\(rawValue)_" }

    /// In the order of columns.
    static let sourceOrder: [DatasetSide] = [.only, .left, .right]

    /// Its diagnostics.
    var annotations: [AnnotationFeature] {
        [
            AnnotationFeature("diagnostic.\(prefix)feasibility_margin", .float32),
            AnnotationFeature("diagnostic.\(prefix)position_sigma_m", .float32),
            AnnotationFeature("diagnostic.\(prefix)pose_bridged", .bool),
            AnnotationFeature("diagnostic.\(prefix)filled_share", .float32),
            AnnotationFeature(DatasetRows.sourceColumn(prefix), .int64),
        ]
    }
}
