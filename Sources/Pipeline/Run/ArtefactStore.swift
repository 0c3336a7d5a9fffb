public import Foundation
internal import Imaging
internal import Session

/// Where a run keeps what its stages made, and how it knows what need not be made again.
///
/// A stage's artefact for a unit lies in `<root>/<stage>/<unit>/`. It is written to `<root>/partial/`, its `manifest.json` last, then
/// renamed: no manifest, not done. The manifest holds the key and the hash of every file: the same key with whole files is skipped, any
/// other is made again.
public struct ArtefactStore: Sendable {
    public let root: URL
    /// Where the artefacts lie that are the same for every arm, when several arms share them; nil: with the others.
    public let shared: URL?

    public init(root: URL, shared: URL? = nil) { (self.root, self.shared) = (root, shared) }

    /// What a finished artefact says of itself.
    public struct Manifest: Codable, Sendable, Equatable {
        public struct File: Codable, Sendable, Equatable {
            public var bytes: Int
            public var sha256: String
        }

        public var stage: String
        public var version: Int
        public var unit: String
        /// SHA-256 of stage, version, options and inputs.
        public var key: String
        /// The options in force, as JSON.
        public var options: String
        /// The keys of the artefacts, or hashes of the files, that this was made from.
        public var inputs: [String: String]
        /// By name, relative to the folder.
        public var files: [String: File]
    }

    /// What stands at an artefact's place.
    enum Found {
        case nothing
        /// Of another version, other options or other inputs.
        case other
        /// It has the key, but what it holds is not what was written: the reason names the file.
        case damaged(String)
        case whole(Artefact)
    }

    public func folder(_ stage: String, _ unit: String) -> URL {
        root(of: stage).appendingPathComponent(stage, isDirectory: true).appendingPathComponent(unit, isDirectory: true)
    }

    private func root(of stage: String) -> URL { StagePlan.dependsOnArm(stage) ? root : shared ?? root }

    /// The manifest of a finished artefact, else nil.
    public func manifest(_ stage: String, _ unit: String) -> Manifest? { Self.manifest(in: folder(stage, unit)) }

    public static func manifest(in folder: URL) -> Manifest? {
        guard let data = FileManager.default.contents(atPath: folder.appendingPathComponent("manifest.json").path) else { return nil }
        return try? JSONDecoder().decode(Manifest.self, from: data)
    }

    /// What names an artefact's content.
    static func key(stage: String, version: Int, options: String, inputs: [String: String]) -> String {
        let inputText = inputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        return SHA256.hex(of: "\(stage)\n\(version)\n\(options)\n\(inputText)")
    }

    /// Looks for a finished artefact; every file of it is hashed.
    func find(_ stage: String, _ unit: String, key: String) -> Found {
        let folder = folder(stage, unit)
        guard FileManager.default.fileExists(atPath: folder.path) else { return .nothing }
        guard let manifest = Self.manifest(in: folder) else { return .damaged("manifest.json cannot be read") }
        if let fault = Self.fault(manifest, stage, unit) { return .damaged(fault) }
        guard manifest.key == key else { return .other }
        if let fault = Self.fault(in: folder, manifest) { return .damaged(fault) }
        return .whole(Artefact(folder: folder, key: key, isNew: false))
    }

    /// The first file that is not as the manifest says; nil where all are.
    /// What of a manifest contradicts its own key, or where it lies.
    private static func fault(_ manifest: Manifest, _ stage: String, _ unit: String) -> String? {
        let own = key(stage: manifest.stage, version: manifest.version, options: manifest.options, inputs: manifest.inputs)
        return manifest.key == own && manifest.stage == stage && manifest.unit == unit ? nil : "manifest.json is not what was written"
    }

    static func fault(in folder: URL, _ manifest: Manifest) -> String? {
        for (name, file) in manifest.files.sorted(by: { $0.key < $1.key }) {
            let url = folder.appendingPathComponent(name)
            let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
            guard let size = (attributes?[.size] as? NSNumber)?.intValue else { return "\(name) is gone" }
            guard size == file.bytes else { return "\(name) has \(size) bytes, \(file.bytes) were written" }
            guard let hash = try? SHA256.hex(ofFile: url), hash == file.sha256 else { return "\(name) is not what was written" }
        }
        return nil
    }

    /// Makes an artefact whatever stands there. `body` gets an empty folder.
    func make(
        _ stage: String, version: Int, unit: String, options: String, inputs: [String: String], body: (URL) throws -> Void
    ) throws -> Artefact {
        let key = Self.key(stage: stage, version: version, options: options, inputs: inputs)
        let final = folder(stage, unit)
        let files = FileManager.default
        let partials = Self.partials(root(of: stage))
        let partial = partials.appendingPathComponent("\(stage)/\(unit)/new", isDirectory: true)
        if files.fileExists(atPath: partial.path) { try files.removeItem(at: partial) }
        try files.createDirectory(at: partial, withIntermediateDirectories: true)
        try body(partial)
        let manifest = Manifest(
            stage: stage, version: version, unit: unit, key: key, options: options, inputs: inputs, files: try Self.hashes(of: partial))
        try FileBytes.write(JSONText.encode(manifest), to: partial.appendingPathComponent("manifest.json"))
        try files.createDirectory(at: final.deletingLastPathComponent(), withIntermediateDirectories: true)
        if files.fileExists(atPath: final.path) {
            let old = partials.appendingPathComponent("\(stage)/\(unit)/old", isDirectory: true)
            if files.fileExists(atPath: old.path) { try files.removeItem(at: old) }
            try files.moveItem(at: final, to: old)
            try files.moveItem(at: partial, to: final)
            try files.removeItem(at: old)
        } else {
            try files.moveItem(at: partial, to: final)
        }
        return Artefact(folder: final, key: key, isNew: true)
    }

    /// Takes away what a killed run left half made.
    func sweep() throws {
        for partials in roots.map(Self.partials) where FileManager.default.fileExists(atPath: partials.path) {
            try FileManager.default.removeItem(at: partials)
        }
    }

    private var roots: [URL] { [root] + (shared.map { [$0] } ?? []) }

    /// Takes away what only the run needed, at its end.
    func clean() { for folder in roots.map(Self.partials) + [scratch] { try? FileManager.default.removeItem(at: folder) } }

    /// Pictures and the like that stages hand on and that are made again where they are gone.
    var scratch: URL { root.appendingPathComponent("scratch", isDirectory: true) }

    func remove(_ stage: String, _ unit: String) throws {
        let folder = folder(stage, unit)
        if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
    }

    /// No stage bears this name.
    private static func partials(_ root: URL) -> URL { root.appendingPathComponent("partial", isDirectory: true) }

    private static func hashes(of folder: URL) throws -> [String: Manifest.File] {
        var out: [String: Manifest.File] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? FileManager.DirectoryEnumerator() {
            let url = folder.appendingPathComponent(name)
            let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
            out[name] = Manifest.File(bytes: (attributes[.size] as? NSNumber)?.intValue ?? 0, sha256: try SHA256.hex(ofFile: url))
        }
        return out
    }
}

/// A finished stage's folder with the key that names its content.
struct Artefact: Sendable, Codable, Equatable {
    var folder: URL
    var key: String
    var isNew: Bool

    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
}
