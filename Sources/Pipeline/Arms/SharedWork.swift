internal import Synchronization

/// What the runs for the arms of one command have in common while the program runs.
final class SharedWork: Sendable {
    /// Of the recordings: each is read once for all arms.
    let hashes = FileHashes()
    /// Stage and unit of what no arm has a part in and was made in this run.
    private let made = Mutex<Set<String>>([])

    func add(_ stage: String, _ unit: String) { made.withLock { _ = $0.insert("\(stage)/\(unit)") } }

    func holds(_ stage: String, _ unit: String) -> Bool { made.withLock { $0.contains("\(stage)/\(unit)") } }
}
