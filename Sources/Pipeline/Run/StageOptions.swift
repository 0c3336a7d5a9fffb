internal import Foundation

/// Sets one option of an options struct by its name: `velocity_fraction` and `velocityFraction` are the same.
enum StageOptions {
    /// - Returns: the struct with that option changed, nil when there is no option of that name.
    /// Throws `UnitFailure` when the value is not of the option's kind.
    static func setting<Options: Codable>(_ name: String, to text: String, in options: Options) throws -> Options? {
        let data = try JSONEncoder().encode(options)
        guard var object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else { return nil }
        let parts = name.split(separator: ".").map(String.init)
        guard try assign(parts[...], text, in: &object) else { return nil }
        do {
            return try JSONDecoder().decode(Options.self, from: JSONSerialization.data(withJSONObject: object))
        } catch {
            throw UnitFailure(reason: "option", detail: "\"\(text)\" is not a value for \(name)")
        }
    }

    /// The names of all options, in the form that users write, with their values.
    static func list<Options: Codable>(_ options: Options) -> [(name: String, value: String)] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(options), let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            return []
        }
        return object.keys.sorted().map { (snakeCase($0), "\(object[$0] ?? "")") }
    }

    private static func assign(_ path: ArraySlice<String>, _ text: String, in object: inout [String: Any]) throws -> Bool {
        guard let first = path.first, let key = object.keys.sorted().first(where: { folded($0) == folded(first) }) else { return false }
        if path.count > 1 {
            guard var inner = object[key] as? [String: Any], try assign(path.dropFirst(), text, in: &inner) else { return false }
            object[key] = inner
            return true
        }
        let json = Data(text.utf8)
        if !(object[key] is String), let value = try? JSONSerialization.jsonObject(with: json, options: [.fragmentsAllowed]) {
            object[key] = value
        } else {
            object[key] = text
        }
        return true
    }

    private static func folded(_ name: String) -> String { name.lowercased().filter { $0 != "_" } }

    static func snakeCase(_ name: String) -> String {
        var out = ""
        for c in name {
            if c.isUppercase, !out.isEmpty, out.last != "_" { out.append("_") }
            out.append(Character(c.lowercased()))
        }
        return out
    }
}
