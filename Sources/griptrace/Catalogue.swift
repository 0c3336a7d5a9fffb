internal import Foundation
internal import Pipeline
internal import Session

/// Shipped devices and arms by name, or anybody's by path.
enum Catalogue {
    /// Where GRIPTRACE_CALIBRATION says; else `Calibration/` in the folder that the program was started in, if there is one, and then what
    /// came with the program: a name of the first goes before the same name of the second, and hides no other.
    private static var roots: [URL] {
        if let set = ProcessInfo.processInfo.environment["GRIPTRACE_CALIBRATION"] { return [URL(fileURLWithPath: set)] }
        let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath).appendingPathComponent("Calibration")
        guard let own = Installation.folder?.appendingPathComponent("Calibration") else { return [here] }
        return here.path == own.path ? [own] : [here, own]
    }

    static func names(_ kind: String) -> [String] {
        let entries = roots.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0.appendingPathComponent(kind).path)) ?? [] }
        let names = entries.map { $0.hasSuffix(".yaml") ? String($0.dropLast(5)) : $0 }.filter { !$0.hasPrefix(".") && $0 != "README.md" }
        return Set(names).sorted()
    }

    static func device(_ name: String) throws -> URL { try find(name, kind: "devices", ends: [".yaml"]) }

    static func arm(_ name: String) throws -> URL { try find(name, kind: "arms", ends: ["/arm.yaml", ""]) }

    static func station(_ name: String) throws -> URL { try find(name, kind: "stations", ends: [".yaml"]) }

    /// A file, or a folder that holds what `ends` names, by path; else a shipped one by name. A folder that happens to have the name of a
    /// shipped one, and nothing of the kind in it, is not in its way.
    private static func find(_ name: String, kind: String, ends: [String]) throws -> URL {
        let isFolder = kindOfEntry(name)
        if isFolder == false { return URL(fileURLWithPath: name) }
        let inside = ends.filter { $0.hasPrefix("/") }.map { name + $0 }.first { kindOfEntry($0) == false }
        if let inside { return URL(fileURLWithPath: inside) }
        if let shipped = shipped(name, kind: kind, ends: ends) { return shipped }
        let word = String(kind.dropLast())
        let expected = ends.first { $0.hasPrefix("/") }.map { " without \($0.dropFirst())" } ?? ""
        let what =
            isFolder == true
            ? "\(name) is a folder\(expected), and no shipped \(word) has that name" : "\(name) is neither a file nor a shipped \(word)"
        throw PipelineError.usage(
            "\(what)\(Suggestion.aside(name, names(kind)))", accepted: names(kind).joined(separator: ", ") + ", or a path")
    }

    /// A shipped file by its name; nil where there is none.
    static func shipped(_ name: String, kind: String, ends: [String]) -> URL? {
        for root in roots {
            for end in ends {
                let url = root.appendingPathComponent(kind).appendingPathComponent(name + end)
                if kindOfEntry(url.path) == false { return url }
            }
        }
        return nil
    }

    /// Whether a path is a folder; nil where there is nothing.
    private static func kindOfEntry(_ path: String) -> Bool? {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) ? isFolder.boolValue : nil
    }
}
