internal import Foundation
internal import Session

/// How a batch stands with one session: a row of `sessions.csv`.
public struct BatchRow: Sendable, Equatable {
    public enum Status: String, Sendable, CaseIterable {
        case waiting, running
        /// Its conversion ended as it should, whatever it rejected.
        case done
        /// Its conversion failed in whole or in part; what came through is in the data sets.
        case failed
    }

    public var session: String
    public var folder: String
    public var status = Status.waiting
    public var exitCode: Int32?
    public var seconds: Double?
    public var demos = 0
    /// Demos of which something is in a data set.
    public var exported = 0
    public var framesIn = 0
    public var framesOut = 0
    /// What is wrong, else empty.
    public var verdict = ""
}

/// Tables of a batch.
enum BatchTable {
    static let sessions = "sessions.csv"
    static let failures = "failures.csv"
    static let header = [
        "session", "folder", "status", "exit_code", "seconds", "demos", "demos_exported", "frames_in", "frames_out", "verdict",
    ]
    static let failureHeader = ["session", "recording", "stage", "reason", "frames", "detail"]

    static func table(_ rows: [BatchRow]) -> CSVTable {
        CSVTable(
            header: header,
            rows: rows.map { row in
                [
                    row.session, row.folder, row.status.rawValue, row.exitCode.map(String.init) ?? "",
                    row.seconds.map { $0.fixed(1) } ?? "",
                    String(row.demos), String(row.exported), String(row.framesIn), String(row.framesOut), row.verdict,
                ]
            })
    }

    static func rows(_ table: CSVTable) throws(SessionError) -> [BatchRow] {
        let c = try table.columns(header)
        return table.rows.map { cells in
            var row = BatchRow(session: cells[c[0]], folder: cells[c[1]])
            row.status = BatchRow.Status(rawValue: cells[c[2]]) ?? .waiting
            row.exitCode = Int32(cells[c[3]])
            row.seconds = Double(cells[c[4]])
            row.demos = Int(cells[c[5]]) ?? 0
            row.exported = Int(cells[c[6]]) ?? 0
            row.framesIn = Int(cells[c[7]]) ?? 0
            row.framesOut = Int(cells[c[8]]) ?? 0
            row.verdict = cells[c[9]]
            return row
        }
    }
}

/// Something that was not converted, and why: a row of `failures.csv`.
public struct BatchFailure: Sendable, Equatable {
    public var session: String
    /// Empty where it is the session's own.
    public var recording: String
    public var stage: String
    public var reason: String
    public var frames: Int
    public var detail: String

    var cells: [String] { [session, recording, stage, reason, String(frames), detail] }
}
