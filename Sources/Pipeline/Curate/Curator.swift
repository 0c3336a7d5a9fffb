internal import Dataset
internal import Geometry
internal import Imaging
internal import Robot
internal import Session

/// What curation says of one demo: what is kept of it, how much each frame counts, and why the rest is out.
struct CuratedDemo: Sendable, Codable {
    struct Episode: Sendable, Codable {
        /// Which of the demo's segments it is a part of.
        var segment: Int
        /// By side, the frames of that part.
        var spans: [FrameSpan]
        var task: String
        var isValidation: Bool
        var measures: EpisodeMeasures

        /// On the first side.
        var span: FrameSpan { spans[0] }
        var header: EpisodeHeader { EpisodeHeader(task: task, isValidation: isValidation, speed: measures.speed) }
    }

    /// An episode that was not kept, for the table.
    struct Dropped: Sendable, Codable {
        var episode: Episode
        var reason: String
    }

    /// What is said of the frames of one side.
    struct Side: Sendable, Codable {
        /// By frame of the recording.
        var weights: [Double] = []
        /// Frames that privacy refuses.
        var refused: Set<Int> = []
        /// By frame, what a person said of it; nil where nothing was said. What is said of episodes (success, failure, task, accept, cut, note) is
        /// no frame's own.
        var labels: [EpisodeLabel?] = []
        var rejections: [Rejection] = []
    }

    var demo: JoinedDemo
    var episodes: [Episode] = []
    var dropped: [Dropped] = []
    /// The episodes that `keep` was asked about, kept or not.
    var candidates: [DatasetSource.Candidate] = []
    var sides: [Side]
}

/// Applies labels, value functions and `keep` to the segments that feasibility left over.
struct Curator: Sendable {
    var options: CurateOptions
    var labels: [LabelledSpan]
    var values: ValueWeights?
    /// The task where no label says one.
    var task: String
    /// Shortest episode, seconds.
    var shortest: Double

    /// One demo as it comes from the stages before.
    struct Input: Sendable {
        var demo: JoinedDemo
        var clock: DemoClock
        var sides: [Side]
        /// What its place among training and validation recordings depends on.
        var identity: String

        struct Side: Sendable {
            var tool: Trajectory<Table, Tool>
            var solved: [FrameSpan]
            /// By solved episode: the share of its frames that were cut, and by frame the smallest margin to a limit.
            var infeasibleShares: [Double]
            var margins: [[Double?]]
            /// By frame, what may be human and is not taken out, as a share of the picture.
            var unresolved: [Double] = []
        }

        var unit: String { demo.sides[0].unit }
        /// Of the first side.
        var tool: Trajectory<Table, Tool> { sides[0].tool }

        /// By frame of the first side, the greatest doubt of all sides' pictures at that moment: which of two frames a resampled row shows
        /// depends on the grid, so neither may be in doubt. Empty where a side was not judged.
        var unresolved: [Double] {
            guard sides.count > 1 else { return sides[0].unresolved }
            guard sides.indices.allSatisfy({ sides[$0].unresolved.count == clock.times[$0].count && !clock.times[$0].isEmpty }) else {
                return []
            }
            return clock.times[0].indices.map { i in
                sides.indices.reduce(0) { worst, side in
                    guard side > 0 else { return max(worst, sides[0].unresolved[i]) }
                    let moment = clock.time(0, i)
                    let count = clock.times[side].count
                    let after = clock.times[side].partitioningIndex { $0.seconds - clock.offsets[side] >= moment }
                    return max(
                        worst, sides[side].unresolved[max(0, min(after - 1, count - 1))], sides[side].unresolved[min(after, count - 1)])
                }
            }
        }
    }

    /// Speeds of the episodes that the data set holds already, metres a second.
    var earlierSpeeds: [Double] = []
    /// Every episode that the data set's earlier conversions could have kept: `keep` ranks among these and its own.
    var earlierCandidates: [DatasetSource.Candidate] = []

    /// In the demos' order. Every frame of a kept segment comes out in an episode or in a rejection.
    func curate(_ inputs: [Input]) throws(PipelineError) -> [CuratedDemo] {
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
        for (d, input) in inputs.enumerated() { mirror(input, &demos[d]) }
        return demos
    }

    private static func rank(_ demos: inout [CuratedDemo], among speeds: [Double]) {
        func place(_ measures: inout EpisodeMeasures) {
            measures.speedPercentile = DatasetProvenance.percentile(measures.speed, among: speeds)
        }
        for d in demos.indices {
            for e in demos[d].episodes.indices { place(&demos[d].episodes[e].measures) }
            for e in demos[d].dropped.indices { place(&demos[d].dropped[e].episode.measures) }
        }
    }

