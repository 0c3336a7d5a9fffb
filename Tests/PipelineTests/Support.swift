import Foundation
import Geometry
import Pipeline
import Robot
import Session
import Synchronization
import Testing

/// The package's own folder.
let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
let fixture = package.appendingPathComponent("Fixtures/session")

/// Material that is not part of the project; tests that need it are skipped where it is missing.
let shared =
    ProcessInfo.processInfo.environment["GRIPTRACE_SHARED"].map { URL(fileURLWithPath: $0) }
    ?? package.deletingLastPathComponent().appendingPathComponent("shared")

func isShared(_ path: String) -> Bool { FileManager.default.fileExists(atPath: shared.appendingPathComponent(path).path) }

/// A folder that is gone when the test ends.
func withTemporaryFolder<T>(_ body: (URL) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

func arm(_ name: String) throws -> Arm { try Arm(contentsOf: package.appendingPathComponent("Calibration/arms/\(name)/arm.yaml")) }

/// Converts and gives back what came of it; `settings` as on the command line.
func convert(
    _ session: URL, device: URL, arm name: String = "panda", output: URL, poses: URL? = nil, only: String? = nil, jobs: Int = 2,
    settings: [String] = [], events: @escaping ProgressSink = { _ in }
) async throws -> ConvertOutcome {
    var configuration = Configuration()
    for setting in settings { try configuration.set(setting) }
    let request = ConvertRequest(
        session: session, device: try Device(contentsOf: device), deviceFile: device, arm: try arm(name), output: output, poses: poses,
        only: only,
        jobs: jobs, configuration: configuration)
    return try await Converter(request, progress: events).run()
}

/// The griptrace program that was built beside the tests.
var program: URL {
    let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    return [tests, tests.deletingLastPathComponent(), package.appendingPathComponent(".build/release")]
        .map { $0.appendingPathComponent("griptrace") }.first { FileManager.default.isExecutableFile(atPath: $0.path) }
        ?? tests.appendingPathComponent("griptrace")
}

struct Finished {
    var code: Int32
    var lines: [String]
}

/// Runs a program to its end, or kills it (SIGKILL) after `killAfter` seconds.
func run(_ executable: URL, _ arguments: [String], killAfter: Double? = nil, environment: [String: String] = [:]) throws -> Finished {
    let process = Process()
    let output = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-\(UUID().uuidString).log")
    try Data().write(to: output)
    defer { try? FileManager.default.removeItem(at: output) }
    let handle = try FileHandle(forWritingTo: output)
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = handle
    process.standardError = handle
    process.currentDirectoryURL = package
    try process.run()
    if let killAfter {
        let deadline = Date().addingTimeInterval(killAfter)
        while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
    process.waitUntilExit()
    try handle.close()
    let text = String(decoding: FileManager.default.contents(atPath: output.path) ?? Data(), as: UTF8.self)
    return Finished(code: process.terminationStatus, lines: text.split(separator: "\n").map(String.init))
}

/// Every file below a folder with its bytes.
func contents(of folder: URL) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? FileManager.DirectoryEnumerator() {
        let url = folder.appendingPathComponent(name)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue {
            files[name] = try Data(contentsOf: url)
        }
    }
    return files
}

/// What a run made: every file but those that say what this run cost, and when.
func result(_ output: URL) throws -> [String: Data] {
    try contents(of: output).filter { !$0.key.hasSuffix("/usage.csv") && !$0.key.hasSuffix("/events.jsonl") }
}

/// Lets the real library of each data set's format read it; nothing without the shared folder, in which the checkers lie.
func expectRealReadersAccept(_ sets: [String], in output: URL) throws {
    guard isShared("tools/check_lerobot.py") else { return }
    let environments =
        ProcessInfo.processInfo.environment["GRIPTRACE_CHECKERS"].map { URL(fileURLWithPath: $0) }
        ?? package.appendingPathComponent(".deps/checkers")
    let own = package.appendingPathComponent("Tests")
    for set in sets {
        var variables: [String: String] = [:]
        let (environment, script): (String, URL)
        switch set {
        case "lerobot_v21":
            (environment, script) = ("lerobot", own.appendingPathComponent("check_lerobot21.py"))
            variables["PYTHONPATH"] = environments.appendingPathComponent("lerobot21").path
        case "dataset.zarr.zip": (environment, script) = ("umi", shared.appendingPathComponent("tools/check_umi_zarr.py"))
        case "robomimic.hdf5": (environment, script) = ("umi", own.appendingPathComponent("check_robomimic.py"))
        default: (environment, script) = ("lerobot", shared.appendingPathComponent("tools/check_lerobot.py"))
        }
        let python = environments.appendingPathComponent("\(environment)/bin/python")
        try #require(
            FileManager.default.isExecutableFile(atPath: python.path),
            "missing: run `bash Tests/checkers.sh .deps/checkers` (make test does)")
        let checked = try run(python, [script.path, output.appendingPathComponent(set).path], environment: variables)
        #expect(checked.code == 0 && checked.lines.contains("RESULT OK"), "\(set): \(checked.lines.suffix(12))")
    }
}
