internal import Foundation
internal import Session

/// `work/SESSION/usage.csv`: what each stage of each recording cost in this run. It differs from run to run, as time does.
enum UsageTable {
    static let name = "usage.csv"
    static let header = ["unit", "stage", "skipped", "seconds", "core_seconds", "peak_memory_mb", "decoded_frames", "decodes"]

    static func table(_ usage: [StageUsage], _ board: Board, _ run: RunContext) throws -> CSVTable {
        var frames: [String: Int] = [:]
        for file in board.recordings {
            guard let artefact = board.artefact(IngestStage.name, file.unit) else { continue }
            frames[file.unit] = try run.read(IngestStage.self, artefact, unit: file.unit, board: board).summary.frames
        }
        var rows: [[String]] = []
        for u in usage.sorted(by: { ($0.unit, StagePlan.index($0.stage) ?? 0) < ($1.unit, StagePlan.index($1.stage) ?? 0) }) {
            let decoded = u.decodedFrames.values.reduce(0, +)
            rows.append([
                u.unit, u.stage, u.isSkipped ? "1" : "0", u.seconds.fixed(3), u.coreSeconds.fixed(3), (Double(u.peakMemory) / 1e6).fixed(1),
                "\(decoded)", frames[u.unit].map { (Double(decoded) / Double(max($0, 1))).fixed(3) } ?? "",
            ])
            // What a stage of the session decoded, recording by recording.
            for (unit, count) in u.decodedFrames.sorted(by: { $0.key < $1.key }) where unit != u.unit {
                let decodes = frames[unit].map { (Double(count) / Double(max($0, 1))).fixed(3) } ?? ""
                rows.append([unit, u.stage, "0", "", "", "", "\(count)", decodes])
            }
        }
        return CSVTable(header: header, rows: rows)
    }
}
