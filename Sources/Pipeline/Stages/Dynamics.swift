internal import Dataset
internal import Foundation
internal import Geometry
internal import Imaging
internal import Robot
internal import Session

/// The data set beside the policy's: every transition whose pose is known, the rejected and mistaken ones too, labelled as such, because any
/// transition teaches a world model what follows from what.
///
/// State and action are gripper and tool pose alone: joints are not known where the arm cannot follow. No loss weight: a trainer chooses by
/// `annotation.outcome`.
enum Dynamics {
    /// Codes of `annotation.outcome`; new ones come last, so that data sets can grow.
    static let outcomes = [
        "exported", "mistake", "recovery", "labelled_mistake", "labelled_failure", "labelled_idle", "not_kept", "too_short", "idle",
        "uncertain",
        "position_spike", "gripper_unknown", "out_of_reach", "path_jump", "self_collision", "table_collision", "joint_position",
        "joint_velocity",
        "joint_acceleration", "joint_torque",
    ]
    static let otherOutcome = 99

    static func write(
        _ sources: [ExportSource], to target: URL, existing: ExistingDataset, account: DatasetSource, rate: Int, seconds: inout Double,
        context: StageContext
    ) throws {
        guard sources.contains(where: { !spans($0).isEmpty }) else { return }
        // A demo of two arms gives an episode for each side: what one gripper does and its camera sees.
        var options = try context.request.configuration.export.leRobot
        options.existing = existing
        let (width, height) = context.configuration.export.videoSize(sources[0].recording.summary)
        let names = ["gripper.pos", "ee.x", "ee.y", "ee.z", "ee.wx", "ee.wy", "ee.wz"]
        let layout = EpisodeLayout(
            stateNames: names, actionNames: names, cameras: [CameraFeature(key: "observation.images.wrist", width: width, height: height)],
            annotations: [
                AnnotationFeature("annotation.outcome", .int64), AnnotationFeature("annotation.in_policy", .bool),
                AnnotationFeature("annotation.position_sigma_m", .float32), AnnotationFeature("annotation.pose_bridged", .bool),
                AnnotationFeature("annotation.source_frame", .int64),
            ])
        let writer = try LeRobotWriter(root: target, fps: rate, robotType: context.request.arm.name, layout: layout, options: options)
        for source in sources {
            var pictures = try PictureCursor(source, counts: false, context: context)
            for span in spans(source) {
                let samples = PathSampler(tool: source.path.tool, widths: source.path.widths, base: source.base, rate: rate).samples(
                    of: span)
                guard samples.count > 1 else { continue }
                let episode = source.curation.episodes.first { $0.span.first < span.end && $0.span.end > span.first }
                try writer.beginEpisode(
                    EpisodeHeader(
                        task: episode?.task ?? context.request.configuration.export.task, isValidation: episode?.isValidation ?? false))
                for (k, sample) in samples.enumerated() {
                    var (image, _) = try pictures.picture(sample.frame)
                    if image.width != width || image.height != height { image = try image.resized(width: width, height: height) }
                    let next = samples[min(k + 1, samples.count - 1)]
                    let outcome = Self.outcome(source, sample.frame)
                    let row = EpisodeFrame(
                        state: sample.numbers, action: next.numbers,
                        annotations: [
                            .integer(Int64(outcomes.firstIndex(of: outcome) ?? otherOutcome)),
                            .bool(source.outcomes[sample.frame] == "exported"), .float(Float(sample.sigma)),
                            .bool(source.path.tool.states[sample.frame] == .bridged), .integer(Int64(sample.frame)),
                        ])
                    try Export.measured(&seconds) { try writer.append(row, image: image) }
                }
                try writer.endEpisode()
            }
        }
        var account = self.account(account, sources)
        let table = outcomes.enumerated().map { "\($0.offset) \($0.element)" }.joined(separator: ", ")
        account.notes.append("annotation.outcome: \(table), \(otherOutcome) other. Only 0 to 2 are in the policy's data set.")
        try writer.finish(source: account)
    }

    /// What becomes of the recordings here: all that is known is in.
    private static func account(_ policy: DatasetSource, _ sources: [ExportSource]) -> DatasetSource {
        var account = policy
        var (missing, recordings, refused) = (0, 0, 0)
        for i in account.recordings.indices {
            let source = sources.first { $0.recording.file.unit == account.recordings[i].name }
            let known = source.map { spans($0).reduce(0) { $0 + $1.count } } ?? 0
            account.recordings[i].outputFrames = known
            refused += source?.curation.refused.count ?? 0
            missing += account.recordings[i].inputFrames - known
            recordings += known < account.recordings[i].inputFrames ? 1 : 0
        }
        account.dropped =
            missing == 0
            ? []
            : [
                DatasetSource.Drop(
                    stage: "dynamics", reason: refused == 0 ? "no_pose_or_width" : "no_pose_or_width_or_human_unresolved", frames: missing,
                    recordings: recordings)
            ]
        return account
    }

    private static func outcome(_ source: ExportSource, _ frame: Int) -> String {
        switch source.curation.labels.indices.contains(frame) ? source.curation.labels[frame] : nil {
        case .mistake where source.outcomes[frame] == "exported": "mistake"
        case .recovery where source.outcomes[frame] == "exported": "recovery"
        default: source.outcomes[frame]
        }
    }

    /// Runs of frames with a pose and a width that privacy does not refuse.
    private static func spans(_ source: ExportSource) -> [FrameSpan] {
        let path = source.path
        let known = (0..<path.tool.count).map {
            path.tool.states[$0] != .lost && path.widths[$0].width != nil && !source.curation.refused.contains($0) ? "known" : nil
        }
        return EpisodeCutter.runs(known).filter { $0.label != nil && $0.span.count > 1 }.map(\.span)
    }
}

/// Tool pose and gripper width on a grid of whole frames a second, at the recording's own time.
private struct PathSampler {
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
        var turn: Vector3?
        var i = span.first
        for k in 0...Int((seconds * Double(rate) + 1e-6).rounded(.down)) {
            let time = times[span.first] + Double(k) / Double(rate)
            while i + 2 < span.end, times[i + 1] <= time { i += 1 }
            let fraction = min(max((time - times[i]) / (times[i + 1] - times[i]), 0), 1)
            let pose = baseFromTable * tool.poses[i].interpolated(to: tool.poses[i + 1], fraction: fraction)
            let vector = Resampler.continued(pose.rotation.vector, after: turn)
            turn = vector
            let nearest = fraction < 0.5 ? i : i + 1
            let w0 = widths[i].width ?? 0
            let p = pose.translation
            let width = w0 + ((widths[i + 1].width ?? w0) - w0) * fraction
            samples.append(
                Sample(
                    frame: nearest, numbers: [width, p.x, p.y, p.z, vector.x, vector.y, vector.z].map(Float.init),
                    sigma: tool.covariances[nearest]?.positionSigma ?? -1))
        }
        return samples
    }
}
