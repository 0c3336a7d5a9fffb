/// Numbers of a sensor beside the camera, as a feature of their own: `observation.force` of `fx`, `fy`, `fz`.
public struct SampleFeature: Sendable, Equatable, Codable {
    /// Letters, digits and `_`.
    public var name: String
    public var columns: [String]

    public init(_ name: String, _ columns: [String]) { (self.name, self.columns) = (name, columns) }
}

/// A vector of named numbers that an `EpisodeLayout` has beside state and action.
public struct VectorFeature: Sendable, Equatable {
    /// Such as `observation.force`: readers give every `observation.*` vector to a policy.
    public var key: String
    public var names: [String]

    public init(_ key: String, _ names: [String]) { (self.key, self.names) = (key, names) }

    /// After `observation.`.
    var shortName: String { String(key.dropFirst(Self.prefix.count)) }

    static let prefix = "observation."
}
