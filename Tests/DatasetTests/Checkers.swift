import Foundation
import Testing

/// The real readers in their Python environments, run as child processes.
///
/// The checkers lie in the shared folder (`GRIPTRACE_SHARED`, or `shared` beside the package); the environments are made by
/// `Tests/checkers.sh` in `GRIPTRACE_CHECKERS` or `.deps/checkers`. Without the shared folder their tests are skipped; with it, a missing
/// environment is a failure.
enum Checkers {
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static var shared: URL {
        ProcessInfo.processInfo.environment["GRIPTRACE_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? package.deletingLastPathComponent().appendingPathComponent("shared")
    }

    static var hasShared: Bool { FileManager.default.fileExists(atPath: shared.appendingPathComponent("tools/check_lerobot.py").path) }

    static var environments: URL {
        ProcessInfo.processInfo.environment["GRIPTRACE_CHECKERS"].map { URL(fileURLWithPath: $0) }
            ?? package.appendingPathComponent(".deps/checkers")
    }

    /// Runs LeRobot's own reader over every frame and returns what it printed.
    static func checkLeRobot(_ root: URL) throws -> String {
        try run(environment: "lerobot", script: "check_lerobot.py", [root.path, "--stats"])
    }

    /// Holds every picture of LeRobot's streaming reader against its map-style one.
    static func checkStreaming(_ root: URL) throws -> String {
        let cache = root.deletingLastPathComponent().appendingPathComponent("cache").path
        return try python(
            "lerobot", [shared.appendingPathComponent("tools/check_streaming.py").path, root.path],
            variables: ["HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": cache])
    }

    /// Reads the file as UMI's training does and returns what was printed.
    static func checkUMI(_ file: URL) throws -> String { try run(environment: "umi", script: "check_umi_zarr.py", [file.path]) }

    /// Loads a v2.1 data set with the LeRobot release that reads it.
    static func checkLeRobot21(_ root: URL) throws -> String {
        let path = environments.appendingPathComponent("lerobot21").path
        return try python(
            "lerobot", [package.appendingPathComponent("Tests/check_lerobot21.py").path, root.path], variables: ["PYTHONPATH": path])
    }

    /// Reads a robomimic file with h5py against the stated layout.
    static func checkRobomimic(_ file: URL) throws -> String {
        try python("umi", [package.appendingPathComponent("Tests/check_robomimic.py").path, file.path])
    }

    /// Runs any Python in one of the environments.
    static func python(_ environment: String, _ arguments: [String], variables: [String: String] = [:]) throws -> String {
        let interpreter = environments.appendingPathComponent(environment).appendingPathComponent("bin/python")
        try #require(
            FileManager.default.isExecutableFile(atPath: interpreter.path),
            "\(interpreter.path) is missing; make it with: Tests/checkers.sh \(environments.path)")
        let process = Process()
        process.executableURL = interpreter
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self) + (process.terminationStatus == 0 ? "" : "\nexit status \(process.terminationStatus)")
    }

    private static func run(environment: String, script: String, _ arguments: [String]) throws -> String {
        try python(environment, [shared.appendingPathComponent("tools/\(script)").path] + arguments)
    }
}
