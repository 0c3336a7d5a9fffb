internal import Foundation
internal import Imaging

/// Finds the recordings of a session folder, at any depth, without touching anything.
///
/// UMI's sorted form (`demos/NAME/raw_video.mp4`) is taken where it is there, else `raw_videos/`, else the folder itself. Hidden folders,
/// `truth/` and data sets (`meta/info.json`) are not looked into.
struct SessionScan {
    struct Found {
        var url: URL
        var isEuroc: Bool
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

    init(_ folder: URL) {
        let demos = folder.appendingPathComponent("demos")
        if sorted(demos) {
            form = .demos
            ignored = Self.names(in: folder).filter { $0 != "demos" }
            return
        }
        if Self.isFolder(folder.appendingPathComponent("raw_videos")) {
            form = .raw
            walk(folder.appendingPathComponent("raw_videos"), parents: ["raw_videos"])
            ignored += Self.names(in: folder).filter { $0 != "raw_videos" }
        }
        if found.isEmpty {
            (form, ignored) = (.flat, [])
            walk(folder, parents: [])
        }
    }

    private mutating func sorted(_ demos: URL) -> Bool {
        for name in Self.names(in: demos) {
            let inside = demos.appendingPathComponent(name)
            guard let video = Self.names(in: inside).first(where: { $0.lowercased().hasPrefix("raw_video.") && Self.isVideo($0) }) else {
                continue
            }
            let url = inside.appendingPathComponent(video)
            found.append(Found(url: url, isEuroc: false, stem: name, parents: ["demos"], size: Self.size(of: url), namingFolder: name))
        }
        return !found.isEmpty
    }

    private mutating func walk(_ folder: URL, parents: [String]) {
        for name in Self.names(in: folder) {
            let url = folder.appendingPathComponent(name)
            let path = (parents + [name]).joined(separator: "/")
            if !Self.isFolder(url) {
                guard Self.isVideo(name) else {
                    ignored.append(path)
                    continue
                }
                let stem = url.deletingPathExtension().lastPathComponent
                found.append(Found(url: url, isEuroc: false, stem: stem, parents: parents, size: Self.size(of: url)))
            } else if Self.isFolder(url.appendingPathComponent("mav0")) {
                found.append(Found(url: url, isEuroc: true, stem: name, parents: parents, size: Self.size(ofFolder: url)))
            } else if name == "truth" || FileManager.default.fileExists(atPath: url.appendingPathComponent("meta/info.json").path) {
                ignored.append(path)
            } else {
                let before = found.count
                let known = ignored.count
                walk(url, parents: parents + [name])
                // A folder without a recording is one line, whatever it holds.
                if found.count == before {
                    ignored.removeSubrange(known...)
                    ignored.append(path)
                }
            }
        }
    }

    static func isVideo(_ name: String) -> Bool {
        SessionLayout.videoExtensions.contains(URL(fileURLWithPath: name).pathExtension.lowercased())
    }

    private static func names(in folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func size(of url: URL) -> Int {
        let target = url.resolvingSymlinksInPath()
        return ((try? FileManager.default.attributesOfItem(atPath: target.path))?[.size] as? NSNumber)?.intValue ?? 0
    }

    private static func size(ofFolder url: URL) -> Int {
        let files = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []
        return files.reduce(0) { $0 + size(of: url.appendingPathComponent($1)) }
    }
}
