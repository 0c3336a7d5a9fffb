public import Foundation
public import Imaging

/// What a recording of a session is for.
public enum RecordingRole: String, Sendable, Codable {
    case mapping
    case gripperCalibration = "gripper_calibration"
    case demo
}

/// One recording of a session: a video file, or an EuRoC folder.
public struct RecordingFile: Sendable, Equatable, Codable {
    /// The file's name without its extension (of UMI's `demos/NAME/raw_video.mp4` NAME); unique in the session.
    public var unit: String
    public var url: URL
    public var role: RecordingRole
    /// Camera and start, as the file states them.
    public var identity = RecorderIdentity()
}

/// The recordings of a session folder, at any depth, and what each is for. Nothing in the folder is touched.
///
/// The recording that is named `mapping…` (or lies in a folder so named) builds the map, else the largest; `gripper_cal…` sets the width
/// range, else, where files state their cameras, the earliest of each camera, as UMI has it; every other video is a demo. UMI's sorted folder
/// (`demos/{mapping,gripper_calibration_*,demo_*}/raw_video.mp4`) and `raw_videos/` are read as they are. A session with poses from outside
/// needs no map: then only `mapping*` is kept from being a demo. A lone recording is both the map's and a demo.
public struct SessionLayout: Sendable {
    public var folder: URL
    public var recordings: [RecordingFile]
    /// Files that are no recordings, by name: said in the report so that nothing vanishes.
    public var ignored: [String]
    /// What was decided about the recordings, in sentences for the report.
    public var notes: [String]

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
        self.folder = folder
        let scan = SessionScan(folder)
        recordings = []
        ignored = scan.ignored
        notes = []
        var sizes: [String: Int] = [:]
        for found in scan.found {
            let unit = Self.unit(for: found, among: recordings)
            sizes[unit] = found.size
            let names = ([found.stem] + found.parents).map { $0.lowercased() }
            let role: RecordingRole =
                names.contains { $0.hasPrefix("mapping") }
                ? .mapping : names.contains { $0.hasPrefix("gripper_cal") } ? .gripperCalibration : .demo
            var file = RecordingFile(unit: unit, url: found.url, role: role)
            // A file that cannot be read says so when it is ingested.
            if !found.isEuroc, let identity = try? RecorderIdentity(contentsOf: found.url) { file.identity = identity }
            recordings.append(file)
        }
        guard !recordings.isEmpty else { throw .usage("\(folder.path) holds no recording", accepted: accepted) }
        chooseMapping(sizes: sizes, externalPoses: externalPoses)
        if !externalPoses { chooseCalibrations() }
    }

    /// The stem; with its folder's name, or the file's extension, where that is taken.
    private static func unit(for found: SessionScan.Found, among recordings: [RecordingFile]) -> String {
        let candidates = [found.stem, (found.parents.suffix(1) + [found.stem]).joined(separator: "_"), found.url.lastPathComponent]
        func isFree(_ name: String) -> Bool { !recordings.contains { $0.unit == name } }
        if let free = candidates.first(where: isFree) { return free }
        return (found.parents + [found.url.lastPathComponent]).joined(separator: "_")
    }

    private mutating func chooseMapping(sizes: [String: Int], externalPoses: Bool) {
        let named = recordings.indices.filter { recordings[$0].role == .mapping }
        for extra in named.dropFirst() { recordings[extra].role = .demo }
        guard named.isEmpty, !externalPoses else { return }
        let demos = recordings.indices.filter { recordings[$0].role == .demo }
        guard demos.count > 1 else { return }
        let largest = demos.max { (sizes[recordings[$0].unit] ?? 0) < (sizes[recordings[$1].unit] ?? 0) }
        if let largest {
            recordings[largest].role = .mapping
            notes.append("\(recordings[largest].unit) is taken for the mapping recording: it is the largest and none is named mapping")
        }
    }

    /// UMI's rule: the earliest video of each camera is its gripper calibration, unless one is named so.
    private mutating func chooseCalibrations() {
        guard calibrations.isEmpty else { return }
        let serials = Set(recordings.compactMap(\.identity.serial)).sorted()
        for serial in serials {
            let own = recordings.indices.filter { recordings[$0].role == .demo && recordings[$0].identity.serial == serial }
            let dated = own.filter { recordings[$0].identity.start != nil }
            guard own.count > 1, dated.count == own.count else { continue }
            guard let first = dated.min(by: { (recordings[$0].identity.start ?? 0) < (recordings[$1].identity.start ?? 0) }) else {
                continue
            }
            recordings[first].role = .gripperCalibration
            notes.append("\(recordings[first].unit) is taken for the gripper calibration of camera \(serial): it is its earliest video")
        }
    }
}
