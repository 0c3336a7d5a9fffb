internal import Dataset
internal import Geometry
internal import Imaging
internal import Robot
internal import Session

/// What curation says of one demo: what is kept of it, how much each frame counts, and why the rest is out.
struct DemoCuration: Sendable {
    struct Episode: Sendable {
        /// What feasibility kept as one motion.
        var segment: KeptSegment
        /// The part of it that this episode is.
        var span: FrameSpan
        var task: String
        var isValidation: Bool
        var measures: EpisodeMeasures

        var header: EpisodeHeader { EpisodeHeader(task: task, isValidation: isValidation, speed: measures.speed) }
    }

    var episodes: [Episode] = []
    /// Episodes that were not kept, for the table, with why.
    var dropped: [(episode: Episode, reason: String)] = []
    /// The episodes that `keep` was asked about, kept or not.
    var candidates: [DatasetSource.Candidate] = []
    /// By frame of the recording.
    var weights: [Double] = []
    /// Frames that privacy refuses.
    var refused: Set<Int> = []
    /// By frame, what a person said of it; nil where nothing was said. Idle, success, failure and task are no frame's own.
    var labels: [EpisodeLabel?] = []
    var rejections: [Rejection] = []
}

/// Applies labels, value functions and `keep` to the segments that feasibility left over.
struct Curator: Sendable {
    var options: CurateOptions
    var labels: [LabelledSpan]
    var values: ValueWeights?
    /// The task where no label says one.
    var task: String
    var session: String
    /// Shortest episode, seconds.
    var shortest: Double

    /// One demo as it comes from the stages before.
    struct Input: Sendable {
        var unit: String
        var tool: Trajectory<Table, Tool>
        var solved: [FrameSpan]
        var kept: [KeptSegment]
        /// By solved episode: the share of its frames that were cut, and by frame the smallest margin to a limit.
        var infeasibleShares: [Double]
        var margins: [[Double?]]
        /// By frame, what may be human and is not taken out, as a share of the picture.
        var unresolved: [Double] = []
        /// In a demo of two grippers, the other's part.
        var partner: Partner?
    }

    /// The other gripper of a demo of two.
    struct Partner: Sendable {
        var unit: String
        var tool: Trajectory<Table, Tool>
        var solved: [FrameSpan]
        /// By kept segment of the demo, the partner's solved episode that goes with it.
        var episodes: [Int]
        var infeasibleShares: [Double]
        var margins: [[Double?]]
        /// Its frames that go with a span of a kept segment, by the segment's place.
        var frames: @Sendable (Int, FrameSpan) -> FrameSpan
    }

    /// Speeds of the episodes that the data set holds already, metres a second.
    var earlierSpeeds: [Double] = []
    /// Every episode that the data set's earlier conversions could have kept: `keep` ranks among these and its own.
    var earlierCandidates: [DatasetSource.Candidate] = []

    /// In the demos' order. Every frame of a kept segment comes out in an episode or in a rejection.
    func curate(_ inputs: [Input]) throws(PipelineError) -> [DemoCuration] {
        let keep = try KeepExpression(options.keep)
        var demos = inputs.map(label)
        Self.rank(&demos, among: earlierCandidates.map(\.speed) + demos.flatMap { $0.episodes.map(\.measures.speed) })
        var verdicts = keep.keeps(demos.flatMap { $0.episodes.map(\.measures) }, after: earlierCandidates).makeIterator()
        for (d, input) in inputs.enumerated() {
            let episodes = demos[d].episodes
            demos[d].candidates = episodes.map(\.measures.candidate)
            demos[d].episodes = []
            for episode in episodes {
                if verdicts.next() ?? true {
                    demos[d].episodes.append(episode)
                } else {
                    drop(episode, "not_kept", "does not fit keep '\(options.keep)': \(Self.words(episode.measures))", input, &demos[d])
                }
            }
        }
        // What is written says its place among all that the data set then holds.
        Self.rank(&demos, among: earlierSpeeds + demos.flatMap { $0.episodes.map(\.measures.speed) })
        return demos
    }

    private static func rank(_ demos: inout [DemoCuration], among speeds: [Double]) {
        func place(_ measures: inout EpisodeMeasures) {
            measures.speedPercentile = DatasetProvenance.percentile(measures.speed, among: speeds)
        }
        for d in demos.indices {
            for e in demos[d].episodes.indices { place(&demos[d].episodes[e].measures) }
            for e in demos[d].dropped.indices { place(&demos[d].dropped[e].episode.measures) }
        }
    }

