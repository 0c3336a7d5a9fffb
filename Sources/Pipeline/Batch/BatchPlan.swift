internal import Foundation
internal import Session

/// What a batch would go through.
public struct BatchPlan: Sendable {
    public struct Row: Sendable, Equatable {
        public var session: String
        /// By role; nil where the folder cannot be read as a session.
        public var recordings: [RecordingRole: Int]?
        public var bytes: Int
        /// Why it would be refused, else empty.
        public var fault: String
    }

    public var rows: [Row]

    public init(_ sessions: SessionSet) {
        rows = sessions.members.map { member in
            do {
                let layout = try SessionLayout(folder: member.folder, externalPoses: false)
                let roles = layout.recordings.reduce(into: [RecordingRole: Int]()) { $0[$1.role, default: 0] += 1 }
                let bytes = layout.recordings.flatMap(\.urls).reduce(0) { sum, url in
                    if case .file(let size) = FileKind(url) { return sum + size }
                    return sum
                }
                return Row(session: member.name, recordings: roles, bytes: bytes, fault: "")
            } catch {
                return Row(session: member.name, recordings: nil, bytes: 0, fault: "\(error)")
            }
        }
    }

    /// In sentences, a line for each session and one for all.
    public var lines: [String] {
        func gigabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e9).fixed(2)) GB" }
        let each = rows.map { row in
            guard let found = row.recordings else { return "\(row.session): would be refused: \(row.fault)" }
            let mapping = found[.mapping] == nil ? "no mapping recording" : "a mapping recording"
            return "\(row.session): \(found[.demo] ?? 0) demos, \(mapping), \(gigabytes(row.bytes))"
        }
        let demos = rows.reduce(0) { $0 + ($1.recordings?[.demo] ?? 0) }
        let faults = rows.count { $0.recordings == nil }
        let refused = faults > 0 ? ", \(faults) would be refused" : ""
        return each + ["\(rows.count) sessions\(refused), \(demos) demos, \(gigabytes(rows.reduce(0) { $0 + $1.bytes }))"]
    }
}
