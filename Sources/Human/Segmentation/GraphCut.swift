/// Nodes of a picture that are to be labelled, and what it costs to part neighbours.
struct PixelGraph {
    /// Log odds of the label by node.
    var scores: [Float] = []
    /// To the right, left, below and above by node; −1 where there is none.
    var neighbours: [SIMD4<Int32>] = []
    /// What parting from that neighbour costs; at least 0, the same both ways.
    var costs: [SIMD4<Float>] = []

    /// - Parameters:
    ///   - count: of the nodes, all of whose scores are 0.
    init(count: Int) {
        scores = [Float](repeating: 0, count: count)
        neighbours = [SIMD4<Int32>](repeating: SIMD4(repeating: -1), count: count)
        costs = [SIMD4<Float>](repeating: .zero, count: count)
    }

    /// Ties a node to the one right of or below it.
    /// - Parameter direction: 0 right, 2 below.
    @inline(__always) mutating func tie(_ i: Int, _ j: Int, direction: Int, cost: Float) {
        neighbours[i][direction] = Int32(truncatingIfNeeded: j)
        neighbours[j][direction + 1] = Int32(truncatingIfNeeded: i)
        costs[i][direction] = cost
        costs[j][direction + 1] = cost
    }
}

/// The labelling of a picture's pixels that costs least: each pixel pays its own cost, neighbours of unlike label pay for the edge between them.
///
/// Minimum cut by augmenting paths between two search trees (Y. Boykov, V. Kolmogorov, "An experimental comparison of min-cut/max-flow
/// algorithms for energy minimization in vision", PAMI 2004) on the four-connected grid. Exact, and the same for the same input.
struct GraphCut {
    private struct Node {
        /// Residual capacity from the source (positive) or to the sink (negative).
        var terminal: Float
        var stamp: Int32 = 0
        var depth: Int32 = 0
        /// 0 free, 1 of the source's tree, 2 of the sink's.
        var tree: UInt8 = 0
        /// Direction of the parent; 4 the terminal, 5 none.
        var parent: UInt8 = 5
        var isQueued = false
    }

    private let nodes: UnsafeMutableBufferPointer<Node>
    /// Residual capacity to the right, left, lower, upper neighbour: four by node.
    private let capacity: UnsafeMutablePointer<Float>
    private let neighbours: UnsafePointer<Int32>
    private var now: Int32 = 0
    private var queue: [Int32] = []
    private var head = 0
    private var orphans: [Int32] = []

    /// Labels of a whole grid.
    /// - Parameters:
    ///   - score: log odds of the label by pixel.
    ///   - right: cost of an edge to the right neighbour; `down` to the lower one. At least 0.
    static func label(score: [Float], right: [Float], down: [Float], width: Int, height: Int) -> [Bool] {
        var graph = PixelGraph(count: width * height)
        graph.scores = score
        for y in 0..<height {
            for x in 0..<width {
                let i = y * width + x
                if x + 1 < width { graph.tie(i, i + 1, direction: 0, cost: right[i]) }
                if y + 1 < height { graph.tie(i, i + width, direction: 2, cost: down[i]) }
            }
        }
        return label(graph)
    }

    /// The label of each node.
    static func label(_ graph: PixelGraph) -> [Bool] {
        var costs = graph.costs
        return costs.withUnsafeMutableBytes { costs in
            graph.neighbours.withUnsafeBytes { neighbours in
                withUnsafeTemporaryAllocation(of: Node.self, capacity: graph.scores.count) { nodes in
                    guard let capacity = costs.assumingMemoryBound(to: Float.self).baseAddress,
                        let neighbours = neighbours.assumingMemoryBound(to: Int32.self).baseAddress
                    else { return [] }
                    for i in nodes.indices { nodes.initializeElement(at: i, to: Node(terminal: graph.scores[i])) }
                    var cut = GraphCut(nodes: nodes, capacity: capacity, neighbours: neighbours)
                    cut.run()
                    return nodes.map { $0.tree == 1 }
                }
            }
        }
    }

    private init(nodes: UnsafeMutableBufferPointer<Node>, capacity: UnsafeMutablePointer<Float>, neighbours: UnsafePointer<Int32>) {
        (self.nodes, self.capacity, self.neighbours) = (nodes, capacity, neighbours)
    }

    /// −1 where there is none.
    @inline(__always) private func neighbour(_ i: Int, _ d: Int) -> Int { Int(neighbours[4 &* i &+ d]) }

    @inline(__always) private mutating func activate(_ i: Int) {
        if nodes[i].isQueued { return }
        nodes[i].isQueued = true
        queue.append(Int32(truncatingIfNeeded: i))
    }

    private mutating func run() {
        for i in nodes.indices where nodes[i].terminal != 0 {
            nodes[i].tree = nodes[i].terminal > 0 ? 1 : 2
            nodes[i].parent = 4
            nodes[i].depth = 1
        }
        // Only a node beside another tree, or beside a free node, can start a path.
        for i in nodes.indices where nodes[i].tree != 0 {
            for d in 0..<4 {
                let j = neighbour(i, d)
                if j >= 0, nodes[j].tree != nodes[i].tree {
                    activate(i)
                    break
                }
            }
        }
        while head < queue.count {
            let i = Int(queue[head])
            if nodes[i].tree != 0, let (from, direction) = grow(i) {
                now &+= 1
                augment(from, direction)
                adopt()
                continue
            }
            nodes[i].isQueued = false
            head += 1
            if head > 1 << 16 {
                queue.removeFirst(head)
                head = 0
            }
        }
    }

