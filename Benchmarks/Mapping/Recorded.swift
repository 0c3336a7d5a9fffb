import BenchmarkSupport
import Foundation
import Geometry
import Imaging
import Mapping
import Session

/// A real recording with somebody else's poses: the map that pictures alone make of it, against them.
enum Recorded {
    /// `folder` holds `video.mp4` and `state.csv` (poses of the tool, one for each frame).
    /// With `output` the trajectory goes there.
    static func run(_ folder: URL, device deviceFile: URL, settings: [String], output: URL?, trueRate: Double = 59.94) throws {
        var device = try Device(contentsOf: deviceFile)
        let recording = try Recording(folder.appendingPathComponent("video.mp4"))
        let options = try changed(MapOptions(), settings)
        var start = processSeconds()
        let tracks = try FeatureTracks.extract(try recording.frames(.gray), inertial: nil, device: device, options: options.frontEnd)
        let front = processSeconds() - start
        // Frames that were taken at 59.94 Hz are stored as if at another rate: on that clock the readout is as much longer.
        if let first = tracks.times.first, let last = tracks.times.last, last > first {
            device.readout *= trueRate * (last - first) / Double(tracks.frameCount - 1)
        }
        start = processSeconds()
        let result = try Mapper.build(tracks: tracks, inertial: nil, device: device, options: options)
        let back = processSeconds() - start
        if let output { try write(result.trajectory, folder.lastPathComponent, to: output) }
        let stated = try ExternalPoses(contentsOf: folder.appendingPathComponent("state.csv"))
        let pairs = stated.rows.compactMap { row -> (frame: Int, ours: Vector3, theirs: Vector3)? in
            guard let f = row.frame, f < result.trajectory.count, result.trajectory.states[f] != .lost, let pose = row.pose else {
                return nil
            }
            return (
                f, result.trajectory.poses[f].translation,
                (pose.relabelled(Table.self, Tool.self) * device.cameraFromTool.inverse).translation
            )
        }
        let spikes = jumps(pairs.map(\.theirs), beyond: 0.006)
        let calm = pairs.indices.filter { i in !spikes.contains { abs($0 - i) <= 1 } }
        guard let fit = Alignment.fit(from: calm.map { pairs[$0].ours }, to: calm.map { pairs[$0].theirs }, withScale: true) else { return }
        let moved = pairs.map { fit.apply($0.ours) }
        let errors = calm.map { (moved[$0] - pairs[$0].theirs).length }
        let sorted = errors.sorted()
        let own = jumps(moved, beyond: 0.006)
        let worst = calm.max { (moved[$0] - pairs[$0].theirs).length < (moved[$1] - pairs[$1].theirs).length } ?? 0
        say(
            "\(folder.lastPathComponent): \(pairs.count) of \(tracks.frameCount) frames posed from pictures alone; Sim(3) difference "
                + "to the stated poses away "
                + "from \(spikes.count) spikes (\(spikes.map { String(pairs[$0].frame) }.joined(separator: " "))): rms "
                + "\(number(1e3 * (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot(), 2)) mm, median "
                + "\(number(1e3 * sorted[sorted.count / 2], 2)), 95 % \(number(1e3 * sorted[sorted.count * 95 / 100], 2)), largest "
                + "\(number(1e3 * (sorted.last ?? 0), 2)) (frame \(pairs[worst].frame)); own spikes: "
                + "\(own.map { String(pairs[$0].frame) }.joined(separator: " ")) "
                + "(\(own.count)); \(result.statistics.keyframes) keyframes, track noise \(number(result.statistics.trackSigma, 2)) px, "
                + "\(number(front / (Double(tracks.frameCount) / 59.94), 2)) + "
                + "\(number(back / (Double(tracks.frameCount) / 59.94), 2)) core-s a second"
        )
        let name = folder.lastPathComponent.hasPrefix("umi") ? "umi_episode" : folder.lastPathComponent
        figure("mapping.\(name)_rmse", number(1e3 * (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot(), 1), "mm")
        figure("mapping.\(name)_p95", number(1e3 * sorted[sorted.count * 95 / 100], 1), "mm")
        figure("mapping.\(name)_worst", number(1e3 * (sorted.last ?? 0), 1), "mm")
    }

    /// Places where a position leaves the line between its neighbours by more than a distance, and the one after does not.
    private static func jumps(_ p: [Vector3], beyond limit: Double) -> [Int] {
        guard p.count > 4 else { return [] }
        return (2..<(p.count - 2)).filter { i in
            let off = (p[i] - 0.5 * (p[i - 1] + p[i + 1])).length
            return off > limit && (p[i + 1] - 0.5 * (p[i - 1] + p[i + 2])).length < off
        }
    }
}
