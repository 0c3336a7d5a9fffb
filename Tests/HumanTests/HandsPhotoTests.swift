import Foundation
import Human
import Imaging
import Testing

/// The colour path on real photos of hands, whose constants were chosen on simulated pictures only.
@Suite struct HandsPhotoTests {
    /// The folder of photos: in the one that GRIPTRACE_SHARED names, else in `shared` beside the package; nil where there is none.
    private static let folder: URL? = {
        let named = ProcessInfo.processInfo.environment["GRIPTRACE_SHARED"].map { URL(fileURLWithPath: $0) }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let places = [named, package.deletingLastPathComponent().appendingPathComponent("shared")].compactMap { $0 }
        return places.map { $0.appendingPathComponent("hands") }.first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    /// The plain rule of J. Kovac, P. Peer, F. Solina, "Human skin colour clustering for face detection" (EUROCON 2003), daylight.
    private static func plainRule(_ image: Image) -> [Bool] {
        (0..<(image.width * image.height)).map { i in
            let (r, g, b) = (Int(image.pixels[3 * i]), Int(image.pixels[3 * i + 1]), Int(image.pixels[3 * i + 2]))
            return r > 95 && g > 40 && b > 20 && max(r, g, b) - min(r, g, b) > 15 && abs(r - g) > 15 && r > g && r > b
        }
    }

    @Test(.enabled(if: folder != nil, "no photos of hands: GRIPTRACE_SHARED names no folder that holds them"))
    func `hands in real photos are found far better than by a plain rule of skin`() throws {
        let folder = try #require(Self.folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("img").path).filter {
            $0.hasSuffix(".jpg")
        }
        .sorted()
        #expect(names.count == 8)
        var (own, plain): ([Double], [Double]) = ([], [])
        for name in names {
            let image = try Image(contentsOf: folder.appendingPathComponent("img/\(name)"))
            let mask = try Image(contentsOf: folder.appendingPathComponent("mask/\(name)")).gray
            try #require(image.width == mask.width && image.height == mask.height, "\(name)")
            let truth = mask.pixels.map { $0 > 127 }
            own.append(overlap(try SkinSegmenter().segment(image).pixels.map { $0 != 0 }, truth))
            plain.append(overlap(Self.plainRule(image), truth))
            print(
                "hands \(name): IoU \((1000 * own[own.count - 1]).rounded() / 1000), plain rule \((1000 * plain[plain.count - 1]).rounded() / 1000)"
            )
        }
        let means = (own.reduce(0, +) / Double(own.count), plain.reduce(0, +) / Double(plain.count))
        print("hands: mean IoU \(means.0), plain rule \(means.1)")
        #expect(means.0 > means.1 + 0.15)
        print("figure\thuman.photos_iou\t\((100 * means.0).rounded() / 100)\t")
        print("figure\thuman.photos_rule\t\((100 * means.1).rounded() / 100)\t")
    }
}
