import BenchmarkSupport
import Foundation
import Geometry
import Mapping
import Session

/// Where the table tag's corners were found against where the truth puts them.
enum TagProbe {
    static func run(_ tracks: FeatureTracks, device: Device, truth: Trajectory<Map, Camera>) {
        guard let tag = device.tableTag, let camera = device.camera.rescaled(width: tracks.width, height: tracks.height) else { return }
        var all: [Vector2] = []
        var sum = [Vector2](repeating: .zero, count: 4)
        for f in 0..<tracks.frameCount {
            guard let seen = tracks.tableTags[f], f + 1 < truth.count, f > 0 else { continue }
            var text = ""
            var radial: [Double] = []
            let center = seen.reduce(Vector2.zero, +) / 4
            for (k, p) in seen.enumerated() {
                let share = (p.y / Double(camera.height - 1) - 0.5) * device.readout
                let dt = truth.times[f + 1].seconds - truth.times[f].seconds
                let pose =
                    share > 0
                    ? truth.poses[f].interpolated(to: truth.poses[f + 1], fraction: share / dt)
                    : truth.poses[f].interpolated(to: truth.poses[f - 1], fraction: -share / dt)
                guard let q = camera.project(pose.inverse * tag.corners[k]) else { continue }
                let e = p - q
                all.append(e)
                sum[k] += e
                radial.append(e.dot(p - center) / (p - center).length)
                text += " (\(number(e.x, 2)),\(number(e.y, 2)))"
            }
            let d = (truth.poses[f].translation).length
            let speed = (truth.poses[f + 1].translation - truth.poses[f].translation).length * 30
            say(
                "f\(f) side \(number((seen[1] - seen[0]).length, 0)) px key \(tracks.isKeyframe[f]) dist \(number(d, 2)) speed "
                    + "\(number(speed, 2)) at \(number(center.x, 0)),\(number(center.y, 0)) radial "
                    + "\(number(radial.reduce(0, +) / Double(max(radial.count, 1)), 3)):\(text)"
            )
        }
        let n = Double(max(all.count, 1))
        let mean = all.reduce(Vector2.zero, +) / n
        say(
            "tag corners \(all.count): mean \(number(mean.x, 3)) \(number(mean.y, 3)), rms "
                + "\(number((all.map { $0.dot($0) }.reduce(0, +) / n).squareRoot(), 3)) by corner "
                + sum.map { "\(number(4 * $0.x / n, 3)),\(number(4 * $0.y / n, 3))" }.joined(separator: " "))
    }
}
