public import Dataset
public import Foundation
public import Robot
public import Session

/// What `griptrace convert` was asked to do.
public struct ConvertRequest: Sendable {
    public var session: URL
    public var device: Device
    public var deviceFile: URL
    public var arm: Arm
    public var output: URL
    public var formats: [DatasetFormat]
    /// Poses from outside: a file for a session of one demo, or a folder with one file a demo, named like it.
    public var poses: URL?
    /// Takes the trajectories that UMI's own pipeline left in the session (`camera_trajectory.csv`, `mapping/tx_slam_tag.json`).
    public var usesSessionPoses = false
    /// Converts this demo alone.
    public var only: String?
    /// Makes this stage and all after it again, whatever is there.
    public var from: String?
    /// Recordings worked on side by side.
    public var jobs: Int
    public var configuration: Configuration
    /// What a person says of the recordings, see `LabelledSpan`; nil: the session's own `labels.csv` if there is one.
    public var labels: URL?
    /// A user's weights or value function, see `ValueWeights`.
    public var values: URL?
    /// Writes the `dynamics` data set beside the policy's.
    public var dynamics: Bool
    /// In a session of two grippers, keeps demos of which only one side is good, in `single/`.
    public var keepsSingle = false
    /// A user's masks (and clean pictures): a folder as `MaskFolder` reads it, or one with such a folder for each demo.
    public var masks: URL?
    public var plates: URL?
    /// A user's segmenter as a shell command, see `CommandModel`.
    public var maskCommand: String?
    /// A user's segmenter as an ONNX file: its manifest, and the runtime's library where it is not found by itself.
    public var maskModel: URL?
    public var onnxRuntime: String?
    /// Hand-drawn labels of a few frames, a folder for each demo, as `griptrace scribble` lays them out.
    public var scribbles: URL?
    /// Writes masks and provenance of each demo to `masks/`.
    public var exportsMasks = false
    /// Drawn into the pictures from the joints: `arm`, or a model of it with meshes.
    public var overlay: Arm?
    /// Other cameras that the arm is drawn for.
    public var fixedCameras: [FixedCamera] = []
    /// How the stages are kept from ending one another.
    public var isolation = StageIsolation.inProcess
    /// Of the program, as data sets remember it.
    public var version = "unknown"
    /// Of a run for several arms the output that theirs lie in: what is the same for every arm is made there, once.
    public var shared: URL?
    /// Faults on purpose, for tests.
    public var faults: [StageFault]

    /// Whether poses come from our own mapping.
    var usesMap: Bool { poses == nil && !usesSessionPoses }

    public init(
        session: URL, device: Device, deviceFile: URL, arm: Arm, output: URL, formats: [DatasetFormat] = [.lerobot, .umi],
        poses: URL? = nil, only: String? = nil, from: String? = nil, jobs: Int = 1, configuration: Configuration = Configuration(),
        labels: URL? = nil, values: URL? = nil, dynamics: Bool = false
    ) {
        self.session = session
        self.device = device
        self.deviceFile = deviceFile
        self.arm = arm
        self.output = output
        self.formats = formats
        self.poses = poses
        self.only = only
        self.from = from
        self.jobs = jobs
        self.configuration = configuration
        self.labels = labels ?? Self.ownLabels(session)
        self.values = values
        self.dynamics = dynamics
        faults = StageFault.stated(ProcessInfo.processInfo.environment)
    }

    /// The session's own `labels.csv`; nil where it has none.
    static func ownLabels(_ session: URL) -> URL? {
        let own = session.appendingPathComponent("labels.csv")
        return FileManager.default.fileExists(atPath: own.path) ? own : nil
    }
}

/// News of a run, for whoever shows it.
public enum ProgressEvent: Sendable {
    /// What the run is to go through, before anything else.
    case planned([PlannedUnit])
    /// A stage of a unit began.
    case started(stage: String, unit: String)
    /// 0 to 1 through a long stage.
    case advanced(stage: String, unit: String, fraction: Double)
    /// With what it cost.
    case finished(StageUsage)
    /// A recording, or a stage of the session, goes no further.
    case stopped(unit: String, stage: String, reason: String, detail: String)
    /// A unit, or a part of it, is left out.
    case rejected(Rejection)
    case note(String)
}

public typealias ProgressSink = @Sendable (ProgressEvent) -> Void
