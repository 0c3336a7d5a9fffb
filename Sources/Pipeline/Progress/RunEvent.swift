public import Foundation
internal import Session

/// A line of `events.jsonl`.
public struct RunEvent: Codable, Sendable, Equatable {
    /// `planned`, `started`, `finished`, `stopped`, `rejected`, `note`, or `ended`, the last of a run that came to its end.
    public var event: String
    /// UTC, ISO 8601.
    public var time: Date
    public var stage: String?
    /// A recording, or `session`.
    public var unit: String?
    /// The stage's result was there already.
    public var skipped: Bool?
    public var seconds: Double?
    public var coreSeconds: Double?
    public var peakMemoryMB: Double?
    public var reason: String?
    public var detail: String?
    public var firstFrame: Int?
    public var endFrame: Int?
    public var text: String?
    /// What the run is to go through.
    public var units: [PlannedUnit]?

    enum CodingKeys: String, CodingKey {
        case event, time, stage, unit, skipped, seconds
        case coreSeconds = "core_seconds"
        case peakMemoryMB = "peak_memory_mb"
        case reason, detail
        case firstFrame = "first_frame"
        case endFrame = "end_frame"
        case text, units
    }

    init(_ event: String, at time: Date) { (self.event, self.time) = (event, time) }

    /// Nil for what is too fine for a log.
    init?(_ progress: ProgressEvent, at time: Date) {
        switch progress {
        case .planned(let units):
            self.init("planned", at: time)
            self.units = units
        case .started(let stage, let unit):
            self.init("started", at: time)
            (self.stage, self.unit) = (stage, unit)
        case .advanced: return nil
        case .finished(let usage):
            self.init("finished", at: time)
            (stage, unit, skipped) = (usage.stage, usage.unit, usage.isSkipped)
            seconds = (1e3 * usage.seconds).rounded() / 1e3
            coreSeconds = (1e3 * usage.coreSeconds).rounded() / 1e3
            peakMemoryMB = (Double(usage.peakMemory) / 1e5).rounded() / 10
        case .stopped(let unit, let stage, let reason, let detail):
            self.init("stopped", at: time)
            (self.unit, self.stage, self.reason, self.detail) = (unit, stage, reason, detail)
        case .rejected(let r):
            self.init("rejected", at: time)
            (unit, stage, reason, detail, firstFrame, endFrame) = (r.unit, r.stage, r.reason, r.detail, r.firstFrame, r.endFrame)
        case .note(let text):
            self.init("note", at: time)
            self.text = text
        }
    }

    /// As far as it says how far a run is.
    var progress: ProgressEvent? {
        switch (event, stage, unit) {
        case ("planned", _, _): .planned(units ?? [])
        case ("started", let stage?, let unit?): .started(stage: stage, unit: unit)
        case ("finished", let stage?, let unit?):
            .finished(
                StageUsage(
                    stage: stage, unit: unit, isSkipped: skipped ?? false, seconds: seconds ?? 0, coreSeconds: coreSeconds ?? 0,
                    peakMemory: 0, decodedFrames: [:]))
        case ("stopped", let stage?, let unit?): .stopped(unit: unit, stage: stage, reason: reason ?? "", detail: detail ?? "")
        default: nil
        }
    }

    static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }

    /// The events of a file, in order; a line that a kill cut short is passed over.
    static func read(_ url: URL) -> [RunEvent] {
        guard let data = FileManager.default.contents(atPath: url.path) else { return [] }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(RunEvent.self, from: Data($0)) }
    }
}
