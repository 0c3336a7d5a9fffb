internal import Foundation
internal import Geometry
internal import Imaging
internal import Mapping
internal import Session

/// Options of the stage that turns camera poses and tags into tool poses and widths.
public struct GripperStateOptions: Codable, Sendable, Equatable {
    public var gripper = GripperOptions()
    public var spikes = SpikeOptions()

    public init() {}
}

/// A demo's tool path and gripper widths.
struct ToolPath: Sendable {
    var tool: Trajectory<Table, Tool>
    var widths: [GripperSample]
    var spikes: [PoseSpike]
}

/// The tool's pose and the gripper's width for every frame of a demo.
struct GripperStateStage: Stage {
    static let name = "gripper_state"
    static let version = 2
    static let scope = StageScope.recording

    func needs(_ request: ConvertRequest) -> [any Stage.Type] { [IngestStage.self, GripperStage.self, LocalizeStage.self] }
    func options(_ configuration: Configuration) -> any Encodable { configuration.gripperState }

    func inputs(_ at: StageInput) throws -> [String: String] {
        let gripper = try at.gripper(at.unit)
        return [
            "ingest": at.key(IngestStage.self), "localize": at.key(LocalizeStage.self), "gripper": "\(gripper)",
            "range": try at.part(GripperStage.self).range(of: gripper).key,
        ]
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let options = at.configuration.gripperState
        let recording = try at.result(IngestStage.self)
        let poses = try at.result(LocalizeStage.self)
        let device = try at.device(recording)
        var tool = poses.camera.mapPoses { $0 * device.cameraFromTool }
        tool.covariances = zip(poses.camera.poses, poses.camera.covariances).map { pose, covariance in
            covariance.map { $0.carried(from: pose, by: device.cameraFromTool) }
        }
        let spikes = PoseSpikes.repair(&tool, options: options.spikes)
        var widths = poses.widths
        if widths == nil, let fingers = device.fingerTags {
            let range = try at.part(GripperStage.self).range(of: at.gripper(at.unit)).range
            let width = GripperWidth(tags: fingers, camera: device.camera, options: options.gripper)
            let tags = try recording.tags()
            if let misplaced = try width.misplaced(in: tags, unit: at.unit) { throw misplaced }
            widths = try width.widths(of: tags, times: recording.times, range: range)
        }
        guard let widths else {
            throw UnitFailure(
                reason: "gripper_unknown", detail: "the device file states no finger_tags and the poses bring no gripper width")
        }
        try tool.csv.write(to: folder.appendingPathComponent("tool.csv"))
        try CSVTable(
            header: ["frame", "width_m", "interpolated", "sigma_m"],
            rows: widths.enumerated().map {
                [
                    "\($0.offset)", $0.element.width?.fixed(9) ?? "", $0.element.isInterpolated ? "1" : "0",
                    $0.element.sigma?.fixed(9) ?? "",
                ]
            }
        ).write(to: folder.appendingPathComponent("widths.csv"))
        try FileBytes.write(JSONText.encode(spikes), to: folder.appendingPathComponent("spikes.json"))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> ToolPath {
        let table = try CSVTable(contentsOf: artefact.file("widths.csv"))
        return ToolPath(
            tool: try Trajectory(csv: artefact.file("tool.csv")),
            widths: table.rows.map { GripperSample(width: Double($0[1]), isInterpolated: $0[2] == "1", sigma: Double($0[3])) },
            spikes: try JSONText.decode([PoseSpike].self, from: artefact.file("spikes.json")))
    }
}
