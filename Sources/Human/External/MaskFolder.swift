public import Foundation
public import Imaging
internal import Session

/// A folder of masks or plates that a user brings: `masks.json` and one PNG a frame, its number the last digits of the name.
///
/// Every picture is checked when it is read: its size against the recording's, its values against 0, 128 and 255 (a mask of zeros and ones is
/// the usual slip). A frame without a file is refused unless the manifest says that it means nothing.
public struct MaskFolder: Sendable {
    public let url: URL
    public let manifest: MaskFolderManifest
    private let files: [Int: URL]
    /// Of the pictures as they are worked on.
    private let size: (width: Int, height: Int)

    /// - Parameters:
    ///   - width, height: of the recording's pictures as they are worked on; masks and plates of `recorded`, those in its file, are brought to it.
    ///   - frames: of the recording; with the size, what the folder must be made for.
    ///   - recording: its name; a folder made for another is refused.
    public init(
        _ url: URL, kind: MaskFolderManifest.Kind, recording: String, width: Int, height: Int, recorded: (width: Int, height: Int)? = nil,
        frames: Int
    ) throws(HumanError) {
        self.url = url
        size = (width, height)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw .source(reason: "\(url.path): is no folder; accepted: a folder with \(MaskFolderManifest.name) and a PNG for each frame")
        }
        manifest = try MaskFolderManifest.read(url)
        let json = url.appendingPathComponent(MaskFolderManifest.name).path
        guard manifest.kind == kind else {
            throw .input(location: "\(json): kind", reason: "is \(manifest.kind.rawValue); \(kind.rawValue) are asked for")
        }
        guard manifest.recording == recording else {
            throw .input(location: "\(json): recording", reason: "made from \"\(manifest.recording)\"; accepted: \"\(recording)\"")
        }
        let made = (manifest.width, manifest.height)
        guard made == (width, height) || recorded.map({ made == $0 }) ?? false, manifest.frames == frames else {
            let whole = recorded.map { $0 == (width, height) ? "" : " (\($0.width)x\($0.height) in the file)" } ?? ""
            throw .input(
                location: json,
                reason:
                    "made for \(manifest.frames) frames of \(manifest.width)x\(manifest.height); \(recording) has \(frames) of \(width)x\(height)\(whole)"
            )
        }
        files = try Self.files(in: url, frames: frames)
        guard manifest.missing != .unsure, files.count < frames, let gap = (0..<frames).first(where: { files[$0] == nil }) else { return }
        throw .input(
            location: "\(url.path): frame \(gap)",
            reason:
                "has no PNG (\(files.count) of \(frames) frames have one); accepted: a file such as \(Self.fileName(gap)) for every frame,"
                + " or \"missing\": \"unsure\" in \(MaskFolderManifest.name)")
    }

    public static func fileName(_ frame: Int) -> String {
        let digits = String(frame)
        return "frame_" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".png"
    }

    private static func files(in url: URL, frames: Int) throws(HumanError) -> [Int: URL] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
        } catch {
            throw .source(reason: "\(url.path): cannot be listed")
        }
        var found: [Int: URL] = [:]
        for name in names where name.lowercased().hasSuffix(".png") && !name.hasPrefix(".") {
            let file = url.appendingPathComponent(name)
            let digits = String(name.dropLast(4).reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
            guard let frame = Int(digits), frame < frames else {
                throw .input(
                    location: file.path,
                    reason:
                        "names no frame of the recording; accepted: names that end in a number from 0 to \(frames - 1), as \(fileName(0))")
            }
            if let other = found[frame] {
                throw .input(
                    location: file.path, reason: "frame \(frame) is also \(other.lastPathComponent); one PNG for each frame is accepted")
            }
            found[frame] = file
        }
        return found
    }

    /// The frames that have a file, in order.
    public var frames: [Int] { files.keys.sorted() }

    /// What names the content: the hash of all its files.
    public func key() throws(HumanError) -> String {
        do {
            var text = try SHA256.hex(ofFile: url.appendingPathComponent(MaskFolderManifest.name))
            for (frame, file) in files.sorted(by: { $0.key < $1.key }) { text += "\n\(frame) \(try SHA256.hex(ofFile: file))" }
            return SHA256.hex(of: text)
        } catch {
            throw .source(reason: "\(error)")
        }
    }

    /// The mask of a frame; nil where there is none and that means nothing.
    public func mask(frame: Int) throws(HumanError) -> ModelMask? {
        guard let file = files[frame] else { return nil }
        let image = try picture(file, frame)
        guard image.channels == 1 || image == image.gray.rgb else {
            throw .picture(
                location: "\(file.path): frame \(frame)", reason: "is a colour picture; a gray PNG of 0, 128 and 255 is accepted")
        }
        let gray = image.gray
        if manifest.probabilities != true, let bad = gray.pixels.firstIndex(where: { $0 != 0 && $0 != 255 && $0 != ModelMask.unsure }) {
            throw .picture(
                location: "\(file.path): frame \(frame)",
                reason: "value \(gray.pixels[bad]) at column \(bad % gray.width), row \(bad / gray.width); accepted: 0 background,"
                    + " 128 unsure, 255 human, or \"probabilities\": true in \(MaskFolderManifest.name)")
        }
        return ModelMask(try sized(gray, by: manifest.probabilities == true ? .area : .nearest))
    }

    /// The clean picture of a frame, RGB; nil where there is none and that means nothing.
    public func plate(frame: Int) throws(HumanError) -> Image? {
        guard let file = files[frame] else { return nil }
        return try sized(picture(file, frame).rgb, by: .area)
    }

    private func sized(_ image: Image, by interpolation: Interpolation) throws(HumanError) -> Image {
        do { return try image.resized(width: size.width, height: size.height, by: interpolation) } catch {
            throw .source(reason: "\(url.path): \(error)")
        }
    }

    private func picture(_ file: URL, _ frame: Int) throws(HumanError) -> Image {
        let image: Image
        do {
            image = try Image(contentsOf: file)
        } catch {
            throw .source(reason: "\(error) (frame \(frame)); a PNG of \(manifest.width)x\(manifest.height) is accepted")
        }
        guard image.width == manifest.width, image.height == manifest.height else {
            throw .picture(
                location: "\(file.path): frame \(frame)",
                reason: "is \(image.width)x\(image.height); \(manifest.width)x\(manifest.height) is accepted")
        }
        return image
    }
}
