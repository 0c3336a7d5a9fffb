/// A seeded source of random numbers: SplitMix64 (Steele, Lea, Flood 2014). The same seed gives the same numbers on every machine.
public struct RandomSource: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    @inlinable public init(seed: UInt64) { state = seed }

    @inlinable public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// SplitMix64's output function: a hash of a number.
    @inlinable public static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    @inlinable public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Standard normal, as the sum of twelve uniforms less six: its tails end at ±6.
    public mutating func normal() -> Double {
        var s = -6.0
        for _ in 0..<12 { s += uniform() }
        return s
    }
}
