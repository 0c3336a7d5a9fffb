/// The labelling of a grid that costs least: each pixel pays its own cost, neighbours of unlike label pay for the edge between them.
///
/// Minimum cut by augmenting paths between two search trees (Y. Boykov, V. Kolmogorov, "An experimental comparison of min-cut/max-flow
/// algorithms for energy minimization in vision", PAMI 2004) on the four-connected grid. Exact, and the same for the same input.
struct GraphCut {
    private let width: Int
    private let count: Int
    /// Residual capacity to the right, left, lower, upper neighbour.
    private var capacity: [Float]
    /// Residual capacity from the source (positive) or to the sink (negative).
    private var terminal: [Float]
    /// 0 free, 1 of the source's tree, 2 of the sink's.
    private var tree: [UInt8]
    /// Direction of the parent; 4 the terminal, 5 none.
    private var parent: [UInt8]
    private var stamp: [Int32]
    private var depth: [Int32]
    private var now: Int32 = 0
    private var queue: [Int32] = []
    private var head = 0
    private var queued: [Bool]
    private var orphans: [Int32] = []

    /// - Parameters:
    ///   - score: log odds of the label by pixel.
    ///   - right: cost of an edge to the right neighbour; `down` to the lower one. At least 0.
    static func label(score: [Float], right: [Float], down: [Float], width: Int, height: Int) -> [Bool] {
        var cut = GraphCut(score, right, down, width, height)
        cut.run()
        return cut.tree.map { $0 == 1 }
    }

    private init(_ score: [Float], _ right: [Float], _ down: [Float], _ width: Int, _ height: Int) {
        self.width = width
        count = width * height
        terminal = score
        capacity = [Float](repeating: 0, count: 4 * count)
        for y in 0..<height {
            for x in 0..<width {
                let i = y * width + x
                if x + 1 < width { (capacity[4 * i], capacity[4 * (i + 1) + 1]) = (right[i], right[i]) }
                if y + 1 < height { (capacity[4 * i + 2], capacity[4 * (i + width) + 3]) = (down[i], down[i]) }
            }
        }
        tree = [UInt8](repeating: 0, count: count)
        parent = [UInt8](repeating: 5, count: count)
        stamp = [Int32](repeating: 0, count: count)
        depth = stamp
        queued = [Bool](repeating: false, count: count)
    }

    @inline(__always) private func neighbour(_ i: Int, _ d: Int) -> Int {
        switch d {
        case 0: i + 1
        case 1: i - 1
        case 2: i + width
        default: i - width
        }
    }

    @inline(__always) private mutating func activate(_ i: Int) {
        if queued[i] { return }
        queued[i] = true
        queue.append(Int32(i))
    }

    private mutating func run() {
        for i in 0..<count where terminal[i] != 0 {
            tree[i] = terminal[i] > 0 ? 1 : 2
            parent[i] = 4
            depth[i] = 1
            // Only a node beside another tree can start a path.
            activate(i)
        }
        while head < queue.count {
            let i = Int(queue[head])
            if tree[i] == 0 {
                queued[i] = false
                head += 1
                continue
            }
            if let (from, direction) = grow(i) {
                now += 1
                augment(from, direction)
                adopt()
            } else {
                queued[i] = false
                head += 1
            }
            if head > 1 << 16 {
                queue.removeFirst(head)
                head = 0
            }
        }
    }

    /// An edge from the source's tree to the sink's at an active node, or nil once it has grown all it can.
    private mutating func grow(_ i: Int) -> (Int, Int)? {
        let mine = tree[i]
        for d in 0..<4 {
            // An edge over the grid's side has no capacity either way.
            let forward = capacity[4 * i + d]
            if mine == 1 {
                guard forward > 0 else { continue }
            } else {
                guard d == 0 ? i + 1 < count : d == 1 ? i > 0 : d == 2 ? i + width < count : i >= width else { continue }
                guard capacity[4 * neighbour(i, d) + (d ^ 1)] > 0 else { continue }
            }
            let j = neighbour(i, d)
            if tree[j] == 0 {
                tree[j] = mine
                parent[j] = UInt8(d ^ 1)
                stamp[j] = stamp[i]
                depth[j] = depth[i] + 1
                activate(j)
            } else if tree[j] != mine {
                return mine == 1 ? (i, d) : (j, d ^ 1)
            } else if stamp[j] <= stamp[i], depth[j] > depth[i] + 1 {
                parent[j] = UInt8(d ^ 1)
                stamp[j] = stamp[i]
                depth[j] = depth[i] + 1
            }
        }
        return nil
    }

