import Foundation
import Imaging
import Session

/// The private folder of real recordings; tests that need it are skipped where it is missing.
enum Shared {
    static let folder: URL = {
        if let named = ProcessInfo.processInfo.environment["GRIPTRACE_SHARED"] { return URL(fileURLWithPath: named) }
        return URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../shared").standardizedFileURL
    }()

    static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.appendingPathComponent("recordings").path) }

    static func recording(_ name: String) -> URL { folder.appendingPathComponent("recordings/\(name)") }
}

/// A folder for one test, removed when it goes.
final class Scratch {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("imaging-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }
}

enum Picture {
    /// A smooth pattern that moves by two pixels a frame and differs in every corner and channel.
    static func moving(_ frame: Int, width: Int = 96, height: Int = 64, channels: Int = 3) -> Image {
        var image = Image(width: width, height: height, channels: channels)
        for y in 0..<height {
            for x in 0..<width {
                let u = Double(x + 2 * frame)
                let v = Double(y)
                for c in 0..<channels {
                    let value = 128 + 60 * sin(u / 7 + Double(c)) + 40 * cos(v / 9 - Double(c)) + 20 * v / Double(height)
                    image[x, y, c] = UInt8(min(max(value, 0), 255))
                }
            }
        }
        return image
    }

    /// Peak signal-to-noise ratio, dB.
    static func psnr(_ a: Image, _ b: Image) -> Double {
        guard a.pixels.count == b.pixels.count, !a.pixels.isEmpty else { return 0 }
        var sum = 0.0
        for (p, q) in zip(a.pixels, b.pixels) { sum += Double((Int(p) - Int(q)) * (Int(p) - Int(q))) }
        return sum == 0 ? .infinity : 10 * log10(255 * 255 * Double(a.pixels.count) / sum)
    }

    /// Turned clockwise, written out pixel by pixel.
    static func turned(_ image: Image, _ degrees: Int) -> Image {
        if degrees == 0 { return image }
        var out = Image(width: image.height, height: image.width, channels: image.channels)
        for y in 0..<image.height {
            for x in 0..<image.width {
                for c in 0..<image.channels { out[image.height - 1 - y, x, c] = image[x, y, c] }
            }
        }
        return turned(out, degrees - 90)
    }
}

extension FrameSource {
    func allFrames() throws(ImagingError) -> [VideoFrame] {
        var out: [VideoFrame] = []
        while let frame = try nextFrame() { out.append(frame) }
        return out
    }
}
