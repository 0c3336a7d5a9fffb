internal import Foundation
internal import Synchronization

/// Works through `items` with at most `jobs` at a time, each on a thread of its own; the results are in the items' order whatever finishes
/// first.
func concurrently<Item: Sendable, Result: Sendable>(
    _ items: [Item], jobs: Int, _ work: @escaping @Sendable (Item) -> Result
) async -> [Result] {
    guard !items.isEmpty else { return [] }
    let state = Mutex<(next: Int, running: Int, results: [Result?])>((0, min(max(jobs, 1), items.count), Array(repeating: nil, count: items.count)))
    return await withCheckedContinuation { continuation in
        let board = Shared(state)
        let threads = min(max(jobs, 1), items.count)
        for _ in 0..<threads {
            let thread = Thread {
                while let index = board.state.withLock({ s -> Int? in
                    guard s.next < items.count else { return nil }
                    s.next += 1
                    return s.next - 1
                }) {
                    let result = work(items[index])
                    board.state.withLock { $0.results[index] = result }
                }
                let all: [Result]? = board.state.withLock { s in
                    s.running -= 1
                    return s.running == 0 ? s.results.compactMap { $0 } : nil
                }
                if let all { continuation.resume(returning: all) }
            }
            thread.stackSize = threadStack
            thread.start()
        }
    }
}

/// Bytes of stack of a working thread: recursive readers and native libraries are made for a main thread's.
private let threadStack = 8 << 20

private final class Shared<Value: ~Copyable & Sendable>: Sendable {
    let state: Value
    init(_ state: consuming Value) { self.state = state }
}
