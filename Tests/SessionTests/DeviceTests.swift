import Foundation
import Geometry
import Session
import Testing

@Suite struct DeviceFileTests {
    static let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Calibration/devices")

    @Test func everyShippedDeviceReads() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.shipped.path).filter { $0.hasSuffix(".yaml") }
        #expect(names.count >= 20)
        for name in names {
            let device = try Device(contentsOf: Self.shipped.appendingPathComponent(name))
            #expect(device.name + ".yaml" == name)
            #expect(device.camera.project(Vector3(0, 0, 1)) == device.camera.principalPoint)
        }
    }

    struct Starter: Sendable, CustomTestStringConvertible {
        var name: String
        var width: Double
        var height: Double
        /// Across the picture, as the maker or the calibration states it.
        var degrees: Double
        var isAssumed: Bool
        var testDescription: String { name }
    }

    static let starters: [Starter] = [
        Starter(name: "gopro11_wide", width: 4, height: 3, degrees: 121.0, isAssumed: false),
        Starter(name: "gopro11_linear", width: 4, height: 3, degrees: 92, isAssumed: false),
        Starter(name: "gopro12_wide", width: 4, height: 3, degrees: 121, isAssumed: true),
        Starter(name: "gopro12_linear", width: 4, height: 3, degrees: 92, isAssumed: true),
        Starter(name: "gopro12_max2", width: 4, height: 3, degrees: 142, isAssumed: true),
        Starter(name: "gopro13_wide", width: 4, height: 3, degrees: 121, isAssumed: true),
        Starter(name: "gopro13_linear", width: 4, height: 3, degrees: 92, isAssumed: true),
        Starter(name: "gopro13_max2", width: 4, height: 3, degrees: 142, isAssumed: true),
        Starter(name: "gopro13_ultrawide", width: 4, height: 3, degrees: 146, isAssumed: false),
        Starter(name: "gopro_max", width: 16, height: 9, degrees: 113, isAssumed: true),
        Starter(name: "realsense_d405", width: 16, height: 9, degrees: 87, isAssumed: true),
        Starter(name: "realsense_d435i", width: 16, height: 9, degrees: 69, isAssumed: true),
        Starter(name: "oak_d", width: 16, height: 9, degrees: 63, isAssumed: true),
        Starter(name: "zed2_hd720", width: 16, height: 9, degrees: 101, isAssumed: true),
        Starter(name: "iphone_arkit", width: 4, height: 3, degrees: 67, isAssumed: true),
        Starter(name: "webcam", width: 16, height: 9, degrees: 70.4, isAssumed: true),
    ]

    /// Cameras as people have them: what each file holds for, what is assumed, and a lens that the picture can come from.
    @Test(arguments: starters)
    func starterFilesSayWhatIsAssumed(_ starter: Starter) throws {
        let name = starter.name
        let shape = starter.width / starter.height
        let device = try Device(contentsOf: Self.shipped.appendingPathComponent("\(name).yaml"))
        let c = device.camera
        #expect(abs(Double(c.width) / Double(c.height) - shape) < 0.01 * shape)
        // The field of view across the picture, as the maker or the calibration states it, from the lens's own rays.
        let left = try #require(c.unproject(Vector2(0, c.principalPoint.y)))
        let right = try #require(c.unproject(Vector2(Double(c.width - 1), c.principalPoint.y)))
        let angle = acos(left.normalized.dot(right.normalized)) * 180 / .pi
        #expect(abs(angle - starter.degrees) < 3, "\(name): \(angle)")
        let camera = try #require(device.calibrations.first { $0.kind == "camera" })
        #expect(camera.isAssumed == starter.isAssumed && !camera.holdsFor.isEmpty && !camera.source.isEmpty, "\(camera)")
        #expect(device.fingerTags != nil && device.tableTag?.id == 13)
        // What has an IMU that is used says where its place comes from.
        if device.bodyFromCamera.translation != .zero { #expect(device.calibrations.contains { $0.kind == "imu_camera" }, "\(name)") }
    }

    @Test func yamlRoundTrip() throws {
        let device = try Device(contentsOf: Self.shipped.appendingPathComponent("gopro10_umi.yaml"))
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("d.yaml")
            try FileBytes.write(device.yaml(), to: url)
            let back = try Device(contentsOf: url)
            // The YAML writer keeps 15 digits.
            let bearing = Vector3(0.7, -0.5, 1)
            let before = try #require(device.camera.project(bearing))
            let after = try #require(back.camera.project(bearing))
            #expect((before - after).length < 1e-9 && back.camera.lens == device.camera.lens)
            #expect(back.fingerTags == device.fingerTags && back.tableTag == device.tableTag && back.maskHints == device.maskHints)
            #expect(back.clockOffset == device.clockOffset)
            #expect((back.bodyFromCamera * bearing - device.bodyFromCamera * bearing).length < 1e-12)
        }
    }

    @Test(arguments: [
        ("readout_s:", "read_out:", "camera.readout_s"), ("model: kannala_brandt", "model: fish", "kannala_brandt"),
        ("width: 2704", "width: big", "camera.width"), ("kind: mirror", "kind: window", "mask_hints[2].kind"),
    ])
    func aWrongKeyIsNamed(find: String, replacement: String, expected: String) throws {
        let text = try String(contentsOf: Self.shipped.appendingPathComponent("gopro10_umi.yaml"), encoding: .utf8)
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("broken.yaml")
            let range = try #require(text.range(of: find))
            try FileBytes.write(text.replacingCharacters(in: range, with: replacement), to: url)
            let error = try #require(throws: SessionError.self) { try Device(contentsOf: url) }
            #expect(error.description.contains("broken.yaml") && error.description.contains(expected))
        }
    }

    /// Each breaks one number of a shipped file; the key is named.
    @Test(arguments: [
        ("camera_to_imu_offset_s: 0.0", "camera_to_imu_offset_s: .inf", "camera_to_imu_offset_s"),
        ("camera_to_imu_offset_s: 0.0", "camera_to_imu_offset_s: -3e14", "camera_to_imu_offset_s"),
        ("camera_to_imu_offset_s: 0.0", "camera_to_imu_offset_s: .NaN", "camera_to_imu_offset_s"),
        ("readout_s: 0.0083", "readout_s: .nan", "camera.readout_s"), ("readout_s: 0.0083", "readout_s: -0.01", "camera.readout_s"),
        ("width: 2704", "width: 4611686018427387904", "camera.width"), ("height: 2028", "height: 0", "camera.height"),
        ("height: 2028", "height: -2028", "camera.height"), ("[796.8544625226342, 796", "[.nan, 796", "camera.focal_length_px"),
        ("[796.8544625226342, 796", "[-796.8, 796", "camera.focal_length_px"),
        ("[1354.4265245977356,", "[.inf,", "camera.principal_point_px"),
        ("[1354.4265245977356,", "[2e9,", "camera.principal_point_px"), ("[-0.02196117964405394,", "[1e60,", "camera.distortion"),
        ("maximum_angle_deg: 95", "maximum_angle_deg: .nan", "camera.maximum_angle_deg"),
        ("maximum_angle_deg: 95", "maximum_angle_deg: 270", "camera.maximum_angle_deg"),
        ("gyroscope_density: 3.0e-4", "gyroscope_density: .nan", "imu_noise.gyroscope_density"),
        ("accelerometer_density: 3.0e-3", "accelerometer_density: 0", "imu_noise.accelerometer_density"),
        ("accelerometer_bias_walk: 6.0e-4", "accelerometer_bias_walk: -6.0e-4", "imu_noise.accelerometer_bias_walk"),
        ("translation_m: [0, 0.086, 0.21965]", "translation_m: [0, 5e80, 0]", "camera_from_tool.translation_m"),
        ("rotation_xyzw: [0, 0, 0, 1]", "rotation_xyzw: [0, 0, 0, 3]", "camera_from_tool.rotation_xyzw"),
        ("size_m: 0.016", "size_m: -0.016", "finger_tags.size_m"), ("size_m: 0.016", "size_m: .nan", "finger_tags.size_m"),
        ("nominal_depth_m: 0.072", "nominal_depth_m: .inf", "finger_tags.nominal_depth_m"),
        ("depth_tolerance_m: 0.008", "depth_tolerance_m: 0", "finger_tags.depth_tolerance_m"),
        ("left_id: 0", "left_id: 77", "finger_tags.left_id"), ("right_id: 1", "right_id: 0", "finger_tags.right_id"),
        ("{id: 13, size_m: 0.16}", "{id: 13, size_m: -0.2}", "table_tag.size_m"),
        ("{id: 13, size_m: 0.16}", "{id: 13, size_m: 0}", "table_tag.size_m"),
        ("{id: 13, size_m: 0.16}", "{id: -1, size_m: 0.16}", "table_tag.id"),
        ("[[1352, 1730]", "[[.nan, 1730]", "mask_hints[0].polygon_px"),
        ("[[1352, 1730]", "[[1e18, 1730]", "mask_hints[0].polygon_px"),
    ])
    func aNumberOutOfRangeIsRefusedByItsKey(find: String, replacement: String, key: String) throws {
        let text = try String(contentsOf: Self.shipped.appendingPathComponent("gopro10_umi.yaml"), encoding: .utf8)
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("broken.yaml")
            let range = try #require(text.range(of: find))
            try FileBytes.write(text.replacingCharacters(in: range, with: replacement), to: url)
            let error = try #require(throws: SessionError.self) { try Device(contentsOf: url) }
            #expect(error.description.contains("broken.yaml: \(key): "), "\(error)")
        }
    }

    @Test func aMarkBeforeTheFirstKeyIsPassedOver() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("device.yaml")
            let bytes = try FileBytes.read(Self.shipped.appendingPathComponent("gopro10_umi.yaml"))
            let windows = String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\n", with: "\r\n")
            try FileBytes.write([0xEF, 0xBB, 0xBF] + Array(windows.utf8), to: url)
            #expect(try Device(contentsOf: url) == Device(contentsOf: Self.shipped.appendingPathComponent("gopro10_umi.yaml")))
        }
    }

    @Test func rowTimesAreAboutTheMiddleRow() {
        let camera = CameraModel(
            lens: .kannalaBrandt, width: 4, height: 101, focalLength: Vector2(1, 1), principalPoint: Vector2(2, 50))
        let device = Device(name: "d", camera: camera, readout: 0.01)
        let t = Timestamp<VideoClock>(seconds: 1)
        #expect(device.time(ofRow: 0, in: t).nanoseconds == 995_000_000)
        #expect(device.time(ofRow: 100, in: t).nanoseconds == 1_005_000_000)
    }

    @Test func missingFileIsOneClearLine() throws {
        let error = try #require(throws: SessionError.self) { try Device(contentsOf: URL(fileURLWithPath: "/nowhere/device.yaml")) }
        #expect(error.description == "/nowhere/device.yaml: does not exist")
    }
}

