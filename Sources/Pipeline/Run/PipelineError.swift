internal import Foundation

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

extension PipelineError {
    /// A wrong input that another module has named; what it says itself would be accepted is not said twice.
    static func refused(_ error: any Error, accepted: String) -> PipelineError {
        let text = "\(error)"
        guard let range = text.range(of: "; accepted: ", options: .backwards) else { return .usage(text, accepted: accepted) }
        return .usage(String(text[..<range.lowerBound]), accepted: String(text[range.upperBound...]))
    }
}
