internal import Foundation
internal import Session

/// A picture as a bag's message holds it.
struct BagPicture {
    /// Kinds of `griptrace_bag.py`.
    enum Kind: Int32 {
        case encoded, mono8, rgb8, bgr8, rgba8, bgra8, bayerRGGB, bayerBGGR, bayerGBRG, bayerGRBG, yuyv, uyvy

        var bytesPerPixel: Int {
            switch self {
            case .encoded: 0
            case .mono8, .bayerRGGB, .bayerBGGR, .bayerGBRG, .bayerGRBG: 1
            case .yuyv, .uyvy: 2
            case .rgb8, .bgr8: 3
            case .rgba8, .bgra8: 4
            }
        }
    }

    /// On the bag's own clock, nanoseconds.
    let time: Int64
    private let kind: Kind
    private let width: Int
    private let height: Int
    /// Bytes a row.
    private let step: Int
    private let bytes: [UInt8]

    private static let headerSize = 28
    /// Most bytes of one picture.
    private static let largest = 1 << 29

    /// The next one of a stream; nil at its end. A stream that breaks off, or says what is wrong, is an error.
    init?(_ child: ChildOutput, _ url: URL) throws(ImagingError) {
        let head = try child.read(Self.headerSize)
        guard head.count == Self.headerSize else { throw BagFile.silence(child, url) }
        func word<T: FixedWidthInteger>(_ at: Int, _: T.Type) -> T {
            T(littleEndian: head.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: T.self) })
        }
        let code = word(8, Int32.self)
        if code == -1 { return nil }
        let count = Int(word(24, UInt32.self))
        guard count <= Self.largest else {
            throw .file(path: url.path, reason: "a picture has \(count) bytes; up to \(Self.largest) are read")
        }
        let content = try child.read(count)
        guard content.count == count else { throw BagFile.silence(child, url) }
        guard code != -2, let kind = Kind(rawValue: code) else {
            throw .file(path: url.path, reason: String(decoding: content, as: UTF8.self))
        }
        time = word(0, Int64.self)
        (self.kind, width, height, step) = (kind, Int(word(12, UInt32.self)), Int(word(16, UInt32.self)), Int(word(20, UInt32.self)))
        bytes = content
        guard kind == .encoded || fits else {
            throw .file(path: url.path, reason: "a picture of \(width)x\(height) does not fit its \(count) bytes")
        }
    }

    private var fits: Bool {
        let side = 1...Image.largestSide
        guard side.contains(width), side.contains(height), step >= width * kind.bytesPerPixel else { return false }
        return bytes.count >= step * (height - 1) + width * kind.bytesPerPixel
    }

    /// Gray where the message holds gray, else RGB.
    func image(path: String) throws(ImagingError) -> Image {
        switch kind {
        case .encoded: return try Image(decoding: bytes, path: path)
        case .mono8: return packed(channels: 1, pixel: 1, [0])
        case .rgb8: return packed(channels: 3, pixel: 3, [0, 1, 2])
        case .bgr8: return packed(channels: 3, pixel: 3, [2, 1, 0])
        case .rgba8: return packed(channels: 3, pixel: 4, [0, 1, 2])
        case .bgra8: return packed(channels: 3, pixel: 4, [2, 1, 0])
        case .bayerRGGB: return try demosaiced(red: (0, 0), path)
        case .bayerBGGR: return try demosaiced(red: (1, 1), path)
        case .bayerGBRG: return try demosaiced(red: (0, 1), path)
        case .bayerGRBG: return try demosaiced(red: (1, 0), path)
        case .yuyv: return try fromLumaAndChroma(luma: 0, path)
        case .uyvy: return try fromLumaAndChroma(luma: 1, path)
        }
    }

    private func made(channels: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void) -> Image {
        let size = width * height * channels
        let pixels = [UInt8](unsafeUninitializedCapacity: size) { out, count in
            bytes.withUnsafeBufferPointer { fill(out, $0) }
            count = size
        }
        return Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    /// Rows without what pads them, channels in the order given.
    private func packed(channels: Int, pixel: Int, _ order: [Int]) -> Image {
        made(channels: channels) { out, raw in
            var at = 0
            for y in 0..<height {
                for x in 0..<width {
                    let from = y * step + x * pixel
                    for channel in order {
                        out[at] = raw[from + channel]
                        at += 1
                    }
                }
            }
        }
    }

    /// Bilinear: what a pixel lacks is the mean of its neighbours that have it; beyond the border lies the mirror.
    /// - Parameter red: column and row of the first red pixel.
    private func demosaiced(red: (x: Int, y: Int), _ path: String) throws(ImagingError) -> Image {
        guard width > 1, height > 1 else { throw .file(path: path, reason: "a bayer picture of \(width)x\(height) has no colours") }
        return made(channels: 3) { out, raw in
            func mirrored(_ i: Int, _ n: Int) -> Int { i < 0 ? -i : i < n ? i : 2 * n - 2 - i }
            func value(_ i: Int) -> Int { Int(raw[i]) }
            func mean(_ a: Int, _ b: Int) -> UInt8 { UInt8((value(a) + value(b) + 1) / 2) }
            func mean(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> UInt8 {
                let sum: Int = value(a) + value(b) + value(c) + value(d) + 2
                return UInt8(sum / 4)
            }
            var at = 0
            for y in 0..<height {
                let (row, up, down) = (y * step, mirrored(y - 1, height) * step, mirrored(y + 1, height) * step)
                for x in 0..<width {
                    let (left, right) = (mirrored(x - 1, width), mirrored(x + 1, width))
                    let own = raw[row + x]
                    let (inRedColumn, inRedRow) = (x & 1 == red.x, y & 1 == red.y)
                    if inRedColumn == inRedRow {
                        let cross = mean(row + left, row + right, up + x, down + x)
                        let corners = mean(up + left, up + right, down + left, down + right)
                        (out[at], out[at + 1], out[at + 2]) = inRedRow ? (own, cross, corners) : (corners, cross, own)
                    } else {
                        let (beside, above) = (mean(row + left, row + right), mean(up + x, down + x))
                        (out[at], out[at + 1], out[at + 2]) = inRedRow ? (beside, own, above) : (above, own, beside)
                    }
                    at += 3
                }
            }
        }
    }

    /// YUV 4:2:2, BT.601 with luma from 16 to 235, as cameras of the USB class send it.
    /// - Parameter luma: place of the luma among two bytes.
    private func fromLumaAndChroma(luma: Int, _ path: String) throws(ImagingError) -> Image {
        guard width % 2 == 0 else { throw .file(path: path, reason: "a yuv422 picture of odd width (\(width)) is none") }
        return made(channels: 3) { out, raw in
            func byte(_ value: Int) -> UInt8 { UInt8(min(max((value + 128) >> 8, 0), 255)) }
            var at = 0
            for y in 0..<height {
                for x in 0..<width {
                    let pair = y * step + (x & ~1) * 2
                    let light: Int = 298 * (Int(raw[y * step + x * 2 + luma]) - 16)
                    let u: Int = Int(raw[pair + 1 - luma]) - 128
                    let v: Int = Int(raw[pair + 3 - luma]) - 128
                    out[at] = byte(light + 409 * v)
                    out[at + 1] = byte(light - 100 * u - 208 * v)
                    out[at + 2] = byte(light + 516 * u)
                    at += 3
                }
            }
        }
    }
}
