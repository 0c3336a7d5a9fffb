public import Imaging

/// How a LeRobot data set is written.
public struct LeRobotOptions: Codable, Sendable, Equatable {
    /// Which layout; default v3.0.
    public var version = LeRobotVersion.v30
    /// H.264 or AV1; default H.264, which every reader plays and which costs a fifth of AV1's time.
    public var codec = VideoWriter.Codec.h264
    /// Constant rate factor, 0 to 51 (AV1: to 63); default nil: 20 with H.264, about 42 dB on fisheye pictures of 224 pixels and a third
    /// larger than 23; 30 with AV1, LeRobot's own.
    public var crf: Int?
    /// Frames from one key frame to the next; default 2, as LeRobot's own: a random frame decodes in one or two steps (14 ms against 60 at
    /// 60).
    public var keyFrameInterval = 2
    /// The encoder's preset; default nil: x264's "veryfast", SVT-AV1's 8.
    public var preset: String?
    /// A new data file is begun beyond this size, MB of 10^6 bytes; default 100, LeRobot's own limit.
    public var dataFileMegabytes = 100
    /// A new video file is begun beyond this size, MB of 10^6 bytes; default 200, LeRobot's own limit.
    public var videoFileMegabytes = 200
    /// Longest video file of more than one episode, seconds; default 1000. From 1024 s on a float32 time, as readers compare them, is
    /// coarser than their tolerance of 1e-4 s.
    public var videoFileSeconds = 1000.0
    /// Files a chunk folder holds; default 1000, LeRobot's own.
    public var filesPerChunk = 1000
    /// Longest episode, seconds; default 500. Beyond 512 s a float32 frame time is coarser than the readers' tolerance of 1e-4 s allows.
    public var maximumEpisodeSeconds = 500.0
    /// Episodes a row group of `meta/episodes` holds; default 100: bounds memory.
    public var episodesPerRowGroup = 100
    /// What to do with a data set that stands at the destination; default: it is refused.
    public var existing = ExistingDataset.refuse
    /// The part of a state that belongs together, for `meta/modality.json` of v2.1; default none: one part.
    public var groups: [FeatureGroup] = []
    /// The same of the action; default none: the state's, as far as they reach.
    public var actionGroups: [FeatureGroup] = []

    public init() {}

    func validate() throws(DatasetError) {
        guard codec != .ffv1 else { throw .layout(key: "codec", reason: "ffv1 is not what readers play; accepted: h264, av1") }
        for (key, value, range) in [
            ("crf", crf ?? 0, 0...(codec == .h264 ? 51 : 63)), ("keyFrameInterval", keyFrameInterval, 1...10_000),
            ("dataFileMegabytes", dataFileMegabytes, 1...100_000), ("videoFileMegabytes", videoFileMegabytes, 1...100_000),
            ("filesPerChunk", filesPerChunk, 1...1000), ("episodesPerRowGroup", episodesPerRowGroup, 1...100_000),
        ] where !range.contains(value) {
            throw .layout(key: key, reason: "\(value) is not within \(range.lowerBound) to \(range.upperBound)")
        }
        guard maximumEpisodeSeconds > 0, maximumEpisodeSeconds <= 512 else {
            throw .layout(key: "maximumEpisodeSeconds", reason: "\(maximumEpisodeSeconds) is not above 0 and at most 512")
        }
        guard videoFileSeconds >= 0, videoFileSeconds <= 1020 else {
            throw .layout(key: "videoFileSeconds", reason: "\(videoFileSeconds) is not within 0 (an episode a file) to 1020")
        }
    }
}

/// A run of numbers of the state or of the action that belong together, such as the joints of one arm.
public struct FeatureGroup: Codable, Sendable, Equatable {
    /// Such as `single_arm`, `left_gripper`.
    public var name: String
    /// Half-open range of the numbers.
    public var start: Int
    public var end: Int
    /// `axis_angle` and the like where the numbers are a rotation; nil elsewhere.
    public var rotation: String?
    /// Whether the numbers are a motion from a row to the next.
    public var isRelative: Bool

    public init(_ name: String, start: Int, end: Int, rotation: String? = nil, isRelative: Bool = false) {
        self.isRelative = isRelative
        self.name = name
        self.start = start
        self.end = end
        self.rotation = rotation
    }
}
