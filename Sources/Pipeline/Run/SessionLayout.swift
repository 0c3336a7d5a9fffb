public import Foundation

/// What a recording of a session is for.
public enum RecordingRole: String, Sendable, Codable {
    case mapping
    case gripperCalibration = "gripper_calibration"
    case demo
}

/// One recording of a session: a video file, or an EuRoC folder.
public struct RecordingFile: Sendable, Equatable {
    /// The file's name without its extension; unique in the session.
    public var unit: String
    public var url: URL
    public var role: RecordingRole
}

/// The recordings of a session folder and what each is for.
///
/// The recording whose name begins with `mapping` builds the map, else the largest; names that begin with `gripper_calibration` set the
/// width range; every other video is a demo. A session with poses from outside needs no map: then only `mapping*` is kept from being a demo.
/// A lone recording is both the map's and a demo.
public struct SessionLayout: Sendable {
    public var folder: URL
    public var recordings: [RecordingFile]
    /// Files that are no recordings, by name: said in the report so that nothing vanishes.
    public var ignored: [String]

    public static let videoExtensions = ["mp4", "mov", "mkv", "avi"]

    public var name: String { folder.standardizedFileURL.lastPathComponent }
    public var demos: [RecordingFile] { recordings.filter { $0.role == .demo } }
    public var mapping: RecordingFile? { recordings.first { $0.role == .mapping } }
    public var calibrations: [RecordingFile] { recordings.filter { $0.role == .gripperCalibration } }

    /// Lists a session. An empty or missing folder is a usage error.
    public init(folder: URL, externalPoses: Bool) throws(PipelineError) {
        let accepted = "a folder that holds videos (\(Self.videoExtensions.joined(separator: ", "))) or EuRoC folders (mav0/)"
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw .usage("\(folder.path) is not a session folder", accepted: accepted)
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []
        self.folder = folder
        recordings = []
        ignored = []
        var sizes: [String: Int] = [:]
        for name in names where !name.hasPrefix(".") {
            let url = folder.appendingPathComponent(name)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { continue }
            let isEuroc = isFolder.boolValue && FileManager.default.fileExists(atPath: url.appendingPathComponent("mav0").path)
            let isVideo = !isFolder.boolValue && Self.videoExtensions.contains(url.pathExtension.lowercased())
            guard isEuroc || isVideo else {
                ignored.append(name)
                continue
            }
            let stem = isVideo ? url.deletingPathExtension().lastPathComponent : name
            let unit = recordings.contains { $0.unit == stem } ? name : stem
            sizes[unit] = isEuroc ? Self.size(ofFolder: url) : Self.size(of: url)
            let role: RecordingRole =
                stem.lowercased().hasPrefix("mapping") ? .mapping : stem.lowercased().hasPrefix("gripper_cal") ? .gripperCalibration : .demo
            recordings.append(RecordingFile(unit: unit, url: url, role: role))
        }
        guard !recordings.isEmpty else { throw .usage("\(folder.path) holds no recording", accepted: accepted) }
        chooseMapping(sizes: sizes, externalPoses: externalPoses)
    }

    private mutating func chooseMapping(sizes: [String: Int], externalPoses: Bool) {
        let named = recordings.indices.filter { recordings[$0].role == .mapping }
        for extra in named.dropFirst() { recordings[extra].role = .demo }
        guard named.isEmpty, !externalPoses else { return }
        let demos = recordings.indices.filter { recordings[$0].role == .demo }
        guard demos.count > 1 else { return }
        let largest = demos.max { (sizes[recordings[$0].unit] ?? 0) < (sizes[recordings[$1].unit] ?? 0) }
        if let largest { recordings[largest].role = .mapping }
    }

    private static func size(of url: URL) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: url.path))?[.size] as? NSNumber)?.intValue ?? 0
    }

    private static func size(ofFolder url: URL) -> Int {
        let files = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []
        return files.reduce(0) { $0 + size(of: url.appendingPathComponent($1)) }
    }
}