private let shared = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("shared")
private let hasShared = FileManager.default.fileExists(atPath: shared.appendingPathComponent("calibration").path)

@Suite(.enabled(if: hasShared, "the reference calibration files are not here"))
struct UMICalibrationTests {
    @Test func readsTheIntrinsicsAsTheyAre() throws {
        let camera = try UMICalibration.camera(contentsOf: shared.appendingPathComponent("calibration/gopro_intrinsics_2_7k.json"))
        #expect(camera.width == 2704 && camera.focalLength.x == 796.8544625226342 && camera.distortion.w == -0.00016807228608000285)
    }

    @Test(arguments: [
        ("\"focal_length\": 796.", "\"focal_length\": -796.", "focal_length"), ("\"image_width\": 2704", "\"image_width\": 0", "width"),
    ])
    func intrinsicsThatAreNoneAreRefused(find: String, replacement: String, key: String) throws {
        let text = try String(contentsOf: shared.appendingPathComponent("calibration/gopro_intrinsics_2_7k.json"), encoding: .utf8)
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("broken.json")
            let range = try #require(text.range(of: find))
            try FileBytes.write(text.replacingCharacters(in: range, with: replacement), to: url)
            let error = try #require(throws: SessionError.self) { try UMICalibration.camera(contentsOf: url) }
            #expect(error.description.contains("broken.json") && error.description.contains(key), "\(error)")
        }
    }

    @Test func readsTheTagSizesAsTheyAre() throws {
        let tags = try UMICalibration.tags(contentsOf: shared.appendingPathComponent("calibration/aruco_config.yaml"))
        #expect(tags.size(of: 0) == 0.016 && tags.size(of: 3) == 0.06 && tags.size(of: 13) == 0.16 && tags.size(of: 40) == 0.16)
    }
}