    private func drop(_ episode: DemoCuration.Episode, _ reason: String, _ detail: String, _ input: Input, _ demo: inout DemoCuration) {
        demo.dropped.append((episode, reason))
        demo.rejections.append(EpisodeCutter.rejection(input.unit, "curate", reason, detail, episode.span, input.tool.times))
    }

    /// Weights, cuts and measures of one demo.
    private func label(_ input: Input) -> DemoCuration {
        let count = input.tool.count
        let seconds = input.tool.times.map(\.seconds)
        let spans = labels.filter { $0.recording == input.unit }
        var demo = DemoCuration()
        demo.labels = Array(repeating: nil, count: count)
        demo.weights = values?.weights(input.unit, times: seconds, options: options) ?? Array(repeating: 1, count: count)
        var cuts = [String?](repeating: nil, count: count)
        // A recovery inside a mistake is still a recovery: it comes last.
        for kind in [EpisodeLabel.mistake, .recovery, .idle] {
            for span in spans where span.label == kind {
                for i in 0..<count where seconds[i] >= span.start && seconds[i] < span.end {
                    demo.labels[i] = kind
                    switch kind {
                    case .mistake:
                        if options.mistakes == .cut { cuts[i] = "labelled_mistake" } else { demo.weights[i] *= options.mistakeWeight }
                    case .recovery:
                        cuts[i] = nil
                        let other = values?.weights(input.unit, times: [seconds[i]], options: options)?.first ?? 1
                        demo.weights[i] = options.recoveryWeight * other
                    default: cuts[i] = "labelled_idle"
                    }
                }
            }
        }
        if options.privacy == .strict {
            // A demo whose pictures nobody has judged is in doubt everywhere.
            for i in 0..<count where input.unresolved.indices.contains(i) ? input.unresolved[i] > options.unresolvedShare : true {
                cuts[i] = Self.unresolved
                demo.refused.insert(i)
            }
        }
        for place in input.kept.indices { take(place, input, spans, cuts, &demo) }
        return demo
    }

    private static let unresolved = "human_unresolved"

    private func doubt(_ input: Input, _ span: FrameSpan) -> String {
        let shares = (span.first..<span.end).map { input.unresolved.indices.contains($0) ? input.unresolved[$0] : 1 }
        return "up to \((100 * (shares.max() ?? 0)).fixed(2)) % of the picture may be human and is not taken out; --privacy strict allows "
            + "\((100 * options.unresolvedShare).fixed(2)) % (curate.unresolved_share)"
    }

    /// Falls a segment apart at its cuts; what is left too short is out.
    private func take(_ place: Int, _ input: Input, _ spans: [LabelledSpan], _ cuts: [String?], _ demo: inout DemoCuration) {
        let segment = input.kept[place]
        let times = input.tool.times
        for run in EpisodeCutter.runs(Array(cuts[segment.span.first..<segment.span.end])) {
            let span = FrameSpan(first: segment.span.first + run.span.first, end: segment.span.first + run.span.end)
            if let reason = run.label {
                let note = spans.first { overlaps($0, span, times) && "labelled_\($0.label.rawValue)" == reason }?.note ?? ""
                let detail = reason == Self.unresolved ? doubt(input, span) : note.isEmpty ? "labels.csv says so" : note
                demo.rejections.append(EpisodeCutter.rejection(input.unit, "curate", reason, detail, span, times))
                continue
            }
            let length = EpisodeCutter.seconds(span, times)
            let isWhole = span == segment.span
            guard isWhole || length >= shortest else {
                demo.rejections.append(
                    EpisodeCutter.rejection(
                        input.unit, "curate", "too_short",
                        "\(length.fixed(2)) s are left between labels or refused frames; at least \(shortest) s make an episode", span,
                        times))
                continue
            }
            let episode = describe(place, span, input, spans, demo)
            if episode.measures.succeeds == false, options.dropsFailures {
                let note = spans.last { $0.label == .failure && overlaps($0, span, times) }?.note ?? ""
                drop(episode, "labelled_failure", note.isEmpty ? "labels.csv says so" : note, input, &demo)
            } else {
                demo.episodes.append(episode)
            }
        }
    }

    private func overlaps(_ label: LabelledSpan, _ span: FrameSpan, _ times: [Timestamp<VideoClock>]) -> Bool {
        label.start <= times[span.end - 1].seconds && label.end > times[span.first].seconds
    }

