public import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// Records a session that never happened, with the truth beside it.
///
/// In the session's folder: one MP4 per recording, as a GoPro writes it (H.264, telemetry in a `gpmd` track). In `truth/`: `scenario.yaml`,
/// `device.yaml`, `base.yaml` (`table_from_base`), `recordings.csv`, and per recording `camera.csv`, `camera.tum`, `tool.tum`, `widths.csv`,
/// `biases.csv`, `feasible.csv` (demos), `human_mask.mov` (lossless gray, 255 where the human is seen) and, where a human is seen,
/// `clean.mp4`, the same frames without him. The same scenario gives the same bytes on the same machine.
///
/// Simplifications: the operator's arm and the fingers stand still within one frame, the arm casts no shadow, light changes everywhere alike.
public enum Simulator {
    /// How far a run is.
    public struct Progress: Sendable, Equatable {
        public var recording: String
        public var frame: Int
        public var frames: Int
    }

    /// Simulates every recording of the scenario into a new folder.
    /// - Parameter output: must not exist or be empty; it is written under a temporary name and renamed at the end.
    public static func run(
        scenario: Scenario, output: URL, progress: (Progress) -> Void = { _ in }
    ) throws(SimulationError) {
        let files = FileManager.default
        let old = (try? files.contentsOfDirectory(atPath: output.path)) ?? []
        guard old.isEmpty else {
            throw .file(path: output.path, reason: "the folder holds \(old.count) files already; give a new or an empty one")
        }
        try scenario.validate(path: scenario.name)
        let partial = URL(fileURLWithPath: output.path + ".partial")
        do {
            if files.fileExists(atPath: partial.path) { try files.removeItem(at: partial) }
            try files.createDirectory(at: partial.appendingPathComponent("truth"), withIntermediateDirectories: true)
        } catch {
            throw .file(path: partial.path, reason: "cannot be made: \(error.localizedDescription)")
        }
        let device = scenario.device()
        let truth = TruthFiles(folder: partial.appendingPathComponent("truth"))
        try truth.write(scenario.yaml(), "scenario.yaml")
        let deviceFile: String
        do { deviceFile = try scenario.statedDevice().yaml() } catch {
            throw .scenario(path: scenario.name, key: "device", reason: "\(error)")
        }
        try truth.write(deviceFile, "device.yaml")
        try truth.write(baseFile(scenario), "base.yaml")
        let renderer = FrameRenderer(scenario: scenario, device: device)
        var rows: [[String]] = []
        for (index, plan) in scenario.recordings.enumerated() {
            let recorder = try Recorder(scenario: scenario, device: device, renderer: renderer, plan: plan, index: index)
            rows.append(try recorder.record(into: partial, progress: progress))
        }
        let header = ["recording", "motion", "frames", "rate_hz", "human_frames", "arms_that_can_follow"]
        try truth.write(CSVTable(header: header, rows: rows).encoded, "recordings.csv")
        try SessionFiles(scenario: scenario, folder: partial).arrange(device: deviceFile, truth: truth)
        do {
            if files.fileExists(atPath: output.path) { try files.removeItem(at: output) }
            try files.moveItem(at: partial, to: output)
        } catch {
            throw .file(path: output.path, reason: "cannot be made: \(error.localizedDescription)")
        }
    }

    private static func baseFile(_ scenario: Scenario) -> String {
        let base = scenario.tableFromBase
        let (q, t) = (base.rotation.xyzw, base.translation)
        return """
            # Where the foot of the arms stands in the table tag's frame.
            table_from_base:
              rotation_xyzw: [\(q.x), \(q.y), \(q.z), \(q.w)]
              translation_m: [\(t.x), \(t.y), \(t.z)]

            """
    }
}

extension Scenario {
    var tableFromBase: Transform<Table, Base> {
        Transform(
            rotation: Rotation(vector: Vector3(0, 0, robots.baseYaw * .pi / 180)),
            translation: Vector3(robots.baseTranslation[0], robots.baseTranslation[1], robots.baseTranslation[2]))
    }
}
