internal import Dataset
internal import Foundation
internal import Geometry
internal import Imaging
internal import Robot

/// A writer for rows of a state, an action and diagnostics, of one arm or of several, and how its pictures are prepared.
struct TableWriter {
    let writer: any EpisodeWriter
    private let width: Int
    private let height: Int
    private let isSquare: Bool

    /// - Parameter sides: a prefix of the numbers' names for each arm, such as `left_`; one empty one for a lone arm.
    init(
        _ format: DataSetFormat, _ target: URL, existing: ExistingDataset, recording: IngestSummary, rate: Int, arm: Arm,
        options: ExportOptions,
        sides: [String] = [""]
    ) throws {
        isSquare = format == .robomimic
        (width, height) = isSquare ? (options.squareWidth, options.squareWidth) : options.videoSize(recording)
        let (width, height) = (width, height)
        let joints = arm.joints.count
        let one = arm.joints.map { "\($0.name).pos" } + ["gripper.pos", "ee.x", "ee.y", "ee.z", "ee.wx", "ee.wy", "ee.wz"]
        let names = sides.flatMap { side in one.map { side + $0 } }
        let layout = EpisodeLayout(
            stateNames: names, actionNames: names,
            cameras: sides.map { CameraFeature(key: "observation.images.\($0)wrist", width: width, height: height) },
            annotations: sides.flatMap { side in
                [
                    AnnotationFeature("annotation.\(side)feasibility_margin", .float32),
                    AnnotationFeature("annotation.\(side)position_sigma_m", .float32),
                    AnnotationFeature("annotation.\(side)pose_bridged", .bool),
                    AnnotationFeature("annotation.\(side)filled_share", .float32),
                    AnnotationFeature("annotation.\(side)source_frame", .int64),
                ]
            } + [AnnotationFeature("annotation.speed_percentile", .float32), AnnotationFeature("loss_weight", .float32)])
        let groups = sides.enumerated().flatMap { n, side in
            let first = n * one.count
            return [
                FeatureGroup(sides.count == 1 ? "single_arm" : "\(side)arm", start: first, end: first + joints),
                FeatureGroup("\(side)gripper", start: first + joints, end: first + joints + 1),
                FeatureGroup("\(side)end_effector_position", start: first + joints + 1, end: first + joints + 4),
                FeatureGroup("\(side)end_effector_rotation", start: first + joints + 4, end: first + joints + 7, rotation: "axis_angle"),
            ]
        }
        let robot = sides.count == 1 ? arm.name : "bi_\(arm.name)"
        if format == .robomimic {
            var robomimic = RobomimicOptions()
            robomimic.existing = existing
            robomimic.groups = groups
            writer = try RobomimicWriter(path: target, robotType: robot, layout: layout, options: robomimic)
        } else {
            var lerobot = try options.leRobot
            lerobot.version = format == .lerobot21 ? .v21 : .v30
            lerobot.existing = existing
            lerobot.groups = groups
            writer = try LeRobotWriter(root: target, fps: rate, robotType: robot, layout: layout, options: lerobot)
        }
    }

    /// As large as the data set's.
    func fitted(_ picture: Image) throws -> Image {
        if isSquare { return try UMIPicture.prepare(picture, size: width) }
        return picture.width == width && picture.height == height ? picture : try picture.resized(width: width, height: height)
    }

    /// Joints, gripper and tool pose.
    static func numbers(joints: [Double], width: Double, baseFromTool: Transform<Base, Tool>, rotationVector r: Vector3) -> [Float] {
        let p = baseFromTool.translation
        return (joints + [width, p.x, p.y, p.z, r.x, r.y, r.z]).map(Float.init)
    }
}
