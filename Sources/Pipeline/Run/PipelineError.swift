internal import Foundation

/// What stops a whole run; what stops one recording only is a `Rejection`.
public enum PipelineError: Error, CustomStringConvertible, Equatable {
    /// The command's own input cannot be used; `accepted` says what would be.
    case usage(String, accepted: String)
    /// A session-wide step failed.
    case failed(stage: String, String)
    /// All that is wrong with a request, in the order in which it was looked at.
    case several([PipelineError])

    public var description: String {
        switch self {
        case .usage(let what, let accepted): "\(what); accepted: \(accepted)"
        case .failed(let stage, let reason): "\(stage): \(reason)"
        case .several(let faults): faults.map(\.description).joined(separator: "\n")
        }
    }

    /// Each fault by itself.
    public var faults: [PipelineError] {
        if case .several(let faults) = self { return faults.flatMap(\.faults) }
        return [self]
    }

    /// One error of several faults, those that are said twice once; there must be one.
    public static func joined(_ faults: [PipelineError]) -> PipelineError {
        precondition(!faults.isEmpty, "an error has a fault")
        var all: [PipelineError] = []
        for fault in faults.flatMap(\.faults) where !all.contains(fault) { all.append(fault) }
        return all.count == 1 ? all[0] : .several(all)
    }
}

/// Looks at the parts of a request one after the other, keeping every fault, so that all are said at once.
public struct RequestFaults {
    public private(set) var faults: [PipelineError] = []

    public init() {}

    /// What a part gives; nil, and its fault kept, where it is wrong.
    @discardableResult
    public mutating func look<Result>(_ part: () throws(PipelineError) -> Result) -> Result? {
        do throws(PipelineError) { return try part() } catch {
            faults += error.faults
            return nil
        }
    }

    /// Throws all that was found.
    public func check() throws(PipelineError) { if !faults.isEmpty { throw .joined(faults) } }
}

extension PipelineError {
    /// A wrong input that another module has named; what it says itself would be accepted is not said twice.
    static func refused(_ error: any Error, accepted: String) -> PipelineError {
        let text = "\(error)"
        guard let range = text.range(of: "; accepted: ", options: .backwards) else { return .usage(text, accepted: accepted) }
        return .usage(String(text[..<range.lowerBound]), accepted: String(text[range.upperBound...]))
    }
}
