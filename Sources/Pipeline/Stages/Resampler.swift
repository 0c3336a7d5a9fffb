internal import Geometry
internal import Robot
internal import Session

/// One row of a data set: the state at a time on the data set's grid, and the source frame whose picture goes with it.
struct EpisodeSample {
    /// Frame of the recording nearest in time.
    var frame: Int
    var tableFromTool: Transform<Table, Tool>
    var baseFromTool: Transform<Base, Tool>
    /// The rotation of `baseFromTool` as a rotation vector that does not jump from frame to frame (its length may pass π).
    var rotationVector: Vector3
    var joints: [Double]
    var width: Double
    /// Metres; negative where the poses came without.
    var positionSigma: Double
    var state: FrameState
    /// Smallest margin over all checks at that frame, 0 at a limit.
    var margin: Double
}

/// Puts a segment's states on a grid of whole frames a second, by interpolation: straight in joints and positions, spherical in rotation.
struct Resampler {
    var source: ExportSource
    var base: BasePose
    var rate: Int

    func samples(of segment: KeptSegment) -> [EpisodeSample] {
        let tool = source.path.tool
        let times = tool.times
        let start = times[segment.span.first]
        let seconds = times[segment.span.end - 1] - start
        let path = source.solved.paths[segment.episode]
        let offset = source.solved.episodes[segment.episode].first
        let baseFromTable = base.tableFromBase.inverse
        var samples: [EpisodeSample] = []
        var i = segment.span.first
        var turn: Vector3?
        for k in 0...Int((seconds * Double(rate) + 1e-6).rounded(.down)) {
            let time = start + Double(k) / Double(rate)
            while i + 2 < segment.span.end, times[i + 1] <= time { i += 1 }
            let fraction = min(max((time - times[i]) / (times[i + 1] - times[i]), 0), 1)
            let pose = tool.poses[i].interpolated(to: tool.poses[i + 1], fraction: fraction)
            let nearest = fraction < 0.5 ? i : i + 1
            let baseFromTool = baseFromTable * pose
            let vector = Self.continued(baseFromTool.rotation.vector, after: turn)
            turn = vector
            let a = path[i - offset]
            let b = path[i + 1 - offset]
            let w0 = source.path.widths[i].width ?? 0
            let w1 = source.path.widths[i + 1].width ?? w0
            samples.append(
                EpisodeSample(
                    frame: nearest, tableFromTool: pose, baseFromTool: baseFromTool, rotationVector: vector,
                    joints: zip(a, b).map { $0 + ($1 - $0) * fraction }, width: w0 + (w1 - w0) * fraction,
                    positionSigma: tool.covariances[nearest]?.positionSigma ?? -1, state: tool.states[nearest],
                    margin: margin(segment.episode, nearest - offset)))
        }
        return samples
    }

    /// Of the vectors that mean the same rotation, the one nearest to that of the frame before. A first frame turned by more than 90° takes the
    /// one whose largest component is positive: a tool that points down is turned by about 180°, where the sign would otherwise be noise's.
    static func continued(_ vector: Vector3, after previous: Vector3?) -> Vector3 {
        let angle = vector.length
        guard angle > 1e-9 else { return vector }
        let other = vector * (1 - 2 * Double.pi / angle)
        if let previous { return (vector - previous).squaredLength <= (other - previous).squaredLength ? vector : other }
        guard angle > Double.pi / 2 else { return vector }
        let largest = [vector.x, vector.y, vector.z].max { abs($0) < abs($1) } ?? 0
        return largest >= 0 ? vector : other
    }

    private func margin(_ episode: Int, _ frame: Int) -> Double {
        source.judged.reports[episode].margins.filter(\.check.fails).compactMap { $0.values[frame] }.min() ?? -1
    }
}
