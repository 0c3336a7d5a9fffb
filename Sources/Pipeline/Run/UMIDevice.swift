public import Foundation
internal import Geometry
public import Session

extension UMICalibration {
    /// A device whose lens and tag sizes come from a folder of UMI's own calibration files (`*intrinsics*.json`, and `aruco_config.yaml` if
    /// it is there); all else, the mount and tool above all, stays the base's.
    /// - Returns: the device, and the intrinsics file.
    public static func device(folder: URL, base: Device) throws(SessionError) -> (device: Device, file: URL) {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
        guard let name = names.first(where: { $0.contains("intrinsics") && $0.hasSuffix(".json") }) else {
            throw .format(
                path: folder.path, location: "*intrinsics*.json",
                reason: "no such file: a device file, or UMI's calibration folder is accepted")
        }
        let file = folder.appendingPathComponent(name)
        var device = base
        device.name = "\(base.name) with \(name)"
        device.camera = try camera(contentsOf: file)
        // Polygons hold for the base's picture size.
        let scale = Vector2(
            Double(device.camera.width) / Double(base.camera.width), Double(device.camera.height) / Double(base.camera.height))
        device.maskHints = base.maskHints.map { MaskHint(kind: $0.kind, polygon: $0.polygon.map { ($0 + 0.5) * scale - 0.5 }) }
        let aruco = folder.appendingPathComponent("aruco_config.yaml")
        if FileManager.default.fileExists(atPath: aruco.path) {
            let sizes = try tags(contentsOf: aruco)
            if let fingers = device.fingerTags { device.fingerTags?.size = sizes.size(of: fingers.leftID) }
            if let table = device.tableTag { device.tableTag?.size = sizes.size(of: table.id) }
        }
        return (device, file)
    }
}
