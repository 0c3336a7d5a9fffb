internal import Geometry
public import Session

/// How jumps in a path are found and mended.
public struct SpikeOptions: Codable, Sendable, Equatable {
    /// Robust standard deviations (1.4826 × MAD) above the recording's median step at which a step may be a spike; default 3.
    public var sigmas = 3.0
    /// A spike's step exceeds both its neighbours by this factor; default 1.1: a fast motion has fast neighbours, a jump has not.
    public var localRatio = 1.1
    /// Steps shorter than this are never spikes, metres; default 0.005: below, noise and stillness decide.
    public var minimumStep = 0.005
    /// Frames on either side of the jump that are laid anew; default 2.
    public var repairRadius = 2
    /// Furthest that mending may move a frame, metres; default 0.015. Beyond, the frames about the jump are given up as lost.
    public var largestRepair = 0.015

    public init() {}
}

/// A jump between two frames of a path.
public struct PoseSpike: Sendable, Equatable, Codable {
    /// The last frame before the jump.
    public var frame: Int
    /// How far the next frame is, metres.
    public var step: Double
    /// The median step of the recording, metres.
    public var medianStep: Double
    /// The furthest that mending moved a frame, metres; nil at an end of the path, where there is nothing to hold on to.
    public var repair: Double?
    /// False where mending would have moved a frame too far, so that the frames about it are lost.
    public var isRepaired: Bool
    /// The frames that were laid anew, or given up: first, and one past the last.
    public var frames: FrameSpan

    var givenUp: Range<Int> { frames.first..<frames.end }
}

/// Finds position spikes (jumps that a hand does not make, left by SLAM or by dropped frames) and lays the path anew across them.
///
/// A step is a spike when it stands out of all steps of the recording (median and MAD, so that spikes do not hide one another) and out of
/// its neighbours. The frames within `repairRadius` of it are put on a cubic Hermite curve between the sound frames before and after, in
/// time, and spherically in rotation; they are marked `bridged`. A path where the spike left a lasting offset bends over those frames.
public enum PoseSpikes {
    public static func find<A, B>(in path: Trajectory<A, B>, options: SpikeOptions) -> [PoseSpike] {
        var steps = [Double?](repeating: nil, count: max(0, path.count - 1))
        for i in steps.indices where path.states[i] != .lost && path.states[i + 1] != .lost {
            steps[i] = (path.poses[i + 1].translation - path.poses[i].translation).length
        }
        let sorted = steps.compactMap { $0 }.sorted()
        guard sorted.count >= 8 else { return [] }
        let median = sorted[sorted.count / 2]
        let deviations = sorted.map { abs($0 - median) }.sorted()
        let limit = max(options.minimumStep, median + options.sigmas * 1.4826 * deviations[deviations.count / 2])
        let isLong = steps.map { $0.map { $0 > limit } ?? false }
        var spikes: [PoseSpike] = []
        for i in steps.indices where isLong[i] {
            guard let step = steps[i] else { continue }
            // A glitch goes out and comes back: two long steps side by side are compared with what is around both.
            let pairsBefore = i > 0 && isLong[i - 1] && !(i > 1 && isLong[i - 2]) && !(i + 1 < steps.count && isLong[i + 1])
            let pairsAfter = i + 1 < steps.count && isLong[i + 1] && !(i + 2 < steps.count && isLong[i + 2]) && !(i > 0 && isLong[i - 1])
            let before = i - (pairsBefore ? 2 : 1)
            let after = i + (pairsAfter ? 2 : 1)
            let around = max(before >= 0 ? steps[before] ?? 0 : 0, after < steps.count ? steps[after] ?? 0 : 0)
            if step > options.localRatio * around {
                spikes.append(
                    PoseSpike(
                        frame: i, step: step, medianStep: median, repair: 0, isRepaired: true, frames: FrameSpan(first: i, end: i + 2)))
            }
        }
        return spikes
    }

    /// Mends every spike of `path` in place and returns them with what was done.
    public static func repair<A, B>(_ path: inout Trajectory<A, B>, options: SpikeOptions) -> [PoseSpike] {
        var spikes = find(in: path, options: options)
        var group = 0
        while group < spikes.count {
            // Spikes whose repairs would touch are mended as one.
            var end = group + 1
            while end < spikes.count, spikes[end].frame - spikes[end - 1].frame <= 2 * options.repairRadius + 1 { end += 1 }
            let first = spikes[group].frame - options.repairRadius + 1
            let last = spikes[end - 1].frame + options.repairRadius
            let moved = relay(&path, first: first, last: last, limit: options.largestRepair)
            for k in group..<end {
                spikes[k].repair = moved
                spikes[k].frames = FrameSpan(first: max(0, first), end: min(path.count, last + 1))
                spikes[k].isRepaired = moved.map { $0 <= options.largestRepair } ?? false
            }
            group = end
        }
        return spikes
    }

    /// Lays frames first...last anew between their outer neighbours; where that moves one by more than `limit`, marks them lost instead.
    private static func relay<A, B>(_ path: inout Trajectory<A, B>, first: Int, last: Int, limit: Double) -> Double? {
        let a = first - 1
        let b = last + 1
        // At an end of the path there is nothing to hold on to: the outer frames are given up.
        guard a >= 0, b < path.count, path.states[a] != .lost, path.states[b] != .lost else {
            for i in max(0, first)...min(path.count - 1, last) { path.states[i] = .lost }
            return nil
        }
        let span = path.times[b] - path.times[a]
        let p0 = path.poses[a].translation
        let p1 = path.poses[b].translation
        let chord = (p1 - p0) / span
        let v0 = a > 0 && path.states[a - 1] != .lost ? velocity(path, a - 1, a) : chord
        let v1 = b + 1 < path.count && path.states[b + 1] != .lost ? velocity(path, b, b + 1) : chord
        var new: [Transform<A, B>] = []
        var moved = 0.0
        for i in first...last {
            let s = (path.times[i] - path.times[a]) / span
            let s2 = s * s
            let s3 = s2 * s
            let position =
                (2 * s3 - 3 * s2 + 1) * p0 + (s3 - 2 * s2 + s) * span * v0 + (3 * s2 - 2 * s3) * p1 + (s3 - s2) * span * v1
            let rotation = path.poses[a].rotation.interpolated(to: path.poses[b].rotation, fraction: s)
            new.append(Transform(rotation: rotation, translation: position))
            moved = max(moved, (position - path.poses[i].translation).length)
        }
        for (k, i) in (first...last).enumerated() {
            if moved <= limit {
                path.poses[i] = new[k]
                path.states[i] = .bridged
            } else {
                path.states[i] = .lost
            }
        }
        return moved
    }

    private static func velocity<A, B>(_ path: Trajectory<A, B>, _ i: Int, _ j: Int) -> Vector3 {
        (path.poses[j].translation - path.poses[i].translation) / (path.times[j] - path.times[i])
    }
}
