/// Why a map or a localisation could not be computed. What could be computed but came out negative (lost, not excited) is a value
/// instead.
public enum MappingError: Error, Equatable, CustomStringConvertible {
    /// The pictures cannot be used: what, and what would be accepted.
    case pictures(String)
    /// Inertial samples cannot be used.
    case inertial(String)
    /// The map could not be built.
    case map(String)
    /// A stored map cannot be read: path and reason.
    case file(path: String, reason: String)
    /// A numerical step failed.
    case numerical(String)

    public var description: String {
        switch self {
        case .pictures(let s): "pictures: \(s)"
        case .inertial(let s): "inertial: \(s)"
        case .map(let s): "map: \(s)"
        case .file(let path, let reason): "\(path): \(reason)"
        case .numerical(let s): "estimation: \(s)"
        }
    }
}
