internal import Session

/// What became of every second of a session: the content of `report.json`.
public struct RunReport: Codable, Sendable, Equatable {
    /// Changes when a reader of this file must.
    public static let schema = "griptrace.report.v1"

    public var schema = RunReport.schema
    public var session: String
    public var device: String
    public var arm: String
    public var frames: FrameCount
    public var recordings: [RecordingReport]
    public var dataSets: [DataSetReport]
    /// What went wrong for the session as a whole and was worked round, in sentences.
    public var notes: [String]
    /// Where the data sets contradict what was to be written, in sentences that name the recordings; empty in a sound run.
    public var faults: [String]
    /// Files of the session folder that are no recordings.
    public var ignoredFiles: [String]

    /// Frames of the demos; `input == output + rejected` always.
    public struct FrameCount: Codable, Sendable, Equatable {
        public var input: Int
        public var output: Int
        public var rejected: Int

        public init(input: Int = 0, output: Int = 0, rejected: Int = 0) {
            self.input = input
            self.output = output
            self.rejected = rejected
        }

        static func + (a: FrameCount, b: FrameCount) -> FrameCount {
            FrameCount(input: a.input + b.input, output: a.output + b.output, rejected: a.rejected + b.rejected)
        }
    }
}

/// One recording's part of the report.
public struct RecordingReport: Codable, Sendable, Equatable {
    public enum Status: String, Codable, Sendable {
        /// All its frames are in the data set.
        case converted
        /// Some are.
        case partly
        /// None is, for reasons that lie in what was done: lost, infeasible.
        case rejected
        /// It could not be read or processed.
        case failed
        /// It served the session: the map, the gripper's range.
        case used
    }

    public var unit: String
    public var role: RecordingRole
    public var status: Status
    public var frames: RunReport.FrameCount
    public var seconds: Double
    /// Of the video, as far as its index says; of a demo `frames.input`.
    public var videoFrames = 0
    /// Codec, size, rate, telemetry: one line.
    public var video: String
    public var problems: [String]
    /// What was checked and found in order, in sentences.
    public var findings: [String]
    public var timeline: [TimelineSpan]
    public var spikes: [PoseSpike]
    /// Named figures of the stages, in order: `position_sigma_mm_median`, `landmarks`, …
    public var figures: [Figure]
    public var verdict: String
    public var episodes: [EpisodeReport]
    /// Of a demo's exported pixels, the shares by where they come from: `original`, `observed`, `propagated`, `invented`, `rendered`; they sum to
    /// 1. Nil where nothing was exported.
    public var provenance: [String: Double]?

    public init(unit: String, role: RecordingRole) {
        self.unit = unit
        self.role = role
        status = .failed
        frames = RunReport.FrameCount()
        seconds = 0
        video = ""
        problems = []
        findings = []
        timeline = []
        spikes = []
        figures = []
        verdict = ""
        episodes = []
    }
}

/// A number with its name, as reports list them.
public struct Figure: Codable, Sendable, Equatable {
    public var name: String
    public var value: Double
    public var unit: String

    public init(_ name: String, _ value: Double, _ unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }
}

/// What became of a stretch of a recording.
public struct TimelineSpan: Codable, Sendable, Equatable {
    /// `exported`, or why not: `lost`, `idle`, `joint_velocity`, …
    public var label: String
    public var firstFrame: Int
    public var endFrame: Int
    public var startSeconds: Double
    public var endSeconds: Double
    public var detail: String
}

/// One episode that was solved for the arm; all of it or parts of it may be exported.
public struct EpisodeReport: Codable, Sendable, Equatable {
    public var firstFrame: Int
    public var endFrame: Int
    public var isFeasible: Bool
    public var feasibleShare: Double
    public var verdict: String
    /// Where the speed was changed, in sentences.
    public var changes: [String]
}

/// One data set that was written.
public struct DataSetReport: Codable, Sendable, Equatable {
    public var format: String
    /// Relative to the output folder.
    public var path: String
    public var episodes: Int
    public var frames: Int
    public var rate: Int
}
