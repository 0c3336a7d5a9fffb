/// A video's time code: hours, minutes, seconds and frames of the day, as the camera labelled its first frame.
///
/// `hh:mm:ss:ff` counts every frame; `hh:mm:ss;ff` (drop-frame) leaves out frame numbers 0 and 1 (0 to 3 at 60 frames a second) of every
/// minute but each tenth, so that labels keep up with the clock at 30000/1001 and 60000/1001 frames a second. Source: SMPTE ST 12-1.
public struct Timecode: Sendable, Equatable {
    public var hours: Int
    public var minutes: Int
    public var seconds: Int
    public var frames: Int
    public var isDropFrame: Bool

    /// Nil where the text is no time code; `;` or `.` before the frames marks a drop-frame one.
    public init?(_ text: String) {
        let fields = text.split(whereSeparator: { $0 == ":" || $0 == ";" || $0 == "." })
        let numbers = fields.compactMap { Int($0) }
        guard fields.count == 4, numbers.count == 4, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
        guard numbers[0] < 24, numbers[1] < 60, numbers[2] < 60, numbers[3] < 1000 else { return nil }
        (hours, minutes, seconds, frames) = (numbers[0], numbers[1], numbers[2], numbers[3])
        isDropFrame = text.contains(";") || text.contains(".")
    }

    /// Frames since the day's first, at a nominal rate (the true one, rounded).
    public func frameNumber(nominalRate: Int) -> Int {
        let total = ((hours * 60 + minutes) * 60 + seconds) * nominalRate + frames
        guard isDropFrame else { return total }
        let whole = hours * 60 + minutes
        return total - nominalRate / 15 * (whole - whole / 10)
    }

    /// Seconds since the day's first frame: the number of frames over the true rate, as UMI counts.
    public func secondsOfDay(rate: Double) -> Double {
        let nominal = max(1, Int(checked: rate) ?? 1)
        return Double(frameNumber(nominalRate: nominal)) / rate
    }
}

/// Dates as cameras write them.
public enum RecordingDate {
    /// Days since 1970-01-01 and seconds of that day, of `yyyy-mm-ddThh:mm:ss[.f]Z` in the years 0 to 9999; nil where the text is none.
    public static func parse(_ text: String) -> (day: Int, seconds: Double)? {
        let parts = text.split(whereSeparator: { $0 == "T" || $0 == " " })
        guard parts.count == 2 else { return nil }
        let date = parts[0].split(separator: "-").compactMap { Int($0) }
        let clock = parts[1].drop(while: { $0 == " " }).split(separator: ":")
        guard date.count == 3, clock.count == 3, let h = Int(clock[0]), let m = Int(clock[1]) else { return nil }
        guard let s = Double(clock[2].prefix(while: { $0.isNumber || $0 == "." })), (0..<61).contains(s), (0..<24).contains(h),
            (0..<60).contains(m), (0...9999).contains(date[0]), (1...12).contains(date[1]), (1...31).contains(date[2])
        else {
            return nil
        }
        return (day(year: date[0], month: date[1], day: date[2]), Double(h * 3600 + m * 60) + s)
    }

    /// Days since 1970-01-01 in the Gregorian calendar.
    static func day(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
