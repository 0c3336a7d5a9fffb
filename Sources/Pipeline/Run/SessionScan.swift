internal import Dataset
public import Foundation
internal import Glibc
internal import Imaging
internal import Session

/// The file that says of a folder that a conversion wrote it, and which of its entries are the conversion's.
public struct OutputMarker: Codable, Sendable, Equatable {
    /// Hidden, at the output's root.
    public static let fileName = ".griptrace"
    public static let formatName = "griptrace.output.v1"

    public var format = Self.formatName
    /// Names at the output's root that the conversion made: what is not among them is somebody else's.
    public var entries: [String]

    public init(entries: [String]) { self.entries = entries }

    /// The marker of a folder; nil where there is none, or one that is not ours.
    public init?(in folder: URL) {
        guard let bytes = FileManager.default.contents(atPath: folder.appendingPathComponent(Self.fileName).path),
            let found = try? JSONDecoder().decode(Self.self, from: bytes), found.format == Self.formatName
        else { return nil }
        self = found
    }
}

/// Finds the recordings of a session folder, at any depth, without touching anything.
///
/// UMI's sorted form (`demos/NAME/raw_video.mp4`) is taken where it is there, else `raw_videos/`, else the folder itself. Hidden folders,
/// `truth/`, data sets and what conversions wrote (`OutputMarker`, stages' artefacts) are not looked into. Links are followed, after all
/// that is no link; a folder is looked into once, so circles end. What is no regular file (a pipe, a socket, a device) is never opened.
struct SessionScan {
    struct Found {
        var url: URL
        /// A ROS 2 bag's folder, or one of pictures.
        var isFolder: Bool
        /// File name without extension, or the folder's name.
        var stem: String
        /// Names of the folders above, from the session's down.
        var parents: [String]
        var size: Int
        /// The folder whose name names the recording (UMI's `demos/NAME/`).
        var namingFolder: String?
    }

    /// How the files lie.
    enum Form { case flat, raw, demos }

    private(set) var form = Form.flat
    private(set) var found: [Found] = []
    private(set) var ignored: [String] = []
    /// What was left out and why, in sentences.
    private(set) var notes: [String] = []
    private(set) var failures: [SessionLayout.Failure] = []

    private let root: URL
    private let excluded: Set<String>
    /// Entries of the session's own folder that conversions into it made.
    private let own: Set<String>
    private let list: (URL) throws -> [String]
    /// Path of each folder that has been looked into.
    private var visited: [FileKind.Identity: String] = [:]
    /// Links to folders, for the end.
    private var links: [(url: URL, parents: [String])] = []

    /// - Parameters:
    ///   - excluding: folders that are not looked into, such as where the conversion writes; the session's folder itself cannot be excluded.
    ///   - list: gives the names in a folder; the file system's by default.
    init(
        _ folder: URL, excluding: [URL] = [],
        list: @escaping (URL) throws -> [String] = { try FileManager.default.contentsOfDirectory(atPath: $0.path) }
    ) {
        root = folder
        self.list = list
        excluded = Set(excluding.map(Self.realPath))
        own = Set(OutputMarker(in: folder)?.entries ?? [])
        let demos = folder.appendingPathComponent("demos")
        if case .folder = FileKind(demos), sorted(demos) {
            form = .demos
            ignored = rest(without: "demos")
            return
        }
        let raw = folder.appendingPathComponent("raw_videos")
        if case .folder = FileKind(raw) {
            begin()
            form = .raw
            walk(raw, parents: ["raw_videos"])
            followLinks()
            ignored += rest(without: "raw_videos")
        }
        if found.isEmpty {
            begin()
            form = .flat
            walk(folder, parents: [])
            followLinks()
        }
    }

    private mutating func begin() { (found, ignored, notes, failures, visited, links) = ([], [], [], [], [:], []) }

    /// Top-level entries beside the one that holds the recordings.
    private mutating func rest(without name: String) -> [String] {
        names(in: root, parents: []).filter { $0 != name && !isOwn(root.appendingPathComponent($0), parents: []) }
    }

    private mutating func sorted(_ demos: URL) -> Bool {
        for name in names(in: demos, parents: ["demos"]) {
            let inside = demos.appendingPathComponent(name)
            guard case .folder = FileKind(inside) else { continue }
            for video in names(in: inside, parents: ["demos", name]) where video.lowercased().hasPrefix("raw_video.") && Self.isVideo(video)
            {
                let url = inside.appendingPathComponent(video)
                guard let size = size(of: url, path: "demos/\(name)/\(video)") else { continue }
                found.append(Found(url: url, isFolder: false, stem: name, parents: ["demos"], size: size, namingFolder: name))
                break
            }
        }
        return !found.isEmpty
    }

    private mutating func walk(_ folder: URL, parents: [String]) {
        guard enter(folder, path: parents.joined(separator: "/")) else { return }
        for name in names(in: folder, parents: parents) {
            let url = folder.appendingPathComponent(name)
            guard !isOwn(url, parents: parents) else { continue }
            if case .folder = FileKind(url), FileKind.isLink(url) {
                links.append((url, parents))
            } else {
                look(at: url, parents: parents)
            }
        }
    }

    private mutating func followLinks() {
        while !links.isEmpty {
            let (url, parents) = links.removeFirst()
            look(at: url, parents: parents)
        }
    }

