public import Foundation
internal import Session

/// How a batch stands, seen from outside: by its table of sessions and the logs of those that run.
public struct BatchStatus: Sendable {
    public var rows: [BatchRow]
    /// Of the conversions that are being worked on.
    public var running: [(session: String, status: RunStatus)]
    /// What the process that holds the folder says of itself; nil where none does.
    public var holder: String?

    /// Nil where the folder is no batch's.
    public static func read(_ output: URL) throws -> BatchStatus? {
        let table = output.appendingPathComponent(BatchTable.sessions)
        guard FileManager.default.fileExists(atPath: table.path) else { return nil }
        let rows = try BatchTable.rows(try CSVTable(contentsOf: table))
        let running = rows.filter { $0.status == .running }.compactMap { row in
            (try? RunStatus.read(output.appendingPathComponent("\(Batch.conversions)/\(row.session)")))?.last.map {
                (session: row.session, status: $0)
            }
        }
        return BatchStatus(rows: rows, running: running, holder: OutputGuard.holder(of: output))
    }

    /// In sentences, a line each.
    public func lines(now: Date = Date()) -> [String] {
        let (ended, failed) = (rows.filter { $0.status == .done || $0.status == .failed }, rows.filter { $0.status == .failed })
        var out: [String] = []
        let counts = "\(ended.count) of \(rows.count) sessions through, \(failed.count) failed"
        if let holder {
            out.append("\(counts): running (\(holder))")
        } else if ended.count < rows.count {
            out.append("\(counts): broken off: the same command goes on from there")
        } else {
            out.append(counts)
        }
        for (session, status) in running where holder != nil { out += status.lines(now: now).map { "  \(session): \($0)" } }
        out += failed.map { "failed: \($0.session): \($0.verdict)" }
        return out
    }

    /// One line while it runs: sessions through of all, those that failed, the time that is left at the rate until now.
    public static func line(sessions: Int, ended: Int, failed: Int, seconds: Double, running: [String]) -> String {
        var parts = ["\(ended) of \(sessions) sessions" + (failed > 0 ? ", \(failed) failed" : "")]
        if ended > 0 { parts.append("\(RunProgress.text(seconds: seconds / Double(ended) * Double(sessions - ended))) left") }
        return (parts + running).joined(separator: " | ")
    }
}
