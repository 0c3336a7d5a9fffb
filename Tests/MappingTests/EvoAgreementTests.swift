import Foundation
import Geometry
import Mapping
import Session
import Testing

/// `TrajectoryEvaluation` against evo on the same files. The environment is made by `Tests/checkers.sh`, which `make test` runs.
@Suite struct EvoAgreementTests {
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let environments =
        ProcessInfo.processInfo.environment["GRIPTRACE_CHECKERS"].map { URL(fileURLWithPath: $0) }
        ?? package.appendingPathComponent(".deps/checkers")

    /// A path above a table, and the same path turned, moved, scaled, noisy and with holes.
    static func files(seed: UInt64, in folder: URL) throws -> (estimate: URL, truth: URL) {
        var state = seed
        func random() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53) - 0.5
        }
        let offset = Transform<Table, Table>(rotation: Rotation(vector: Vector3(0.3, -0.8, 1.1)), translation: Vector3(0.4, -2, 0.7))
        var truth = ""
        var estimate = ""
        func line(_ time: Double, _ pose: Transform<Table, Camera>) -> String {
            let (t, q) = (pose.translation, pose.rotation.xyzw)
            return "\(time) \(t.x) \(t.y) \(t.z) \(q.x) \(q.y) \(q.z) \(q.w)\n"
        }
        for k in 0..<300 {
            let time = Double(k) / 30
            let pose = Transform<Table, Camera>(
                rotation: Rotation(vector: Vector3(2.4 + 0.3 * sin(time), 0.4 * cos(1.3 * time), 0.2 * time)),
                translation: Vector3(0.3 * sin(0.9 * time), 0.2 * cos(1.7 * time), 0.3 + 0.1 * sin(0.4 * time)))
            truth += line(time, pose)
            // A hole at the end only: evo counts relative pairs in frames, which a hole inside would shift.
            if k >= 280 { continue }
            var seen = offset * pose
            seen.translation = seen.translation * 1.02 + Vector3(random(), random(), random()) * 0.01
            seen.rotation = seen.rotation * Rotation(vector: Vector3(random(), random(), random()) * 0.02)
            estimate += line(time + 0.001 * random(), seen)
        }
        let urls = (folder.appendingPathComponent("estimate.tum"), folder.appendingPathComponent("truth.tum"))
        try estimate.write(to: urls.0, atomically: true, encoding: .utf8)
        try truth.write(to: urls.1, atomically: true, encoding: .utf8)
        return urls
    }

    @Test(
        .enabled("needs the Python environment that Tests/checkers.sh makes") {
            FileManager.default.fileExists(atPath: environments.appendingPathComponent("evo/bin/python").path)
        }, arguments: [3, 17] as [UInt64]) func everyFigureToAMillionth(seed: UInt64) throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("evo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try Self.files(seed: seed, in: folder)
        let estimate: Trajectory<Table, Camera> = try Trajectory(tum: files.estimate)
        let truth: Trajectory<Table, Camera> = try Trajectory(tum: files.truth)
        let ours = try TrajectoryEvaluation.compare(estimate, truth: truth, tolerance: 0.005, relativeSpan: 1)
        #expect(ours.pairs == 280)
        let process = Process()
        process.executableURL = Self.environments.appendingPathComponent("evo/bin/python")
        process.arguments = [
            Self.package.appendingPathComponent("Tests/check_evo.py").path, files.estimate.path, files.truth.path, "0.005", "30",
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(ours))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && said.contains("RESULT OK"), "\(said)")
        if let line = said.split(separator: "\n").last(where: { $0.hasPrefix("figure") }) { print(line) }
    }
}
