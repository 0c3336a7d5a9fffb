internal import CNative

/// Two features that look alike.
public struct FeatureMatch: Sendable, Equatable {
    /// Index into the first set.
    public var first: Int
    /// Index into the second set.
    public var second: Int
    /// Bits (ORB) or L2 of the 8-bit descriptors (SIFT).
    public var distance: Double
}

/// Brute-force matching with the ratio and the mutual check.
public struct FeatureMatcher: Sendable {
    public struct Options: Codable, Sendable, Equatable {
        /// A match's distance must be below this share of the second best's (Lowe 2004); default 0.8; 1 turns it off.
        public var ratio = 0.8
        /// Only pairs that are each other's best; default true.
        public var mutual = true
        /// Largest distance, in the descriptor's unit; default 0: none. 64 bits suit ORB.
        public var maximumDistance = 0.0

        public init() {}
    }

    public var options: Options

    public init(options: Options = Options()) { self.options = options }

    /// Matches in order of `first`. Sets of different kinds break the invariant and trap. Cost: |a|·|b| distances.
    public func match(_ a: FeatureSet, _ b: FeatureSet) throws(ImagingError) -> [FeatureMatch] {
        precondition(a.kind == b.kind, "features of different kinds do not match")
        if a.count == 0 || b.count == 0 { return [] }
        var raw = [gt_match](repeating: gt_match(), count: a.count)
        var found: Int32 = 0
        try check(
            gt_match_descriptors(
                a.descriptors, Int32(clamping: a.count), b.descriptors, Int32(clamping: b.count),
                Int32(clamping: a.kind.bytesPerDescriptor), a.kind == .orb ? 0 : 1,
                options.ratio, options.maximumDistance, options.mutual ? 1 : 0, &raw, Int32(clamping: raw.count), &found),
            "feature matching")
        return raw.prefix(Int(found)).map { FeatureMatch(first: Int($0.a), second: Int($0.b), distance: Double($0.distance)) }
    }
}
