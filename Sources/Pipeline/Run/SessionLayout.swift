public import Foundation
public import Imaging

/// What a recording of a session is for.
public enum RecordingRole: String, Sendable, Codable {
    case mapping
    case gripperCalibration = "gripper_calibration"
    case demo
}

/// One recording of a session: a video file, the chapters in which a camera wrote one, an MCAP file, or a folder (a ROS 2 bag, EuRoC's
/// layout, pictures with a table).
public struct RecordingFile: Sendable, Equatable, Codable {
    /// The file's name without its extension (of UMI's `demos/NAME/raw_video.mp4` NAME); unique in the session whatever the case of
    /// letters, and fit for the name of a folder, see `UnitName`.
    public var unit: String
    /// Of the first chapter.
    public var url: URL
    /// Of the chapters behind the first, in order.
    public var chapters: [URL] = []
    public var role: RecordingRole
    /// Camera and start, as the file states them.
    public var identity = RecorderIdentity()
    /// Why its files are no whole recording; nil where they are.
    public var fault: String?

    /// All of it, in order.
    public var urls: [URL] { [url] + chapters }
}

/// The recordings of a session folder, at any depth, and what each is for. Nothing in the folder is touched.
///
/// The recording that is named `mapping…` (or lies in a folder so named) builds the map, else the largest; `gripper_cal…` sets the width
/// range, else, where files state their cameras, the earliest of each camera, as UMI has it; every other video is a demo. UMI's sorted
/// GoPro's chapters (`ChapterName`) that lie in one folder are one recording, named like the first. UMI's sorted
/// folder (`demos/{mapping,gripper_calibration_*,demo_*}/raw_video.mp4`) and `raw_videos/` are read as they are. A session with poses from
/// outside needs no map: then only `mapping*` is kept from being a demo. A lone recording is both the map's and a demo.
public struct SessionLayout: Sendable {
    public var folder: URL
    public var recordings: [RecordingFile]
    /// Files that are no recordings, by name: said in the report so that nothing vanishes.
    public var ignored: [String]
    /// What was decided about the recordings, and what was left out (a pipe, a circle of links), in sentences for the report.
    public var notes: [String]
    /// What could not be looked into, so that recordings may be missing: a run that has any has not done all.
    public var failures: [Failure]

    /// A folder or file of the session that cannot be read.
    public struct Failure: Sendable, Equatable {
        /// From the session's folder on.
        public var path: String
        public var reason: String

        public init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    public static let videoExtensions = ["mp4", "mov", "mkv", "avi"]
    /// Of files that are recordings: videos, MCAP and bags.
    public static let recordingExtensions = videoExtensions + BagFile.extensions

    public var name: String { folder.standardizedFileURL.lastPathComponent }
    public var demos: [RecordingFile] { recordings.filter { $0.role == .demo } }
    public var mapping: RecordingFile? { recordings.first { $0.role == .mapping } }
    public var calibrations: [RecordingFile] { recordings.filter { $0.role == .gripperCalibration } }

    /// Lists a session. An empty or missing folder is a usage error.
    /// - Parameter excluding: folders that are not looked into, such as the output's.
    public init(folder: URL, externalPoses: Bool, excluding: [URL] = []) throws(PipelineError) {
        try self.init(folder: folder, externalPoses: externalPoses, scan: SessionScan(folder, excluding: excluding))
    }