    private func drop(_ episode: CuratedDemo.Episode, _ reason: String, _ detail: String, _ input: Input, _ demo: inout CuratedDemo) {
        demo.dropped.append(CuratedDemo.Dropped(episode: episode, reason: reason))
        reject(reason, detail, episode.span, input, &demo)
    }

    /// Rejects frames of the first side; the other sides' follow.
    private func reject(_ reason: String, _ detail: String, _ span: FrameSpan, _ input: Input, _ demo: inout CuratedDemo) {
        demo.sides[0].rejections.append(EpisodeCutter.rejection(input.unit, CurateStage.name, reason, detail, span, input.tool.times))
    }

    /// The other sides' part in what was decided for the first one's.
    private func mirror(_ input: Input, _ demo: inout CuratedDemo) {
        for side in input.sides.indices.dropFirst() {
            let times = input.clock.times[side]
            let near = times.indices.map { input.clock.reference(side, $0) }
            let first = demo.sides[0]
            var own = CuratedDemo.Side()
            own.weights = near.map { first.weights.indices.contains($0) ? first.weights[$0] : 1 }
            own.labels = near.map { first.labels.indices.contains($0) ? first.labels[$0] : nil }
            own.refused = Set(times.indices.filter { first.refused.contains(near[$0]) })
            own.rejections = first.rejections.compactMap { r in
                let span = FrameSpan(first: r.firstFrame, end: r.endFrame)
                guard
                    let segment = input.demo.segments.first(where: { s in
                        s.parts[0].span.first <= span.first && span.end <= s.parts[0].span.end
                    })
                else { return nil }
                let frames = input.clock.frames(side, along: span, of: segment)
                guard frames.count > 0 else { return nil }
                return EpisodeCutter.rejection(input.demo.sides[side].unit, r.stage, r.reason, r.detail, frames, times)
            }
            demo.sides[side] = own
        }
    }

    /// What was said of any side's recording, on the first side's clock.
    private func spans(_ input: Input) -> [LabelledSpan] {
        input.demo.sides.flatMap { side in
            labels.filter { $0.recording == side.unit }.map { span in
                var out = span
                out.recording = input.unit
                out.start -= side.offset
                out.end -= side.offset
                return out
            }
        }
    }

    /// What the user's values say of the demo: of its first side, else of another.
    private func weights(_ input: Input, times: [Double]) -> [Double]? {
        for side in input.demo.sides {
            if let own = values?.weights(side.unit, times: times.map { $0 + side.offset }, options: options) { return own }
        }
        return nil
    }

    /// Weights, cuts and measures of one demo.
    private func label(_ input: Input) -> CuratedDemo {
        let count = input.tool.count
        let seconds = input.tool.times.map(\.seconds)
        let spans = spans(input)
        var demo = CuratedDemo(demo: input.demo, sides: Array(repeating: CuratedDemo.Side(), count: input.sides.count))
        demo.sides[0].labels = Array(repeating: nil, count: count)
        demo.sides[0].weights = weights(input, times: seconds) ?? Array(repeating: 1, count: count)
        var cuts = [String?](repeating: nil, count: count)
        // A recovery inside a mistake is still a recovery: it comes last.
        for kind in [EpisodeLabel.mistake, .recovery, .idle, .reject] {
            for span in spans where span.label == kind {
                for i in 0..<count where seconds[i] >= span.start && seconds[i] < span.end {
                    demo.sides[0].labels[i] = kind
                    switch kind {
                    case .mistake:
                        if options.mistakes == .cut {
                            cuts[i] = "labelled_mistake"
                        } else {
                            demo.sides[0].weights[i] *= options.mistakeWeight
                        }
                    case .recovery:
                        cuts[i] = nil
                        demo.sides[0].weights[i] = options.recoveryWeight * (weights(input, times: [seconds[i]])?.first ?? 1)
                    case .reject: cuts[i] = "labelled_reject"
                    default: cuts[i] = "labelled_idle"
                    }
                }
            }
        }
        if options.privacy == .strict {
            let doubt = input.unresolved
            // A demo whose pictures nobody has judged is in doubt everywhere.
            for i in 0..<count where doubt.indices.contains(i) ? doubt[i] > options.unresolvedShare : true {
                cuts[i] = Self.unresolved
                demo.sides[0].refused.insert(i)
            }
        }
        for place in input.demo.segments.indices { take(place, input, spans, cuts, &demo) }
        return demo
    }

    private static let unresolved = "human_unresolved"

    private func doubt(_ input: Input, _ span: FrameSpan) -> String {
        let doubt = input.unresolved
        let shares = (span.first..<span.end).map { doubt.indices.contains($0) ? doubt[$0] : 1 }
        return "up to \((100 * (shares.max() ?? 0)).fixed(2)) % of the picture may be human and is not taken out; --privacy strict allows "
            + "\((100 * options.unresolvedShare).fixed(2)) % (curate.unresolved_share)"
    }

