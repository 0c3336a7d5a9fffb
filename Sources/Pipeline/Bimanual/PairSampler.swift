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
///
/// Where an arm was given more time than the demonstrator took, the other waits for it: both go through the recording at the pace of the slower
/// one, so that what happened at one moment still does.
struct PairSampler {
    let right: ExportSource
    let left: ExportSource
    let pair: DemoPair
    let rate: Int
    let kinematics: Kinematics

    /// Seconds of recording between the places at which the pace is looked up.
    private static let paceStep = 0.01
    /// Slowest pace that counts; below it the motion stands still for this grid.
    private static let slowestPace = 0.02

    /// Right and left, moment by moment.
    func samples(of episode: JointEpisode) -> [(right: SideSample, left: SideSample)] {
        let times = right.recording.times
        let start = times[episode.rightFrames.first].seconds
        let end = min(times[episode.rightFrames.end - 1].seconds, left.recording.times[episode.leftFrames.end - 1].seconds - pair.offset)
        guard end >= start else { return [] }
        return moments(episode, start, end).reduce(into: []) { out, time in
            let r = sample(right, episode.right, at: time, after: out.last?.right.rotationVector)
            let l = sample(left, episode.left, at: time + pair.offset, after: out.last?.left.rotationVector)
            out.append((r, l))
        }
    }

    /// The recording's moments, on the right's clock, that the data set's grid shows.
    private func moments(_ episode: JointEpisode, _ start: Double, _ end: Double) -> [Double] {
        let motions = [(right.judged.motion(episode.right), 0.0), (left.judged.motion(episode.left), pair.offset)]
        func pace(_ time: Double) -> Double {
            let paces = motions.map { motion, offset in
                motion.isRetimed ? motion.speed(at: motion.time(of: Timestamp(seconds: time + offset))) : 1
            }
            return max(min(paces.min() ?? 1, 1), Self.slowestPace)
        }
        var out: [Double] = []
        guard motions.contains(where: \.0.isRetimed) else {
            return (0...Int(((end - start) * Double(rate) + 1e-6).rounded(.down))).map { start + Double($0) / Double(rate) }
        }
        // Played seconds run on by recorded seconds over pace; the grid's moments lie where they pass whole frames.
        var (time, played) = (start, 0.0)
        while time <= end + 1e-9 {
            let step = min(Self.paceStep, max(end - time, 1e-9))
            let seconds = step / pace(time + step / 2)
            while Double(out.count) / Double(rate) <= played + seconds {
                let moment = time + step * (Double(out.count) / Double(rate) - played) / seconds
                if moment > end + 1e-9 { return out }
                out.append(min(moment, end))
            }
            (time, played) = (time + step, played + seconds)
        }
        return out
    }

    private func sample(
        _ source: ExportSource, _ segment: KeptSegment, at seconds: Double, after turn: Vector3?
    ) -> SideSample {
        let tool = source.path.tool
        let time = Timestamp<VideoClock>(seconds: seconds)
        let above = tool.times[segment.span.first..<segment.span.end].firstIndex { $0 > time } ?? segment.span.end - 1
        let i = min(max(above - 1, segment.span.first), segment.span.end - 2)
        let fraction = min(max((time - tool.times[i]) / (tool.times[i + 1] - tool.times[i]), 0), 1)
        let nearest = fraction < 0.5 ? i : i + 1
        let motion = source.judged.motion(segment)
        let joints = motion.joints(at: motion.time(of: time))
        let baseFromTool = kinematics.forward(joints)
        let offset = source.solved.episodes[segment.episode].first
        let w0 = source.path.widths[i].width ?? 0
        let w1 = source.path.widths[i + 1].width ?? w0
        return SideSample(
            frame: nearest, tableFromTool: source.base.tableFromBase * baseFromTool, baseFromTool: baseFromTool,
            rotationVector: Resampler.continued(baseFromTool.rotation.vector, after: turn), joints: joints,
            width: w0 + (w1 - w0) * fraction,
            positionSigma: tool.covariances[nearest]?.positionSigma ?? -1, isBridged: tool.states[nearest] == .bridged,
            margin: source.judged.verdicts[segment.episode].kept.margins.compactMap { $0.values[nearest - offset] }.min() ?? -1)
    }
}
