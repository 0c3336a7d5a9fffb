public import Foundation
internal import Session

/// The `moov` box of an MP4 or MOV file: what a camera writes about itself beside the tracks.
struct MP4Movie {
    /// The whole `moov` box's content.
    var bytes: [UInt8]
    /// Where its 8-byte header begins in the file.
    var offset: Int
    let path: String

    /// Largest index that is read, bytes: 256 MiB, that of a recording of days.
    private static let largest = 1 << 28

    struct Box {
        var type: String
        /// Of the content, without the header.
        var range: Range<Int>
    }

    /// Nil where the file has no `moov` box (it is not MP4, or was never finished).
    init?(contentsOf url: URL) throws(ImagingError) {
        path = url.path
        do {
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            let size = Int(try file.seekToEnd())
            var position = 0
            while position + 8 <= size {
                try file.seek(toOffset: UInt64(position))
                guard let header = try file.read(upToCount: 16), header.count >= 8 else { return nil }
                let head = [UInt8](header)
                var length = Self.unsigned(head, 0, 4)
                var start = position + 8
                if length == 1, head.count == 16 { (length, start) = (Self.unsigned(head, 8, 8), position + 16) }
                if length == 0 { length = size - position }
                guard length >= start - position, length <= size - position else { return nil }
                if head[4..<8].elementsEqual("moov".utf8) {
                    guard length <= Self.largest else { return nil }
                    try file.seek(toOffset: UInt64(start))
                    bytes = [UInt8](try file.read(upToCount: position + length - start) ?? Data())
                    offset = position
                    return
                }
                position += length
            }
            return nil
        } catch {
            throw .file(path: url.path, reason: "cannot be read: \(error.localizedDescription)")
        }
    }

    static func unsigned(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
        var value: UInt64 = 0
        for i in 0..<count { value = value << 8 | UInt64(bytes[at + i]) }
        return Int(clamping: value)
    }

    /// The boxes in a range, as far as they make sense.
    func boxes(in range: Range<Int>) -> [Box] {
        var out: [Box] = []
        var position = range.lowerBound
        while position + 8 <= range.upperBound {
            let length = Self.unsigned(bytes, position, 4)
            guard length >= 8, length <= range.upperBound - position else { break }
            let type = String(String.UnicodeScalarView(bytes[(position + 4)..<(position + 8)].map { Unicode.Scalar($0) }))
            out.append(Box(type: type, range: (position + 8)..<(position + length)))
            position += length
        }
        return out
    }

    /// What the edit list of the first track with this sample entry (such as `gpmd`) makes of its times.
    struct Edits {
        /// Seconds to add to the track's own times to be on the file's time line.
        var shift: Double
        /// Stretches of the track that the file shows; more than one where it was spliced.
        var count: Int
    }

    /// Nil where there is no such track, or it has no edit list.
    func edits(ofTrack entry: String) -> Edits? {
        let all = bytes.startIndex..<bytes.endIndex
        guard let movieScale = content("mvhd").flatMap(timescale) else { return nil }
        for track in boxes(in: all) where track.type == "trak" {
            guard let description = content(in: track.range, "mdia", "minf", "stbl", "stsd"), description.count >= 16,
                bytes[(description.lowerBound + 12)..<(description.lowerBound + 16)].elementsEqual(entry.utf8)
            else { continue }
            guard let scale = content(in: track.range, "mdia", "mdhd").flatMap(timescale),
                let list = content(in: track.range, "edts", "elst"), list.count >= 8
            else { return nil }
            let isLong = bytes[list.lowerBound] == 1
            let size = isLong ? 20 : 12
            let count = min(Self.unsigned(bytes, list.lowerBound + 4, 4), (list.count - 8) / size)
            var empty = 0.0
            var shown: [Double] = []
            for k in 0..<count {
                let at = list.lowerBound + 8 + k * size
                let duration = Double(Self.unsigned(bytes, at, isLong ? 8 : 4)) / movieScale
                let raw = Self.bits(bytes, at + (isLong ? 8 : 4), isLong ? 8 : 4)
                let media = isLong ? Int64(bitPattern: raw) : Int64(Int32(truncatingIfNeeded: raw))
                if media < 0 {
                    if shown.isEmpty { empty += duration }
                } else {
                    shown.append(Double(media) / scale)
                }
            }
            guard let first = shown.first else { return nil }
            return Edits(shift: empty - first, count: shown.count)
        }
        return nil
    }

