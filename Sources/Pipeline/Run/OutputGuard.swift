internal import Foundation
internal import Glibc
internal import Imaging
internal import Session
internal import Synchronization

/// Keeps an output folder to one run at a time, and a user's files in it from being written over.
///
/// A hidden marker at its root says that the folder is ours and names, with their hashes, the files that were written there; a file of one of
/// our names that is not what we wrote is the user's. A lock beside it names the process that holds the folder; its workers hold it too.
final class OutputGuard: Sendable {
    /// The files of a run at the output's root.
    static let files = ["rejections.csv", "episodes.csv", "arms.csv", "overview.svg", "report.html", "report.json"]
    /// Folders of a run that are not data sets.
    private static let folders = ["work", "sessions", "masks", "overlay", "single", ReviewFolder.name]
    /// Names at an output's root that are no data set's.
    static var names: [String] { files + folders }
    static let lockName = ".griptrace-lock"

    /// `OutputMarker` with what is in the files.
    private struct Marker: Codable {
        var format = OutputMarker.formatName
        /// Names at the root that are ours.
        var entries: [String] = []
        /// By name the hashes that a file may have: more than one while a run is writing it.
        var files: [String: [String]] = [:]
    }

    let output: URL
    private let lock: Int32
    private let marker: Mutex<Marker>

    var work: URL { Self.work(output) }

    static func work(_ output: URL) -> URL { output.appendingPathComponent("work", isDirectory: true) }

    /// What is wrong with the folder before anything is written: a usage error that names the file.
    static func check(_ request: ConvertRequest) throws(PipelineError) { try check(request.output, session: request.session) }

    static func check(_ output: URL, session: URL) throws(PipelineError) {
        let (inner, outer) = (resolved(output), resolved(session))
        if inner == outer || inner.hasPrefix(outer + "/") {
            throw .usage(
                "--output \(output.path) lies in the session \(session.path): the next run would take it for recordings",
                accepted: "a folder outside of the session")
        }
        let files = FileManager.default
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: output.path, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue else {
            throw .usage("--output \(output.path) is a file", accepted: "a folder, or a path at which there is nothing yet")
        }
        let marker = try read(output)
        for name in Self.files where files.fileExists(atPath: output.appendingPathComponent(name).path) {
            let url = output.appendingPathComponent(name)
            let known = marker?.files[name] ?? []
            guard let hash = try? SHA256.hex(ofFile: url), known.contains(hash) || (marker == nil && isEarlier(output)) else {
                throw .usage(
                    "\(url.path) is not what griptrace wrote there and would be written over",
                    accepted: "another --output, or the file somewhere else")
            }
        }
        // A version before the page knew nothing of it.
        if let marker, !marker.entries.contains(ReviewFolder.name) {
            try refuse(ReviewFolder.name, in: output)
        }
        guard marker == nil, !isEarlier(output) else { return }
        for name in folders { try refuse(name, in: output) }
    }

