public import Foundation
public import Robot
public import Session

/// The forms in which data sets are written.
public enum DataSetFormat: String, Sendable, CaseIterable {
    case lerobot, umi
}

/// What `griptrace convert` was asked to do.
public struct ConvertRequest: Sendable {
    public var session: URL
    public var device: Device
    public var deviceFile: URL
    public var arm: Arm
    public var output: URL
    public var formats: [DataSetFormat]
    /// Poses from outside: a file for a session of one demo, or a folder with one file a demo, named like it.
    public var poses: URL?
    /// Converts this demo alone.
    public var only: String?
    /// Makes this stage and all after it again, whatever is there.
    public var from: Stage?
    /// Recordings worked on side by side.
    public var jobs: Int
    public var configuration: Configuration

    public init(
        session: URL, device: Device, deviceFile: URL, arm: Arm, output: URL, formats: [DataSetFormat] = DataSetFormat.allCases,
        poses: URL? = nil, only: String? = nil, from: Stage? = nil, jobs: Int = 1, configuration: Configuration = Configuration()
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
    }
}

/// News of a run, for whoever shows it.
public enum ProgressEvent: Sendable {
    /// A stage of a unit began.
    case started(stage: Stage, unit: String)
    /// 0 to 1 through a long stage.
    case advanced(stage: Stage, unit: String, fraction: Double)
    case finished(stage: Stage, unit: String, skipped: Bool, seconds: Double)
    /// A unit, or a part of it, is left out.
    case rejected(Rejection)
    case note(String)
}

public typealias ProgressSink = @Sendable (ProgressEvent) -> Void