    /// Units a second of an `mvhd` or `mdhd` box.
    private func timescale(_ range: Range<Int>) -> Double? {
        guard let version = bytes[range].first, range.count >= (version == 1 ? 24 : 16) else { return nil }
        let scale = Self.unsigned(bytes, range.lowerBound + (version == 1 ? 20 : 12), 4)
        return scale > 0 ? Double(scale) : nil
    }

    private static func bits(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 << 8 | UInt64(bytes[at + $1]) }
    }

    private func content(in range: Range<Int>, _ names: String...) -> Range<Int>? {
        var ranges = [range]
        for name in names { ranges = ranges.flatMap { boxes(in: $0).filter { $0.type == name }.map(\.range) } }
        return ranges.first
    }

    /// The content of the box at a path such as `udta`, `GPMF`; nil where there is none.
    func content(_ names: String...) -> Range<Int>? {
        var ranges = [bytes.startIndex..<bytes.endIndex]
        for name in names { ranges = ranges.flatMap { boxes(in: $0).filter { $0.type == name }.map(\.range) } }
        return ranges.first
    }
}

/// Writes a camera's serial number and model where a GoPro has them: `moov/udta/GPMF`.
public enum CameraSerialBox {
    /// Adds the box to a finished MP4 file whose index comes first; chunk offsets are moved by what was added.
    public static func add(serial: String, model: String, to url: URL) throws(ImagingError) {
        func entry(_ key: String, _ type: UInt8, _ value: [UInt8]) -> [UInt8] {
            let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
            return Array(key.utf8) + [type, 1, UInt8(value.count >> 8), UInt8(value.count & 255)] + value + padding
        }
        let inner = entry("DVNM", UInt8(ascii: "c"), Array(model.utf8)) + entry("CASN", UInt8(ascii: "c"), Array(serial.utf8))
        let device = Array("DEVC".utf8) + [0, 1, UInt8(inner.count >> 8), UInt8(inner.count & 255)] + inner
        let added = box("udta", box("GPMF", device))
        guard var movie = try MP4Movie(contentsOf: url) else {
            throw .file(path: url.path, reason: "has no moov box: it is not a finished MP4")
        }
        move(&movie, in: movie.bytes.indices, by: added.count)
        do throws(SessionError) {
            var all = try FileBytes.read(url)
            all.replaceSubrange(movie.offset..<(movie.offset + 8 + movie.bytes.count), with: box("moov", movie.bytes + added))
            try FileBytes.write(all, to: url)
        } catch {
            throw ImagingError(error)
        }
    }

    private static func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let n = content.count + 8
        return [UInt8(n >> 24 & 255), UInt8(n >> 16 & 255), UInt8(n >> 8 & 255), UInt8(n & 255)] + Array(type.utf8) + content
    }

    /// Moves the chunk offsets of all tracks.
    private static func move(_ movie: inout MP4Movie, in range: Range<Int>, by shift: Int) {
        for found in movie.boxes(in: range) {
            switch found.type {
            case "trak", "mdia", "minf", "stbl": move(&movie, in: found.range, by: shift)
            case "stco", "co64":
                let width = found.type == "stco" ? 4 : 8
                guard found.range.count >= 8 else { break }
                let count = MP4Movie.unsigned(movie.bytes, found.range.lowerBound + 4, 4)
                for k in 0..<min(count, (found.range.count - 8) / width) {
                    let at = found.range.lowerBound + 8 + k * width
                    let value = UInt64(clamping: MP4Movie.unsigned(movie.bytes, at, width).addingReportingOverflow(shift).partialValue)
                    for i in 0..<width { movie.bytes[at + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (width - 1 - i))) }
                }
            default: break
            }
        }
    }
}
