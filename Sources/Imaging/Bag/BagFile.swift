public import Foundation
internal import Session

/// An MCAP file or a ROS 2 bag: how it is told from other files, and the program that reads it.
///
/// `Sources/Python/griptrace_bag.py` takes pictures and readings out of it with the public `mcap` library and hands them on through a pipe:
/// nothing is written to disk, each pass over the pictures reads the bag once. The program is run by `python3`, or what the environment's
/// GRIPTRACE_PYTHON names; it lies where `Installation` says, the library in `.deps`, where the Makefile puts it, or among Python's own.
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
        guard let script = Installation.python("griptrace_bag.py")?.path else {
            throw .file(
                path: url.path,
                reason: "bags are read by griptrace_bag.py, which is not beside the program: install griptrace with pip or make install")
        }
        let python = ProcessInfo.processInfo.environment["GRIPTRACE_PYTHON"] ?? "python3"
        let library = Installation.folder.map { ["--library", $0.appendingPathComponent(".deps").path] } ?? []
        let words = [python, script] + library + arguments
        return try ChildOutput(command: "exec " + words.map(ChildStart.quoted).joined(separator: " "), path: url.path, timeout: timeout)
    }

    /// What is said where the program ends without a word.
    static func silence(_ child: ChildOutput, _ url: URL) -> ImagingError {
        .file(
            path: url.path,
            reason: "bags are read by Python, which ended before it said what is in it: python3 must be there, or GRIPTRACE_PYTHON name it"
                + child.lastWords)
    }

    /// Why no bag can be read on this machine; nil where they can.
    public static var fault: String? {
        do {
            let child = try child(["check", "-"], URL(fileURLWithPath: "bags"), timeout: 30)
            if try child.line() != nil { return nil }
            return "python3 or its libraries are missing, or GRIPTRACE_PYTHON names another one\(child.lastWords)"
        } catch {
            return "\(error)"
        }
    }
}
