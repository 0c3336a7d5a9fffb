internal import Foundation
internal import Synchronization

/// Works through `items` with at most `jobs` at a time, each on a thread of its own; the results are in the items' order whatever finishes
/// first.
func concurrently<Item: Sendable, Result: Sendable>(
    _ items: [Item], jobs: Int, _ work: @escaping @Sendable (Item) -> Result
) async -> [Result] {
    guard !items.isEmpty else { return [] }
    let threads = min(max(jobs, 1), items.count)
    let queue = WorkQueue<Result>(count: items.count, threads: threads)
    return await withCheckedContinuation { continuation in
        for _ in 0..<threads {
            let thread = Thread {
                while let index = queue.next() { queue.put(work(items[index]), at: index) }
                if let all = queue.leave() { continuation.resume(returning: all) }
            }
            thread.stackSize = WorkQueue<Result>.stackBytes
            thread.start()
        }
    }
}

/// Which items are taken, and what came of them.
private final class WorkQueue<Result: Sendable>: Sendable {
    /// Recursive readers and native libraries are made for a main thread's stack.
    static var stackBytes: Int { 8 << 20 }

    private struct State {
        var next = 0
        var running: Int
        var results: [Result?]
    }

    private let state: Mutex<State>

    init(count: Int, threads: Int) { state = Mutex(State(running: threads, results: Array(repeating: nil, count: count))) }

    func next() -> Int? {
        state.withLock { s in
            guard s.next < s.results.count else { return nil }
            s.next += 1
            return s.next - 1
        }
    }

    func put(_ result: Result, at index: Int) { state.withLock { $0.results[index] = result } }

    /// All results for the thread that leaves last, nil for the others.
    func leave() -> [Result]? {
        state.withLock { s in
            s.running -= 1
            return s.running == 0 ? s.results.compactMap { $0 } : nil
        }
    }
}
