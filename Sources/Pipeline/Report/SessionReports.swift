internal import Foundation
internal import Imaging
internal import Session

/// The reports in an output folder that several sessions were converted into: the last session's lie in it, each other's in `sessions/NAME/`,
/// for its episodes are still in the data sets. What compares several arms makes way for one arm's reports likewise, into
/// `sessions/NAME+arms/`.
enum SessionReports {
    /// `report.json`, which names the session, moves last: a run that is killed in between goes on with the rest.
    private static let names = [ReviewFolder.name] + OutputGuard.files

    private struct Owner: Decodable {
        var session: String
        var schema: String?

        var folder: String { SessionReports.folder(session, isOfArms: schema == ArmComparison.schema) }
    }

    private static func folder(_ session: String, isOfArms: Bool) -> String { isOfArms ? "\(session)+arms" : session }

    /// Makes way for `session`'s reports.
    /// - Parameter isOfArms: those that compare several arms.
    static func setAside(in output: URL, for session: String, isOfArms: Bool = false) throws {
        let folder = folder(session, isOfArms: isOfArms)
        let files = FileManager.default
        let report = output.appendingPathComponent("report.json")
        guard files.fileExists(atPath: report.path), let owner = try? JSONText.decode(Owner.self, from: report), owner.folder != folder
        else { return }
        let sessions = output.appendingPathComponent("sessions", isDirectory: true)
        let aside = sessions.appendingPathComponent(owner.folder, isDirectory: true)
        try files.createDirectory(at: aside, withIntermediateDirectories: true)
        for name in names {
            let (from, to) = (output.appendingPathComponent(name), aside.appendingPathComponent(name))
            guard files.fileExists(atPath: from.path) else { continue }
            if files.fileExists(atPath: to.path) { try files.removeItem(at: to) }
            try files.moveItem(at: from, to: to)
            if name == ReviewFolder.name { try ReviewFolder.point(to, to: "../../..") }
        }
        let own = sessions.appendingPathComponent(folder, isDirectory: true)
        if files.fileExists(atPath: own.path) { try files.removeItem(at: own) }
    }
}
