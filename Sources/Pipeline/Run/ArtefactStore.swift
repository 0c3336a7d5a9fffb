public import Foundation
internal import Imaging
internal import Session

/// Where a run keeps what its stages made, and how it knows what need not be made again.
///
/// A stage's artefact for a unit lies in `<root>/<stage>/<unit>/`. It is written to `<unit>.partial/`, its `manifest.json` last, then
/// renamed: no manifest, not done. The manifest holds the key; the same key is skipped, any other is made again.
public struct ArtefactStore: Sendable {
    public let root: URL

    public init(root: URL) { self.root = root }

    /// What a finished artefact says of itself.
    public struct Manifest: Codable, Sendable, Equatable {
        public var stage: String
        public var version: Int
        public var unit: String
        /// SHA-256 of stage, version, options and inputs.
        public var key: String
        /// The options in force, as JSON.
        public var options: String
        /// The keys of the artefacts, or hashes of the files, that this was made from.
        public var inputs: [String: String]
        /// File names with their sizes in bytes.
        public var files: [String: Int]
    }

    public func folder(_ stage: String, _ unit: String) -> URL {
        root.appendingPathComponent(stage, isDirectory: true).appendingPathComponent(unit, isDirectory: true)
    }

    /// The manifest of a finished artefact whose files are all there, else nil.
    public func manifest(_ stage: String, _ unit: String) -> Manifest? { Self.manifest(in: folder(stage, unit)) }

    public static func manifest(in folder: URL) -> Manifest? {
        guard let data = FileManager.default.contents(atPath: folder.appendingPathComponent("manifest.json").path),
            let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
        else { return nil }
        for (name, size) in manifest.files {
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder.appendingPathComponent(name).path)
            guard let found = (attributes?[.size] as? NSNumber)?.intValue, found == size else { return nil }
        }
        return manifest
    }

    /// Makes the artefact unless one with the same key is there. `body` gets the partial folder.
    /// - Returns: the finished artefact's folder, its key, and whether it was made now.
    func make(
        _ stage: String, version: Int, unit: String, options: String, inputs: [String: String], force: Bool, body: (URL) throws -> Void
    ) throws -> Artefact {
        let inputText = inputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        let key = SHA256.hex(of: "\(stage)\n\(version)\n\(options)\n\(inputText)")
        let final = folder(stage, unit)
        if !force, let manifest = manifest(stage, unit), manifest.key == key {
            return Artefact(folder: final, key: key, isNew: false)
        }
        let partial = final.deletingLastPathComponent().appendingPathComponent("\(unit).partial", isDirectory: true)
        let files = FileManager.default
        if files.fileExists(atPath: partial.path) { try files.removeItem(at: partial) }
        try files.createDirectory(at: partial, withIntermediateDirectories: true)
        try body(partial)
        var sizes: [String: Int] = [:]
        for case let name as String in files.enumerator(atPath: partial.path) ?? FileManager.DirectoryEnumerator() {
            let attributes = try files.attributesOfItem(atPath: partial.appendingPathComponent(name).path)
            if attributes[.type] as? FileAttributeType == .typeRegular { sizes[name] = (attributes[.size] as? NSNumber)?.intValue ?? 0 }
        }
        let manifest = Manifest(
            stage: stage, version: version, unit: unit, key: key, options: options, inputs: inputs, files: sizes)
        try FileBytes.write(JSONText.encode(manifest), to: partial.appendingPathComponent("manifest.json"))
        if files.fileExists(atPath: final.path) { try files.removeItem(at: final) }
        try files.moveItem(at: partial, to: final)
        return Artefact(folder: final, key: key, isNew: true)
    }
}

/// A finished stage's folder with the key that names its content.
struct Artefact: Sendable {
    var folder: URL
    var key: String
    var isNew: Bool

    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
}

/// JSON as this project writes it: sorted keys, indented, slashes unescaped, a newline at the end.
enum JSONText {
    static func encode<T: Encodable>(_ value: T) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(value)) + [10]
    }

    /// One line with sorted keys: for keys and `data-` attributes.
    static func line<T: Encodable>(_ value: T) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try String(decoding: encoder.encode(value), as: UTF8.self)
    }

    static func decode<T: Decodable>(_ type: T.Type, from url: URL) throws -> T {
        let bytes = try FileBytes.read(url)
        return try JSONDecoder().decode(type, from: Data(bytes))
    }
}
