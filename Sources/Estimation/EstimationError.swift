/// Why an estimate could not be computed.
public enum EstimationError: Error, Equatable, CustomStringConvertible {
    /// The solver refused or failed; its own words.
    case solver(String)
    /// The inertial samples do not cover a span (seconds, on the signal's clock).
    case inertialGap(from: Double, to: Double, reason: String)

    public var description: String {
        switch self {
        case .solver(let message): message
        case .inertialGap(let from, let to, let reason): "no inertial integration from \(from) s to \(to) s: \(reason)"
        }
    }
}