    private func describe(
        _ place: Int, _ span: FrameSpan, _ input: Input, _ labels: [LabelledSpan], _ demo: DemoCuration
    ) -> DemoCuration.Episode {
        let segment = input.kept[place]
        let about = labels.filter { overlaps($0, span, input.tool.times) }
        var measures = Self.measures(input.tool, span, segment.episode, input.solved, input.infeasibleShares, input.margins)
        if let p = input.partner {
            measures.join(Self.measures(p.tool, p.frames(place, span), p.episodes[place], p.solved, p.infeasibleShares, p.margins))
        }
        let said = Set(demo.labels[span.first..<span.end].compactMap { $0 })
        measures.hasMistake = said.contains(.mistake)
        measures.hasRecovery = said.contains(.recovery)
        measures.weight = demo.weights[span.first..<span.end].reduce(0, +) / Double(max(span.count, 1))
        if let outcome = about.last(where: { $0.label == .success || $0.label == .failure }) {
            measures.succeeds = outcome.label == .success
        }
        let text = about.last { $0.label == .task }?.note ?? task
        return DemoCuration.Episode(segment: segment, span: span, task: text, isValidation: isValidation(input.unit), measures: measures)
    }

    /// Of frames of a recording that belong to a solved episode.
    private static func measures(
        _ tool: Trajectory<Table, Tool>, _ span: FrameSpan, _ episode: Int, _ solved: [FrameSpan], _ shares: [Double],
        _ margins: [[Double?]]
    ) -> EpisodeMeasures {
        let known = margins.indices.contains(episode) && solved.indices.contains(episode)
        let values = known ? margins[episode] : []
        let offset = known ? solved[episode].first : 0
        let margin = (span.first..<span.end).compactMap { values.indices.contains($0 - offset) ? values[$0 - offset] : nil }.min()
        return EpisodeMeasures(tool: tool[span], infeasibleShare: shares.indices.contains(episode) ? shares[episode] : 0, margin: margin)
    }

    /// By a hash of session and recording, so that a recording's episodes stay together and nothing else matters.
    private func isValidation(_ unit: String) -> Bool {
        guard options.validationShare > 0, let hash = UInt32(SHA256.hex(of: "\(session)\n\(unit)").prefix(8), radix: 16) else {
            return false
        }
        return Double(hash) / 4_294_967_296 < options.validationShare
    }

    private static func words(_ m: EpisodeMeasures) -> String {
        var words = [
            "speed \(m.speed.fixed(3)) m/s", "duration \(m.duration.fixed(2)) s", "infeasible \((100 * m.infeasibleShare).fixed(1)) %",
            "smoothness \(m.smoothness.fixed(2))",
        ]
        words.append(m.sigma.map { "sigma \((1000 * $0).fixed(2)) mm" } ?? "sigma is not known")
        return words.joined(separator: ", ")
    }
}

/// `episodes.csv`: every episode that was looked at, kept or not, with its measures. A demo of two grippers is a row of its right recording that
/// names the left one as its partner.
enum EpisodeTable {
    static let header = [
        "recording", "first_frame", "end_frame", "start_s_video", "task", "status", "split", "duration_s", "frames", "path_m", "speed_m_s",
        "speed_percentile", "smoothness", "sigma_mm", "infeasible_share", "smallest_margin", "tracked_share", "loss_weight", "mistake",
        "recovery",
        "outcome", "partner",
    ]

    static func table(_ demos: [(input: Curator.Input, curation: DemoCuration)]) -> CSVTable {
        var rows: [[String]] = []
        for (input, curation) in demos {
            let all = curation.episodes.map { ($0, "kept") } + curation.dropped.map { ($0.episode, $0.reason) }
            for (episode, status) in all.sorted(by: { $0.0.span.first < $1.0.span.first }) {
                let m = episode.measures
                let span = episode.span
                rows.append([
                    input.unit, String(span.first), String(span.end), input.tool.times[span.first].seconds.fixed(6), episode.task, status,
                    episode.isValidation ? "validation" : "train", m.duration.fixed(3), String(m.frames), m.pathLength.fixed(4),
                    m.speed.fixed(4),
                    m.speedPercentile.fixed(3), m.smoothness.fixed(3), m.sigma.map { (1000 * $0).fixed(3) } ?? "",
                    m.infeasibleShare.fixed(4),
                    m.margin?.fixed(4) ?? "", m.trackedShare.fixed(3), m.weight.fixed(4), m.hasMistake ? "1" : "0",
                    m.hasRecovery ? "1" : "0",
                    m.succeeds.map { $0 ? "success" : "failure" } ?? "", input.partner?.unit ?? "",
                ])
            }
        }
        return CSVTable(header: header, rows: rows)
    }
}
