/// What keeps this module from going on: each message says what, where, and what would be accepted.
public enum SessionError: Error, CustomStringConvertible, Equatable {
    /// A file could not be opened, read or written.
    case file(path: String, reason: String)
    /// A file was read but does not say what it must; `location` is a key or a line.
    case format(path: String, location: String, reason: String)

    public var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)"
        case .format(let path, let location, let reason): "\(path): \(location): \(reason)"
        }
    }
}
