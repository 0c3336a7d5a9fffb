internal import Geometry
internal import Session

/// What keeps this module from going on: each message says what, where, and what would be accepted.
public enum RobotError: Error, CustomStringConvertible, Equatable {
    /// A file could not be opened or read.
    case file(path: String, reason: String)
    /// A model or sidecar was read but does not say what it must; `element` is a joint, link, body, mesh or key.
    case model(path: String, element: String, reason: String)
    /// Input that does not fit the arm or itself, such as a path of the wrong width.
    case input(what: String, reason: String)

    public var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)"
        case .model(let path, let element, let reason): "\(path): \(element): \(reason)"
        case .input(let what, let reason): "\(what): \(reason)"
        }
    }
}

extension RobotError {
    /// The same finding under this module's name.
    init(_ error: SessionError) {
        switch error {
        case .file(let path, let reason): self = .file(path: path, reason: reason)
        case .format(let path, let location, let reason): self = .model(path: path, element: location, reason: reason)
        }
    }
}

extension PoseKeys {
    /// The pose, with this module's errors.
    func robotTransform<A, B>(path: String, key: String) throws(RobotError) -> Transform<A, B> {
        do { return try transform(path: path, key: key) } catch { throw RobotError(error) }
    }
}