    /// Runs of frames with one reason to be out, or none; those with none fall apart where a label says `cut`.
    private func parts(
        _ segment: FrameSpan, _ cuts: [String?], _ labels: [LabelledSpan], _ times: [Timestamp<VideoClock>]
    ) -> [(label: String?, span: FrameSpan)] {
        let moments = labels.filter { $0.label == .cut }.map { cut in times.partitioningIndex { $0.seconds >= cut.start } }
        return EpisodeCutter.runs(Array(cuts[segment.first..<segment.end])).flatMap { run -> [(label: String?, span: FrameSpan)] in
            let span = FrameSpan(first: segment.first + run.span.first, end: segment.first + run.span.end)
            guard run.label == nil else { return [(run.label, span)] }
            let ends = Set(moments.filter { span.first < $0 && $0 < span.end }).sorted() + [span.end]
            return zip([span.first] + ends, ends).map { (nil, FrameSpan(first: $0, end: $1)) }
        }
    }

    /// Falls a segment apart at its cuts; what is left too short is out.
    private func take(_ place: Int, _ input: Input, _ spans: [LabelledSpan], _ cuts: [String?], _ demo: inout CuratedDemo) {
        let segment = input.demo.segments[place].parts[0]
        let times = input.tool.times
        for (label, span) in parts(segment.span, cuts, spans, times) {
            if let reason = label {
                let note = spans.first { overlaps($0, span, times) && "labelled_\($0.label.rawValue)" == reason }?.note ?? ""
                let detail = reason == Self.unresolved ? doubt(input, span) : note.isEmpty ? "labels.csv says so" : note
                reject(reason, detail, span, input, &demo)
                continue
            }
            let length = EpisodeCutter.seconds(span, times)
            let isWhole = span == segment.span
            guard isWhole || length >= shortest else {
                reject(
                    "too_short",
                    "\(length.fixed(2)) s are left between labels or refused frames; at least \(shortest) s make an episode", span, input,
                    &demo)
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
        _ place: Int, _ span: FrameSpan, _ input: Input, _ labels: [LabelledSpan], _ demo: CuratedDemo
    ) -> CuratedDemo.Episode {
        let segment = input.demo.segments[place]
        let about = labels.filter { overlaps($0, span, input.tool.times) }
        let spans = input.sides.indices.map { input.clock.frames($0, along: span, of: segment) }
        var measures = Self.measures(input.sides[0], spans[0], segment.parts[0].episode)
        for side in input.sides.indices.dropFirst() {
            measures.join(Self.measures(input.sides[side], spans[side], segment.parts[side].episode))
        }
        let said = Set(demo.sides[0].labels[span.first..<span.end].compactMap { $0 })
        measures.hasMistake = said.contains(.mistake)
        measures.hasRecovery = said.contains(.recovery)
        measures.isAccepted = about.contains { $0.label == .accept }
        measures.weight = demo.sides[0].weights[span.first..<span.end].reduce(0, +) / Double(max(span.count, 1))
        if let outcome = about.last(where: { $0.label == .success || $0.label == .failure }) {
            measures.succeeds = outcome.label == .success
        }
        let text = about.last { $0.label == .task }?.note ?? task
        return CuratedDemo.Episode(
            segment: place, spans: spans, task: text, isValidation: isValidation(input.identity), measures: measures)
    }

    /// Of frames of a recording that belong to a solved episode.
    private static func measures(_ side: Input.Side, _ span: FrameSpan, _ episode: Int) -> EpisodeMeasures {
        let known = side.margins.indices.contains(episode) && side.solved.indices.contains(episode)
        let values = known ? side.margins[episode] : []
        let offset = known ? side.solved[episode].first : 0
        let margin = (span.first..<span.end).compactMap { values.indices.contains($0 - offset) ? values[$0 - offset] : nil }.min()
        return EpisodeMeasures(
            tool: side.tool[span], infeasibleShare: side.infeasibleShares.indices.contains(episode) ? side.infeasibleShares[episode] : 0,
            margin: margin)
    }

    /// By a hash of what was recorded, so that a recording's episodes stay together and nothing else matters.
    private func isValidation(_ identity: String) -> Bool {
        guard options.validationShare > 0, let hash = UInt32(SHA256.hex(of: identity).prefix(8), radix: 16) else { return false }
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
        "outcome", "partner", "accepted",
    ]

    static func table(_ demos: [(input: Curator.Input, curation: CuratedDemo)]) -> CSVTable {
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
                    m.succeeds.map { $0 ? "success" : "failure" } ?? "", input.demo.sides.count > 1 ? input.demo.sides[1].unit : "",
                    m.isAccepted ? "1" : "0",
                ])
            }
        }
        return CSVTable(header: header, rows: rows)
    }
}
