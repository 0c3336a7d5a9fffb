public import Foundation
public import Session

/// What a person says of a stretch of a recording.
public enum EpisodeLabel: String, Sendable, Codable, CaseIterable {
    /// Something goes wrong here, or is on the way to: not to be imitated.
    case mistake
    /// The way back out of a mistake: worth imitating, also where it lies inside a `mistake`.
    case recovery
    /// Nothing happens; left out.
    case idle
    /// The task is done in the end.
    case success
    /// It is not.
    case failure
    /// `note` is the task's text.
    case task
}

/// One row of `labels.csv`.
public struct LabelledSpan: Sendable, Equatable {
    /// The recording's name without its extension.
    public var recording: String
    /// Seconds on the video's clock, half-open.
    public var start: Double
    public var end: Double
    public var label: EpisodeLabel
    public var note: String

    public init(recording: String, start: Double, end: Double, label: EpisodeLabel, note: String = "") {
        self.recording = recording
        self.start = start
        self.end = end
        self.label = label
        self.note = note
    }

    /// Reads `labels.csv`: columns recording, start, end (seconds from the video's start; empty means its start or its end), label, note.
    /// A row that says something else is an error that names it and what is accepted.
    public static func read(_ url: URL) throws(SessionError) -> [LabelledSpan] {
        let table = try CSVTable(contentsOf: url)
        func column(_ name: String) throws(SessionError) -> Int {
            guard let index = table.index(of: name) else {
                throw .format(path: url.path, location: "header", reason: "has no column \(name); accepted: recording,start,end,label,note")
            }
            return index
        }
        let recording = try column("recording")
        let start = try column("start")
        let end = try column("end")
        let label = try column("label")
        let note = table.index(of: "note")
        var spans: [LabelledSpan] = []
        for (i, row) in table.rows.enumerated() {
            let place = "row \(i + 1)"
            func refuse(_ reason: String) -> SessionError { .format(path: url.path, location: place, reason: reason) }
            guard let kind = EpisodeLabel(rawValue: row[label].lowercased()) else {
                let accepted = EpisodeLabel.allCases.map(\.rawValue).joined(separator: ", ")
                throw refuse("\"\(row[label])\" is no label; accepted: \(accepted)")
            }
            func seconds(_ column: Int, _ empty: Double) throws(SessionError) -> Double {
                if row[column].isEmpty { return empty }
                guard let value = Double(row[column]), value.isFinite, value >= 0 else {
                    throw refuse("\(table.header[column]) is \"\(row[column])\"; accepted: seconds from the video's start, or nothing")
                }
                return value
            }
            let from = try seconds(start, 0)
            let to = try seconds(end, .infinity)
            guard from < to else { throw refuse("ends at \(to) s, before it begins at \(from) s") }
            let text = note.map { row[$0] } ?? ""
            if kind == .task, text.isEmpty { throw refuse("a task needs its text in the column note") }
            spans.append(LabelledSpan(recording: row[recording], start: from, end: to, label: kind, note: text))
        }
        return spans
    }
}
