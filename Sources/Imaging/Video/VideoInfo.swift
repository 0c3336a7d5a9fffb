public import Session

/// A fraction of whole numbers, as containers state rates.
public struct Rational: Sendable, Hashable, CustomStringConvertible {
    public var numerator: Int
    public var denominator: Int

    public init(_ numerator: Int, _ denominator: Int = 1) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// 0 where the denominator is 0.
    public var value: Double { denominator == 0 ? 0 : Double(numerator) / Double(denominator) }
    public var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }
}

/// One picture of a video with its time on the video's clock.
public struct VideoFrame: Sendable, Equatable {
    /// Counts the delivered frames from 0.
    public var index: Int
    /// Presentation time since the first frame's.
    public var time: Timestamp<VideoClock>
    public var image: Image

    public init(index: Int, time: Timestamp<VideoClock>, image: Image) {
        self.index = index
        self.time = time
        self.image = image
    }
}

/// Whatever hands out pictures in the order of their times: a video, a folder of pictures.
public protocol FrameSource: AnyObject {
    /// Size of every picture, pixels.
    var width: Int { get }
    var height: Int { get }
    /// The next picture; nil after the last. An error ends the sequence: the frames before it are good, and every later call throws it
    /// again.
    func nextFrame() throws(ImagingError) -> VideoFrame?
    /// Goes past the next picture without converting it; its time, or nil after the last.
    func skipFrame() throws(ImagingError) -> Timestamp<VideoClock>?
    /// The picture that `nextFrame` or `skipFrame` went past last, in either format, without decoding it again; still there after the
    /// end. Asking before the first frame is an error.
    func lastFrame(_ format: VideoReader.Options.Format) throws(ImagingError) -> Image
    /// The same in colour at another size, means over areas where it is smaller.
    func lastFrame(width: Int, height: Int) throws(ImagingError) -> Image
}

extension FrameSource {
    public func lastFrame(width: Int, height: Int) throws(ImagingError) -> Image {
        try lastFrame(.rgb).resized(width: width, height: height)
    }
}

/// What a video file says about itself.
public struct VideoInfo: Sendable, Equatable {
    /// One track of the file.
    public struct Stream: Sendable, Equatable {
        public enum Kind: String, Sendable {
            case video
            case audio
            case data
            case other
        }

        public var kind: Kind
        /// FFmpeg's name of the codec.
        public var codec: String
        /// The four-character tag, such as `avc1` or `gpmd`.
        public var tag: String
        public var handler: String
        public var timeBase: Rational
        /// Packets that the index states; 0 where it does not say.
        public var statedPackets: Int
        /// Seconds; 0 where the file does not say.
        public var duration: Double
    }

    /// Size of the delivered picture, after rotation.
    public var width: Int
    public var height: Int
    /// Clockwise turn in degrees that the file's display matrix asks for: 0, 90, 180 or 270.
    public var rotation: Int
    /// The average over the track, frames a second.
    public var averageRate: Rational
    /// Frames that the file's index states; nil where it does not say.
    public var statedFrameCount: Int?
    /// Seconds, as stated.
    public var duration: Double
    /// When the first frame is presented on the file's own time line, seconds: telemetry and audio are on that line, `VideoClock` begins
    /// here.
    public var presentationStart: Timestamp<VideoClock>
    public var codec: String
    public var pixelFormat: String
    /// Luma fills 0...255 rather than 16...235.
    public var isFullRange: Bool
    /// ISO 8601, as the file states it.
    public var creationTime: String?
    public var timecode: String?
    public var container: String
    public var streams: [Stream]
    /// The number of `gpmd` tracks.
    public var telemetryTrackCount: Int
}
