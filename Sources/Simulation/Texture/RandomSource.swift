internal import Estimation
#if canImport(Glibc)
    internal import Glibc
#endif

extension RandomSource {
    /// Seeds that follow one another begin far apart.
    init(spreading seed: UInt64) { self.init(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1) }

    mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

    /// Standard normal with its tails, by Box and Muller.
    mutating func gaussian() -> Double {
        let u = 1 - uniform()
        return (-2 * log(u)).squareRoot() * cos(2 * .pi * uniform())
    }

    /// A number in [0, 1) that belongs to a lattice point; the same whoever asks, in whatever order.
    @inline(__always) static func lattice(_ x: Int, _ y: Int, _ seed: UInt64) -> Float {
        let h = mix(UInt64(bitPattern: Int64(x)) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(bitPattern: Int64(y)) &* 0xC2B2_AE3D_27D4_EB4F ^ seed)
        return Float(h >> 40) * 0x1p-24
    }
}
