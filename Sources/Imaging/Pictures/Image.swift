/// A picture in memory: 8-bit gray or RGB, row-major without padding.
///
/// Row 0 is the top one. The value of channel c at column x, row y is `pixels[(y * width + x) * channels + c]`; RGB is interleaved, full
/// range 0...255.
public struct Image: Sendable, Equatable {
    public var width: Int
    public var height: Int
    /// 1 (gray) or 3 (RGB).
    public var channels: Int
    public var pixels: [UInt8]

    /// Pixels a side that operations and files take at most.
    public static let largestSide = 32768

    /// Wraps pixels; a count other than `width * height * channels`, or channels other than 1 and 3, breaks the invariant and traps.
    public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
        precondition(width >= 0 && height >= 0 && (channels == 1 || channels == 3), "an image has 1 or 3 channels")
        precondition(pixels.count == width * height * channels, "\(pixels.count) values do not make \(width)x\(height)x\(channels)")
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// One value everywhere.
    public init(width: Int, height: Int, channels: Int, filledWith value: UInt8 = 0) {
        self.init(width: width, height: height, channels: channels, pixels: [UInt8](repeating: value, count: width * height * channels))
    }

    @inlinable public var isEmpty: Bool { pixels.isEmpty }

    @inlinable public subscript(x: Int, y: Int, channel: Int = 0) -> UInt8 {
        get { pixels[(y * width + x) * channels + channel] }
        set { pixels[(y * width + x) * channels + channel] = newValue }
    }

    /// The luma Y' = 0.299 R + 0.587 G + 0.114 B (BT.601, full range), rounded; a gray image is returned as it is.
    public var gray: Image {
        guard channels == 3 else { return self }
        let count = width * height
        let luma = [UInt8](unsafeUninitializedCapacity: count) { out, initialized in
            pixels.withUnsafeBufferPointer { rgb in
                for i in 0..<count {
                    // Weights in 1/65536 that sum to 65536, so that gray stays gray.
                    let sum = 19595 * UInt32(rgb[3 * i]) + 38470 * UInt32(rgb[3 * i + 1]) + 7471 * UInt32(rgb[3 * i + 2])
                    out[i] = UInt8(truncatingIfNeeded: (sum + 32768) >> 16)
                }
            }
            initialized = count
        }
        return Image(width: width, height: height, channels: 1, pixels: luma)
    }

    /// Three equal channels from gray; an RGB image is returned as it is.
    public var rgb: Image {
        guard channels == 1 else { return self }
        let count = width * height
        let out = [UInt8](unsafeUninitializedCapacity: count * 3) { out, initialized in
            for i in 0..<count {
                out[3 * i] = pixels[i]
                out[3 * i + 1] = pixels[i]
                out[3 * i + 2] = pixels[i]
            }
            initialized = count * 3
        }
        return Image(width: width, height: height, channels: 3, pixels: out)
    }

    /// The part with its top left corner at (x, y); a rectangle that is not inside the image traps.
    public func cropped(x: Int, y: Int, width w: Int, height h: Int) -> Image {
        precondition(x >= 0 && y >= 0 && w >= 0 && h >= 0 && x + w <= width && y + h <= height, "the crop is not inside the image")
        var out: [UInt8] = []
        out.reserveCapacity(w * h * channels)
        for row in y..<(y + h) {
            let start = (row * width + x) * channels
            out += pixels[start..<(start + w * channels)]
        }
        return Image(width: w, height: h, channels: channels, pixels: out)
    }
}
