/// Works through `items` with at most `jobs` at a time; the results are in the items' order whatever finishes first.
func concurrently<Item: Sendable, Result: Sendable>(
    _ items: [Item], jobs: Int, _ work: @escaping @Sendable (Item) -> Result
) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
        var results = [Result?](repeating: nil, count: items.count)
        var next = 0
        while next < min(max(jobs, 1), items.count) {
            let (index, item) = (next, items[next])
            group.addTask { (index, work(item)) }
            next += 1
        }
        while let (index, result) = await group.next() {
            results[index] = result
            if next < items.count {
                let (index, item) = (next, items[next])
                group.addTask { (index, work(item)) }
                next += 1
            }
        }
        return results.compactMap { $0 }
    }
}
