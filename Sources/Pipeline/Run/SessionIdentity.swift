internal import Dataset
internal import Foundation
internal import Imaging
internal import Session

/// What a session is known by: what its demos hold, whatever the folder is called.
///
/// Two sessions that share a demo are one: a recording that is added to it, or left out, does not make it another.
struct SessionIdentity: Sendable, Codable, Equatable {
    /// First characters of each demo's SHA-256, ascending.
    let demos: [String]
    /// The session's name in this output, for data sets from before sessions were known by their content.
    var name: String

    /// Characters that are kept of a hash: the chance that two of a million demos share them is below 1e-7.
    private static let length = 16

    init(demos hashes: [String], name: String) {
        demos = Set(hashes.map { String($0.prefix(Self.length)) }).sorted()
        self.name = name
    }

    init(text: String, name: String) {
        demos = text.split(separator: " ").map(String.init)
        self.name = name
    }

    /// As data sets keep it.
    var text: String { demos.joined(separator: " ") }

    func isSame(as other: SessionIdentity) -> Bool { !Set(demos).isDisjoint(with: other.demos) }

    /// Whether a part of a data set came from this session.
    func isOf(_ source: DatasetSource) -> Bool {
        guard let text = source.identity else { return source.session == name }
        return isSame(as: SessionIdentity(text: text, name: source.session))
    }

    /// The session's folder in an output's `work/`: its own name, or with its first demo's hash behind it where that is another session's.
    ///
    /// `work/NAME/session.json` says whose a folder is; one without is from a version that did not write it and is taken over.
    static func claim(_ name: String, demos: [String], in work: URL) throws -> SessionIdentity {
        let own = SessionIdentity(demos: demos, name: name)
        for candidate in [name, "\(name)-\((own.demos.first ?? "empty").prefix(8))"] {
            let file = work.appendingPathComponent(candidate).appendingPathComponent(Self.file)
            if FileManager.default.fileExists(atPath: file.path),
                let known = try? JSONText.decode(SessionIdentity.self, from: file), !known.isSame(as: own), !known.demos.isEmpty
            {
                continue
            }
            var claimed = own
            claimed.name = candidate
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileBytes.write(JSONText.encode(claimed), to: file)
            return claimed
        }
        throw PipelineError.failed(
            stage: "session", "\(work.path) holds two other sessions of the name \(name); accepted: another --output")
    }

    private static let file = "session.json"
}
