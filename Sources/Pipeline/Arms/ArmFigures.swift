internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// What a conversion came to for its arm, in the figures by which arms are compared.
public struct ArmFigures: Codable, Sendable, Equatable {
    /// How often a value is not exceeded.
    public struct Spread: Codable, Sendable, Equatable {
        public var median: Double
        /// 99 of 100 values are not above it.
        public var high: Double
        public var worst: Double

        /// Nil where there are no values.
        init?(_ values: [Double]) {
            let sorted = values.sorted()
            guard let last = sorted.last else { return nil }
            (median, high, worst) = (sorted[(sorted.count - 1) / 2], sorted[(sorted.count - 1) * 99 / 100], last)
        }
    }

    public var arm: String
    /// Of the demos.
    public var frames = RunReport.FrameCount()
    /// Frames that were left out, by reason; they sum to `frames.rejected`.
    public var rejected: [String: Int] = [:]
    /// By check the least margin of all frames that are exported: 1 far from the limit, 0 at it.
    public var leastMargins: [String: Double] = [:]
    /// What was exported: stretches of recordings, and those wholly in the home family of postures, with frames in another of the arm's, and
    /// with frames in a posture of their own.
    public var episodes = 0
    public var homeEpisodes = 0
    public var otherFamilyEpisodes = 0
    public var ownPostureEpisodes = 0
    /// Exported frames that pass at another speed than they were recorded at.
    public var retimedFrames = 0
    /// From where the joints put the tool to where it was recorded, over the exported frames, m and rad; nil where there are no joints.
    public var positionError: Spread?
    public var rotationError: Spread?
    /// What went wrong for this arm as a whole; empty where nothing did.
    public var fault = ""

    public init(arm: String) { self.arm = arm }

    /// The check whose margin is least.
    public var nearest: (check: String, margin: Double)? {
        leastMargins.min { ($0.value, $0.key) < ($1.value, $1.key) }.map { ($0.key, $0.value) }
    }

    /// Gathers the figures recording by recording.
    struct Count {
        private let run: RunContext
        private let board: Board
        /// Stretches of recordings that are episodes together: one of each side.
        private var episodes: [[String]] = []
        private var families: [String: Set<Int>] = [:]
        private var out: ArmFigures
        private var distances: [Double] = []
        private var angles: [Double] = []
        private let kinematics: Kinematics

        init(_ run: RunContext, _ board: Board, _ written: [WrittenEpisode]) {
            (self.run, self.board) = (run, board)
            episodes = written.map { $0.sides.map { Self.name($0.unit, $0.span) } }
            out = ArmFigures(arm: run.request.arm.name)
            kinematics = Kinematics(run.request.arm)
        }

        private static func name(_ unit: String, _ span: FrameSpan) -> String { "\(unit) \(span.first) \(span.end)" }

        /// - Parameters:
        ///   - spans: frames of the recording that are in the data sets.
        ///   - rejections: of all others.
        mutating func add(_ ledger: RecordingLedger, _ spans: [FrameSpan], _ rejections: [Rejection]) throws {
            let unit = ledger.file.unit
            for row in rejections where row.frameCount > 0 { out.rejected[row.reason, default: 0] += row.frameCount }
            guard !spans.isEmpty, let feasible = ledger.feasible, let solved = try result(SolveStage.self, unit),
                let path = try result(GripperStateStage.self, unit), let bases = try result(BaseStage.self, Board.session),
                let pairs = try result(PairStage.self, Board.session)
            else { return }
            let base = bases[pairs.side(unit)]
            let baseFromTable = base.tableFromBase.inverse
            for span in spans {
                families[Self.name(unit, span), default: []] = []
                guard let k = solved.episodes.firstIndex(where: { $0.first <= span.first && span.end <= $0.end }) else { continue }
                let (offset, joints, verdict) = (solved.episodes[k].first, solved.paths[k], feasible.verdicts[k])
                let frames = (span.first - offset)..<(span.end - offset)
                families[Self.name(unit, span)] = base.isKnown ? Set(frames.map { joints.family[$0] }) : []
                for margin in verdict.kept.margins {
                    guard let least = frames.compactMap({ margin.values[$0] }).min() else { continue }
                    out.leastMargins[margin.check.rawValue] = min(least, out.leastMargins[margin.check.rawValue] ?? least)
                }
                guard let motion = verdict.paths.first(where: { $0.firstFrame <= frames.lowerBound && frames.upperBound <= $0.endFrame })
                else { continue }
                for i in frames {
                    let time = motion.time(of: path.tool.times[offset + i])
                    if motion.isRetimed, abs(motion.speed(at: time) - 1) > DemoSampler.ownSpeed { out.retimedFrames += 1 }
                    guard base.isKnown else { continue }
                    let (reached, recorded) = (kinematics.forward(motion.joints(at: time)), baseFromTable * path.tool.poses[offset + i])
                    distances.append((reached.translation - recorded.translation).length)
                    angles.append(reached.rotation.angle(to: recorded.rotation))
                }
            }
        }

        func figures(_ report: RunReport) -> ArmFigures {
            var figures = out
            figures.frames = report.frames
            figures.fault = report.faults.joined(separator: "; ")
            (figures.positionError, figures.rotationError) = (Spread(distances), Spread(angles))
            for episode in episodes where episode.allSatisfy({ families[$0] != nil }) {
                figures.episodes += 1
                let all = episode.reduce(into: Set<Int>()) { $0.formUnion(families[$1] ?? []) }
                if all == [0] { figures.homeEpisodes += 1 }
                if all.contains(JointPath.noFamily) { figures.ownPostureEpisodes += 1 }
                if all.contains(where: { $0 > 0 }) { figures.otherFamilyEpisodes += 1 }
            }
            return figures
        }

        private func result<S: Stage>(_ type: S.Type, _ unit: String) throws -> S.Output? {
            try board.artefact(S.name, unit).map { try run.read(type, $0, unit: unit, board: board) }
        }
    }
}
