internal import Geometry
internal import Robot
internal import Session

/// One row of a data set: the state at a time on the data set's grid, and the source frame whose picture goes with it.
struct EpisodeSample {
    /// Frame of the recording nearest in time to the moment that is shown.
    var frame: Int
    /// The moment of the recording that is shown.
    var source: Timestamp<VideoClock>
    /// Where the joints put the tool.
    var tableFromTool: Transform<Table, Tool>
    var baseFromTool: Transform<Base, Tool>
    /// Where the tool was recorded at that moment.
    var baseFromRecordedTool: Transform<Base, Tool>
    /// The rotation of `baseFromTool` as a rotation vector that does not jump from frame to frame (its length may pass π).
    var rotationVector: Vector3
    var joints: [Double]
    var width: Double
    /// Metres; negative where the poses came without.
    var positionSigma: Double
    var state: FrameState
    /// Smallest margin over all checks at that frame, 0 at a limit.
    var margin: Double
    /// How much the row counts in training, see `DemoCuration`.
    var weight = 1.0
    /// Of the episode, 0 to 1.
    var speedPercentile = 1.0
}

/// Puts a segment's motion on a grid of whole frames a second: the joints that were judged, the tool where they put it, and of the recording the
/// moment that the motion's time map names.
struct Resampler {
    var source: ExportSource
    var base: BasePose
    var rate: Int
    var kinematics: Kinematics

    func samples(of segment: KeptSegment) -> [EpisodeSample] {
        let tool = source.path.tool
        let times = tool.times
        let motion = source.judged.motion(segment)
        let offset = source.solved.episodes[segment.episode].first
        let baseFromTable = base.tableFromBase.inverse
        var samples: [EpisodeSample] = []
        var i = segment.span.first
        var turn: Vector3?
        for k in 0...Int((motion.duration * Double(rate) + 1e-6).rounded(.down)) {
            let at = Double(k) / Double(rate)
            let time = motion.source(at: at)
            while i + 2 < segment.span.end, times[i + 1] <= time { i += 1 }
            let fraction = min(max((time - times[i]) / (times[i + 1] - times[i]), 0), 1)
            let nearest = fraction < 0.5 ? i : i + 1
            let joints = motion.joints(at: at)
            let baseFromTool = kinematics.forward(joints)
            let vector = Self.continued(baseFromTool.rotation.vector, after: turn)
            turn = vector
            let w0 = source.path.widths[i].width ?? 0
            let w1 = source.path.widths[i + 1].width ?? w0
            samples.append(
                EpisodeSample(
                    frame: nearest, source: time, tableFromTool: base.tableFromBase * baseFromTool, baseFromTool: baseFromTool,
                    baseFromRecordedTool: baseFromTable * tool.poses[i].interpolated(to: tool.poses[i + 1], fraction: fraction),
                    rotationVector: vector, joints: joints, width: w0 + (w1 - w0) * fraction,
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
        source.judged.verdicts[episode].kept.margins.compactMap { $0.values[frame] }.min() ?? -1
    }
}
