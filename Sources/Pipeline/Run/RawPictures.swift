internal import Foundation
internal import Imaging
internal import Session

/// Pictures of one size in a file, uncompressed, by frame number: what one stage hands to another or keeps for itself meanwhile.
///
/// Written once, in the order in which frames come; `seal` writes the list of frames beside it, last, with a word on what it was made of.
/// Without that list, or with another word, there is nothing to open.
final class RawPictures {
    let width: Int
    let height: Int
    let channels: Int
    /// Frame numbers in the order of the file.
    private(set) var frames: [Int] = []
    private var places: [Int: Int] = [:]
    private let url: URL
    private let handle: FileHandle

    private struct Index: Codable {
        var key: String
        var width: Int
        var height: Int
        var channels: Int
        var frames: [Int]
    }

    private var pictureBytes: Int { width * height * channels }

    /// Begins a new file in the place of whatever is there.
    init(_ url: URL, width: Int, height: Int, channels: Int) throws {
        (self.url, self.width, self.height, self.channels) = (url, width, height, channels)
        let files = FileManager.default
        try files.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        for old in [url, Self.index(url)] where files.fileExists(atPath: old.path) { try files.removeItem(at: old) }
        guard files.createFile(atPath: url.path, contents: nil) else {
            throw SessionError.file(path: url.path, reason: "cannot be written")
        }
        handle = try FileHandle(forUpdating: url)
    }

    /// Opens a file that was sealed with this key; nil where there is none.
    init?(sealed url: URL, key: String) {
        guard let index = try? JSONText.decode(Index.self, from: Self.index(url)), index.key == key, index.width > 0, index.height > 0,
            index.channels == 1 || index.channels == 3, let handle = try? FileHandle(forReadingFrom: url),
            let size = try? handle.seekToEnd()
        else { return nil }
        let (bytes, overflows) = index.width.multipliedReportingOverflow(by: index.height)
        let (all, overflowsToo) = (bytes * index.channels).multipliedReportingOverflow(by: index.frames.count)
        guard !overflows, !overflowsToo, UInt64(all) == size else { return nil }
        (self.url, self.handle) = (url, handle)
        (width, height, channels, frames) = (index.width, index.height, index.channels, index.frames)
        for (place, frame) in frames.enumerated() { places[frame] = place }
    }

    deinit { try? handle.close() }

    func append(_ image: Image, frame: Int) throws {
        precondition(image.width == width && image.height == height && image.channels == channels, "all pictures of a file have one size")
        guard places[frame] == nil else { return }
        try handle.seek(toOffset: UInt64(frames.count * pictureBytes))
        try handle.write(contentsOf: image.pixels)
        places[frame] = frames.count
        frames.append(frame)
    }

    func seal(_ key: String) throws {
        try FileBytes.write(
            JSONText.encode(Index(key: key, width: width, height: height, channels: channels, frames: frames)), to: Self.index(url))
    }

    func has(_ frame: Int) -> Bool { places[frame] != nil }

    func picture(_ frame: Int) throws -> Image {
        guard let place = places[frame] else { throw SessionError.file(path: url.path, reason: "holds no picture of frame \(frame)") }
        try handle.seek(toOffset: UInt64(place * pictureBytes))
        guard let data = try handle.read(upToCount: pictureBytes), data.count == pictureBytes else {
            throw SessionError.file(path: url.path, reason: "the picture of frame \(frame) is cut short")
        }
        return Image(width: width, height: height, channels: channels, pixels: [UInt8](data))
    }

    private static func index(_ url: URL) -> URL { url.appendingPathExtension("json") }
}
