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
    /// Somebody looked at it and wants it: noted, for `keep`.
    case accept
    /// Somebody looked at it and does not want it: left out.
    case reject
    /// The episode falls apart at `start`; no frame is lost. It has no length: `end` is empty, or `start` again.
    case cut
    /// Says something to people and changes nothing.
    case note
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
    /// Of the file, from 1 below the header; 0 where it came from none.
    public var row = 0

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
                throw refuse("\(row[label].excerpt) is no label; accepted: \(accepted)")
            }
            func seconds(_ column: Int, _ empty: Double) throws(SessionError) -> Double {
                if NumberText.isAbsent(row[column]) { return empty }
                guard let value = NumberText.number(row[column]), value >= 0, Timestamp<VideoClock>(checkedSeconds: value) != nil else {
                    throw refuse("\(table.header[column]) is \(row[column].excerpt); accepted: seconds from the video's start, or nothing")
                }
                return value
            }
            let from = try seconds(start, 0)
            let to = try seconds(end, kind == .cut ? from : .infinity)
            if kind == .cut {
                guard !NumberText.isAbsent(row[start]) else { throw refuse("a cut needs its moment in the column start") }
                guard from == to else { throw refuse("a cut is a moment: end is \(to) s; accepted: nothing, or start again") }
            }
            guard from < to || kind == .cut else { throw refuse("ends at \(to) s, before it begins at \(from) s") }
            let text = note.map { row[$0] } ?? ""
            if kind == .task, text.isEmpty { throw refuse("a task needs its text in the column note") }
            var span = LabelledSpan(recording: row[recording], start: from, end: to, label: kind, note: text)
            span.row = i + 1
            spans.append(span)
        }
        return spans
    }

    /// What of the labels cannot be meant as it is said: a stretch that holds no frame, or ends well beyond the recording.
    /// - Parameter times: of the recordings' frames, by name.
    static func remarks(_ spans: [LabelledSpan], times: [String: [Timestamp<VideoClock>]], file: String) -> [String] {
        spans.compactMap { span in
            guard let times = times[span.recording], let first = times.first?.seconds, let last = times.last?.seconds else { return nil }
            let frame = times.count > 1 ? (last - first) / Double(times.count - 1) : 0
            let ends = "\(span.recording), which ends at \((last + frame).fixed(1)) s"
            let unit = span.start > last + 60 ? " (milliseconds, or frame numbers? Seconds are expected)" : ""
            let above = times.partitioningIndex { $0.seconds >= span.start }
            if span.label == .cut {
                guard above == 0 || above == times.count else { return nil }
                return "\(file): row \(span.row) (cut at \(span.start.fixed(1)) s) parts no frames of \(ends)\(unit)"
            }
            guard above < times.count, times[above].seconds < span.end else {
                return "\(file): row \(span.row) (\(span.label.rawValue), \(span.words)) covers no frame of \(ends)\(unit)"
            }
            guard span.end.isFinite, span.end > last + frame + Self.slack else { return nil }
            return "\(file): row \(span.row) (\(span.label.rawValue), \(span.words)) ends beyond \(ends)"
        }
    }

    /// So far beyond its recording a label may end without remark, seconds: whole seconds are rounded up.
    private static let slack = 1.0

    private var words: String { "\(start.fixed(1)) to \(end.isFinite ? end.fixed(1) : "its end") s" }
}
