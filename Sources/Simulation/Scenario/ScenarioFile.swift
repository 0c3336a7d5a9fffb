public import Foundation
internal import Session
internal import Yams

extension Scenario {
    /// Reads a scenario: what the file leaves out keeps its default, a key that is not known is refused by name.
    public init(contentsOf url: URL) throws(SimulationError) {
        let bytes: [UInt8]
        do { bytes = try FileBytes.readText(url) } catch { throw SimulationError(error) }
        try self.init(yaml: String(decoding: bytes, as: UTF8.self), path: url.path)
        let folder = url.deletingLastPathComponent()
        for i in recordings.indices where recordings[i].motion == .recorded {
            recordings[i].motionFile = folder.appendingPathComponent(recordings[i].motionFile).standardizedFileURL.path
            recordings[i].inertialFile = folder.appendingPathComponent(recordings[i].inertialFile).standardizedFileURL.path
        }
    }

    /// Reads a scenario from YAML text; `path` is for messages.
    public init(yaml: String, path: String) throws(SimulationError) {
        do {
            let given = try compose(yaml: yaml) ?? Node.mapping(Node.Mapping([]))
            let defaults = try Self.node(of: Scenario())
            let recording = try Self.node(of: RecordingPlan())
            let templates = ["recordings": recording, "keyframes": try Self.node(of: MotionKey()), "boxes": try Self.node(of: Box())]
            let merged = try Self.merge(given, over: defaults, templates: templates, key: "", path: path)
            self = try YAMLDecoder().decode(Scenario.self, from: merged)
        } catch let error as SimulationError {
            throw error
        } catch let error as DecodingError {
            throw SimulationError(SessionError(decoding: error, path: path))
        } catch {
            throw .scenario(path: path, key: "YAML", reason: "\(error)")
        }
        try validate(path: path)
    }

    /// The whole scenario, defaults included, as YAML.
    public func yaml() throws(SimulationError) -> String {
        do { return try YAMLEncoder().encode(self) } catch { throw .scenario(path: name, key: "YAML", reason: "\(error)") }
    }

    private static func node(of value: some Encodable) throws -> Node {
        try compose(yaml: YAMLEncoder().encode(value)) ?? Node.mapping(Node.Mapping([]))
    }

    private static func merge(_ given: Node, over defaults: Node, templates: [String: Node], key: String, path: String) throws -> Node {
        guard let base = defaults.mapping else { return given }
        guard let changes = given.mapping else {
            throw SimulationError.scenario(path: path, key: key.isEmpty ? "top level" : key, reason: "a mapping of keys is needed here")
        }
        var result = base
        for (name, value) in changes {
            let text = name.string ?? ""
            let full = key.isEmpty ? text : "\(key).\(text)"
            guard let old = base[name] else {
                let known = base.keys.compactMap(\.string).sorted().joined(separator: ", ")
                throw SimulationError.scenario(path: path, key: full, reason: "this key is not known; accepted: \(known)")
            }
            if let template = templates[text] {
                guard let list = value.sequence else {
                    throw SimulationError.scenario(path: path, key: full, reason: "a list is needed here")
                }
                let items = try list.enumerated().map {
                    try merge($1, over: template, templates: templates, key: "\(full)[\($0)]", path: path)
                }
                result[name] = Node(items)
            } else {
                result[name] = try merge(value, over: old, templates: templates, key: full, path: path)
            }
        }
        return .mapping(result)
    }
}
