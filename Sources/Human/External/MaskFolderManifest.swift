internal import Foundation
internal import Session

/// `masks.json` of a folder of masks or plates.
public struct MaskFolderManifest: Codable, Sendable, Equatable {
    public static let schema = "griptrace.masks.v1"
    public static let name = "masks.json"

    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// One gray PNG a frame: 0 background, 255 human, 128 unsure.
        case masks
        /// One RGB PNG a frame: the picture without the human, used instead of the program's own filling.
        case plates
    }

    /// What a frame without a file means.
    public enum Missing: String, Codable, Sendable, CaseIterable {
        /// It is a mistake, named and refused.
        case error
        /// Nothing is said of it.
        case unsure
    }

    public var schema = MaskFolderManifest.schema
    public var kind: Kind
    /// Who made them: program, version, weights, person.
    public var origin: String
    /// Under which terms they may be used; empty where nobody says.
    public var licence: String?
    /// The recording they were made from.
    public var recording: String
    public var width: Int
    public var height: Int
    /// Frames of the recording.
    public var frames: Int
    /// Default `error`.
    public var missing: Missing?
    /// True where every value from 0 to 255 is a probability; else only 0, 128 and 255 are accepted.
    public var probabilities: Bool?
    /// What the values of `provenance/` stand for, in folders that this program writes.
    public var provenance: [String: String]?
    /// What the values of `classes/` stand for, there too.
    public var classes: [String: String]?

    public init(kind: Kind, origin: String, recording: String, width: Int, height: Int, frames: Int) {
        self.kind = kind
        self.origin = origin
        self.recording = recording
        self.width = width
        self.height = height
        self.frames = frames
    }

    static func read(_ folder: URL) throws(HumanError) -> MaskFolderManifest {
        let url = folder.appendingPathComponent(name)
        let manifest: MaskFolderManifest = try JSONText.read(
            url, accepted: "schema \(schema), kind masks or plates, origin, recording, width, height, frames")
        guard manifest.schema == schema else {
            throw .input(location: "\(url.path): schema", reason: "\"\(manifest.schema)\" is not known; accepted: \(schema)")
        }
        guard manifest.width > 0, manifest.height > 0, manifest.frames > 0 else {
            throw .input(location: "\(url.path): width, height, frames", reason: "must be positive")
        }
        guard !manifest.origin.isEmpty else {
            throw .input(location: "\(url.path): origin", reason: "is empty; accepted: who made the pictures (program, version, person)")
        }
        return manifest
    }
}

extension JSONText {
    /// Reads a file that a user may have written; what is wrong is said with file and key, and what is accepted.
    static func read<T: Decodable>(_ url: URL, accepted: String) throws(HumanError) -> T {
        do { return try decode(T.self, from: url) } catch { throw .source(reason: "\(error); accepted: a JSON file with \(accepted)") }
    }

    static func write(_ value: some Encodable, to url: URL) throws(HumanError) {
        do { try FileBytes.write(encode(value), to: url) } catch { throw .source(reason: "\(error)") }
    }
}
