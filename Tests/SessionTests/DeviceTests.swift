import Foundation
import Geometry
import Session
import Testing

@Suite struct DeviceFileTests {
    static let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Calibration/devices")

    @Test func everyShippedDeviceReads() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.shipped.path).filter { $0.hasSuffix(".yaml") }
        #expect(names.count >= 3)
        for name in names {
            let device = try Device(contentsOf: Self.shipped.appendingPathComponent(name))
            #expect(device.name + ".yaml" == name)
            #expect(device.camera.project(Vector3(0, 0, 1)) == device.camera.principalPoint)
        }
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

    @Test func readsTheTagSizesAsTheyAre() throws {
        let tags = try UMICalibration.tags(contentsOf: shared.appendingPathComponent("calibration/aruco_config.yaml"))
        #expect(tags.size(of: 0) == 0.016 && tags.size(of: 3) == 0.06 && tags.size(of: 13) == 0.16 && tags.size(of: 40) == 0.16)
    }
}
