import BenchmarkSupport
import Foundation
import Geometry
import Mapping
import Session

/// Errors of one trajectory, and how often they are inside the stated 95 % ellipsoid.
struct Score {
    var evaluation: TrajectoryEvaluation
    /// Frames with a covariance, and those inside: x, y, z, norm of the position; x, y, z, norm of the rotation.
    var frames = 0
    var inside = [Int](repeating: 0, count: 8)
    /// Mean normalised error squared of position and rotation; 3 is right.
    var squares = (position: 0.0, rotation: 0.0)
    /// What turns and moves the estimate's frame onto the truth's, degrees and millimetres.
    var frameTurn = Vector3.zero
    var frameShift = Vector3.zero

    init(_ estimate: Trajectory<Map, Camera>, truth: Trajectory<Map, Camera>) throws {
        evaluation = try TrajectoryEvaluation.compare(estimate, truth: truth)
        let pairs = (0..<truth.count).compactMap { t -> (Int, Int)? in
            guard let e = estimate.nearestIndex(to: truth.times[t], tolerance: 0.005), estimate.states[e] != .lost else { return nil }
            return (e, t)
        }
        guard
            let rigid = Alignment.fit(
                from: pairs.map { estimate.poses[$0.0].translation }, to: pairs.map { truth.poses[$0.1].translation }, withScale: false)
        else { return }
        let turns = pairs.map { truth.poses[$0.1].rotation * estimate.poses[$0.0].rotation.inverse }
        var mean = turns[0]
        for _ in 0..<5 {
            mean = mean * Rotation(vector: turns.map { (mean.inverse * $0).vector }.reduce(Vector3.zero, +) / Double(turns.count))
        }
        frameTurn = mean.vector * (180 / .pi)
        frameShift =
            1e3
            * (pairs.map { truth.poses[$0.1].translation - mean * estimate.poses[$0.0].translation }.reduce(Vector3.zero, +)
                / Double(pairs.count))
        for (e, t) in pairs {
            guard let c = estimate.covariances[e] else { continue }
            frames += 1
            let d = rigid.rotation.inverse * (rigid.apply(estimate.poses[e].translation) - truth.poses[t].translation)
            let r = ((mean * estimate.poses[e].rotation).inverse * truth.poses[t].rotation).vector
            for (k, (v, m)) in [(d, c.position), (r, c.rotation)].enumerated() {
                for axis in 0..<3 where abs(v[axis]) < 1.96 * m[axis, axis].squareRoot() { inside[4 * k + axis] += 1 }
                let n = v.dot(m.inverse * v)
                if n < 7.815 { inside[4 * k + 3] += 1 }
                if k == 0 { squares.position += n } else { squares.rotation += n }
            }
        }
        squares.position /= Double(max(frames, 1))
        squares.rotation /= Double(max(frames, 1))
    }

    static func truth(_ url: URL) throws -> Trajectory<Map, Camera> {
        let t: Trajectory<Map, Camera> = try Trajectory(tum: url)
        return t
    }
}

/// Many trajectories together.
struct Total {
    private var scores: [Score] = []
    private var costs: [Double] = []

    mutating func add(_ score: Score, cost: Double, seconds: Double) {
        scores.append(score)
        costs.append(cost / seconds)
    }

    /// Median and worst errors, and the share of all frames whose true error is inside the stated 95 % ellipsoid; nil without any.
    func line(_ name: String) -> String? {
        guard !scores.isEmpty else { return nil }
        func spread(_ values: [Double], _ digits: Int) -> String {
            let sorted = values.sorted()
            return "median \(number(sorted[sorted.count / 2], digits)), worst \(number(sorted[sorted.count - 1], digits))"
        }
        let frames = scores.map(\.frames).reduce(0, +)
        let inside = (0..<8).map { k in number(100 * Double(scores.map { $0.inside[k] }.reduce(0, +)) / Double(max(frames, 1)), 1) }
        return "\(scores.count) \(name): " + spread(scores.map { 1e3 * $0.evaluation.positionRMSE }, 2) + " mm RMSE; worst frame "
            + number(1e3 * (scores.map(\.evaluation.positionMaximum).max() ?? 0), 1) + " mm; "
            + spread(scores.map(\.evaluation.rotationRMSEDegrees), 3) + "°; scale "
            + spread(scores.map { 100 * abs(1 / $0.evaluation.scale - 1) }, 2) + " %; posed at least "
            + number(100 * (scores.map(\.evaluation.completeness).min() ?? 0), 1) + " %; " + spread(costs, 2) + " core-s/s\n"
            + "   inside the 95 % ellipsoid: position x y z norm \(inside[0..<4].joined(separator: " ")), rotation "
            + "\(inside[4..<8].joined(separator: " ")) % of \(frames) frames"
    }
}

/// Right-aligned text of a fixed width.
func column(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
