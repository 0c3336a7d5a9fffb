internal import Geometry
internal import Robot
internal import Session

/// One demo's curves, sample by sample.
struct ReviewCurves {
    /// First frames of the samples, and one past the last frame.
    private let edges: [Int]
    private(set) var columns: [String: ReviewDemo.Column] = [:]

    init(frames: Int) {
        let count = max(1, min(ReviewDemo.samples, frames))
        edges = (0...count).map { $0 * frames / count }
    }

    private enum Pick {
        case first, least, most

        func callAsFunction(_ values: ArraySlice<Double?>) -> Double? {
            switch self {
            case .first: values.lazy.compactMap { $0 }.first
            case .least: values.lazy.compactMap { $0 }.min()
            case .most: values.lazy.compactMap { $0 }.max()
            }
        }
    }

    private mutating func add(_ name: String, _ values: [Double?], _ pick: Pick, bits: Int) {
        guard values.contains(where: { $0 != nil }), values.count >= edges[edges.count - 1] else { return }
        columns[name] = ReviewDemo.Column(zip(edges, edges.dropFirst()).map { pick(values[$0..<$1]) }, bits: bits)
    }

    mutating func add(_ path: ToolPath, _ masks: MaskSummary?) {
        let tool = path.tool
        let isKnown = tool.states.map { $0 != .lost }
        func known(_ value: (Int) -> Double?) -> [Double?] { (0..<tool.count).map { isKnown[$0] ? value($0) : nil } }
        add("t", tool.times.map(\.seconds), .first, bits: 16)
        add("x", known { tool.poses[$0].translation.x }, .first, bits: 16)
        add("y", known { tool.poses[$0].translation.y }, .first, bits: 16)
        add("z", known { tool.poses[$0].translation.z }, .first, bits: 16)
        add("sigma", known { tool.covariances[$0]?.positionSigma }, .most, bits: 16)
        add("width", path.widths.map(\.width), .first, bits: 16)
        add("human", masks?.humanShares ?? [], .most, bits: 8)
        add("unresolved", masks?.unresolvedShares ?? [], .most, bits: 8)
    }

    /// Joints and how much of their limits they use: as exported, else as solved.
    mutating func add(_ path: ToolPath, _ solved: SolvedEpisodes, _ verdicts: [FeasibilityVerdict], _ kinematics: Kinematics?) {
        let count = path.tool.count
        var margins: [FeasibilityCheck: [Double?]] = [:]
        let joints = kinematics?.arm.joints ?? []
        var shares = [[Double?]](repeating: Array(repeating: nil, count: count), count: 4 * joints.count)
        for (k, verdict) in verdicts.enumerated() where solved.episodes.indices.contains(k) {
            let span = solved.episodes[k]
            for margin in verdict.kept.margins {
                var values = margins[margin.check] ?? Array(repeating: nil, count: count)
                for (i, value) in margin.values.enumerated() where span.first + i < min(span.end, count) {
                    values[span.first + i] = value.map { max($0, -1) }
                }
                margins[margin.check] = values
            }
            guard let kinematics, solved.paths[k].jointNames.count == joints.count else { continue }
            for frame in span.first..<min(span.end, count) {
                let i = frame - span.first
                guard let motion = verdict.paths.first(where: { $0.firstFrame <= i && i < $0.endFrame }) else {
                    for (j, q) in solved.paths[k][i].enumerated() { shares[4 * j][frame] = q }
                    continue
                }
                let time = motion.time(of: path.tool.times[frame])
                let (q, v, a) = (motion.joints(at: time), motion.joints(at: time, derivative: 1), motion.joints(at: time, derivative: 2))
                let torque = kinematics.inverseDynamics(q, velocity: v, acceleration: a)
                for (j, joint) in joints.enumerated() {
                    shares[4 * j][frame] = q[j]
                    shares[4 * j + 1][frame] = joint.velocityLimit(at: q[j], moving: v[j]).map { min(abs(v[j]) / max($0, 1e-9), 2) }
                    shares[4 * j + 2][frame] = joint.acceleration.map { min(abs(a[j]) / $0, 2) }
                    shares[4 * j + 3][frame] = joint.torque.map { min(abs(torque[j]) / $0, 2) }
                }
            }
        }
        for (check, values) in margins { add("margin \(check.rawValue)", values, .least, bits: 8) }
        for j in joints.indices {
            add("q\(j)", shares[4 * j], .first, bits: 16)
            add("v\(j)", shares[4 * j + 1], .most, bits: 8)
            add("a\(j)", shares[4 * j + 2], .most, bits: 8)
            add("t\(j)", shares[4 * j + 3], .most, bits: 8)
        }
    }
}
