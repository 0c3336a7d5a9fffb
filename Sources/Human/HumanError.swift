/// What keeps this module from going on: each message says what, where, and what would be accepted.
public enum HumanError: Error, CustomStringConvertible, Equatable {
    /// A picture or mask is not of the size or kind that is needed; `location` names the frame or the argument.
    case picture(location: String, reason: String)
    /// An input that must agree with another does not: too few frames, a trajectory of another recording, a mask of another rig.
    case input(location: String, reason: String)
    /// The source of frames failed; the reason is its own message.
    case source(reason: String)
    /// An operation on pictures failed.
    case operation(String, reason: String)

    public var description: String {
        switch self {
        case .picture(let location, let reason): "\(location): \(reason)"
        case .input(let location, let reason): "\(location): \(reason)"
        case .source(let reason): reason
        case .operation(let name, let reason): "\(name): \(reason)"
        }
    }
}
