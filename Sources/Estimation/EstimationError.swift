/// Why an estimate could not be computed.
public enum EstimationError: Error, Equatable, CustomStringConvertible {
    /// The solver refused or failed; its own words.
    case solver(String)

    public var description: String {
        switch self {
        case .solver(let message): message
        }
    }
}