    /// A folder that has a name of ours and is somebody else's.
    private static func refuse(_ name: String, in output: URL) throws(PipelineError) {
        let url = output.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: url.path) else { return }
        throw .usage(
            "\(url.path) is not griptrace's: --output would be mixed up with it", accepted: "another --output, or the folder somewhere else"
        )
    }

    /// An output of a version that wrote no marker.
    private static func isEarlier(_ output: URL) -> Bool {
        struct Report: Decodable {
            var schema: String
        }
        let report = try? JSONText.decode(Report.self, from: output.appendingPathComponent("report.json"))
        return report?.schema == RunReport.schema
    }

    private static func read(_ output: URL) throws(PipelineError) -> Marker? {
        let url = output.appendingPathComponent(OutputMarker.fileName)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        guard let marker = try? JSONText.decode(Marker.self, from: url) else {
            throw .usage("\(url.path) cannot be read", accepted: "another --output, or the file's removal if the folder is griptrace's")
        }
        return marker
    }

    /// The path with its links followed, as far as it exists.
    private static func resolved(_ url: URL) -> String {
        var existing = url.standardizedFileURL
        var rest: [String] = []
        while !FileManager.default.fileExists(atPath: existing.path), existing.path != "/" {
            rest.insert(existing.lastPathComponent, at: 0)
            existing.deleteLastPathComponent()
        }
        return ([existing.resolvingSymlinksInPath().path] + rest).joined(separator: "/").replacing("//", with: "/")
    }

    /// Takes the folder for this run; another run that holds it is a usage error that says who.
    convenience init(_ request: ConvertRequest, session: String) throws(PipelineError) {
        let depth = request.output.pathComponents.count
        try self.init(
            request.output, entries: ExportTargets.all(request).map { $0.pathComponents.dropFirst(depth).first ?? "" }, session: session)
    }

    /// - Parameters:
    ///   - entries: names at its root that the run writes beside those of every run.
    ///   - worksHere: whether stages' artefacts will lie here.
    init(_ output: URL, entries: [String], session: String, worksHere: Bool = true) throws(PipelineError) {
        self.output = output
        do { try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true) } catch {
            throw .failed(stage: "output", "\(output.path) cannot be made: \(error.localizedDescription)")
        }
        // The marker comes before anything that it claims: a run that is killed here goes on in what the next one knows for its own.
        lock = try Self.lock(output, session: session)
        do {
            var known = try Self.read(output) ?? Self.adopted(output)
            known.entries = Set(known.entries + Self.files + Self.folders + entries + [OutputMarker.fileName, Self.lockName]).sorted()
            marker = Mutex(known)
            try save()
            if worksHere { try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true) }
        } catch {
            close(lock)
            throw .failed(stage: "output", "\(output.path): \(error)")
        }
    }

    deinit { release() }

    private let isReleased = Mutex(false)

    func release() {
        let first = isReleased.withLock { released in
            defer { released = true }
            return !released
        }
        guard first else { return }
        ftruncate(lock, 0)
        close(lock)
    }

    /// Of an output that an earlier version wrote: its files are ours as they are.
    private static func adopted(_ output: URL) -> Marker {
        var marker = Marker()
        for name in files {
            if let hash = try? SHA256.hex(ofFile: output.appendingPathComponent(name)) { marker.files[name] = [hash] }
        }
        return marker
    }

    /// How long the workers of a run that was killed may take to end, seconds.
    private static let patience = 3.0

    private static func lock(_ output: URL, session: String) throws(PipelineError) -> Int32 {
        let path = output.appendingPathComponent(lockName).path
        let file = open(path, O_RDWR | O_CREAT, 0o644)
        guard file >= 0 else { throw .failed(stage: "output", "\(path) cannot be opened: \(String(cString: strerror(errno)))") }
        var waited = 0.0
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            // A file system without locks holds nobody off; the run is worth more than the guard.
            if errno != EWOULDBLOCK, errno != EINTR { break }
            if waited >= patience {
                close(file)
                throw .usage(
                    "\(output.path) is being written by another run: \(words(path))",
                    accepted: "another --output, or the same command when that run has ended")
            }
            usleep(100_000)
            waited += 0.1
        }
        var host = [CChar](repeating: 0, count: 256)
        gethostname(&host, host.count - 1)
        let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let since = ISO8601DateFormatter().string(from: Date())
        let text = Array("process \(getpid()) on \(name), session \(session), since \(since)\n".utf8)
        ftruncate(file, 0)
        _ = text.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
        return file
    }

    /// What the process that holds an output says of itself; nil where none does.
    static func holder(of output: URL) -> String? {
        let path = output.appendingPathComponent(lockName).path
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return flock(file, LOCK_SH | LOCK_NB) == 0 ? nil : words(path)
    }

    private static func words(_ lock: String) -> String {
        ((try? String(contentsOf: URL(fileURLWithPath: lock), encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Writes one of a run's files; its hash is known before it is there.
    func write(_ bytes: [UInt8], to name: String) throws {
        precondition(Self.files.contains(name), "\(name) is a file of a run")
        let hash = SHA256.hex(of: bytes)
        marker.withLock { $0.files[name, default: []] = ($0.files[name] ?? []).suffix(1) + [hash] }
        try save()
        try FileBytes.write(bytes, to: output.appendingPathComponent(name))
        marker.withLock { $0.files[name] = [hash] }
        try save()
    }

    private func save() throws {
        try FileBytes.write(JSONText.encode(marker.withLock { $0 }), to: output.appendingPathComponent(OutputMarker.fileName))
    }
}
