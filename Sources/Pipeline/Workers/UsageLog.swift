internal import Foundation
internal import Imaging
internal import Session
internal import Synchronization

/// What a stage of a recording cost.
public struct StageUsage: Sendable, Codable, Equatable {
    /// How often the pictures of a recording of so many frames were decoded, all stages together.
    public static func decodes(_ unit: String, frames: Int, in all: [StageUsage]) -> Double {
        Double(all.reduce(0) { $0 + ($1.decodedFrames[unit] ?? 0) }) / Double(max(frames, 1))
    }

    public var stage: String
    public var unit: String
    /// It was there already.
    public var isSkipped: Bool
    public var seconds: Double
    /// Processor time, all threads and child processes, seconds.
    public var coreSeconds: Double
    /// Most memory that was resident meanwhile, bytes; 0 where it is not known.
    public var peakMemory: Int
    /// Frames that were decoded at full size, by recording.
    public var decodedFrames: [String: Int]
}

/// What the stages of a run cost, in the order in which they ended.
final class UsageLog: Sendable {
    private let rows = Mutex<[StageUsage]>([])

    func add(_ usage: StageUsage) { rows.withLock { $0.append(usage) } }

    var all: [StageUsage] { rows.withLock { $0 } }

    /// Measures a stage that runs in this process.
    static func measure(_ stage: String, _ unit: String, videos: [String: [URL]], _ body: () throws -> Void) rethrows -> StageUsage {
        let clock = ContinuousClock()
        let (start, cores, before) = (clock.now, ProcessorTime.process + ProcessorTime.children, decoded(videos))
        resetPeak()
        try body()
        let passed = clock.now - start
        return StageUsage(
            stage: stage, unit: unit, isSkipped: false,
            seconds: Double(passed.components.seconds) + Double(passed.components.attoseconds) * 1e-18,
            coreSeconds: ProcessorTime.process + ProcessorTime.children - cores, peakMemory: peak,
            decodedFrames: decoded(videos).merging(before) { $0 - $1 }.filter { $0.value > 0 })
    }

    private static func decoded(_ videos: [String: [URL]]) -> [String: Int] {
        videos.mapValues { files in files.reduce(0) { $0 + DecodeLog.shared.frames(of: $1.path) } }
    }

    /// Linux keeps the mark of most memory until it is told to begin anew.
    private static func resetPeak() { try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs")) }

    private static var peak: Int {
        guard let text = try? String(contentsOf: URL(fileURLWithPath: "/proc/self/status"), encoding: .utf8) else { return 0 }
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}
