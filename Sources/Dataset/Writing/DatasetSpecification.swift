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
    /// Which numbers state and action hold; UMI's files hold UMI's own.
    public var numbers = DatasetNumbers()
    /// What cameras are called after `observation.images.` (and `left_` or `right_`), in robomimic before `_image`; UMI's are `camera0_rgb`.
    public var imageKey = "wrist"
    /// What sensors beside the cameras read: in LeRobot `observation.NAME`, in robomimic `obs/NAME`, in UMI's files `robot0_NAME`.
    public var samples: [SampleFeature] = []
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

    /// The numbers that are asked for; without joints tool poses and their motions, which are the same in every frame.
    var written: DatasetNumbers {
        jointNames.isEmpty ? DatasetNumbers(state: .ee, action: .eeRelative, chart: numbers.chart) : numbers
    }

    /// State and action hold each side's numbers, one side after another.
    func layout(pictureWidth: Int, pictureHeight: Int) -> EpisodeLayout {
        let numbers = written
        func names(_ parts: [DatasetNumbers.Part]) -> [String] {
            sides.flatMap { side in parts.flatMap { numbers.names($0, joints: jointNames) }.map { side.prefix + $0 } }
        }
        var layout = EpisodeLayout(
            stateNames: names(numbers.stateParts), actionNames: names(numbers.actionParts),
            cameras: sides.map {
                CameraFeature(key: "observation.images.\($0.prefix)\(imageKey)", width: pictureWidth, height: pictureHeight)
            },
            annotations: sides.flatMap(\.annotations) + [AnnotationFeature("diagnostic.speed_percentile", .float32)]
                + (carriesRetiming ? [AnnotationFeature("diagnostic.retimed", .bool)] : []) + [AnnotationFeature("loss_weight", .float32)])
        layout.rotations = numbers.usedChart
        layout.vectors = samples.map { feature in
            VectorFeature(VectorFeature.prefix + feature.name, sides.flatMap { side in feature.columns.map { side.prefix + $0 } })
        }
        return layout
    }

    /// Runs of the state's numbers that belong together.
    var stateGroups: [FeatureGroup] { groups(written.stateParts) }

    /// The same of the action's.
    var actionGroups: [FeatureGroup] { groups(written.actionParts) }

    /// A tool's position and rotation as one group, `end_effector`, beside each of their own: GR00T N1.7 takes them so.
    func withPoses(_ groups: [FeatureGroup]) -> [FeatureGroup] {
        var out = groups
        for (position, rotation) in zip(groups, groups.dropFirst()) where position.name.hasSuffix("end_effector_position") {
            out.append(FeatureGroup(String(position.name.dropLast("_position".count)), start: position.start, end: rotation.end))
        }
        return out
    }

    private func groups(_ parts: [DatasetNumbers.Part]) -> [FeatureGroup] {
        let numbers = written
        var out: [FeatureGroup] = []
        for side in sides {
            for part in parts {
                let start = out.last?.end ?? 0
                let (name, rotation, isRelative) = numbers.group(part, of: side)
                out.append(
                    FeatureGroup(
                        name, start: start, end: start + numbers.names(part, joints: jointNames).count, rotation: rotation,
                        isRelative: isRelative))
            }
        }
        return out
    }
}