    init(folder: URL, externalPoses: Bool, scan: SessionScan) throws(PipelineError) {
        let accepted =
            "a folder that holds videos (\(Self.videoExtensions.joined(separator: ", "))), MCAP files, ROS 2 bags or EuRoC folders (mav0/)"
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw .usage("\(folder.path) is not a session folder", accepted: accepted)
        }
        guard !SessionScan.isRecordingFolder(folder) else {
            throw .usage("\(folder.path) is itself one recording", accepted: "the folder that holds it, as the session")
        }
        self.folder = folder
        recordings = []
        ignored = scan.ignored
        notes = scan.notes
        failures = scan.failures
        var sizes: [String: Int] = [:]
        var units = UnitName()
        let groups = ChapterGroup.groups(of: scan.found)
        notes += groups.compactMap(\.note)
        for group in groups {
            let found = group.first
            let unit = units.name(for: found)
            sizes[unit] = group.size
            let names = ([found.stem] + found.parents).map { $0.lowercased() }
            let role: RecordingRole =
                names.contains { $0.hasPrefix("mapping") }
                ? .mapping : names.contains { $0.hasPrefix("gripper_cal") } ? .gripperCalibration : .demo
            var file = RecordingFile(unit: unit, url: found.url, chapters: group.further.map(\.url), role: role, fault: group.fault)
            // A file that cannot be read says so when it is ingested.
            if !found.isFolder, !BagFile.isBag(found.url), let identity = try? RecorderIdentity(contentsOf: found.url) {
                file.identity = identity
            }
            recordings.append(file)
        }
        guard !recordings.isEmpty else {
            let why = (failures.map { "\($0.path) \($0.reason)" } + notes).map { " (\($0))" }.joined()
            throw .usage("\(folder.path) holds no recording\(why)", accepted: accepted)
        }
        chooseMapping(sizes: sizes, externalPoses: externalPoses)
        if !externalPoses { chooseCalibrations() }
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

extension SessionLayout {
    /// What the session is, whatever its folder and its files are called and however they lie: SHA-256 over the SHA-256 of every recording,
    /// in their order by hash. Two sessions of one name are told apart by it, and one that was moved or renamed is known again.
    /// - Parameter hashes: SHA-256 by unit where it is known already, as `hash` gives it.
    public func identity(hashes: [String: String] = [:]) throws(PipelineError) -> String {
        var lines: [String] = []
        for recording in recordings {
            if let known = hashes[recording.unit] {
                lines.append(known)
            } else {
                lines.append(try Self.hash(of: recording))
            }
        }
        return SHA256.hex(of: lines.sorted().joined(separator: "\n"))
    }

    /// SHA-256 of a recording's file, over the hashes of its chapters, or over the names and hashes of all files of an EuRoC folder.
    public static func hash(of recording: RecordingFile) throws(PipelineError) -> String {
        do {
            guard case .folder = FileKind(recording.url) else {
                return SHA256.joined(try recording.urls.map { try SHA256.hex(ofFile: $0) })
            }
            var lines: [String] = []
            let names = FileManager.default.enumerator(atPath: recording.url.path)?.compactMap { $0 as? String } ?? []
            for name in names.sorted() {
                let file = recording.url.appendingPathComponent(name)
                if case .file = FileKind(file) { lines.append("\(name) \(try SHA256.hex(ofFile: file))") }
            }
            return SHA256.hex(of: lines.joined(separator: "\n"))
        } catch {
            throw .failed(stage: "session", "\(recording.unit): \(error)")
        }
    }
}

/// Names of recordings: their stems where these are fit for folders, unique whatever the case of letters and the form of accents.
struct UnitName {
    /// Longest name, bytes: what stages put before and after it must find room in the 255 of a file's name.
    static let maximumBytes = 120
    /// What stages call their artefacts of a whole session.
    static let reserved: Set = ["session", "datasets", "pairs"]

    private var taken: Set<String> = []

    /// The stem; with its folder's name, or the file's extension, or a number, where that is taken.
    mutating func name(for found: SessionScan.Found) -> String {
        let file = found.url.lastPathComponent
        let candidates = [
            found.stem, (found.parents.suffix(1) + [found.stem]).joined(separator: "_"), file,
            (found.parents + [file]).joined(separator: "_"),
        ].map(Self.fit)
        if let free = candidates.first(where: { taken.insert(Self.folded($0)).inserted }) { return free }
        var number = 2
        while true {
            let name = Self.fit("\(candidates[3])_\(number)")
            if taken.insert(Self.folded(name)).inserted { return name }
            number += 1
        }
    }

    /// Names that a file system, or a reader, may take for one.
    private static func folded(_ name: String) -> String { name.precomposedStringWithCompatibilityMapping.lowercased() }

    /// A name without what a folder's name, a line of a table or a command line cannot hold; one that is too long ends in a part of its
    /// hash.
    private static func fit(_ name: String) -> String {
        var name = String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { $0 == "/" || $0.properties.generalCategory == .control ? Unicode.Scalar("_") : $0 }))
        let plain = name.lowercased()
        // Of a recording `x.partial` the artefact would be another's that is being made.
        if plain.hasSuffix(".partial") { name = name.dropLast(".partial".count) + "_partial" }
        let isGripper = plain.hasPrefix("gripper_") && Int(plain.dropFirst("gripper_".count)) != nil
        if reserved.contains(plain) || isGripper || plain.hasPrefix("range_") { name = "video_\(name)" }
        guard name.utf8.count > maximumBytes else { return name }
        let hash = String(SHA256.hex(of: name).prefix(12))
        var head = name
        while head.utf8.count > maximumBytes - hash.utf8.count - 1 { head.removeLast() }
        return "\(head)_\(hash)"
    }
}