    /// An edge from the source's tree to the sink's at an active node, or nil once it has grown all it can.
    private mutating func grow(_ i: Int) -> (Int, Int)? {
        let mine = nodes[i].tree
        for d in 0..<4 {
            let j = neighbour(i, d)
            guard j >= 0, capacity[mine == 1 ? 4 &* i &+ d : 4 &* j &+ (d ^ 1)] > 0 else { continue }
            if nodes[j].tree == 0 {
                nodes[j].tree = mine
                nodes[j].parent = UInt8(truncatingIfNeeded: d ^ 1)
                nodes[j].stamp = nodes[i].stamp
                nodes[j].depth = nodes[i].depth &+ 1
                activate(j)
            } else if nodes[j].tree != mine {
                return mine == 1 ? (i, d) : (j, d ^ 1)
            } else if nodes[j].stamp <= nodes[i].stamp, nodes[j].depth > nodes[i].depth &+ 1 {
                nodes[j].parent = UInt8(truncatingIfNeeded: d ^ 1)
                nodes[j].stamp = nodes[i].stamp
                nodes[j].depth = nodes[i].depth &+ 1
            }
        }
        return nil
    }

    /// Sends what the path through an edge can carry.
    private mutating func augment(_ from: Int, _ direction: Int) {
        let to = neighbour(from, direction)
        var flow = capacity[4 &* from &+ direction]
        var i = from
        while nodes[i].parent != 4 {
            let d = Int(nodes[i].parent)
            i = neighbour(i, d)
            flow = min(flow, capacity[4 &* i &+ (d ^ 1)])
        }
        flow = min(flow, nodes[i].terminal)
        i = to
        while nodes[i].parent != 4 {
            let d = Int(nodes[i].parent)
            flow = min(flow, capacity[4 &* i &+ d])
            i = neighbour(i, d)
        }
        flow = min(flow, -nodes[i].terminal)
        capacity[4 &* from &+ direction] -= flow
        capacity[4 &* to &+ (direction ^ 1)] += flow
        i = from
        while nodes[i].parent != 4 {
            let d = Int(nodes[i].parent)
            let p = neighbour(i, d)
            capacity[4 &* i &+ d] += flow
            capacity[4 &* p &+ (d ^ 1)] -= flow
            if capacity[4 &* p &+ (d ^ 1)] <= 0 { orphan(i) }
            i = p
        }
        nodes[i].terminal -= flow
        if nodes[i].terminal <= 0 { orphan(i) }
        i = to
        while nodes[i].parent != 4 {
            let d = Int(nodes[i].parent)
            let p = neighbour(i, d)
            capacity[4 &* p &+ (d ^ 1)] += flow
            capacity[4 &* i &+ d] -= flow
            if capacity[4 &* i &+ d] <= 0 { orphan(i) }
            i = p
        }
        nodes[i].terminal += flow
        if nodes[i].terminal >= 0 { orphan(i) }
    }

    /// The walk above still needs the parent: it is taken away when the orphan is looked after.
    private mutating func orphan(_ i: Int) { orphans.append(Int32(truncatingIfNeeded: i)) }

    private mutating func adopt() {
        for i in orphans { nodes[Int(i)].parent = 5 }
        var next = 0
        while next < orphans.count {
            let i = Int(orphans[next])
            next += 1
            let mine = nodes[i].tree
            var best: (depth: Int32, direction: Int)?
            for d in 0..<4 {
                let j = neighbour(i, d)
                guard j >= 0, nodes[j].tree == mine, nodes[j].parent != 5 else { continue }
                guard capacity[mine == 1 ? 4 &* j &+ (d ^ 1) : 4 &* i &+ d] > 0, let depth = rootDepth(j) else { continue }
                if depth < best?.depth ?? .max { best = (depth, d) }
            }
            if let best {
                nodes[i].parent = UInt8(truncatingIfNeeded: best.direction)
                nodes[i].stamp = now
                nodes[i].depth = best.depth &+ 1
                continue
            }
            for d in 0..<4 {
                let j = neighbour(i, d)
                guard j >= 0, nodes[j].tree == mine else { continue }
                if capacity[mine == 1 ? 4 &* j &+ (d ^ 1) : 4 &* i &+ d] > 0 { activate(j) }
                if nodes[j].parent < 4, neighbour(j, Int(nodes[j].parent)) == i {
                    nodes[j].parent = 5
                    orphans.append(Int32(truncatingIfNeeded: j))
                }
            }
            nodes[i].tree = 0
            nodes[i].parent = 5
        }
        orphans.removeAll(keepingCapacity: true)
    }

    /// Steps from a node to its terminal; nil where an orphan lies between.
    private mutating func rootDepth(_ start: Int) -> Int32? {
        var steps: Int32 = 0
        var i = start
        while true {
            if nodes[i].stamp == now {
                steps &+= nodes[i].depth
                break
            }
            steps &+= 1
            if nodes[i].parent == 4 {
                nodes[i].stamp = now
                nodes[i].depth = 1
                break
            }
            if nodes[i].parent == 5 { return nil }
            i = neighbour(i, Int(nodes[i].parent))
        }
        var left = steps
        i = start
        while nodes[i].stamp != now {
            nodes[i].stamp = now
            nodes[i].depth = left
            left &-= 1
            i = neighbour(i, Int(nodes[i].parent))
        }
        return steps
    }
}
