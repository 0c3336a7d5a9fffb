import Foundation
import Geometry
import Imaging
import Session
import Simulation
import Testing

@Suite struct SessionFilesTests {
    static let scenario = """
        seed: 3
        picture: {width: 64, height: 48, rate_hz: 10, samples_per_pixel: 1}
        recordings:
          - {name: mapping, motion: mapping, duration_s: 1.5}
          - {name: demo_a, motion: pick_place, duration_s: 2, human: true, human_from_s: 0.2, human_to_s: 1.8}
        """

    /// Simulates into a folder of its own and gives that to the body; the folder is removed afterwards.
    private func withSession<T>(_ body: (URL) throws -> T) throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("simulation-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try Simulator.run(scenario: Scenario(yaml: Self.scenario, path: "test"), output: folder)
        return try body(folder)
    }

    private func bytes(_ folder: URL) throws -> [String: Data] {
        var all: [String: Data] = [:]
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        for name in names {
            if let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path) { all[name] = data }
        }
        return all
    }

    @Test func sameScenarioGivesTheSameBytes() throws {
        let first = try withSession(bytes)
        let second = try withSession(bytes)
        #expect(first.count >= 18)
        #expect(first.keys.sorted() == second.keys.sorted())
        for (name, data) in first { #expect(second[name] == data, "\(name) differs") }
    }

    @Test func sessionHoldsVideosAndTruth() throws {
        try withSession { folder in
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names == ["demo_a.mp4", "mapping.mp4", "truth"])
            let truth = folder.appendingPathComponent("truth")
            let device = try Device(contentsOf: truth.appendingPathComponent("device.yaml"))
            #expect(device.camera.width == 64 && device.readout == 0.010)
            let scenario = try Scenario(contentsOf: truth.appendingPathComponent("scenario.yaml"))
            #expect(scenario.recordings.map(\.name) == ["mapping", "demo_a"])
            let poses = try CSVTable(contentsOf: truth.appendingPathComponent("demo_a/camera.csv"))
            #expect(poses.rows.count == 20 && poses.header == ["time_s_video", "x_m", "y_m", "z_m", "qx", "qy", "qz", "qw"])
            let flags = try CSVTable(contentsOf: truth.appendingPathComponent("demo_a/feasible.csv"))
            #expect(flags.rows.count == 40)
            #expect(!FileManager.default.fileExists(atPath: truth.appendingPathComponent("mapping/feasible.csv").path))
            let masks = try VideoReader(truth.appendingPathComponent("demo_a/human_mask.mov"))
            var frames = 0
            var human = 0
            while let frame = try masks.nextFrame() {
                frames += 1
                if frame.image.pixels.contains(255) { human += 1 }
                #expect(frame.image.pixels.allSatisfy { $0 == 0 || $0 == 255 })
            }
            #expect(frames == 20 && human > 3 && human < 18, "\(human) frames with a human")
        }
    }

    @Test func telemetryInTheFileIsTheSimulatedInertialRecording() throws {
        let recording = try SimulatedRecording("mapping", of: Scenario(yaml: Self.scenario, path: "test"))
        let written = recording.inertial()
        let read = try withSession { folder in
            try #require(try Telemetry(contentsOf: folder.appendingPathComponent("mapping.mp4"))).inertialRecording()
        }
        #expect(read.gyroscope.count == written.gyroscope.count && read.accelerometer.count == written.accelerometer.count)
        for (a, b) in zip(read.gyroscope, written.gyroscope) {
            #expect(abs(a.time - b.time) < 1e-4 && (a.value - b.value).length < 0.0011, "\(a) against \(b)")
        }
        for (a, b) in zip(read.accelerometer, written.accelerometer) {
            #expect(abs(a.time - b.time) < 1e-4 && (a.value - b.value).length < 0.0025, "\(a) against \(b)")
        }
    }

    @Test func folderThatHoldsFilesIsNotWrittenOver() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("simulation-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data([1]).write(to: folder.appendingPathComponent("kept"))
        let scenario = try Scenario(yaml: Self.scenario, path: "test")
        do {
            try Simulator.run(scenario: scenario, output: folder)
            Issue.record("written over")
        } catch {
            #expect("\(error)".contains(folder.path) && "\(error)".contains("empty"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["kept"])
    }
}
