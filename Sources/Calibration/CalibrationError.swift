/// Why a calibration cannot be made.
public enum CalibrationError: Error, CustomStringConvertible, Equatable {
    /// Too little was seen, or it does not determine what is asked; `accepted` says what would.
    case insufficient(_ what: String, accepted: String)
    case solver(_ reason: String)

    public var description: String {
        switch self {
        case .insufficient(let what, let accepted): "\(what); accepted: \(accepted)"
        case .solver(let reason): "the calibration's least squares failed: \(reason)"
        }
    }
}
