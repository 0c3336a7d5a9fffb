internal import Session

/// What keeps the simulator from going on; each message names the file or key and what would be accepted.
public enum SimulationError: Error, CustomStringConvertible, Equatable {
    /// A scenario says something that cannot be simulated; `key` is its path in the file.
    case scenario(path: String, key: String, reason: String)
    /// A file could not be read or written.
    case file(path: String, reason: String)

    public var description: String {
        switch self {
        case .scenario(let path, let key, let reason): "\(path): \(key): \(reason)"
        case .file(let path, let reason): "\(path): \(reason)"
        }
    }
}

extension SimulationError {
    /// The same finding under this module's name.
    init(_ error: SessionError) {
        switch error {
        case .file(let path, let reason): self = .file(path: path, reason: reason)
        case .format(let path, let location, let reason): self = .scenario(path: path, key: location, reason: reason)
        }
    }
}
