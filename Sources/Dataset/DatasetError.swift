/// What keeps a data set from being written or read: each message says what, where, and what would be accepted.
public enum DatasetError: Error, CustomStringConvertible, Equatable {
    /// A file or folder could not be opened, read or written.
    case file(path: String, reason: String)
    /// A file was read but does not say what it must; `location` is a key, a column or a row.
    case format(path: String, location: String, reason: String)
    /// What the caller asks for is no data set: names, sizes or rates that readers refuse.
    case layout(key: String, reason: String)
    /// A frame does not fit the layout; nothing of it was written.
    case frame(episode: Int, frame: Int, key: String, reason: String)

    public var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)"
        case .format(let path, let location, let reason): "\(path): \(location): \(reason)"
        case .layout(let key, let reason): "data set layout: \(key): \(reason)"
        case .frame(let episode, let frame, let key, let reason): "episode \(episode), frame \(frame): \(key): \(reason)"
        }
    }
}
