internal import Foundation
internal import Imaging
internal import Session

/// The reports in an output folder that several sessions were converted into: the last session's lie in it, each other's in `sessions/NAME/`,
/// for its episodes are still in the data sets.
enum SessionReports {
    /// `report.json`, which names the session, moves last: a run that is killed in between goes on with the rest.
    private static let names = OutputGuard.files

    private struct Owner: Decodable {
        var session: String
    }

    /// Makes way for `session`'s reports.
    static func setAside(in output: URL, for session: String) throws {
        let files = FileManager.default
        let report = output.appendingPathComponent("report.json")
        guard files.fileExists(atPath: report.path), let owner = try? JSONText.decode(Owner.self, from: report), owner.session != session
        else { return }
        let sessions = output.appendingPathComponent("sessions", isDirectory: true)
        let folder = sessions.appendingPathComponent(owner.session, isDirectory: true)
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in names {
            let (from, to) = (output.appendingPathComponent(name), folder.appendingPathComponent(name))
            guard files.fileExists(atPath: from.path) else { continue }
            if files.fileExists(atPath: to.path) { try files.removeItem(at: to) }
            try files.moveItem(at: from, to: to)
        }
        let own = sessions.appendingPathComponent(session, isDirectory: true)
        if files.fileExists(atPath: own.path) { try files.removeItem(at: own) }
    }
}
