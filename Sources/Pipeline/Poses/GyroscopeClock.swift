internal import Foundation
internal import Geometry
internal import Session

/// Where a pose file's clock stands against the video's, found by how fast both turn.
///
/// The angular speed of the poses and of the camera's gyroscope do not depend on how either is mounted. Both are put on a grid, smoothed, and
/// one is moved along the other; the move with the highest normalised correlation is taken where it is high and stands alone.
struct GyroscopeClock {
    /// Video time less file time, seconds.
    var offset: Double
    /// Normalised correlation at that offset, up to 1.
    var correlation: Double

    /// Of the grid, seconds.
    private static let step = 0.01
    /// Furthest that a file's first row is looked for from the video's first frame, seconds.
    private static let reach = 3.0
    /// Smallest correlation that counts, and how much lower it must be elsewhere.
    private static let least = 0.9, margin = 0.05
    /// Offsets nearer than this to the best belong to the same peak in any case, seconds.
    private static let peak = 0.25
    /// Shortest stretch that both must cover, seconds, and least variation of the turning in it, rad/s.
    private static let overlap = 2.0, variation = 0.1

    /// - Parameters:
    ///   - poses: rotation by time on the file's clock, seconds, rising.
    ///   - gyroscope: angular rate by time on the video's clock.
    /// - Returns: nil where the two do not say.
    static func find(_ poses: [(seconds: Double, rotation: Rotation)], gyroscope: [(seconds: Double, rate: Vector3)]) -> GyroscopeClock? {
        var turning: [(Double, Double)] = []
        for (a, b) in zip(poses, poses.dropFirst()) where b.seconds - a.seconds > 1e-4 {
            turning.append(((a.seconds + b.seconds) / 2, a.rotation.angle(to: b.rotation) / (b.seconds - a.seconds)))
        }
        guard let file = grid(turning), let camera = grid(gyroscope.map { ($0.seconds, $0.rate.length) }) else { return nil }
        let base = camera.first - file.first
        var scores: [(offset: Double, score: Double)] = []
        // Moving the file's grid by whole cells; `base` keeps it where its own clock has it.
        let centre = Int((-base / step).rounded())
        let cells = Int(reach / step)
        for shift in (centre - cells)...(centre + cells) {
            guard let score = correlation(file.values, camera.values, shift: shift) else { continue }
            scores.append((base + Double(shift) * step, score))
        }
        guard let best = scores.indices.max(by: { scores[$0].score < scores[$1].score }), scores[best].score >= least else { return nil }
        // A slow motion makes a broad peak: what falls off from it on either side belongs to it.
        var (low, high) = (best, best)
        while low > 0, near(low - 1, low) { low -= 1 }
        while high + 1 < scores.count, near(high + 1, high) { high += 1 }
        func near(_ next: Int, _ from: Int) -> Bool {
            scores[next].score <= scores[from].score || abs(scores[next].offset - scores[best].offset) <= peak
        }
        let elsewhere = max(scores[..<low].map(\.score).max() ?? -1, scores[(high + 1)...].map(\.score).max() ?? -1)
        guard elsewhere < scores[best].score - margin, best > 0, best + 1 < scores.count else { return nil }
        // The top of the parabola through the best three.
        let (l, m, r) = (scores[best - 1].score, scores[best].score, scores[best + 1].score)
        let bend = l - 2 * m + r
        let part = bend < 0 ? min(max(0.5 * (l - r) / bend, -0.5), 0.5) : 0
        return GyroscopeClock(offset: scores[best].offset + part * step, correlation: m)
    }

    /// Speeds on a grid, each the mean over five cells; nil for less than `overlap` seconds, or more than an hour.
    private static func grid(_ speeds: [(Double, Double)]) -> (first: Double, values: [Double])? {
        guard let first = speeds.first?.0, let last = speeds.last?.0, last - first >= overlap, last - first <= 3600 else { return nil }
        let count = Int((last - first) / step) + 1
        var values: [Double] = []
        var k = 0
        for i in 0..<count {
            let time = first + Double(i) * step
            while k + 2 < speeds.count, speeds[k + 1].0 <= time { k += 1 }
            let (a, b) = (speeds[k], speeds[k + 1])
            let share = b.0 > a.0 ? min(max((time - a.0) / (b.0 - a.0), 0), 1) : 0
            values.append(a.1 + (b.1 - a.1) * share)
        }
        let smooth = values.indices.map { i in
            let near = values[max(0, i - 2)...min(count - 1, i + 2)]
            return near.reduce(0, +) / Double(near.count)
        }
        return (first, smooth)
    }

    /// Of file cell i with camera cell i + shift; nil where too little is covered by both, or nothing turns.
    private static func correlation(_ file: [Double], _ camera: [Double], shift: Int) -> Double? {
        let low = max(0, -shift)
        let high = min(file.count, camera.count - shift)
        guard Double(high - low) * step >= overlap, Double(high - low) >= 0.5 * Double(min(file.count, camera.count)) else { return nil }
        var (a, b, aa, bb, ab) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for i in low..<high {
            let (x, y) = (file[i], camera[i + shift])
            a += x
            b += y
            aa += x * x
            bb += y * y
            ab += x * y
        }
        let n = Double(high - low)
        let (va, vb) = (aa / n - a / n * a / n, bb / n - b / n * b / n)
        guard va > variation * variation, vb > variation * variation else { return nil }
        return (ab / n - a / n * b / n) / (va * vb).squareRoot()
    }
}
