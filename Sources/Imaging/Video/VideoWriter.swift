internal import CNative
public import Foundation
internal import Session

/// Writes a video at a constant frame rate, the same bytes for the same pictures and options.
///
/// H.264 and AV1 go into MP4 as yuv420p with BT.601 colours at limited range, stated in the file; FFV1 goes into MOV and gives back every
/// bit, of gray or RGB. A picture of odd width or height keeps its size, so that a camera's intrinsics hold: H.264 stores it as yuv444p
/// (profile High 4:4:4, which browsers do not play), AV1 refuses it.
/// The first frame's time is 0, the index comes first (`faststart`), groups of pictures are closed, key frames come every `gop` frames
/// and nowhere else, and one encoder thread is used. With `hasTelemetry` a second track takes GPMF payloads as GoPro writes them (tag
/// `gpmd`, handler `GoPro MET`).
///
/// Until `finish()` returns the file is not a video: write to a temporary name and rename it.
public final class VideoWriter {
    public enum Codec: String, Codable, Sendable {
        /// libx264; yuv420p, or yuv444p at odd sizes, in MP4.
        case h264
        /// Lossless; gray for one-channel pictures, else RGB; in MOV.
        case ffv1
        /// SVT-AV1; yuv420p in MP4.
        case av1
    }

    public struct Options: Codable, Sendable, Equatable {
        /// Default H.264, which every reader plays.
        public var codec = Codec.h264
        /// Frames a second, as a fraction; default 30.
        public var rateNumerator = 30
        public var rateDenominator = 1
        /// Constant quality: 0 (best) to 51 for H.264, to 63 for AV1; default 18, at which tags and texture are as good as in the source.
        public var crf = 18
        /// Frames from one key frame to the next; default 30. Small values make random access cheap, as training does it.
        public var gop = 30
        /// Bidirectional frames in a row; default 0, so that decoding order is presentation order.
        public var bFrames = 0
        /// The encoder's speed preset; nil is `veryfast` for x264 (a third of `medium`'s time at the same quality, files a tenth larger), 8 for SVT-AV1.
        public var preset: String?
        /// Ticks a second of the track; nil is the rate's numerator times 512 (15360 at 30 frames a second), as FFmpeg's MP4 writer has it.
        public var timescale: Int?
        /// Encoder threads; default 1, which makes the bytes independent of the machine's cores.
        public var threads = 1
        /// Clockwise turn in degrees to state in the file: 0, 90, 180 or 270; default 0.
        public var rotation = 0
        /// Adds a `gpmd` track; default false.
        public var hasTelemetry = false
        /// ISO 8601 time to state in the file; nil states none, so that equal content gives equal bytes.
        public var creationTime: String?
        /// Time code of the first frame, `hh:mm:ss:ff`; nil states none.
        public var timecode: String?

        public init() {}

        public init(_ codec: Codec, rate: Rational, crf: Int = 18, gop: Int = 30) {
            self.codec = codec
            rateNumerator = rate.numerator
            rateDenominator = rate.denominator
            self.crf = crf
            self.gop = gop
        }
    }

    public let url: URL
    public let width: Int
    public let height: Int
    public let channels: Int
    public private(set) var frameCount = 0

    private let handle: OpaquePointer
    private let ticksPerFrame: Int64

    /// Creates the file for pictures of one size and channel count: 2 to 16384 pixels a side, with AV1 even ones from 64, with FFV1 from 3
    /// beyond 352x288.
    public init(_ url: URL, width: Int, height: Int, channels: Int = 3, options: Options = Options()) throws(ImagingError) {
        self.url = url
        self.width = width
        self.height = height
        self.channels = channels
        // Numbers that do not fit are refused by the native writer, with all other options.
        let timescale = options.timescale ?? options.rateNumerator.multipliedReportingOverflow(by: 512).partialValue
        let ticks = Double(timescale) * Double(options.rateDenominator) / Double(max(options.rateNumerator, 1))
        ticksPerFrame = Int64(checked: ticks) ?? 1
        var raw = gt_writer_options()
        raw.codec = Int32(clamping: options.codec == .h264 ? GT_CODEC_H264 : options.codec == .ffv1 ? GT_CODEC_FFV1 : GT_CODEC_AV1)
        raw.width = Int32(clamping: width)
        raw.height = Int32(clamping: height)
        raw.channels = Int32(clamping: channels)
        raw.rate_numerator = Int32(clamping: options.rateNumerator)
        raw.rate_denominator = Int32(clamping: options.rateDenominator)
        raw.timescale = Int32(clamping: timescale)
        raw.crf = Int32(clamping: options.crf)
        raw.gop = Int32(clamping: options.gop)
        raw.b_frames = Int32(clamping: options.bFrames)
        raw.threads = Int32(clamping: options.threads)
        raw.rotation = Int32(clamping: options.rotation)
        raw.telemetry = options.hasTelemetry ? 1 : 0
        var opened: OpaquePointer?
        let status = (options.preset ?? "").withCString { preset in
            (options.creationTime ?? "").withCString { creation in
                (options.timecode ?? "").withCString { timecode in
                    raw.preset = preset
                    raw.creation_time = creation
                    raw.timecode = timecode
                    return gt_writer_open(url.path, &raw, &opened)
                }
            }
        }
        guard status.code == GT_OK, let opened else { throw .file(path: url.path, reason: status.text) }
        handle = opened
    }

    deinit { gt_writer_close(handle) }

    /// Appends the next picture, at `frameCount / rate`. One of another size or channel count is an error.
    public func append(_ image: Image) throws(ImagingError) {
        try append(image, tick: Int64(frameCount) * ticksPerFrame)
    }

    /// Appends a picture at a time of its own, in ticks of the time scale, later than the one before: the video's rate varies then.
    public func append(_ image: Image, tick: Int64) throws(ImagingError) {
        guard image.width == width, image.height == height, image.channels == channels else {
            throw .format(
                path: url.path, location: "frame \(frameCount)",
                reason: "the picture is \(image.width)x\(image.height)x\(image.channels), the video takes \(width)x\(height)x\(channels)")
        }
        let status = image.pixels.withUnsafeBufferPointer { gt_writer_append(handle, $0.baseAddress, $0.count, tick) }
        guard status.code == GT_OK else { throw .format(path: url.path, location: "frame \(frameCount)", reason: status.text) }
        frameCount += 1
    }

    /// Appends one GPMF payload (see `GPMFWriter`), times in milliseconds on the file's time line, on which the first frame is at 0.
    public func append(telemetry payload: [UInt8], milliseconds: Int, duration: Int) throws(ImagingError) {
        let status = payload.withUnsafeBufferPointer {
            gt_writer_append_telemetry(handle, $0.baseAddress, $0.count, Int64(milliseconds), Int64(duration))
        }
        guard status.code == GT_OK else { throw .format(path: url.path, location: "telemetry at \(milliseconds) ms", reason: status.text) }
    }

    /// Writes what the encoder still holds and the index; the file is complete when this returns.
    public func finish() throws(ImagingError) {
        let status = gt_writer_finish(handle)
        guard status.code == GT_OK else { throw .file(path: url.path, reason: status.text) }
    }
}
