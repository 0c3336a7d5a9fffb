import Dataset
import Foundation
import Geometry
import Mapping
import Pipeline
import Session
import Simulation
import Testing

/// A session with and without IMU, with and without table tag, through `convert`: what a user gets in each of the four.
///
/// Two short sessions of one desk, rendered once; the IMU is left out by `ingest.uses_inertial`.
struct FrameCombinationTests {
    private static let sessions = Rendered()

    /// The rendered sessions, gone with the process's temporary folder.
    private struct Rendered: Sendable {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-combinations-\(UUID().uuidString)")

        func session(tagged: Bool) -> URL { root.appendingPathComponent(tagged ? "tagged" : "untagged") }

        init() {
            for tagged in [true, false] {
                var scenario = Scenario()
                scenario.seed = 77
                (scenario.picture.width, scenario.picture.height, scenario.picture.rate) = (480, 360, 30)
                scenario.picture.samplesPerPixel = 1
                scenario.picture.crf = 22
                scenario.robots.arms = []
                if !tagged { scenario.scene.tagSize = 0 }
                var mapping = Scenario.RecordingPlan()
                (mapping.name, mapping.motion, mapping.duration, mapping.speed) = ("mapping", .mapping, 4.5, 1.7)
                var demo = Scenario.RecordingPlan()
                (demo.name, demo.motion, demo.variant, demo.duration, demo.speed) = ("demo", .pickPlace, 3, 2.5, 1.4)
                scenario.recordings = [mapping, demo]
                try? Simulator.run(scenario: scenario, output: session(tagged: tagged))
            }
        }
    }

    private func truth(_ recording: String, tagged: Bool) throws -> Trajectory<Table, Camera> {
        try Trajectory(tum: Self.sessions.session(tagged: tagged).appendingPathComponent("truth/\(recording)/camera.tum"))
    }

    private struct Made {
        var outcome: ConvertOutcome
        var output: URL
        var error: TrajectoryEvaluation
        var camera: Trajectory<Table, Camera>
        /// Names of the numbers of state and action; empty where no LeRobot data set was written.
        var state: [String] = []
        var action: [String] = []

