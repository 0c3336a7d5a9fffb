/// How a LeRobot data set is written.
public struct LeRobotOptions: Codable, Sendable, Equatable {
    /// Constant rate factor of x264, 0 to 51; default 20: about 42 dB on fisheye pictures of 224 pixels, a third larger than 23.
    public var crf = 20
    /// Frames from one key frame to the next; default 2, as LeRobot's own: a random frame decodes in one or two steps (14 ms against 60 at
    /// 60).
    public var keyFrameInterval = 2
    /// x264's preset; default "medium".
    public var preset = "medium"
    /// A new data file is begun beyond this size, MB of 10^6 bytes; default 100, LeRobot's own limit.
    public var dataFileMegabytes = 100
    /// Files a chunk folder holds; default 1000, LeRobot's own.
    public var filesPerChunk = 1000
    /// Longest episode, seconds; default 500. Beyond 512 s a float32 frame time is coarser than the readers' tolerance of 1e-4 s allows.
    public var maximumEpisodeSeconds = 500.0
    /// Episodes a row group of `meta/episodes` holds; default 100: bounds memory.
    public var episodesPerRowGroup = 100
    /// Replace a data set that stands at the destination; default false: it is refused. The old one is removed only after the new one is
    /// complete.
    public var replacesExisting = false

    public init() {}

    func validate() throws(DatasetError) {
        for (key, value, range) in [
            ("crf", crf, 0...51), ("keyFrameInterval", keyFrameInterval, 1...10_000), ("dataFileMegabytes", dataFileMegabytes, 1...100_000),
            ("filesPerChunk", filesPerChunk, 1...1000), ("episodesPerRowGroup", episodesPerRowGroup, 1...100_000),
        ] where !range.contains(value) {
            throw .layout(key: key, reason: "\(value) is not within \(range.lowerBound) to \(range.upperBound)")
        }
        guard maximumEpisodeSeconds > 0, maximumEpisodeSeconds <= 512 else {
            throw .layout(key: "maximumEpisodeSeconds", reason: "\(maximumEpisodeSeconds) is not above 0 and at most 512")
        }
    }
}
