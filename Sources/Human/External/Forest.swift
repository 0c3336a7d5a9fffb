/// Options of `Forest`.
public struct ForestOptions: Codable, Sendable, Equatable {
    /// Trees, default 20.
    public var trees = 20
    /// Deepest leaf, default 9.
    public var depth = 9
    /// Random splits tried at a node, default 8.
    public var tries = 8
    /// Fewest samples at which a node is split, default 12.
    public var smallestSplit = 12

    public init() {}

    init(trees: Int, depth: Int, tries: Int, smallestSplit: Int) {
        (self.trees, self.depth, self.tries, self.smallestSplit) = (trees, depth, tries, smallestSplit)
    }
}

/// Extremely randomised trees for two classes: features and thresholds at random, the best of a few by Gini impurity.
///
/// P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning 2006. Each class weighs the same in sum, whatever its
/// count. The same seed and samples give the same forest.
public struct Forest: Sendable {
    private struct Node: Sendable {
        /// −1 at a leaf.
        var feature: Int32
        /// The threshold; at a leaf the probability of the class `true`.
        var value: Float
        /// The left child's index; the right one follows it.
        var child: Int32
    }

    private var nodes: [Node] = []
    private var roots: [Int] = []

    /// - Parameters:
    ///   - features: by sample, all of one length.
    ///   - labels: by sample.
    public init(features: [[Float]], labels: [Bool], options: ForestOptions = ForestOptions(), seed: UInt64) {
        precondition(features.count == labels.count, "\(features.count) samples, \(labels.count) labels")
        guard let first = features.first else { return }
        let positives = Float(labels.reduce(0) { $0 + ($1 ? 1 : 0) })
        let negatives = Float(labels.count) - positives
        let weights: (Float, Float) = (0.5 / max(negatives, 1), 0.5 / max(positives, 1))
        var random = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func next() -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return random >> 33
        }
        func uniform() -> Float { Float(next()) / Float(1 << 31) }
        var order = Array(features.indices)
        func grow(_ range: Range<Int>, _ depth: Int, _ at: Int) {
            var (a, b): (Float, Float) = (0, 0)
            for k in range { if labels[order[k]] { b += weights.1 } else { a += weights.0 } }
            let total = a + b
            let leaf = Node(feature: -1, value: total > 0 ? b / total : 0.5, child: 0)
            guard depth < options.depth, range.count >= options.smallestSplit, a > 0, b > 0 else {
                nodes[at] = leaf
                return
            }
            var best: (score: Float, feature: Int, value: Float)?
            for _ in 0..<options.tries {
                let f = Int(next() % UInt64(first.count))
                var (low, high) = (Float.infinity, -Float.infinity)
                for k in range {
                    let v = features[order[k]][f]
                    low = min(low, v)
                    high = max(high, v)
                }
                guard low < high else { continue }
                let value = low + uniform() * (high - low)
                var (la, lb): (Float, Float) = (0, 0)
                for k in range where features[order[k]][f] < value { if labels[order[k]] { lb += weights.1 } else { la += weights.0 } }
                let (ra, rb) = (a - la, b - lb)
                guard la + lb > 0, ra + rb > 0 else { continue }
                let score = 2 * la * lb / (la + lb) + 2 * ra * rb / (ra + rb)
                if score < best?.score ?? .infinity { best = (score, f, value) }
            }
            guard let best else {
                nodes[at] = leaf
                return
            }
            let middle = order[range].partition { features[$0][best.feature] >= best.value }
            let child = nodes.count
            nodes[at] = Node(feature: Int32(best.feature), value: best.value, child: Int32(child))
            nodes += [leaf, leaf]
            grow(range.lowerBound..<middle, depth + 1, child)
            grow(middle..<range.upperBound, depth + 1, child + 1)
        }
        for _ in 0..<options.trees {
            roots.append(nodes.count)
            nodes.append(Node(feature: -1, value: 0.5, child: 0))
            grow(0..<order.count, 0, nodes.count - 1)
        }
    }

    /// Of the class `true`; 0.5 from an empty forest.
    public func probability(_ features: [Float]) -> Float { features.withUnsafeBufferPointer { probability($0) } }

    /// Of the class `true` for one sample's features; 0.5 from an empty forest.
    public func probability(_ features: UnsafeBufferPointer<Float>) -> Float {
        guard !roots.isEmpty else { return 0.5 }
        return nodes.withUnsafeBufferPointer { nodes in
            var sum: Float = 0
            for root in roots {
                var node = nodes[root]
                while node.feature >= 0 { node = nodes[Int(node.child) + (features[Int(node.feature)] < node.value ? 0 : 1)] }
                sum += node.value
            }
            return sum / Float(roots.count)
        }
    }
}
