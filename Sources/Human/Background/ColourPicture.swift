internal import Geometry
internal import Imaging

/// A working picture that stands for the scene at a time, with the range of each channel in its 3×3 neighbourhood.
struct ColourPicture: Sendable {
    /// Y Cr Cb, interleaved.
    var colours: [UInt8]
    /// Lowest and highest Y, Cr and Cb about each pixel, interleaved; empty where not asked for.
    private(set) var lowest: [UInt8] = []
    private(set) var highest: [UInt8] = []

    /// - Parameters:
    ///   - gains: factors by pixel that undo the lens's fall-off; empty for none.
    ///   - hasRanges: whether the ranges are wanted; else they are empty.
    init(_ image: Image, gains: [Float] = [], hasRanges: Bool = true) throws(HumanError) {
        var even = image.rgb
        if !gains.isEmpty {
            even.pixels.withUnsafeMutableBufferPointer { p in
                gains.withUnsafeBufferPointer { gains in
                    for i in gains.indices {
                        for c in 0..<3 {
                            p[3 &* i &+ c] = UInt8(truncatingIfNeeded: Int32(min(255, Float(p[3 &* i &+ c]) * gains[i] + 0.5)))
                        }
                    }
                }
            }
        }
        let corrected = even
        let ycc = try Image.operation("colour conversion") { () throws(ImagingError) in try corrected.converted(.rgbToYCrCb) }
        colours = ycc.pixels
        if hasRanges {
            lowest = Self.extremes(ycc.pixels, width: image.width, height: image.height) { min($0, $1) }
            highest = Self.extremes(ycc.pixels, width: image.width, height: image.height) { max($0, $1) }
        }
    }

    /// Of each pixel and its eight neighbours, by channel.
    @inline(__always) private static func extremes(
        _ values: [UInt8], width: Int, height: Int, _ better: (UInt8, UInt8) -> UInt8
    ) -> [UInt8] {
        let (n, length) = (values.count, 3 * width)
        let rows = [UInt8](unsafeUninitializedCapacity: n) { out, count in
            values.withUnsafeBufferPointer { p in
                for y in 0..<height {
                    let start = y * length
                    for k in [0, 1, 2, length - 3, length - 2, length - 1] where k >= 0 {
                        out[start + k] = better(
                            p[start + k], better(p[start + max(k - 3, k % 3)], p[start + min(k + 3, length - 3 + k % 3)]))
                    }
                    for i in (start + 3)..<max(start + 3, start + length - 3) { out[i] = better(p[i], better(p[i &- 3], p[i &+ 3])) }
                }
            }
            count = n
        }
        return [UInt8](unsafeUninitializedCapacity: n) { out, count in
            rows.withUnsafeBufferPointer { p in
                for y in 0..<height {
                    let (above, below) = (y > 0 ? length : 0, y + 1 < height ? length : 0)
                    for i in (y * length)..<(y * length + length) { out[i] = better(p[i], better(p[i &- above], p[i &+ below])) }
                }
            }
            count = n
        }
    }
}
