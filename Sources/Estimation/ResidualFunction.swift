/// A residual with its analytic Jacobian: what least squares minimises the squared length of.
///
/// A pose block is seven numbers, `[px py pz qx qy qz qw]`, with the tangent `[δp δθ]`: `p + δp`, `q · exp(δθ)`. Jacobians are row-major
/// with as many columns as the block has numbers; for a pose the first six are by the tangent and the seventh is not read.
public protocol ResidualFunction: Sendable {
    /// How many numbers the residual has.
    var dimension: Int { get }

    /// Fills `residuals` and, where a pointer is given, Jacobians. False when the residual does not exist at these parameters.
    func evaluate(
        _ parameters: UnsafePointer<UnsafePointer<Double>?>, residuals: UnsafeMutablePointer<Double>,
        jacobians: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) -> Bool
}

/// How a residual that is too large loses its weight.
public enum RobustLoss: Sendable, Equatable {
    case none
    /// Linear beyond `scale` standard deviations.
    case huber(Double)
    /// ½ s² log(1 + r²/s²): weight falls with r².
    case cauchy(Double)

    /// The factor of the squared residual's weight in iteratively reweighted least squares (derivative of the loss by the squared
    /// residual).
    @inlinable public func weight(squared: Double) -> Double {
        switch self {
        case .none: return 1
        case .huber(let s): return squared <= s * s ? 1 : s / squared.squareRoot()
        case .cauchy(let s): return 1 / (1 + squared / (s * s))
        }
    }
}
