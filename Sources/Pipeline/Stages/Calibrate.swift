internal import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// Options of the stage that turns camera poses and tags into tool poses and widths.
public struct CalibrateOptions: Codable, Sendable, Equatable {
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

/// The gripper's range for the session; the tool pose and the width for every frame of a demo.
enum Calibrate {
    /// The range from the calibration recordings (the widest of each), or nil without one.
    static func range(
        _ recordings: [(recording: IngestedRecording, tags: Artefact)], unit: String, context: StageContext
    ) throws -> (artefact: Artefact, range: GripperRange?) {
        let options = context.configuration.calibrate
        var inputs: [String: String] = [:]
        for r in recordings { inputs[r.recording.file.unit] = "\(r.tags.key) gripper \(r.recording.gripper)" }
        let artefact = try context.make(.calibrate, unit: unit, options: options.gripper, inputs: inputs) { folder in
            var ranges: [GripperRange] = []
            for r in recordings {
                let device = try r.recording.device(context.request.device)
                guard let tags = device.fingerTags else { continue }
                let width = GripperWidth(tags: tags, camera: device.camera, options: options.gripper)
                ranges.append(
                    try width.range(of: Tags.read(r.tags, frameCount: r.recording.times.count), unit: r.recording.file.unit))
            }
            let low = ranges.map(\.minimum).min()
            let high = ranges.map(\.maximum).max()
            let centre = ranges.isEmpty ? 0 : ranges.reduce(0) { $0 + $1.centre } / Double(ranges.count)
            let range = low.flatMap { low in high.map { GripperRange(minimum: low, maximum: $0, centre: centre) } }
            try FileBytes.write(JSONText.encode(range), to: folder.appendingPathComponent("range.json"))
        }
        return (artefact, try JSONText.decode(GripperRange?.self, from: artefact.file("range.json")))
    }

    static func run(
        _ recording: IngestedRecording, poses: LocalizedPoses, tags: Artefact, range: (artefact: Artefact, range: GripperRange?),
        context: StageContext
    ) throws -> (artefact: Artefact, path: ToolPath) {
        let options = context.configuration.calibrate
        let unit = recording.file.unit
        let inputs = ["localize": poses.artefact.key, "tags": tags.key, "range": range.artefact.key, "gripper": "\(recording.gripper)"]
        let artefact = try context.make(.calibrate, unit: unit, options: options, inputs: inputs) { folder in
            let device = try recording.device(context.request.device)
            var tool = poses.camera.mapPoses { $0 * device.cameraFromTool }
            tool.covariances = zip(poses.camera.poses, poses.camera.covariances).map { pose, covariance in
                covariance.map { carried($0, pose: pose, offset: device.cameraFromTool) }
            }
            let spikes = PoseSpikes.repair(&tool, options: options.spikes)
            var widths = poses.widths
            if widths == nil, let fingers = device.fingerTags {
                widths = try GripperWidth(tags: fingers, camera: device.camera, options: options.gripper)
                    .widths(of: Tags.read(tags, frameCount: recording.times.count), times: recording.times, range: range.range)
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
        return (artefact, try read(artefact))
    }

    private static func read(_ artefact: Artefact) throws -> ToolPath {
        let table = try CSVTable(contentsOf: artefact.file("widths.csv"))
        return ToolPath(
            tool: try Trajectory(csv: artefact.file("tool.csv")),
            widths: table.rows.map { GripperSample(width: Double($0[1]), isInterpolated: $0[2] == "1", sigma: Double($0[3])) },
            spikes: try JSONText.decode([PoseSpike].self, from: artefact.file("spikes.json")))
    }

    /// The covariance of the tool's pose from the camera's, `tool = camera * offset`: δp_tool = δp − R [t]× δθ, δθ_tool = R_offsetᵀ δθ.
    static func carried(_ c: PoseCovariance, pose: Transform<Table, Camera>, offset: Transform<Camera, Tool>) -> PoseCovariance {
        let lever = -(pose.rotation.matrix * Matrix3.skew(offset.translation))
        let turn = offset.rotation.matrix
        return PoseCovariance(
            position: c.position + c.cross * lever.transposed + lever * c.cross.transposed + lever * c.rotation * lever.transposed,
            rotation: turn.transposed * c.rotation * turn, cross: (c.cross + lever * c.rotation) * turn)
    }
}
