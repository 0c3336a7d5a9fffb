public import Foundation
internal import Session

/// An MCAP file or a ROS 2 bag: how it is told from other files, and the program that reads it.
///
/// `Sources/Python/griptrace_bag.py` takes pictures and readings out of it with the public `mcap` library and hands them on through a pipe:
/// nothing is written to disk, each pass over the pictures reads the bag once. The program is run by `python3`, or what the environment's
/// GRIPTRACE_PYTHON names; the library lies in `.deps`, where the Makefile puts it, or among Python's own.
public enum BagFile {
    /// Of single files: MCAP, a ROS 2 bag's sqlite3 storage, a ROS 1 bag (which is refused with the way out).
    public static let extensions = ["mcap", "db3", "bag"]

    /// Whether a path is a bag's file, or a ROS 2 bag's folder: `metadata.yaml` beside `.mcap` or `.db3` files.
    public static func isBag(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { return false }
        guard isFolder.boolValue else { return extensions.contains(url.pathExtension.lowercased()) }
        guard FileManager.default.fileExists(atPath: url.appendingPathComponent("metadata.yaml").path) else { return false }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.contains { name in [".mcap", ".db3", ".mcap.zstd", ".db3.zstd"].contains { name.hasSuffix($0) } }
    }

    /// Starts the program on a bag.
    static func child(_ arguments: [String], _ url: URL, timeout: Double) throws(ImagingError) -> ChildOutput {
        let script = root.appendingPathComponent("Sources/Python/griptrace_bag.py").path
        guard FileManager.default.fileExists(atPath: script) else {
            throw .file(path: url.path, reason: "bags are read by \(script), which is not there: build griptrace where its sources lie")
        }
        let python = ProcessInfo.processInfo.environment["GRIPTRACE_PYTHON"] ?? "python3"
        let words = [python, script, "--library", root.appendingPathComponent(".deps").path] + arguments
        return try ChildOutput(command: "exec " + words.map(quoted).joined(separator: " "), path: url.path, timeout: timeout)
    }

    /// What is said where the program ends without a word.
    static func silence(_ child: ChildOutput, _ url: URL) -> ImagingError {
        .file(
            path: url.path,
            reason: "bags are read by Python, which ended before it said what is in it: python3 must be there, or GRIPTRACE_PYTHON name it"
                + child.lastWords)
    }

    /// The package's own folder, four above this file.
    private static var root: URL { (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() } }

    /// A word as the shell takes it unchanged.
    private static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }
}
