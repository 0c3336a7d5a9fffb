/// How pictures and files of a data set of demonstrations are made, by format; what a format does not need it does not read.
public struct DatasetOptions: Codable, Sendable, Equatable {
    /// Widest picture in a video, pixels; default 640. Wider recordings are scaled down in proportion.
    public var imageWidth = 640
    /// Width and height of the pictures in robomimic's HDF5, pixels; default 224: they are hardly compressed there.
    public var squareWidth = 224
    public var leRobot = LeRobotOptions()
    public var umi = UMIOptions()
    public var robomimic = RobomimicOptions()

    public init() {}

    /// Of the pictures in videos, from the recording's size, pixels: even numbers, as yuv420p needs.
    public func videoSize(width: Int, height: Int) -> (width: Int, height: Int) {
        let scale = min(1, Double(imageWidth) / Double(max(width, 1)))
        return (Int((Double(width) * scale / 2).rounded()) * 2, Int((Double(height) * scale / 2).rounded()) * 2)
    }
}

/// What a data set of demonstrations holds, whatever its format: which arms, at which rate, from pictures of which size.
public struct DatasetSpecification: Sendable, Equatable {
    /// Name of the arm, such as "panda".
    public var arm: String
    /// In the arm's order; empty where nothing says where the arm stands: tool poses are then in the session's own frame, and actions relative.
    public var jointNames: [String]
    /// A lone arm, or left and right.
    public var sides: [DatasetSide]
    /// Rows a second.
    public var rate: Int
    /// Of the pictures that the frames bring, pixels.
    public var pictureWidth: Int
    public var pictureHeight: Int
    /// Whether somebody weighed the frames: UMI's files hold `loss_weight` only then, all others always.
    public var carriesWeights = false
    /// Whether the frames say if they were retimed: a column `diagnostic.retimed`; not in UMI's files, which hold no diagnostics.
    public var carriesRetiming = false
    public var options: DatasetOptions

    public init(
        arm: String, jointNames: [String], sides: [DatasetSide] = [.only], rate: Int, pictureWidth: Int, pictureHeight: Int,
        carriesWeights: Bool = false, carriesRetiming: Bool = false, options: DatasetOptions = DatasetOptions()
    ) {
        self.arm = arm
        self.jointNames = jointNames
        self.sides = sides
        self.rate = rate
        self.pictureWidth = pictureWidth
        self.pictureHeight = pictureHeight
        self.carriesWeights = carriesWeights
        self.carriesRetiming = carriesRetiming
        self.options = options
    }

    func validate() throws(DatasetError) {
        guard sides == [.only] || sides == [.left, .right] else {
            throw .layout(key: "sides", reason: "\(sides.map(\.rawValue)); accepted: only, or left and right")
        }
        guard pictureWidth > 0, pictureHeight > 0 else {
            throw .layout(key: "picture", reason: "\(pictureWidth)x\(pictureHeight) is no size of a picture")
        }
    }

    /// As readers name it; two of an arm are LeRobot's `bi_`.
    var robotType: String { sides.count == 1 ? arm : "bi_\(arm)" }

    /// Names of one side's numbers in state and action.
    private var numberNames: [String] {
        jointNames.map { "\($0).pos" } + ["gripper.pos", "ee.x", "ee.y", "ee.z", "ee.wx", "ee.wy", "ee.wz"]
    }

    /// Of its action: as the state, or without joints the next tool pose seen from this one, in the tool's own axes.
    private var actionNames: [String] {
        jointNames.isEmpty ? ["gripper.pos", "ee.dx", "ee.dy", "ee.dz", "ee.dwx", "ee.dwy", "ee.dwz"] : numberNames
    }

    /// State and action hold each side's joints, gripper and tool pose (in its own base's frame), one side after another.
    func layout(pictureWidth: Int, pictureHeight: Int) -> EpisodeLayout {
        let names = sides.flatMap { side in numberNames.map { side.prefix + $0 } }
        return EpisodeLayout(
            stateNames: names, actionNames: sides.flatMap { side in actionNames.map { side.prefix + $0 } },
            cameras: sides.map { CameraFeature(key: "observation.images.\($0.prefix)wrist", width: pictureWidth, height: pictureHeight) },
            annotations: sides.flatMap(\.annotations) + [AnnotationFeature("diagnostic.speed_percentile", .float32)]
                + (carriesRetiming ? [AnnotationFeature("diagnostic.retimed", .bool)] : []) + [AnnotationFeature("loss_weight", .float32)])
    }

    /// Runs of the state's numbers that belong together.
    var groups: [FeatureGroup] {
        let joints = jointNames.count
        return sides.enumerated().flatMap { n, side in
            let first = n * numberNames.count
            let arm = FeatureGroup(sides.count == 1 ? "single_arm" : "\(side.prefix)arm", start: first, end: first + joints)
            return (joints > 0 ? [arm] : []) + [
                FeatureGroup("\(side.prefix)gripper", start: first + joints, end: first + joints + 1),
                FeatureGroup("\(side.prefix)end_effector_position", start: first + joints + 1, end: first + joints + 4),
                FeatureGroup(
                    "\(side.prefix)end_effector_rotation", start: first + joints + 4, end: first + joints + 7, rotation: "axis_angle"),
            ]
        }
    }
}
