internal import Dataset
internal import Foundation
internal import Geometry
internal import Imaging
internal import Robot
internal import Session

/// The data set beside the policy's: every transition whose pose is known, the rejected and mistaken ones too, labelled as such, because any
/// transition teaches a world model what follows from what.
///
/// State and action are tool pose and gripper alone: joints are not known where the arm cannot follow. Rotations are rot6d, in which no
/// transition can be outside a chart. No loss weight: a trainer chooses by
/// `diagnostic.outcome`. A demo of two arms gives an episode for each side: what one gripper does and its camera sees.
final class DynamicsWriter {
    /// Codes of `diagnostic.outcome`; new ones come last, so that data sets can grow.
    static let outcomes = [
        "exported", "mistake", "recovery", "labelled_mistake", "labelled_failure", "labelled_idle", "not_kept", "too_short", "idle",
        "uncertain", "position_spike", "gripper_unknown", "out_of_reach", "path_jump", "self_collision", "table_collision",
        "joint_position",
        "joint_velocity", "joint_acceleration", "joint_torque",
    ]
    static let otherOutcome = 99

    private let writer: LeRobotWriter
    private let rate: Int
    private let task: String
    private let width: Int
    private let height: Int

    init(
        _ target: URL, existing: ExistingDataset, rate: Int, pictures: PictureSize, arm: String, options: ExportOptions
    ) throws {
        let dataset = try options.dataset
        var lerobot = dataset.leRobot
        lerobot.existing = existing
        (width, height) = dataset.videoSize(width: pictures.width, height: pictures.height)
        (self.rate, task) = (rate, options.task)
        let names = (["x", "y", "z"] + RotationForm.rot6d.names()).map { "ee.\($0)" } + ["gripper.pos"]
        let key = "observation.images.\(options.imageKey)"
        var layout = EpisodeLayout(
            stateNames: names, actionNames: names, cameras: [CameraFeature(key: key, width: width, height: height)],
            annotations: [
                AnnotationFeature("diagnostic.outcome", .int64), AnnotationFeature("diagnostic.in_policy", .bool),
                AnnotationFeature("diagnostic.position_sigma_m", .float32), AnnotationFeature("diagnostic.pose_bridged", .bool),
                AnnotationFeature("diagnostic.source_frame", .int64),
            ])
        layout.rotations = RotationChart(form: .rot6d)
        writer = try LeRobotWriter(root: target, fps: rate, robotType: arm, layout: layout, options: lerobot)
    }

    /// A side's frames that go in.
    struct Plan {
        var spans: [(samples: [PathSampler.Sample], span: FrameSpan)]
        var frames: Set<Int> { Set(spans.flatMap { $0.samples.map(\.frame) }) }
    }

    func plan(_ side: ExportSide) -> Plan {
        let sampler = PathSampler(tool: side.path.tool, widths: side.path.widths, base: side.base, rate: rate)
        return Plan(spans: Self.spans(side).map { (sampler.samples(of: $0), $0) }.filter { $0.samples.count > 1 })
    }

    /// Keeps a side's pictures as they go by: sides come together, the data set takes one after the other.
    func tap(_ plan: Plan, scratch: URL) throws -> KeptPictures { try KeptPictures(plan.frames, width: width, height: height, scratch) }

    func write(_ side: ExportSide, _ plan: Plan, _ pictures: KeptPictures, episodes: [CuratedDemo.Episode], place: Int) throws {
        for (samples, span) in plan.spans {
            let episode = episodes.first { $0.spans[place].first < span.end && $0.spans[place].end > span.first }
            try writer.beginEpisode(EpisodeHeader(task: episode?.task ?? task, isValidation: episode?.isValidation ?? false))
            for (k, sample) in samples.enumerated() {
                let next = samples[min(k + 1, samples.count - 1)]
                let row = EpisodeFrame(
                    state: sample.numbers, action: next.numbers,
                    annotations: [
                        .integer(Int64(Self.outcomes.firstIndex(of: outcome(side, sample.frame)) ?? Self.otherOutcome)),
                        .bool(side.outcomes[sample.frame] == "exported"), .float(Float(sample.sigma)),
                        .bool(side.path.tool.states[sample.frame] == .bridged), .integer(Int64(sample.frame)),
                    ])
                try writer.append(row, image: try pictures.picture(sample.frame))
            }
            try writer.endEpisode()
        }
    }

    func finish(_ policy: DatasetSource, _ sides: [ExportSide]) throws {
        var account = Self.account(policy, sides)
        let table = Self.outcomes.enumerated().map { "\($0.offset) \($0.element)" }.joined(separator: ", ")
        account.notes.append("diagnostic.outcome: \(table), \(Self.otherOutcome) other. Only 0 to 2 are in the policy's data set.")
        try writer.finish(source: account)
    }

