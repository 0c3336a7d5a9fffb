internal import Dataset
public import Foundation
internal import Geometry
internal import Imaging
internal import Mapping
internal import Session

/// Says what a path holds: a recording, a session, a stage's artefact, a table, a data set.
public enum Inspector {
    /// Lines for people. A path that is none of these is a usage error.
    public static func describe(_ url: URL) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw PipelineError.usage("\(url.path) does not exist", accepted: accepted)
        }
        if DatasetFormat(at: url) != nil { return try dataSet(url) }
        if isFolder.boolValue {
            if let manifest = ArtefactStore.manifest(in: url) { return try artefact(manifest, in: url) }
            if SessionScan.isRecordingFolder(url) { return try recording(url) }
            return try session(url)
        }
        switch url.pathExtension.lowercased() {
        case "csv": return try table(url)
        case "bin": return try map(url)
        case "json": return [try String(contentsOf: url, encoding: .utf8)]
        case "yaml": return try device(url)
        case "raw", "gpmf": return try telemetry(url)
        case "tum", "txt": return try poses(url)
        case let end where SessionLayout.recordingExtensions.contains(end): return try recording(url)
        default: throw PipelineError.usage("\(url.path) is of no kind that is known", accepted: accepted)
        }
    }

    static let accepted =
        "a video, an MCAP file or ROS 2 bag, bare GPMF (.raw), poses (.tum), an EuRoC folder, a session folder, a stage's artefact, a table (.csv), a map (.bin), a device file (.yaml), a LeRobot folder, "
        + "a UMI dataset.zarr.zip"

    /// Bare telemetry as extractors save it.
    private static func telemetry(_ url: URL) throws -> [String] {
        let telemetry = try Telemetry(rawFile: url)
        var lines = ["\(url.lastPathComponent): GPMF, \(telemetry.payloadCount) payloads, taken for 1.001 s each"]
        for device in telemetry.devices { lines += RecordingText.lines(device) }
        if telemetry.devices.isEmpty { lines.append("no device in it") }
        return lines + (telemetry.problems.isEmpty ? ["no problem found"] : telemetry.problems.map { "problem: \($0)" })
    }

    private static func poses(_ url: URL) throws -> [String] {
        if let (name, recording) = try RecordingAdaptors.read(url) {
            let posed = recording.rows.count { $0.pose != nil || $0.joints != nil }
            return ["\(name): \(recording.rows.count) rows, \(posed) with a pose"] + recording.notes
        }
        let poses = try ExternalPoses(contentsOf: url)
        let times = poses.rows.compactMap(\.seconds)
        let span = times.first.flatMap { first in times.last.map { ", \(first.fixed(3)) to \($0.fixed(3)) s" } } ?? ""
        return ["\(poses.form.rawValue): \(poses.rows.count) rows, \(poses.rows.count { $0.pose != nil }) with a pose\(span)"]
    }

    private static func session(_ url: URL) throws -> [String] {
        let layout = try SessionLayout(folder: url, externalPoses: false)
        var lines = ["session \(layout.name): \(layout.recordings.count) recordings"]
        for file in layout.recordings {
            do {
                if let fault = file.fault { throw PipelineError.failed(stage: "chapters", fault) }
                let chapters = file.chapters.isEmpty ? "" : " in \(file.urls.count) chapters"
                lines.append("\(file.unit) (\(file.role.rawValue))\(chapters): " + (try Recording(chapters: file.urls)).headline)
            } catch {
                lines.append("\(file.unit) (\(file.role.rawValue)): \(error)")
            }
        }
        if !layout.ignored.isEmpty { lines.append("not recordings: \(layout.ignored.joined(separator: ", "))") }
        return lines
    }

    private static func artefact(_ manifest: ArtefactStore.Manifest, in url: URL) throws -> [String] {
        var lines = ["artefact of stage \(manifest.stage) (version \(manifest.version)) for \(manifest.unit)", "key \(manifest.key)"]
        lines += manifest.inputs.sorted { $0.key < $1.key }.map { "input \($0.key): \($0.value)" }
        lines.append("options \(manifest.options)")
        for (name, size) in manifest.files.sorted(by: { $0.key < $1.key }) {
            lines.append("\(name): \(size) bytes")
            if name.hasSuffix(".csv") { lines += try table(url.appendingPathComponent(name)).map { "    \($0)" } }
        }
        return lines
    }

    private static func table(_ url: URL) throws -> [String] {
        let table = try CSVTable(contentsOf: url)
        var lines = table.comments + ["\(table.rows.count) rows: \(table.header.joined(separator: ", "))"]
        for row in table.rows.prefix(2) { lines.append(row.joined(separator: ", ")) }
        if table.rows.count > 3 { lines.append("…") }
        if table.rows.count > 2, let last = table.rows.last { lines.append(last.joined(separator: ", ")) }
        return lines
    }

    private static func map(_ url: URL) throws -> [String] {
        let map = try LandmarkMap(contentsOf: url)
        var lines = [
            "map: \(map.mapFromCameras.count) keyframes, \(map.landmarks.count) landmarks, \(map.observationPixel.count) observations, "
                + "\(map.reprojectionRMS.fixed(2)) px"
        ]
        if let t = map.tableFromMap {
            lines.append(
                "the table tag is known: the map's origin is at \(t.translation.x.fixed(3)), \(t.translation.y.fixed(3)), \(t.translation.z.fixed(3)) m"
            )
        } else {
            lines.append("no table tag was seen: poses are in the map's own frame")
        }
        return lines
    }

    private static func device(_ url: URL) throws -> [String] {
        let d = try Device(contentsOf: url)
        var lines = [
            "device \(d.name): \(d.camera.lens.rawValue) \(d.camera.width)x\(d.camera.height), f \(d.camera.focalLength.x.fixed(2)) "
                + "\(d.camera.focalLength.y.fixed(2)) px, readout \((1000 * d.readout).fixed(2)) ms, IMU offset \((1000 * d.clockOffset.seconds).fixed(2)) ms"
        ]
        if let t = d.fingerTags { lines.append("finger tags \(t.leftID) and \(t.rightID), \(t.size) m, \(t.nominalDepth) m ahead") }
        if let t = d.tableTag { lines.append("table tag \(t.id), \(t.size) m") }
        for c in d.calibrations { lines.append("\(c.kind): \(c.residual), for \(c.holdsFor), from \(c.source)") }
        if d.calibrations.isEmpty { lines.append("how these numbers were measured is not said (griptrace calibrate writes it)") }
        return lines
    }

    private static func dataSet(_ url: URL) throws -> [String] {
        let problems = try DatasetValidator.validate(url)
        return try DatasetSummary(contentsOf: url).lines + (problems.isEmpty ? ["no problem found"] : problems.map { "\($0)" })
    }

    private static func recording(_ url: URL) throws -> [String] { RecordingText.lines(try Recording(url)) }
}
