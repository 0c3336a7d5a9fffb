public import Dataset
internal import Imaging

/// How episodes are written.
public struct ExportOptions: Codable, Sendable, Equatable {
    /// Frames a second of the data set, whole, 1 to 240; default 0: the recordings' own rate, rounded (59.94 becomes 60). Poses are interpolated
    /// to it, pictures are the nearest in time.
    public var rate = 0
    /// Widest picture of the LeRobot data set, pixels; default 640. Wider recordings are scaled down in proportion.
    public var imageWidth = 640
    /// Width and height of the pictures in robomimic's HDF5, pixels; default 224: they are hardly compressed there.
    public var squareWidth = 224
    /// Constant rate factor of the video in the LeRobot data set; default 0: 20 with H.264, 30 with AV1.
    public var quality = 0
    /// Codec of the video, `h264` or `av1`; default h264: AV1 takes a fifth of the space less and five times the time.
    public var codec = "h264"
    /// Frames from one key picture to the next; default 6: training reads at random.
    public var keyInterval = 6
    /// What `observation.state` holds: `joints` (and gripper), `ee` (tool pose and gripper), `both`, or `auto`; default `auto`: joints where
    /// the action is of joints, else the tool pose. A policy that is given both learns from the half that its robot may not have.
    public var state = StateNumbers.auto
    /// What `action` holds: `joints`, `ee` (the next row's), or `ee-relative` (the tool's motion to the next row, in the tool's own frame);
    /// default joints: they are what was judged and what an arm takes, and the same pose has the same ones in every episode.
    public var action = ActionNumbers.joints
    /// How the tool's rotation is written: `rot6d` (the matrix's first two rows), `rotvec` or `quaternion`; default rot6d: it has no place
    /// where numbers jump, so that no episode can be outside its chart, and needs no reference to be read. UMI's files keep UMI's own keys.
    public var rotation = RotationForm.rot6d
    /// Farthest that a tool may be turned from the reference of rotation vectors and quaternions, degrees, above 0 to 175; default 150. 5° of
    /// turn change a rotation vector by up to 0.1 at 100°, by 0.12 at 150°; at 180° it jumps.
    public var rotationLimit = 150.0
    /// What the wrist's camera is called after `observation.images.`, letters, digits and `_`; default "wrist".
    public var imageKey = "wrist"
    /// The task that an episode without a label is for; default "demonstration".
    public var task = "demonstration"

    public init() {}

    func check() throws(PipelineError) {
        _ = try dataset
        guard rate == 0 || (1...240).contains(rate) else {
            throw .usage("export.rate \(rate)", accepted: "a whole number of frames a second from 1 to 240, or 0")
        }
        for (name, width) in [("image_width", imageWidth), ("square_width", squareWidth)] where !(16...4096).contains(width) {
            throw .usage("export.\(name) \(width)", accepted: "16 to 4096 pixels")
        }
        guard (1...10_000).contains(keyInterval) else { throw .usage("export.key_interval \(keyInterval)", accepted: "1 to 10000 frames") }
        guard (0...(codec == "av1" ? 63 : 51)).contains(quality) else {
            throw .usage("export.quality \(quality)", accepted: "1 to 51 with h264, 1 to 63 with av1, or 0")
        }
        guard rotationLimit > 0, rotationLimit <= 175 else {
            throw .usage("export.rotation_limit \(rotationLimit)", accepted: "degrees above 0, at most 175")
        }
        guard !imageKey.isEmpty, imageKey.utf8.allSatisfy({ $0 == 95 || (48...57).contains($0) || (97...122).contains($0 | 32) }) else {
            throw .usage("export.image_key '\(imageKey)'", accepted: "letters, digits and _")
        }
        guard !task.isEmpty else { throw .usage("export.task ''", accepted: "what is done, in words") }
    }

    /// As the data sets' writers take them.
    var dataset: DatasetOptions {
        get throws(PipelineError) {
            var out = DatasetOptions()
            (out.imageWidth, out.squareWidth) = (imageWidth, squareWidth)
            guard let codec = VideoWriter.Codec(rawValue: codec), codec != .ffv1 else {
                throw .usage("export.codec \(codec)", accepted: "h264, av1")
            }
            out.leRobot.codec = codec
            if quality > 0 { out.leRobot.crf = quality }
            out.leRobot.keyFrameInterval = keyInterval
            return out
        }
    }

    /// The stated rate, or the recordings' own as a whole number.
    func rate(of demos: [ExportDemo]) -> Int {
        if rate > 0 { return rate }
        let rates = demos.map { $0.sides[0].recording.summary.rate }.sorted()
        return max(1, Int((rates.isEmpty ? 30 : rates[rates.count / 2]).rounded()))
    }
}
