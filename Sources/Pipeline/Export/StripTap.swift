internal import Foundation
internal import Human
internal import Imaging
internal import Session

/// Strips of pictures that the report shows of a recording: as recorded, its classes, as exported; one from each third of what is exported.
final class StripTap: PictureTap {
    /// A strip that was kept, as the artefact's `strips.json` lists them.
    struct Strip: Codable, Sendable {
        var unit: String
        var file: String
        var caption: String
        /// Height over width.
        var aspect: Double
    }

    private(set) var strips: [Strip] = []
    private let unit: String
    private let times: [Timestamp<VideoClock>]
    private let frames: Set<Int>
    private let folder: URL

    init(_ side: ExportSide, exported: Set<Int>, folder: URL) {
        (unit, times, self.folder) = (side.unit, side.recording.times, folder)
        frames = Set(Self.choose(exported.sorted(), shares: side.masked.summary.humanShares))
    }

    /// Those with most human in the first, middle and last third, or their middles where there is none.
    static func choose(_ exported: [Int], shares: [Double]) -> [Int] {
        guard exported.count >= 3 else { return exported }
        return (0..<3).map { third in
            let part = exported[(exported.count * third / 3)..<(exported.count * (third + 1) / 3)]
            let best = part.max { (shares.indices.contains($0) ? shares[$0] : 0) < (shares.indices.contains($1) ? shares[$1] : 0) }
            if let best, shares.indices.contains(best), shares[best] > 0 { return best }
            return part[(part.startIndex + part.endIndex) / 2]
        }
    }

    func needs(_ frame: Int) -> PictureNeed { frames.contains(frame) ? .filled : .nothing }

    func take(_ frame: FilledPictures.Frame, index: Int) throws {
        guard let after = frame.picture, let before = frame.original, let classes = frame.classes else { return }
        let strip = try PictureStrip.make(before: before, classes: classes, after: after)
        let name = "strips/\(unit)_\(index).jpg"
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("strips"), withIntermediateDirectories: true)
        try FileBytes.write(strip.jpegBytes(quality: 82), to: folder.appendingPathComponent(name))
        let caption =
            "frame \(index), \(times[index].seconds.fixed(2)) s: recorded, classes (blue device, red human), exported (\(Self.origins(frame.provenance)))"
        strips.append(Strip(unit: unit, file: name, caption: caption, aspect: Double(strip.height) / Double(strip.width)))
    }

    func finish() throws {}

    /// Where a picture's pixels come from, such as `1.2 % observed, 0.1 % invented`.
    private static func origins(_ provenance: Image?) -> String {
        guard let provenance else { return "as recorded" }
        var counts = [Int](repeating: 0, count: 256)
        for p in provenance.pixels { counts[Int(p)] += 1 }
        let n = Double(max(provenance.pixels.count, 1))
        return Provenance.allCases.filter { $0 != .original && counts[Int($0.rawValue)] > 0 }
            .map { "\((100 * Double(counts[Int($0.rawValue)]) / n).fixed(1)) % \($0)" }.joined(separator: ", ")
    }
}
