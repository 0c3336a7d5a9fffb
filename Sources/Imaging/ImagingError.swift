internal import CNative
internal import Session

/// What keeps this module from going on: each message says what, where, and what would be accepted.
public enum ImagingError: Error, CustomStringConvertible, Equatable {
    /// A file could not be opened, read or written.
    case file(path: String, reason: String)
    /// A file was read but is not what it must be; `location` is a frame, a byte offset or a key.
    case format(path: String, location: String, reason: String)
    /// A video's decoding stopped before its end; `decodedFrames` frames came before and are good.
    case truncated(path: String, decodedFrames: Int, reason: String)
    /// Files that are given as chapters of one recording are none; `path` is the one that does not belong to the others.
    case chapter(path: String, reason: String)
    /// An operation on pictures was given what it cannot work on.
    case operation(String, reason: String)

    public var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)"
        case .chapter(let path, let reason): "\(path): \(reason)"
        case .format(let path, let location, let reason): "\(path): \(location): \(reason)"
        case .truncated(let path, let decodedFrames, let reason):
            "\(path): frame \(decodedFrames): decoding stopped here (\(reason)); the \(decodedFrames) frames before it are kept"
        case .operation(let name, let reason): "\(name): \(reason)"
        }
    }
}

extension ImagingError {
    /// The same finding under this module's name.
    init(_ error: SessionError) {
        switch error {
        case .file(let path, let reason): self = .file(path: path, reason: reason)
        case .format(let path, let location, let reason): self = .format(path: path, location: location, reason: reason)
        }
    }
}

extension gt_status {
    /// The plain-words message of a failed native call.
    var text: String {
        withUnsafeBytes(of: message) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// Throws what a native call failed with, under the operation's name.
func check(_ status: gt_status, _ operation: @autoclosure () -> String) throws(ImagingError) {
    guard status.code == GT_OK else { throw .operation(operation(), reason: status.text) }
}