    /// Takes a file or a folder for what it is.
    private mutating func look(at url: URL, parents: [String]) {
        let name = url.lastPathComponent
        let path = (parents + [name]).joined(separator: "/")
        guard case .folder = FileKind(url) else {
            guard let size = size(of: url, path: path) else { return }
            guard Self.isVideo(name) else {
                ignored.append(path)
                return
            }
            let stem = url.deletingPathExtension().lastPathComponent
            found.append(Found(url: url, isFolder: false, stem: stem, parents: parents, size: size))
            return
        }
        if Self.isRecordingFolder(url) {
            guard let size = size(ofFolder: url, path: path) else { return }
            found.append(Found(url: url, isFolder: true, stem: name, parents: parents, size: size))
        } else if name == "truth" || Self.isMade(url) {
            ignored.append(path)
        } else {
            let before = (found.count, ignored.count, links.count)
            walk(url, parents: parents + [name])
            // A folder without a recording is one line, whatever it holds.
            if found.count == before.0, links.count == before.2 {
                ignored.removeSubrange(before.1...)
                ignored.append(path)
            }
        }
    }

    /// Whether the folder is seen for the first time.
    private mutating func enter(_ folder: URL, path: String) -> Bool {
        guard case .folder(let identity) = FileKind(folder) else { return true }
        if let known = visited[identity] {
            notes.append("\(path) leads to \(known.isEmpty ? "the session's own folder" : known), which is looked into once")
            return false
        }
        visited[identity] = path
        return true
    }

    // MARK: What is left out

    /// What this session's own conversions wrote: not even named, since a first run has it not.
    private func isOwn(_ url: URL, parents: [String]) -> Bool {
        if parents.isEmpty, own.contains(url.lastPathComponent) { return true }
        return !excluded.isEmpty && excluded.contains(Self.realPath(url))
    }

    /// A data set, the output of a conversion, a stage's artefact.
    static func isMade(_ folder: URL) -> Bool {
        if OutputMarker(in: folder) != nil || DatasetFormat(at: folder) != nil { return true }
        struct Manifest: Decodable {
            var stage: String
            var unit: String
            var key: String
        }
        guard let bytes = FileManager.default.contents(atPath: folder.appendingPathComponent("manifest.json").path) else { return false }
        return (try? JSONDecoder().decode(Manifest.self, from: bytes)) != nil
    }

    /// Bytes of a regular file; anything else is named, and nil comes back.
    private mutating func size(of url: URL, path: String) -> Int? {
        switch FileKind(url) {
        case .file(let size): return size
        case .folder: return nil
        case .special(let what): notes.append("\(path) is no regular file (\(what)): it is left out")
        case .missing(let reason):
            // A link that leads nowhere was made so; a file that was listed a moment ago and is gone is a failure.
            if FileKind.isLink(url) {
                notes.append("\(path) is a link that leads nowhere (\(reason)): it is left out")
            } else {
                failures.append(SessionLayout.Failure(path: path, reason: "cannot be looked at: \(reason)"))
            }
        }
        return nil
    }

    /// Bytes of all files of a recording's folder; one that holds what is no regular file is a failure, since nobody can read it to its end.
    private mutating func size(ofFolder folder: URL, path: String) -> Int? {
        var total = 0
        for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? FileManager.DirectoryEnumerator() {
            switch FileKind(folder.appendingPathComponent(name)) {
            case .file(let size): total += size
            case .folder: continue
            case .special(let what):
                failures.append(SessionLayout.Failure(path: "\(path)/\(name)", reason: "is no regular file (\(what))"))
                return nil
            case .missing(let reason):
                failures.append(SessionLayout.Failure(path: "\(path)/\(name)", reason: "cannot be looked at: \(reason)"))
                return nil
            }
        }
        return total
    }

    /// A folder that is one recording: a ROS 2 bag, EuRoC's layout, or pictures with a table of their times.
    static func isRecordingFolder(_ url: URL) -> Bool {
        if case .folder = FileKind(url.appendingPathComponent("mav0")) { return true }
        return BagFile.isBag(url) || PictureFolder.isPictureFolder(url)
    }

    static func isVideo(_ name: String) -> Bool {
        SessionLayout.recordingExtensions.contains(URL(fileURLWithPath: name).pathExtension.lowercased())
    }

    /// Names without the hidden ones, sorted; a folder that cannot be listed is a failure.
    private mutating func names(in folder: URL, parents: [String]) -> [String] {
        do { return try list(folder).filter { !$0.hasPrefix(".") }.sorted() } catch {
            let path = parents.joined(separator: "/")
            failures.append(
                SessionLayout.Failure(path: path.isEmpty ? "." : path, reason: "cannot be listed: \(error.localizedDescription)"))
            return []
        }
    }

    private static func realPath(_ url: URL) -> String {
        guard let path = realpath(url.path, nil) else { return url.standardizedFileURL.path }
        defer { free(path) }
        return String(cString: path)
    }
}

/// What stands at a path, links followed.
enum FileKind {
    struct Identity: Hashable {
        var device: UInt
        var inode: UInt
    }

    case folder(Identity)
    /// Bytes.
    case file(Int)
    /// A pipe, a socket, a device.
    case special(String)
    /// Why nothing can be seen there.
    case missing(String)

    init(_ url: URL) {
        var found = stat()
        guard stat(url.path, &found) == 0 else {
            self = .missing(String(cString: strerror(errno)))
            return
        }
        switch found.st_mode & S_IFMT {
        case S_IFDIR: self = .folder(Identity(device: UInt(found.st_dev), inode: UInt(found.st_ino)))
        case S_IFREG: self = .file(Int(found.st_size))
        case S_IFIFO: self = .special("a pipe")
        case S_IFSOCK: self = .special("a socket")
        default: self = .special("a device")
        }
    }

    static func isLink(_ url: URL) -> Bool {
        var found = stat()
        return lstat(url.path, &found) == 0 && found.st_mode & S_IFMT == S_IFLNK
    }
}
