internal import Foundation
internal import Synchronization

/// `work/SESSION/events.jsonl`: what happens in a run as it happens, a `RunEvent` a line, for whoever looks from outside.
///
/// A run begins the file anew. What cannot be written is let go: the log is news, not a result.
final class EventLog: Sendable {
    static let name = "events.jsonl"

    private let file: Mutex<FileHandle?>

    init(folder: URL) {
        let url = folder.appendingPathComponent(Self.name)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try? Data().write(to: url)
        file = Mutex(try? FileHandle(forWritingTo: url))
    }

    func add(_ event: ProgressEvent) {
        if let line = RunEvent(event, at: Date()) { write(line) }
    }

    /// The run came to its end.
    func end() { write(RunEvent("ended", at: Date())) }

    private func write(_ event: RunEvent) {
        guard let line = try? RunEvent.encoder().encode(event) else { return }
        file.withLock { file in _ = try? file?.write(contentsOf: line + [UInt8(ascii: "\n")]) }
    }
}
