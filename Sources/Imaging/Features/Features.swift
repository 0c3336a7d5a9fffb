internal import CNative
public import Geometry

/// A point a descriptor was made at.
public struct Keypoint: Sendable, Equatable {
    /// Pixels.
    public var position: Vector2
    /// Diameter of the described patch, pixels.
    public var size: Float
    /// Orientation, degrees, clockwise from x in the picture.
    public var angle: Float
    public var response: Float
    /// OpenCV's packed octave: needed to describe the same point again.
    public var octave: Int32
}

/// Keypoints of one picture with their descriptors, one row of `bytesPerDescriptor` each.
public struct FeatureSet: Sendable, Equatable {
    public var kind: FeatureKind
    public var keypoints: [Keypoint]
    public var descriptors: [UInt8]

    public init(kind: FeatureKind, keypoints: [Keypoint] = [], descriptors: [UInt8] = []) {
        precondition(descriptors.count == keypoints.count * kind.bytesPerDescriptor, "one descriptor per keypoint")
        self.kind = kind
        self.keypoints = keypoints
        self.descriptors = descriptors
    }

    public var count: Int { keypoints.count }

    /// One descriptor's bytes.
    public func descriptor(_ index: Int) -> ArraySlice<UInt8> {
        descriptors[(index * kind.bytesPerDescriptor)..<((index + 1) * kind.bytesPerDescriptor)]
    }

    /// Some of the features, in the order given.
    public func subset(_ indices: [Int]) -> FeatureSet {
        FeatureSet(kind: kind, keypoints: indices.map { keypoints[$0] }, descriptors: indices.flatMap { descriptor($0) })
    }
}

public enum FeatureKind: String, Sendable, Codable, CaseIterable {
    /// Rublee et al., "ORB" (ICCV 2011): 256 bits, Hamming distance. Fast.
    case orb
    /// Lowe's SIFT (2004) as root-SIFT (Arandjelović and Zisserman 2012): 128 bytes, L2. Stands scale and view changes better.
    case sift

    public var bytesPerDescriptor: Int { self == .orb ? 32 : 128 }
    var native: Int32 { self == .orb ? 0 : 1 }
}

/// Finds and describes features that can be recognised without knowing where to look.
public struct FeatureDetector: Sendable {
    public struct Options: Codable, Sendable, Equatable {
        /// Default ORB.
        public var kind = FeatureKind.orb
        /// The strongest are kept; default 1500.
        public var maximumCount = 1500
        /// ORB: least contrast of the FAST circle, grey levels; default 12.
        public var fastThreshold = 12.0
        /// ORB: step between scales; default 1.2.
        public var scaleFactor = 1.2
        /// ORB: scales; default 8.
        public var levels = 8
        /// SIFT: least contrast of an extremum (OpenCV's unit); default 0.02, half of OpenCV's, for dim desks.
        public var contrastThreshold = 0.02

        public init() {}
    }

    public var options: Options

    public init(options: Options = Options()) { self.options = options }

    /// The strongest features of a grey picture, strongest first.
    /// - Parameter mask: where they may lie (one channel, not zero), of the picture's size.
    public func detect(in gray: Image, mask: Image? = nil) throws(ImagingError) -> FeatureSet {
        // A pixel may be a feature at several scales and turns, not at sixteen.
        let capacity = min(max(options.maximumCount, 0), 16 * gray.width * gray.height)
        let bytes = options.kind.bytesPerDescriptor
        var keypoints = [gt_keypoint](repeating: gt_keypoint(), count: capacity)
        var descriptors = [UInt8](repeating: 0, count: capacity * bytes)
        var found: Int32 = 0
        let parameter = options.kind == .orb ? options.fastThreshold : options.contrastThreshold
        try gray.withView { picture throws(ImagingError) in
            try withOptionalView(mask) { mask throws(ImagingError) in
                try check(
                    gt_detect_features(
                        picture, mask, options.kind.native, Int32(clamping: capacity), parameter, options.scaleFactor,
                        Int32(clamping: options.levels), 1,
                        &keypoints, &descriptors, descriptors.count, &found),
                    "feature detection (needs a grey picture and a mask of its size)")
            }
        }
        let n = Int(found)
        return FeatureSet(
            kind: options.kind, keypoints: keypoints.prefix(n).map(Keypoint.init), descriptors: Array(descriptors.prefix(n * bytes)))
    }

    /// Describes given points: `position`, `size`, `angle` and `octave` are used.
    /// - Returns: the features, and for each the index of its point; points too near the border have none.
    public func describe(_ points: [Keypoint], in gray: Image) throws(ImagingError) -> (features: FeatureSet, indices: [Int]) {
        let bytes = options.kind.bytesPerDescriptor
        let raw = points.map(gt_keypoint.init)
        var descriptors = [UInt8](repeating: 0, count: points.count * bytes)
        var kept = [Int32](repeating: 0, count: points.count)
        var found: Int32 = 0
        try gray.withView { picture throws(ImagingError) in
            try check(
                gt_describe(
                    picture, options.kind.native, 1, raw, Int32(clamping: raw.count), &descriptors, descriptors.count, &kept, &found),
                "feature description (needs a grey picture)")
        }
        let indices = kept.prefix(Int(found)).map { Int($0) }
        return (
            FeatureSet(
                kind: options.kind, keypoints: indices.map { points[$0] }, descriptors: Array(descriptors.prefix(indices.count * bytes))),
            indices
        )
    }
}

extension Keypoint {
    init(_ k: gt_keypoint) {
        self.init(position: Vector2(k.x, k.y), size: k.size, angle: k.angle, response: k.response, octave: k.octave)
    }

    /// A point of a scale-less detector, for `FeatureDetector.describe`; upright.
    public init(position: Vector2, size: Float = 31, angle: Float = 0) {
        self.init(position: position, size: size, angle: angle, response: 0, octave: 0)
    }
}

extension gt_keypoint {
    init(_ k: Keypoint) {
        self.init(x: k.position.x, y: k.position.y, size: k.size, angle: k.angle, response: k.response, octave: k.octave)
    }
}
