public import Foundation
public import Geometry
internal import Session
internal import Yams

/// A camera that stands beside the table: its pictures, its lens and where it stands. Read from a YAML file.
///
/// Keys: `name`; `video`, relative to the file, with `{demo}` in the place of the demo's name; `clock_offset_s`, added to the video's time to get
/// the demo's (default 0); `camera` as in a device file, without `readout_s`; `table_from_camera`; optional `masks` (a folder of masks, `{demo}`
/// again) and `plate` (a picture of the scene alone).
public struct FixedCamera: Sendable, Equatable {
    public var name: String
    public var file: URL
    public var camera: CameraModel
    public var tableFromCamera: Transform<Table, Camera>
    public var clockOffset: Double
    var video: String
    var masks: String?
    var plate: String?

    private struct File: Decodable {
        struct Lens: Decodable {
            var model: String
            var width: Int
            var height: Int
            var focal_length_px: [Double]
            var principal_point_px: [Double]
            var distortion: [Double]
            var maximum_angle_deg: Double?
        }

        struct Pose: Decodable {
            var rotation_xyzw: [Double]
            var translation_m: [Double]
        }

        var name: String
        var video: String
        var clock_offset_s: Double?
        var camera: Lens
        var table_from_camera: Pose
        var masks: String?
        var plate: String?
    }

    public init(contentsOf url: URL) throws(FixedCameraError) {
        let file: File
        do {
            file = try YAMLDecoder().decode(File.self, from: String(decoding: FileBytes.read(url), as: UTF8.self))
        } catch let error as DecodingError {
            throw FixedCameraError("\(SessionError(decoding: error, path: url.path))")
        } catch {
            throw FixedCameraError("\(url.path): \(error)")
        }
        func refuse(_ key: String, _ accepted: String) -> FixedCameraError { FixedCameraError("\(url.path): \(key): \(accepted)") }
        let c = file.camera
        guard let lens = LensModel(rawValue: c.model) else {
            throw refuse("camera.model", "\"\(c.model)\" is not known; accepted: \(LensModel.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard c.width > 0, c.height > 0 else { throw refuse("camera.width, camera.height", "a picture size in pixels is needed") }
        guard c.focal_length_px.count == 2, c.focal_length_px.allSatisfy({ $0 > 0 && $0.isFinite }), c.principal_point_px.count == 2,
            c.principal_point_px.allSatisfy(\.isFinite), c.distortion.count == 4, c.distortion.allSatisfy(\.isFinite)
        else { throw refuse("camera", "focal_length_px and principal_point_px are two numbers, distortion four") }
        let (q, t) = (file.table_from_camera.rotation_xyzw, file.table_from_camera.translation_m)
        guard q.count == 4, abs(q.reduce(0) { $0 + $1 * $1 } - 1) < 0.01, t.count == 3, t.allSatisfy(\.isFinite) else {
            throw refuse("table_from_camera", "a unit quaternion x y z w and three numbers in metres are needed")
        }
        guard !file.name.isEmpty, !file.name.contains("/") else { throw refuse("name", "a word without / is needed") }
        name = file.name
        self.file = url
        camera = CameraModel(
            lens: lens, width: c.width, height: c.height, focalLength: Vector2(c.focal_length_px[0], c.focal_length_px[1]),
            principalPoint: Vector2(c.principal_point_px[0], c.principal_point_px[1]),
            distortion: Vector4(c.distortion[0], c.distortion[1], c.distortion[2], c.distortion[3]),
            maximumAngle: c.maximum_angle_deg.map { $0 * .pi / 180 })
        tableFromCamera = Transform(rotation: Rotation(xyzw: Vector4(q[0], q[1], q[2], q[3])), translation: Vector3(t[0], t[1], t[2]))
        clockOffset = file.clock_offset_s ?? 0
        video = file.video
        masks = file.masks
        plate = file.plate
    }

    func path(_ pattern: String, demo: String) -> URL {
        let path = pattern.replacing("{demo}", with: demo)
        return path.hasPrefix("/") ? URL(fileURLWithPath: path) : file.deletingLastPathComponent().appendingPathComponent(path).standardizedFileURL
    }
}

/// What is wrong with a camera's file, in one line.
public struct FixedCameraError: Error, CustomStringConvertible, Equatable {
    public var description: String
    init(_ text: String) { description = text }
}
