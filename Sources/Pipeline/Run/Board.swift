internal import Foundation
internal import Session
internal import Synchronization

/// Where every recording of a run stands: with the artefact of each stage that it has been through, or stopped with a reason.
///
/// Artefacts are named here and read back when somebody asks for them, so that a run holds no more than it works on.
struct Board: Sendable, Codable {
    /// In the session's order.
    var recordings: [RecordingFile]
    /// By stage and unit; a stage of the session has the one unit `Board.session`.
    private(set) var artefacts: [String: [String: Artefact]] = [:]
    /// Recordings that go no further, by unit.
    private(set) var stops: [String: Stop] = [:]
    /// Stages of the session that failed, by name.
    private(set) var sessionStops: [String: Stop] = [:]
    /// What was decided or worked round, in sentences, in order, each once.
    private(set) var notes: [String] = []

    static let session = "session"

    init(recordings: [RecordingFile]) { self.recordings = recordings }

    func isGoing(_ unit: String) -> Bool { stops[unit] == nil }

    func file(_ unit: String) -> RecordingFile? { recordings.first { $0.unit == unit } }

    func artefact(_ stage: String, _ unit: String) -> Artefact? { artefacts[stage]?[unit] }

    mutating func put(_ artefact: Artefact, _ stage: String, _ unit: String) { artefacts[stage, default: [:]][unit] = artefact }

    /// The first reason stays: what comes after follows from it.
    mutating func stop(_ unit: String, _ stop: Stop) { if stops[unit] == nil { stops[unit] = stop } }

    mutating func fail(_ stage: String, _ stop: Stop) { sessionStops[stage] = stop }

    mutating func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }

    /// Forgets what a stage of the session came to, for it to be gone through again.
    mutating func forget(_ stage: String) {
        artefacts[stage] = nil
        sessionStops[stage] = nil
    }

    /// What one recording's stages may ask for: its own results, the session's, and those that these are read with.
    func about(_ unit: String) -> Board {
        var out = self
        let helpers = Set(recordings.filter { $0.role == .mapping }.map(\.unit))
        out.recordings = recordings.filter { $0.unit == unit || helpers.contains($0.unit) }
        out.artefacts = artefacts.mapValues { $0.filter { $0.key == unit || $0.key == Self.session || helpers.contains($0.key) } }
        out.stops = stops.filter { $0.key == unit || helpers.contains($0.key) }
        out.notes = []
        return out
    }
}

/// Results that were read back, by stage and unit and key; shared by all that is asked in one process.
final class ResultCache: Sendable {
    private let held = Mutex<[String: any Sendable]>([:])

    func value<Output: Sendable>(_ name: String, _ make: () throws -> Output) throws -> Output {
        // An output may itself be nil: that one is held, not that there is none.
        if let known = held.withLock({ held in held.index(forKey: name).map { held[$0].value } }), let output = known as? Output {
            return output
        }
        let made = try make()
        held.withLock { $0[name] = made }
        return made
    }

    /// Lets go of everything about a unit.
    func forget(_ unit: String) { held.withLock { held in held = held.filter { !$0.key.contains("/\(unit)/") } } }
}
