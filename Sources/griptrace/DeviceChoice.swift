internal import Foundation
internal import Imaging
internal import Pipeline
internal import Session

/// Which device recorded a session, where the user does not say.
enum DeviceChoice {
    /// Cameras by the model that they write into their files, and the shipped device that stands for each.
    private static let models = [("HERO9", "gopro9_umi"), ("HERO10", "gopro10_umi"), ("HERO11", "gopro10_umi")]

    /// `device.yaml` in the session; else the shipped device of the camera model that the recordings name.
    /// - Returns: the file and a sentence on why it was chosen.
    static func find(session: URL) throws -> (file: URL, reason: String) {
        let own = session.appendingPathComponent("device.yaml")
        if FileManager.default.fileExists(atPath: own.path) { return (own, "device: the session's own device.yaml") }
        let layout = try SessionLayout(folder: session, externalPoses: true)
        let named = Set(layout.recordings.compactMap(\.identity.model)).sorted()
        let known = Set(named.compactMap { model in models.first { model.uppercased().contains($0.0) }?.1 })
        guard known.count == 1, let name = known.first else {
            // One camera's lenses have a file each: which was on it, the recordings do not say.
            let close = Catalogue.names("devices").filter { file in named.contains { file.hasPrefix(family($0)) } }
            let found =
                (named.isEmpty ? "no recording names its camera" : "the recordings name \(named.joined(separator: ", "))")
                + (close.isEmpty ? "" : ", for which there are \(close.joined(separator: ", ")) by the lens that was set")
            throw PipelineError.usage(
                "no --device, no device.yaml in the session, and \(found)",
                accepted: "--device NAME or FILE (\(Catalogue.names("devices").joined(separator: ", "))), or device.yaml in the session")
        }
        return (try Catalogue.device(name), "device: \(name), by the camera that the recordings name (\(named.joined(separator: ", ")))")
    }

    /// What the files for a camera's model begin with: `gopro12_` of `HERO12 Black`; of another, what no file begins with.
    private static func family(_ model: String) -> String {
        let words = model.uppercased()
        if let number = words.firstMatch(of: #/HERO ?([0-9]+)/#) { return "gopro\(number.1)_" }
        return words.contains("MAX") ? "gopro_max" : "none of these"
    }

    /// A device by name or file; a folder that holds UMI's own calibration files gives its lens and tag sizes to the HERO10's device.
    static func named(_ name: String) throws -> (device: Device, file: URL) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), isFolder.boolValue else {
            let file = try Catalogue.device(name)
            return (try Device(contentsOf: file), file)
        }
        let folder = URL(fileURLWithPath: name)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: name)) ?? []
        // A folder that happens to have a shipped device's name is not in its way.
        if !files.contains(where: { $0.hasSuffix(".json") || $0 == "aruco_config.yaml" }),
            let file = Catalogue.shipped(name, kind: "devices", ends: [".yaml"])
        {
            return (try Device(contentsOf: file), file)
        }
        let base = try Device(contentsOf: try Catalogue.device("gopro10_umi"))
        return try UMICalibration.device(folder: folder, base: base)
    }
}
