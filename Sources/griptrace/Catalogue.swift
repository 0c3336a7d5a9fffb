internal import Foundation
internal import Pipeline

/// Shipped devices and arms by name, or anybody's by path.
enum Catalogue {
    /// `Calibration/` beside the sources, or where `GRIPTRACE_CALIBRATION` says.
    static var root: URL {
        if let set = ProcessInfo.processInfo.environment["GRIPTRACE_CALIBRATION"] { return URL(fileURLWithPath: set) }
        let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath).appendingPathComponent("Calibration")
        if FileManager.default.fileExists(atPath: here.path) { return here }
        // The package's own folder, three above this file.
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Calibration")
    }

    static func names(_ kind: String) -> [String] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(kind).path)) ?? []
        return entries.map { $0.hasSuffix(".yaml") ? String($0.dropLast(5)) : $0 }.filter { !$0.hasPrefix(".") && $0 != "README.md" }
            .sorted()
    }

    static func device(_ name: String) throws -> URL { try find(name, kind: "devices", ends: [".yaml"]) }

    static func arm(_ name: String) throws -> URL { try find(name, kind: "arms", ends: ["/arm.yaml", ""]) }

    static func station(_ name: String) throws -> URL { try find(name, kind: "stations", ends: [".yaml"]) }

    private static func find(_ name: String, kind: String, ends: [String]) throws -> URL {
        if FileManager.default.fileExists(atPath: name) { return URL(fileURLWithPath: name) }
        for end in ends {
            let url = root.appendingPathComponent(kind).appendingPathComponent(name + end)
            if FileManager.default.fileExists(atPath: url.path) { return url }
        }
        let word = String(kind.dropLast())
        throw PipelineError.usage(
            "\(name) is neither a file nor a shipped \(word)\(Suggestion.aside(name, names(kind)))",
            accepted: names(kind).joined(separator: ", ") + ", or a path")
    }
}
