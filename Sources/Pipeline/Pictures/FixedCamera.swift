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
        var name: String
        var video: String
        var clock_offset_s: Double?
        var camera: LensKeys
        var table_from_camera: PoseKeys
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
        guard !file.name.isEmpty, !file.name.contains("/") else { throw FixedCameraError("\(url.path): name: a word without / is needed") }
        name = file.name
        self.file = url
        do {
            camera = try file.camera.camera(path: url.path)
            tableFromCamera = try file.table_from_camera.transform(path: url.path, key: "table_from_camera")
        } catch {
            throw FixedCameraError("\(error)")
        }
        clockOffset = file.clock_offset_s ?? 0
        video = file.video
        masks = file.masks
        plate = file.plate
    }

    func path(_ pattern: String, demo: String) -> URL {
        let path = pattern.replacing("{demo}", with: demo)
        return path.hasPrefix("/")
            ? URL(fileURLWithPath: path) : file.deletingLastPathComponent().appendingPathComponent(path).standardizedFileURL
    }
}

/// What is wrong with a camera's file, in one line.
public struct FixedCameraError: Error, CustomStringConvertible, Equatable {
    public var description: String
    init(_ text: String) { description = text }
}
