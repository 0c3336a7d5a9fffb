public import Foundation
public import Imaging
internal import Session

/// Writes masks and provenance of a recording as a folder that `MaskFolder` reads: the form for other programs, and for putting right by hand.
///
/// `frame_000000.png` holds 255 on the human, 128 on the margin that is filled with it, 0 elsewhere; `classes/frame_000000.png` the class map,
/// `probability/frame_000000.png` the probability of human from 0 to 255, `provenance/frame_000000.png` where each exported pixel comes from.
public struct MaskFolderWriter {
    private let url: URL
    private var manifest: MaskFolderManifest

    public init(_ url: URL, recording: String, origin: String, width: Int, height: Int) {
        self.url = url
        manifest = MaskFolderManifest(kind: .masks, origin: origin, recording: recording, width: width, height: height, frames: 0)
        manifest.provenance = Dictionary(uniqueKeysWithValues: Provenance.allCases.map { ("\($0.rawValue)", "\($0)") })
        manifest.classes = Dictionary(uniqueKeysWithValues: PixelClass.allCases.map { ("\($0.rawValue)", "\($0)") })
    }

    /// Frames are numbered in the order in which they come.
    /// - Parameters:
    ///   - humanProbability: at a whole fraction of the map's size, rounded up.
    ///   - provenance: nil for a frame that is not exported.
    public mutating func append(classes: Image, humanProbability: Image, provenance: Image?) throws(HumanError) {
        let name = MaskFolder.fileName(manifest.frames)
        var table = [UInt8](repeating: 0, count: 256)
        table[Int(PixelClass.human.rawValue)] = 255
        table[Int(PixelClass.humanMargin.rawValue)] = ModelMask.unsure
        let mask = Image(width: classes.width, height: classes.height, channels: 1, pixels: classes.pixels.map { table[Int($0)] })
        try write(mask, to: url.appendingPathComponent(name))
        let scale = WorkingScale(width: classes.width, height: classes.height, maximumWidth: humanProbability.width)
        let probability = scale.enlarge(humanProbability)
        for (folder, image) in [("classes", classes), ("probability", probability), ("provenance", provenance)] {
            if let image { try write(image, to: url.appendingPathComponent(folder).appendingPathComponent(name)) }
        }
        manifest.frames += 1
    }

    /// Writes `masks.json`, last: a folder without it is not done.
    public func finish() throws(HumanError) { try JSONText.write(manifest, to: url.appendingPathComponent(MaskFolderManifest.name)) }

    private func write(_ image: Image, to file: URL) throws(HumanError) {
        do {
            try FileBytes.write(image.pngBytes(), to: file)
        } catch {
            throw .source(reason: "\(error)")
        }
    }
}