    /// Sends what the path through an edge can carry.
    private mutating func augment(_ from: Int, _ direction: Int) {
        let to = neighbour(from, direction)
        var flow = capacity[4 * from + direction]
        var i = from
        while parent[i] != 4 {
            let p = neighbour(i, Int(parent[i]))
            flow = min(flow, capacity[4 * p + Int(parent[i] ^ 1)])
            i = p
        }
        flow = min(flow, terminal[i])
        i = to
        while parent[i] != 4 {
            flow = min(flow, capacity[4 * i + Int(parent[i])])
            i = neighbour(i, Int(parent[i]))
        }
        flow = min(flow, -terminal[i])
        capacity[4 * from + direction] -= flow
        capacity[4 * to + (direction ^ 1)] += flow
        i = from
        while parent[i] != 4 {
            let d = Int(parent[i])
            let p = neighbour(i, d)
            capacity[4 * i + d] += flow
            capacity[4 * p + (d ^ 1)] -= flow
            if capacity[4 * p + (d ^ 1)] <= 0 { orphan(i) }
            i = p
        }
        terminal[i] -= flow
        if terminal[i] <= 0 { orphan(i) }
        i = to
        while parent[i] != 4 {
            let d = Int(parent[i])
            let p = neighbour(i, d)
            capacity[4 * p + (d ^ 1)] += flow
            capacity[4 * i + d] -= flow
            if capacity[4 * i + d] <= 0 { orphan(i) }
            i = p
        }
        terminal[i] += flow
        if terminal[i] >= 0 { orphan(i) }
    }

    /// The walk above still needs the parent: it is taken away when the orphan is looked after.
    private mutating func orphan(_ i: Int) { orphans.append(Int32(i)) }

    private mutating func adopt() {
        for i in orphans { parent[Int(i)] = 5 }
        var next = 0
        while next < orphans.count {
            let i = Int(orphans[next])
            next += 1
            let mine = tree[i]
            var best: (depth: Int32, direction: Int)?
            for d in 0..<4 {
                guard d == 0 ? i + 1 < count : d == 1 ? i > 0 : d == 2 ? i + width < count : i >= width else { continue }
                let j = neighbour(i, d)
                guard tree[j] == mine, parent[j] != 5 else { continue }
                guard (mine == 1 ? capacity[4 * j + (d ^ 1)] : capacity[4 * i + d]) > 0 else { continue }
                guard let depth = rootDepth(j) else { continue }
                if depth < best?.depth ?? .max { best = (depth, d) }
            }
            if let best {
                parent[i] = UInt8(best.direction)
                stamp[i] = now
                depth[i] = best.depth + 1
                continue
            }
            for d in 0..<4 {
                guard d == 0 ? i + 1 < count : d == 1 ? i > 0 : d == 2 ? i + width < count : i >= width else { continue }
                let j = neighbour(i, d)
                guard tree[j] == mine else { continue }
                if (mine == 1 ? capacity[4 * j + (d ^ 1)] : capacity[4 * i + d]) > 0 { activate(j) }
                if parent[j] < 4, neighbour(j, Int(parent[j])) == i {
                    parent[j] = 5
                    orphans.append(Int32(j))
                }
            }
            tree[i] = 0
            parent[i] = 5
        }
        orphans.removeAll(keepingCapacity: true)
    }

    /// Steps from a node to its terminal; nil where an orphan lies between.
    private mutating func rootDepth(_ start: Int) -> Int32? {
        var steps: Int32 = 0
        var i = start
        while true {
            if stamp[i] == now {
                steps += depth[i]
                break
            }
            steps += 1
            if parent[i] == 4 {
                stamp[i] = now
                depth[i] = 1
                break
            }
            if parent[i] == 5 { return nil }
            i = neighbour(i, Int(parent[i]))
        }
        var left = steps
        i = start
        while stamp[i] != now {
            stamp[i] = now
            depth[i] = left
            left -= 1
            i = neighbour(i, Int(parent[i]))
        }
        return steps
    }
}
