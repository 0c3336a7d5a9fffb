internal import Human
internal import Imaging

/// Three pictures side by side: as recorded, with its classes in colour, as exported.
enum PictureStrip {
    /// Widest single picture of a strip, pixels.
    static let width = 300

    static func make(before: Image, classes: Image, after: Image) throws -> Image {
        var tinted = before
        for i in 0..<classes.pixels.count {
            guard let pixelClass = PixelClass(rawValue: classes.pixels[i]) else { continue }
            let tint: (Int, Int, Int)
            switch pixelClass {
            case .background: continue
            case .device: tint = (40, 90, 220)
            case .mirror: tint = (40, 190, 200)
            case .outside: tint = (70, 70, 70)
            case .human: tint = (230, 30, 30)
            case .humanMargin: tint = (240, 150, 40)
            case .otherGripper: tint = (150, 60, 200)
            case .movedObject: tint = (60, 190, 70)
            case .unknown: tint = (230, 220, 60)
            }
            tinted.pixels[3 * i] = UInt8((Int(tinted.pixels[3 * i]) + tint.0) / 2)
            tinted.pixels[3 * i + 1] = UInt8((Int(tinted.pixels[3 * i + 1]) + tint.1) / 2)
            tinted.pixels[3 * i + 2] = UInt8((Int(tinted.pixels[3 * i + 2]) + tint.2) / 2)
        }
        let w = min(width, before.width)
        let h = max(1, before.height * w / before.width)
        let parts = try [before, tinted, after].map { try $0.resized(width: w, height: h) }
        var strip = Image(width: 3 * w + 8, height: h, channels: 3, filledWith: 255)
        for (n, part) in parts.enumerated() {
            for y in 0..<h {
                let from = y * w * 3
                let to = (y * strip.width + n * (w + 4)) * 3
                strip.pixels.replaceSubrange(to..<(to + 3 * w), with: part.pixels[from..<(from + 3 * w)])
            }
        }
        return strip
    }
}
