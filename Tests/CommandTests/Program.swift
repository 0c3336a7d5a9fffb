import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The program as the build left it beside these tests.
enum Program {
    /// The package's folder.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static var path: URL {
        #if DEBUG
            root.appendingPathComponent(".build/debug/griptrace")
        #else
            root.appendingPathComponent(".build/release/griptrace")
        #endif
    }

    struct Ended {
        /// The exit code; 128 + signal where a signal ended it.
        var code: Int32
        var output: String
        var errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Runs the program to its end.
    static func run(_ arguments: String...) throws -> Ended { try run(arguments) }

    /// - Parameters:
    ///   - output, errors: files that take the streams instead, such as `/dev/full`.
    static func run(_ arguments: [String], output: String? = nil, errors: String? = nil) throws -> Ended {
        let child = try Running(arguments, output: output, errors: errors)
        return try child.wait()
    }

    /// A line of shell in which `$griptrace` is the program.
    static func shell(_ line: String) throws -> Ended {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (out, err) = (folder.appendingPathComponent("out"), folder.appendingPathComponent("err"))
        for url in [out, err] { _ = FileManager.default.createFile(atPath: url.path, contents: nil) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", line]
        process.environment = ProcessInfo.processInfo.environment.merging(["griptrace": path.path]) { $1 }
        process.currentDirectoryURL = root
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: err)
        try process.run()
        process.waitUntilExit()
        return Ended(code: process.terminationStatus, output: try text(out), errors: try text(err))
    }

    static func temporaryFolder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    fileprivate static func text(_ url: URL) throws -> String { String(decoding: try Data(contentsOf: url), as: UTF8.self) }

    /// The program while it runs.
    final class Running {
        private let process = Process()
        private let folder: URL
        private let output: URL
        private let errors: URL

        init(_ arguments: [String], output: String? = nil, errors: String? = nil) throws {
            folder = try Program.temporaryFolder()
            self.output = output.map { URL(fileURLWithPath: $0) } ?? folder.appendingPathComponent("out")
            self.errors = errors.map { URL(fileURLWithPath: $0) } ?? folder.appendingPathComponent("err")
            for url in [self.output, self.errors] where !FileManager.default.fileExists(atPath: url.path) {
                _ = FileManager.default.createFile(atPath: url.path, contents: nil)
            }
            process.executableURL = Program.path
            process.arguments = arguments
            process.currentDirectoryURL = Program.root
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: self.output)
            process.standardError = try FileHandle(forWritingTo: self.errors)
            try process.run()
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func signal(_ number: Int32) { kill(process.processIdentifier, number) }

        func wait() throws -> Ended {
            process.waitUntilExit()
            let code = process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
            func read(_ url: URL) throws -> String { url.path.hasPrefix("/dev/") ? "" : try Program.text(url) }
            return Ended(code: code, output: try read(output), errors: try read(errors))
        }
    }
}

/// A session that converts in seconds: a short demo of the fixture with its true poses, so that nothing is mapped.
struct ShortSession {
    let folder: URL
    let session: URL
    let output: URL

    init() throws {
        folder = try Program.temporaryFolder()
        session = folder.appendingPathComponent("session")
        output = folder.appendingPathComponent("out")
        try FileManager.default.createDirectory(at: session, withIntermediateDirectories: true)
        let fixture = Program.root.appendingPathComponent("Fixtures/session")
        try FileManager.default.copyItem(
            at: fixture.appendingPathComponent("demo_too_fast.mp4"), to: session.appendingPathComponent("demo_too_fast.mp4"))
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// The arguments of a conversion of it.
    func arguments(_ more: String...) -> [String] {
        let poses = Program.root.appendingPathComponent("Fixtures/session/truth/demo_too_fast/camera.tum").path
        return [
            "convert", session.path, "--device", "simulator", "--arm", "panda", "--poses", poses, "--output", output.path, "--format",
            "lerobot",
        ]
            + more
    }
}
