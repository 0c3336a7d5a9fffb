public import Foundation
internal import Session

/// Sessions that are converted one after the other, each known by a name that is unique and the same in every run.
public struct SessionSet: Sendable, Equatable {
    public struct Member: Sendable, Equatable {
        public var folder: URL
        /// Its path below the folder or list that named it: also where its conversion lies.
        public var name: String
    }

    public var members: [Member]

    /// The sessions below a folder, or those that a text file lists: a path a line, relative to the file, `#` before remarks.
    ///
    /// A folder is a session where it holds recordings, `device.yaml`, `raw_videos/`, `demos/` or a folder `mapping…`; what lies in it is not
    /// looked at further. Hidden folders, data sets and what conversions wrote are passed over; links are followed, a folder is looked into once.
    public init(_ url: URL, excluding: [URL] = []) throws(PipelineError) {
        switch FileKind(url) {
        case .folder: members = Self.below(url, excluding: excluding)
        case .file: members = try Self.listed(url)
        case .special(let what): throw .usage("\(url.path) is \(what)", accepted: "a folder of sessions, or a text file that lists them")
        case .missing(let reason): throw .usage("\(url.path): \(reason)", accepted: "a folder of sessions, or a text file that lists them")
        }
        guard members.isEmpty else { return }
        throw .usage(
            "\(url.path) holds no session",
            accepted: "a folder of session folders, each with recordings, or a text file with the path of one on each line")
    }

    init(members: [Member]) { self.members = members }

    /// Part `index` of `count` of the sessions, in order: parts differ by one session at most and follow one another.
    public func part(_ shard: Shard) -> SessionSet {
        let (n, i) = (members.count, shard.index)
        return SessionSet(members: Array(members[(i - 1) * n / shard.count..<i * n / shard.count]))
    }

    // MARK: Folders

    private static func below(_ root: URL, excluding: [URL]) -> [Member] {
        let excluded = Set(excluding.map { $0.resolvingSymlinksInPath().path })
        var seen: Set<FileKind.Identity> = []
        var out: [Member] = []
        // Depth first, in the order of the names.
        var open: [(url: URL, path: [String])] = [(root, [])]
        while let (url, path) = open.popLast() {
            guard case .folder(let identity) = FileKind(url), seen.insert(identity).inserted,
                !excluded.contains(url.resolvingSymlinksInPath().path), !SessionScan.isMade(url)
            else { continue }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path))?.filter { !$0.hasPrefix(".") }.sorted() ?? []
            if isSession(url, names: names) {
                out.append(
                    Member(folder: url, name: path.isEmpty ? url.standardizedFileURL.lastPathComponent : path.joined(separator: "/")))
                continue
            }
            for name in names.reversed() { open.append((url.appendingPathComponent(name), path + [name])) }
        }
        return out
    }

    private static func isSession(_ url: URL, names: [String]) -> Bool {
        for name in names {
            let entry = url.appendingPathComponent(name)
            switch FileKind(entry) {
            case .file: if name == "device.yaml" || SessionScan.isVideo(name) { return true }
            case .folder:
                if ["raw_videos", "demos"].contains(name) || name.lowercased().hasPrefix("mapping") || SessionScan.isRecordingFolder(entry)
                {
                    return true
                }
            case .special, .missing: continue
            }
        }
        return false
    }

    // MARK: Lists

    /// Most bytes of a list: a million paths.
    private static let longest = 1 << 28

    private static func listed(_ url: URL) throws(PipelineError) -> [Member] {
        let accepted = "a text file with the path of a session folder on each line"
        if case .file(let bytes) = FileKind(url), bytes > longest { throw .usage("\(url.path) has \(bytes) bytes", accepted: accepted) }
        guard let bytes = try? FileBytes.read(url), let text = String(validating: bytes, as: UTF8.self) else {
            throw .usage("\(url.path) cannot be read as text", accepted: accepted)
        }
        var found = RequestFaults()
        var folders: [URL] = []
        var lines: [String: Int] = [:]
        for (n, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = raw.replacing("\u{FEFF}", with: "").trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let folder = URL(fileURLWithPath: line, relativeTo: url.deletingLastPathComponent()).standardizedFileURL
            found.look { () throws(PipelineError) in
                guard case .folder = FileKind(folder) else {
                    throw .usage("\(url.path): line \(n + 1): \(line.excerpt) is no folder", accepted: accepted)
                }
                if let other = lines[folder.path] {
                    throw .usage("\(url.path): line \(n + 1): \(line.excerpt) stands in line \(other) too", accepted: "each session once")
                }
            }
            lines[folder.path] = n + 1
            folders.append(folder)
        }
        try found.check()
        return named(folders)
    }

    /// Names are what is left of the paths behind what all of them begin with.
    private static func named(_ folders: [URL]) -> [Member] {
        let parts = folders.map(\.pathComponents)
        guard let first = parts.first else { return [] }
        let shortest = parts.map(\.count).min() ?? 0
        var common = 0
        while common < shortest - 1, parts.allSatisfy({ $0[common] == first[common] }) { common += 1 }
        return zip(folders, parts).map { Member(folder: $0, name: $1[common...].joined(separator: "/")) }
    }
}

/// One of several equal parts of a batch, as a scheduler's array job names it.
public struct Shard: Sendable, Equatable, CustomStringConvertible {
    /// From 1 to `count`.
    public var index: Int
    public var count: Int

    private static let most = 1_000_000

    /// `i/n` with 1 <= i <= n.
    public init(_ text: String) throws(PipelineError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], (1...Self.most).contains(count), (1...count).contains(index)
        else {
            throw .usage("--shard '\(text)'", accepted: "i/n such as 2/3: the second of three parts")
        }
        (self.index, self.count) = (index, count)
    }

    public var description: String { "\(index)/\(count)" }
}