    /// What becomes of the recordings here: all that is known is in.
    private static func account(_ policy: DatasetSource, _ sides: [ExportSide]) -> DatasetSource {
        var account = policy
        var (missing, recordings, refused) = (0, 0, 0)
        for i in account.recordings.indices {
            let side = sides.first { $0.unit == account.recordings[i].name }
            let known = side.map { spans($0).reduce(0) { $0 + $1.count } } ?? 0
            account.recordings[i].outputFrames = known
            refused += side?.curation.refused.count ?? 0
            missing += account.recordings[i].inputFrames - known
            recordings += known < account.recordings[i].inputFrames ? 1 : 0
        }
        let reason = refused == 0 ? "no_pose_or_width" : "no_pose_or_width_or_human_unresolved"
        account.dropped =
            missing == 0 ? [] : [DatasetSource.Drop(stage: "dynamics", reason: reason, frames: missing, recordings: recordings)]
        return account
    }

    private func outcome(_ side: ExportSide, _ frame: Int) -> String {
        switch side.curation.labels.indices.contains(frame) ? side.curation.labels[frame] : nil {
        case .mistake where side.outcomes[frame] == "exported": "mistake"
        case .recovery where side.outcomes[frame] == "exported": "recovery"
        default: side.outcomes[frame]
        }
    }

    static func hasTransitions(_ side: ExportSide) -> Bool { !spans(side).isEmpty }

    /// Runs of frames with a pose and a width that privacy does not refuse.
    private static func spans(_ side: ExportSide) -> [FrameSpan] {
        let path = side.path
        let known = (0..<path.tool.count).map {
            path.tool.states[$0] != .lost && path.widths[$0].width != nil && !side.curation.refused.contains($0) ? "known" : nil
        }
        return EpisodeCutter.runs(known).filter { $0.label != nil && $0.span.count > 1 }.map(\.span)
    }
}

/// Pictures of some frames of a recording, at a data set's size, on disk until they are written.
final class KeptPictures: PictureTap {
    private let frames: Set<Int>
    private let width: Int
    private let height: Int
    private let store: RawPictures

    init(_ frames: Set<Int>, width: Int, height: Int, _ file: URL) throws {
        (self.frames, self.width, self.height) = (frames, width, height)
        store = try RawPictures(file, width: width, height: height, channels: 3)
    }

    func needs(_ frame: Int) -> PictureNeed { frames.contains(frame) ? .filled : .nothing }

    func take(_ frame: FilledPictures.Frame, index: Int) throws {
        guard let picture = frame.picture else { preconditionFailure("a frame that was announced is filled") }
        let fits = picture.width == width && picture.height == height
        try store.append(fits ? picture : picture.resized(width: width, height: height), frame: index)
    }

    func finish() throws {}

    func picture(_ frame: Int) throws -> Image { try store.picture(frame) }
}

/// Tool pose and gripper width on a grid of whole frames a second, at the recording's own time.
struct PathSampler {
    struct Sample {
        var frame: Int
        var numbers: [Float]
        /// Metres; negative where it is not known.
        var sigma: Double
    }

    var tool: Trajectory<Table, Tool>
    var widths: [GripperSample]
    var base: BasePose
    var rate: Int

    func samples(of span: FrameSpan) -> [Sample] {
        let times = tool.times
        let seconds = times[span.end - 1] - times[span.first]
        let baseFromTable = base.tableFromBase.inverse
        var samples: [Sample] = []
        var i = span.first
        for k in 0...Int((seconds * Double(rate) + 1e-6).rounded(.down)) {
            let time = times[span.first] + Double(k) / Double(rate)
            while i + 2 < span.end, times[i + 1] <= time { i += 1 }
            let fraction = min(max((time - times[i]) / (times[i + 1] - times[i]), 0), 1)
            let pose = baseFromTable * tool.poses[i].interpolated(to: tool.poses[i + 1], fraction: fraction)
            let nearest = fraction < 0.5 ? i : i + 1
            let w0 = widths[i].width ?? 0
            let p = pose.translation
            let width = w0 + ((widths[i + 1].width ?? w0) - w0) * fraction
            samples.append(
                Sample(
                    frame: nearest, numbers: ([p.x, p.y, p.z] + RotationForm.rot6d.numbers(of: pose.rotation) + [width]).map(Float.init),
                    sigma: tool.covariances[nearest]?.positionSigma ?? -1))
        }
        return samples
    }
}
