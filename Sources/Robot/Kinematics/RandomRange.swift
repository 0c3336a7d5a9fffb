internal import Estimation

extension RandomSource {
    /// Uniform between two bounds.
    mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }
}
