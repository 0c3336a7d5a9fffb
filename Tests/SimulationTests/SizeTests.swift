import Foundation
import Geometry
import Imaging
import Session
import Simulation
import Testing

/// Recorders of every picture size, each with a lens of its own shape.
@Suite struct SizeTests {
    /// Width, height, focal length: odd, square, upright, a sliver, and real ones made smaller.
    static let sizes = [
        (641, 359, 190.0), (224, 224, 70), (295, 270, 85), (240, 219, 70), (169, 127, 50), (127, 301, 60), (16, 17, 5), (97, 16, 20),
    ]

    private func yaml(_ width: Int, _ height: Int, _ focal: Double, extra: String) -> String {
        """
        seed: 8
        picture: {width: \(width), height: \(height), rate_hz: 10, samples_per_pixel: 1, readout_s: 0.004}
        lens:
          width: \(width)
          height: \(height)
          focal_length_px: [\(focal), \(focal)]
          principal_point_px: [\(Double(width - 1) / 2), \(Double(height - 1) / 2)]
          distortion: [-0.02, -0.02, 0.002, -0.0002]
        robots: {arms: []}
        \(extra)
        """
    }

    @Test(arguments: sizes.indices) func aSessionOfAnySizeHoldsPicturesOfThatSize(_ index: Int) throws {
        let (width, height, focal) = Self.sizes[index]
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("simulation-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = yaml(
            width, height, focal,
            extra:
                "recordings: [{name: demo, motion: pick_place, duration_s: 0.6, human: true, human_from_s: 0, human_to_s: 4, classes: true}]"
        )
        let scenario = try Scenario(yaml: text, path: "test")
        try Simulator.run(scenario: scenario, output: folder)
        let truth = folder.appendingPathComponent("truth")
        let device = try Device(contentsOf: truth.appendingPathComponent("device.yaml"))
        #expect(device.camera.width == width && device.camera.height == height)
        for file in ["demo.mp4", "truth/demo/clean.mp4", "truth/demo/human_mask.mov", "truth/demo/classes.mov"] {
            let reader = try VideoReader(folder.appendingPathComponent(file))
            #expect(reader.width == width && reader.height == height, "\(file)")
            while try reader.nextFrame() != nil {}
            #expect(reader.frameCount == 6)
        }
        #expect(try Recording(folder.appendingPathComponent("demo.mp4")).inertial != nil)
        // What the file holds is what was rendered, in place: a picture that was cut or stretched to another size is not.
        let rendered = try SimulatedRecording("demo", of: scenario).frame(3).image
        let reader = try VideoReader(folder.appendingPathComponent("demo.mp4"))
        for _ in 0..<3 { _ = try reader.skipFrame() }
        let stored = try #require(try reader.nextFrame()).image
        var sum = 0.0
        for (a, b) in zip(stored.pixels, rendered.pixels) { sum += Double((Int(a) - Int(b)) * (Int(a) - Int(b))) }
        #expect((sum / Double(rendered.pixels.count)).squareRoot() < 14)
    }

    /// The table's tag is where the device file says, at sizes that are neither even nor of the lens's usual shape.
    @Test(arguments: [(641, 359, 190.0), (401, 433, 150)]) func tagsAreWhereTheDeviceFileSays(_ width: Int, _ height: Int, _ focal: Double)
        throws
    {
        let text = yaml(width, height, focal, extra: "recordings: [{name: r, motion: still}]")
            .replacingOccurrences(
                of: "samples_per_pixel: 1, readout_s: 0.004",
                with: "samples_per_pixel: 16, readout_s: 0, exposure_s: 0.001, noise_sigma: 0.5")
        let recording = try SimulatedRecording("r", of: Scenario(yaml: text, path: "test"))
        let tags = try TagDetector().detect(in: recording.frame(3).image.gray)
        let table = try #require(tags.first { $0.id == 13 })
        let h = 0.08
        let points = [Vector3(-h, h, 0), Vector3(h, h, 0), Vector3(h, -h, 0), Vector3(-h, -h, 0)]
        let expected = try #require(Sample.corners(points, recording, time: recording.times[3], readout: 0))
        for (a, b) in zip(table.corners, expected) { #expect((a - b).length < 0.3, "\(a) against \(b)") }
    }

    @Test(arguments: [
        ("picture: {width: 15, height: 16}", "picture.width"), ("picture: {width: 9000, height: 6750}", "picture.width"),
        ("picture: {noise_sigma: .nan}", "picture.noise_sigma"), ("lens: {width: 0, height: 0}", "lens.width"),
        ("lens: {width: 4611686018427387904, height: 4611686018427387904}", "lens.width"),
        ("inertial: {gyroscope_density: -1}", "inertial.gyroscope_density"),
        ("inertial: {accelerometer_density: .inf}", "inertial.accelerometer_density"), ("scene: {desk_m: [1, -1, 0, 1]}", "scene.desk_m"),
        ("scene: {room_m: [-1e5, 1e5, -1, 1, -1, 1]}", "scene.room_m"), ("scene: {sheets: -4}", "scene.sheets"),
        ("scene: {tag_size_m: .nan}", "scene.tag_size_m"),
        ("object: {radius_m: -1}", "object.radius_m"), ("stated: {focal_length_ratio: .inf}", "stated.focal_length_ratio"),
        ("robots: {base_yaw_deg: .nan}", "robots.base_yaw_deg"), ("scene: {boxes: [{yaw_deg: .inf}]}", "scene.boxes[0].yaw_deg"),
    ])
    func numbersOutOfRangeAreRefusedByTheirKey(_ part: String, _ key: String) throws {
        let error = try #require(throws: SimulationError.self) { try Scenario(yaml: part + "\nrecordings: [{name: a}]", path: "s.yaml") }
        #expect(error.description.contains("s.yaml: \(key)"), "\(error)")
    }

    @Test(arguments: [
        ("human_from_s: .nan", "human_from_s"), ("duration_s: .inf", "duration_s"), ("covered_from_s: 1e300", "covered_from_s"),
        ("motion: custom, keyframes: [{time_s: 1e12}]", "keyframes[0].time_s"),
        ("motion: custom, keyframes: [{yaw_deg: .nan}]", "keyframes[0].yaw_deg"),
        ("motion_start_s: -.inf", "motion_start_s"),
    ])
    func recordingsOutOfRangeAreRefusedByTheirKey(_ part: String, _ key: String) throws {
        let error = try #require(throws: SimulationError.self) { try Scenario(yaml: "recordings: [{name: a, \(part)}]", path: "s.yaml") }
        #expect(error.description.contains("s.yaml: recordings[0].\(key)"), "\(error)")
    }

    /// An IMU without noise is a scenario; its device file is one that is read again.
    @Test func aNoiselessIMUHasADeviceFile() throws {
        let text =
            "inertial: {gyroscope_density: 0, accelerometer_density: 0, gyroscope_bias_walk: 0, accelerometer_bias_walk: 0}\nrecordings: [{name: a, motion: still}]"
        let noise = try Scenario(yaml: text, path: "t").device().inertialNoise
        #expect(
            noise.gyroscopeDensity > 0 && noise.accelerometerDensity > 0 && noise.gyroscopeBiasWalk > 0 && noise.accelerometerBiasWalk > 0)
    }
}
