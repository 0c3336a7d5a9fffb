internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// One arm at a moment of a data set's grid, and the source frame whose picture goes with it.
struct SideSample {
    /// Frame of the recording nearest in time to the moment that is shown.
    var frame: Int
    /// The moment of the recording that is shown.
    var source: Timestamp<VideoClock>
    /// Where the joints put the tool, or where it was recorded if there are none.
    var tableFromTool: Transform<Table, Tool>
    var baseFromTool: Transform<Base, Tool>
    /// Where the tool was recorded at that moment.
    var baseFromRecordedTool: Transform<Base, Tool>
    var joints: [Double]
    var width: Double
    /// Metres; negative where the poses came without.
    var positionSigma: Double
    var state: FrameState
    /// Smallest margin over all checks at that frame, 0 at a limit.
    var margin: Double
    /// The motion passes it at another speed than the recording's.
    var isRetimed: Bool
    /// What sensors beside the recording read at that moment, in the order of the session's features.
    var samples: [[Double]]
}

/// Puts a demo's segments on a grid of whole frames a second: the joints that were judged, the tool where they put it, and of each recording
/// the moment that is shown. Every side is interpolated at its own moment: none is rounded to frames.
struct DemoSampler {
    private let demo: ExportDemo
    private let rate: Int
    private let kinematics: Kinematics
    /// By segment that an episode is of, and by side, the moments of the rows.
    private let moments: [Int: [[Moment]]]

    /// A row's moment on one side: seconds of its motion, and of its recording; whether that passes at another speed than it was recorded at.
    private struct Moment {
        var motion: Double
        var source: Timestamp<VideoClock>
        var isRetimed: Bool
    }

    /// - Parameter limits: the shares of the arm's limits that a common pace may use.
    init(demo: ExportDemo, rate: Int, kinematics: Kinematics, arm: Arm, limits: FeasibilityOptions) {
        (self.demo, self.rate, self.kinematics) = (demo, rate, kinematics)
        // Each its own: it knows where its arm stands.
        let models = demo.sides.count > 1 ? demo.sides.map { _ in Feasibility(arm: arm, options: limits) } : []
        var moments: [Int: [[Moment]]] = [:]
        for n in Set(demo.curated.episodes.map(\.segment)) {
            moments[n] = Self.moments(demo, demo.curated.demo.segments[n], rate: rate, models)
        }
        self.moments = moments
    }

    /// The rows of an episode, each with its sides in the demo's order.
    ///
    /// Where labels have cut a segment the grid of the whole goes on, so that every part is a part of the motion that was judged.
    func samples(of episode: CuratedDemo.Episode) -> [[SideSample]] {
        let segment = demo.curated.demo.segments[episode.segment]
        guard let moments = moments[episode.segment], let count = moments.first?.count else { return [] }
        let sides = demo.sides.indices.map { samples($0, segment, moments[$0]) }
        return (0..<count).map { row in sides.map { $0[row] } }.filter {
            episode.span.first <= $0[0].frame && $0[0].frame < episode.span.end
        }
    }

    /// By side, the moments of a segment's rows.
    private static func moments(
        _ demo: ExportDemo, _ segment: JoinedDemo.Segment, rate: Int, _ models: [Feasibility]
    ) -> [[Moment]] {
        let motions = demo.sides.indices.map { demo.sides[$0].feasible.motion(segment.parts[$0]) }
        guard demo.sides.count > 1 else {
            let motion = motions[0]
            return [
                (0...Int((motion.duration * Double(rate) + 1e-6).rounded(.down))).map { k in
                    let at = Double(k) / Double(rate)
                    return Moment(motion: at, source: motion.source(at: at), isRetimed: isOther(motion.speed(at: at)))
                }
            ]
        }
        let clock = demo.clock
        let start = clock.time(0, segment.parts[0].span.first)
        let end = demo.sides.indices.map { clock.time($0, segment.parts[$0].span.end - 1) }.min() ?? start
        let pace = CommonPace(
            zip(demo.sides.indices, motions).map { side, motion in
                CommonPace.Side(
                    motion, feasibility: models[side], tableFromBase: demo.sides[side].base.tableFromBase,
                    offset: clock.offsets[side])
            }, from: start, to: end)
        guard end >= start else { return demo.sides.map { _ in [] } }
        let rows = (0...Int((pace.duration * Double(rate) + 1e-6).rounded(.down))).map { Double($0) / Double(rate) }
        return demo.sides.indices.map { side in
            rows.map { played in
                let source = Timestamp<VideoClock>(seconds: pace.moment(at: played) + clock.offsets[side])
                return Moment(
                    motion: motions[side].time(of: source), source: source, isRetimed: isOther(pace.speed(at: played)))
            }
        }
    }

    /// Speeds that differ from the recording's by less are its own, parts of it.
    static let ownSpeed = 1e-3
    private static func isOther(_ speed: Double) -> Bool { abs(speed - 1) > ownSpeed }

    private func samples(_ side: Int, _ segment: JoinedDemo.Segment, _ moments: [Moment]) -> [SideSample] {
        let source = demo.sides[side]
        let tool = source.path.tool
        let (times, kept) = (tool.times, segment.kept[side])
        let motion = source.feasible.motion(segment.parts[side])
        let tableFromBase = source.base.tableFromBase
        let baseFromTable = tableFromBase.inverse
        let margins = source.feasible.verdicts[segment.parts[side].episode].kept.margins
        let offset = source.solved.episodes[segment.parts[side].episode].first
        var samples: [SideSample] = []
        var i = kept.first
        for moment in moments {
            while i + 2 < kept.end, times[i + 1] <= moment.source { i += 1 }
            let fraction = min(max((moment.source - times[i]) / (times[i + 1] - times[i]), 0), 1)
            let nearest = fraction < 0.5 ? i : i + 1
            let joints = motion.joints(at: moment.motion)
            let recorded = baseFromTable * tool.poses[i].interpolated(to: tool.poses[i + 1], fraction: fraction)
            let baseFromTool = source.base.isKnown ? kinematics.forward(joints) : recorded
            let w0 = source.path.widths[i].width ?? 0
            let w1 = source.path.widths[i + 1].width ?? w0
            samples.append(
                SideSample(
                    frame: nearest, source: moment.source, tableFromTool: tableFromBase * baseFromTool, baseFromTool: baseFromTool,
                    baseFromRecordedTool: recorded, joints: joints, width: w0 + (w1 - w0) * fraction,
                    positionSigma: tool.covariances[nearest]?.positionSigma ?? -1, state: tool.states[nearest],
                    margin: margins.compactMap { $0.values[nearest - offset] }.min() ?? -1,
                    isRetimed: moment.isRetimed, samples: source.samples.map { $0.numbers(at: moment.source) }))
        }
        return samples
    }
}
