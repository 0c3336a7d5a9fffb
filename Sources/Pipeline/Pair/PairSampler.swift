internal import Geometry
internal import Robot
internal import Session

/// One gripper at one moment of a joint episode.
struct SideSample {
    /// Frame of its recording nearest in time.
    var frame: Int
    var tableFromTool: Transform<Table, Tool>
    var baseFromTool: Transform<Base, Tool>
    /// The rotation of `baseFromTool` as a vector that does not jump from frame to frame.
    var rotationVector: Vector3
    var joints: [Double]
    var width: Double
    /// Metres; negative where the poses came without.
    var positionSigma: Double
    var isBridged: Bool
    var margin: Double
}

/// Puts both sides of a joint episode on one grid of whole frames a second, each interpolated at its own moment: no side is rounded to frames.
struct PairSampler {
    let right: ExportSource
    let left: ExportSource
    let rightBase: BasePose
    let leftBase: BasePose
    let pair: DemoPair
    let rate: Int

    /// Right and left, moment by moment.
    func samples(of episode: JointEpisode) -> [(right: SideSample, left: SideSample)] {
        let times = right.recording.times
        let start = times[episode.rightFrames.first].seconds
        let end = min(times[episode.rightFrames.end - 1].seconds, left.recording.times[episode.leftFrames.end - 1].seconds - pair.offset)
        var out: [(right: SideSample, left: SideSample)] = []
        guard end >= start else { return [] }
        for k in 0...Int(((end - start) * Double(rate) + 1e-6).rounded(.down)) {
            let time = start + Double(k) / Double(rate)
            let r = Self.sample(right, rightBase, episode.right, at: time, after: out.last?.right.rotationVector)
            let l = Self.sample(left, leftBase, episode.left, at: time + pair.offset, after: out.last?.left.rotationVector)
            out.append((r, l))
        }
        return out
    }

    private static func sample(
        _ source: ExportSource, _ base: BasePose, _ segment: KeptSegment, at seconds: Double, after turn: Vector3?
    ) -> SideSample {
        let tool = source.path.tool
        let time = Timestamp<VideoClock>(seconds: seconds)
        let above = tool.times[segment.span.first..<segment.span.end].firstIndex { $0 > time } ?? segment.span.end - 1
        let i = min(max(above - 1, segment.span.first), segment.span.end - 2)
        let fraction = min(max((time - tool.times[i]) / (tool.times[i + 1] - tool.times[i]), 0), 1)
        let nearest = fraction < 0.5 ? i : i + 1
        let pose = tool.poses[i].interpolated(to: tool.poses[i + 1], fraction: fraction)
        let offset = source.solved.episodes[segment.episode].first
        let path = source.solved.paths[segment.episode]
        let baseFromTool = base.tableFromBase.inverse * pose
        let w0 = source.path.widths[i].width ?? 0
        let w1 = source.path.widths[i + 1].width ?? w0
        return SideSample(
            frame: nearest, tableFromTool: pose, baseFromTool: baseFromTool,
            rotationVector: Resampler.continued(baseFromTool.rotation.vector, after: turn),
            joints: zip(path[i - offset], path[i + 1 - offset]).map { $0 + ($1 - $0) * fraction }, width: w0 + (w1 - w0) * fraction,
            positionSigma: tool.covariances[nearest]?.positionSigma ?? -1, isBridged: tool.states[nearest] == .bridged,
            margin: source.judged.reports[segment.episode].margins.filter(\.check.fails).compactMap { $0.values[nearest - offset] }.min() ?? -1)
    }
}
