/// What stops a whole run; what stops one recording only is a `Rejection`.
public enum PipelineError: Error, CustomStringConvertible, Equatable {
    /// The command's own input cannot be used; `accepted` says what would be.
    case usage(String, accepted: String)
    /// A session-wide step failed.
    case failed(stage: String, String)

    public var description: String {
        switch self {
        case .usage(let what, let accepted): "\(what); accepted: \(accepted)"
        case .failed(let stage, let reason): "\(stage): \(reason)"
        }
    }
}

/// A recording that cannot go on: becomes a row of `rejections.csv`.
struct UnitFailure: Error {
    /// A short stable word, see `Rejection.reason`.
    var reason: String
    var detail: String
    /// True where the recording was read and worked on and the outcome is negative (lost), false where it could not be.
    var isFinding = false
}