        var demo: RecordingReport? { outcome.report.recordings.first { $0.role == .demo } }
        func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: output.appendingPathComponent(name).path) }
    }

    private func made(_ folder: URL, tagged: Bool, inertial: Bool, settings: [String] = []) async throws -> Made {
        let session = Self.sessions.session(tagged: tagged)
        let device = session.appendingPathComponent("truth/device.yaml")
        let output = folder.appendingPathComponent("out")
        var configuration = Configuration()
        for setting in settings + ["ingest.uses_inertial=\(inertial)"] { try configuration.set(setting) }
        var request = ConvertRequest(
            session: session, device: try Device(contentsOf: device), deviceFile: device, arm: try arm("panda"), output: output, jobs: 2,
            configuration: configuration)
        request.exportsMasks = true
        let outcome = try await Converter(request, progress: { _ in }).run()
        let camera = try Trajectory<Table, Camera>(
            csv: output.appendingPathComponent("work/\(session.lastPathComponent)/localize/demo/camera.csv"))
        var made = Made(
            outcome: outcome, output: output, error: try TrajectoryEvaluation.compare(camera, truth: truth("demo", tagged: tagged)),
            camera: camera)
        if made.has("lerobot") {
            let info = try JSONSerialization.jsonObject(with: Data(contentsOf: output.appendingPathComponent("lerobot/meta/info.json")))
            let features = (info as? [String: Any])?["features"] as? [String: [String: Any]] ?? [:]
            made.state = features["observation.state"]?["names"] as? [String] ?? []
            made.action = features["action"]?["names"] as? [String] ?? []
        }
        #expect(try expectAccount(outcome, output))
        #expect(made.has("masks/demo"), "masks are written in every combination")
        for set in outcome.report.dataSets {
            #expect(try DatasetValidator.validate(output.appendingPathComponent(set.path)).filter { $0.severity == .error } == [])
        }
        return made
    }

    @Test(arguments: [true, false]) func withATagJointsAreWritten(inertial: Bool) async throws {
        try await withTemporaryFolder { folder in
            let made = try await made(folder, tagged: true, inertial: inertial)
            #expect(made.error.completeness == 1 && made.error.positionRMSE < 2e-3, "\(made.error.positionRMSE * 1e3) mm")
            #expect(made.error.positionRMSEUnaligned < 8e-3, "in the tag's frame: \(made.error.positionRMSEUnaligned * 1e3) mm")
            #expect(made.state.contains { $0.hasPrefix("panda_joint") || $0.contains("joint") } && made.state == made.action)
            #expect(made.has("dataset.zarr.zip"))
            #expect(made.outcome.report.notes.contains { $0.contains("the arm's base stands at") && $0.contains("the table's frame") })
        }
    }

    @Test func anIMUAloneGivesToolPosesAboveTheSurface() async throws {
        try await withTemporaryFolder { folder in
            let made = try await made(folder, tagged: false, inertial: true)
            #expect(made.error.completeness == 1 && made.error.positionRMSE < 2e-3, "\(made.error.positionRMSE * 1e3) mm")
            #expect(abs(made.error.scale - 1) < 0.03, "scale \(made.error.scale)")
            // z is up and zero on the table.
            let truth = try truth("demo", tagged: false)
            for (own, true_) in zip(made.camera.poses, truth.poses) {
                #expect(abs(own.translation.z - true_.translation.z) < 0.015)
                let tilt = (own.rotation.inverse * Vector3(0, 0, 1)).dot(true_.rotation.inverse * Vector3(0, 0, 1))
                #expect(tilt > cos(1 * Double.pi / 180))
            }
            let rows = ["row1_x", "row1_y", "row1_z", "row2_x", "row2_y", "row2_z"]
            #expect(made.state == (["x", "y", "z"] + rows).map { "ee.\($0)" } + ["gripper.pos"])
            #expect(made.action == (["x", "y", "z"] + rows).map { "ee.d\($0)" } + ["gripper.pos"])
            #expect(made.has("dataset.zarr.zip") && made.outcome.report.frames.output > 60)
            #expect(made.outcome.report.notes.contains { $0.contains("where the arm stands is not known") && $0.contains("solve.base") })
            try expectRealReadersAccept(["lerobot", "dataset.zarr.zip"], in: made.output)
        }
    }

    /// Where a search says where the arm stands there are joints.
    @Test func aPlaceThatIsFoundGivesJoints() async throws {
        try await withTemporaryFolder { folder in
            let placed = try await made(folder, tagged: false, inertial: true, settings: ["solve.base=search"])
            #expect(placed.state.count == 8 && placed.action == placed.state)
            let note = try #require(placed.outcome.report.notes.first { $0.contains("the arm's base stands at") })
            #expect(note.contains("z is up") && note.contains("(search"), "\(note)")
        }
    }

    @Test func withoutEitherMasksAreWrittenAndWhatIsMissingIsSaid() async throws {
        try await withTemporaryFolder { folder in
            let made = try await made(folder, tagged: false, inertial: false)
            #expect(made.error.completeness == 1 && made.error.positionRMSESim3 < 3e-3, "\(made.error.positionRMSESim3 * 1e3) mm")
            #expect(!made.has("lerobot") && !made.has("dataset.zarr.zip"))
            #expect(made.outcome.rejections.filter { $0.unit == "demo" }.allSatisfy { ["no_scale", "idle", "lost"].contains($0.reason) })
            #expect(made.outcome.rejections.contains { $0.reason == "no_scale" && $0.detail.contains("map.stated_extent") })
            #expect(made.outcome.report.notes.contains { $0.contains("the scale is not known") })
        }
    }

    /// A length that a user measured makes metres of pictures alone, in the first camera's frame.
    @Test func aStatedLengthGivesTheScale() async throws {
        try await withTemporaryFolder { folder in
            let extent = try #require(try truth("mapping", tagged: false).extent)
            let made = try await made(folder, tagged: false, inertial: false, settings: ["map.stated_extent=\(extent)"])
            #expect(made.error.positionRMSE < 4e-3 && abs(made.error.scale - 1) < 0.01, "\(made.error.positionRMSE * 1e3) mm")
            #expect(made.has("dataset.zarr.zip") && made.state.count == 10)
            let map = try Trajectory<Table, Camera>(csv: made.output.appendingPathComponent("work/untagged/map/session/camera.csv"))
            let first = try #require(map.states.firstIndex { $0 != .lost })
            #expect(map.poses[first].translation.length < 1e-9 && map.poses[first].rotation.vector.length < 1e-9)
        }
    }

    /// Poses of a program that knows neither the video's clock nor a metre, in a world of its own.
    @Test func posesWithoutScaleAndClockAreMeasured() async throws {
        try await withTemporaryFolder { folder in
            let session = Self.sessions.session(tagged: true)
            let device = session.appendingPathComponent("truth/device.yaml")
            let truth = try truth("demo", tagged: true)
            let (late, metres) = (0.31, 3.2)
            let lines = zip(truth.times, truth.poses).map { time, pose in
                let (p, q) = ((1 / metres) * pose.translation, pose.rotation.xyzw)
                return "\(time.seconds + late) \(p.x) \(p.y) \(p.z) \(q.x) \(q.y) \(q.z) \(q.w)"
            }
            let file = folder.appendingPathComponent("demo.tum")
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
            let output = folder.appendingPathComponent("out")
            let outcome = try await convert(
                session, device: device, output: output, poses: file, only: "demo", settings: ["ingest.table_from_world=0.1 0.2 0 0"])
            let camera = try Trajectory<Table, Camera>(csv: output.appendingPathComponent("work/tagged/localize/demo/camera.csv"))
            let e = try TrajectoryEvaluation.compare(camera, truth: truth)
            #expect(abs(e.scale - 1) < 0.05 && e.positionRMSE < 0.01, "scale \(e.scale), \(e.positionRMSE * 1e3) mm")
            let middle = try #require(camera.states.indices.first { camera.states[$0] == .tracked && $0 > 30 })
            let moved = camera.poses[middle].translation - truth.poses[middle].translation
            #expect((moved - Vector3(0.1, 0.2, 0)).length < 0.03, "the world stands where the option says: \(moved)")
            let problems = outcome.report.recordings.first { $0.unit == "demo" }?.problems ?? []
            #expect(problems.contains { $0.contains("before the video's first frame") || $0.contains("after the video's first frame") })
            #expect(problems.contains { $0.contains("by the recording's IMU") })
        }
    }
}
