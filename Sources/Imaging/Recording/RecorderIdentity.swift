public import Foundation
internal import Session

/// Which camera made a recording and when, as the file itself says.
///
/// The serial number is GoPro's `CASN` (in `moov/udta/GPMF`), else a hash that other GoPros write (`CAME`). The start is the date of the
/// file's creation time with the time code of the first frame, on the camera's own clock; where the two disagree by half a day and more the
/// recording began beyond midnight of that date. What is missing is said in `problems`, never guessed in silence.
public struct RecorderIdentity: Sendable, Codable, Equatable {
    public var serial: String?
    public var model: String?
    /// Of the first frame, seconds since 1970 on the camera's clock.
    public var start: Double?
    /// How finely `start` is stated, seconds: a frame, or a second where there is no time code.
    public var resolution: Double?
    public var problems: [String] = []

    public init() {}

    /// Reads a video's own statements. A file that is not a video is an error.
    public init(contentsOf url: URL) throws(ImagingError) {
        let info = try VideoInfo(contentsOf: url)
        self.init(creationTime: info.creationTime, timecode: info.timecode, rate: info.averageRate.value)
        guard let movie = try MP4Movie(contentsOf: url) else { return }
        if let range = movie.content("udta", "GPMF") {
            let source = GPMFBytes(bytes: movie.bytes, path: url.path, payload: 0)
            model = Self.text("MINF", source, range) ?? Self.text("DVNM", source, range)
        }
        serial = Self.serial(movie)
        if serial == nil { problems.append("no camera serial number: neither moov/udta/GPMF (CASN) nor moov/udta/CAME states one") }
    }

    /// The camera's serial number; nil where the file states none.
    static func serial(of url: URL) throws(ImagingError) -> String? { try MP4Movie(contentsOf: url).flatMap(serial) }

    private static func serial(_ movie: MP4Movie) -> String? {
        if let range = movie.content("udta", "GPMF"),
            let serial = text("CASN", GPMFBytes(bytes: movie.bytes, path: movie.path, payload: 0), range)
        {
            return serial
        }
        guard let range = movie.content("udta", "CAME"), !range.isEmpty else { return nil }
        return movie.bytes[range].map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// From what the container states; `rate` is the true one, frames a second.
    public init(creationTime: String?, timecode: String?, rate: Double) {
        let date = creationTime.flatMap { RecordingDate.parse($0) }
        if date == nil { problems.append("no usable creation time (\(creationTime ?? "none")): yyyy-mm-ddThh:mm:ssZ is expected") }
        guard let code = timecode.flatMap({ Timecode($0) }), rate > 0 else {
            problems.append("no usable time code (\(timecode ?? "none")): hh:mm:ss:ff or hh:mm:ss;ff is expected")
            if let date { (start, resolution) = (Double(date.day) * 86_400 + date.seconds, 1) }
            return
        }
        let seconds = code.secondsOfDay(rate: rate)
        resolution = 1 / rate
        guard let date else {
            start = seconds
            return
        }
        // Across midnight the date of one and the time of the other belong to different days.
        let days = ((date.seconds - seconds) / 86_400).rounded()
        start = (Double(date.day) + days) * 86_400 + seconds
    }

    private static func text(_ key: String, _ source: GPMFBytes, _ range: Range<Int>) -> String? {
        guard let items = try? source.items(in: range) else { return nil }
        for item in items {
            if item.key == key {
                let text = source.text(item.range).trimmingCharacters(in: .whitespaces)
                if !text.isEmpty { return text }
            }
            if item.type == 0, let found = text(key, source, item.range) { return found }
        }
        return nil
    }
}
