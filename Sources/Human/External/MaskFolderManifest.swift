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
        let manifest: MaskFolderManifest = try JSONFile.read(
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

/// JSON files with errors that name file and key.
enum JSONFile {
    static func read<T: Decodable>(_ url: URL, accepted: String) throws(HumanError) -> T {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(url)
        } catch {
            throw .source(reason: "\(error); accepted: a JSON file with \(accepted)")
        }
        do {
            return try JSONDecoder().decode(T.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw .input(location: "\(url.path)\(key(error))", reason: "\(reason(error)); accepted: \(accepted)")
        } catch {
            throw .input(location: url.path, reason: "\(error); accepted: \(accepted)")
        }
    }

    static func write<T: Encodable>(_ value: T, to url: URL) throws(HumanError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            try FileBytes.write([UInt8](encoder.encode(value)) + [10], to: url)
        } catch {
            throw .source(reason: "\(error)")
        }
    }

    private static func key(_ error: DecodingError) -> String {
        let path: [any CodingKey]
        switch error {
        case .keyNotFound(let key, let context): path = context.codingPath + [key]
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): path = context.codingPath
        @unknown default: path = []
        }
        return path.isEmpty ? "" : ": " + path.map(\.stringValue).joined(separator: ".")
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound: "is missing"
        case .typeMismatch(let type, _): "is not of type \(type)"
        case .valueNotFound(let type, _): "is null, a \(type) is needed"
        case .dataCorrupted(let context): context.codingPath.isEmpty ? "is no JSON" : context.debugDescription
        @unknown default: "cannot be read"
        }
    }
}
