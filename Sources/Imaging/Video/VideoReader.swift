internal import CNative
public import Foundation
public import Session

/// Reads a video frame by frame in presentation order.
///
/// Any container and codec of libavformat and libavcodec that stores frames (MP4, MOV, Matroska, AVI, MPEG-TS; H.264, HEVC, AV1, FFV1 and
/// so on), at constant or
/// variable frame rate. Times are presentation times less the first presented frame's, so edit lists and encoder delays cancel. RGB is
/// made with
/// the colour matrix and range that the file states (BT.601 where it states none); gray is the luma plane itself, widened to 0...255, and
/// costs least.
///
/// A display matrix turns the pictures upright by 90, 180 or 270 degrees; any other angle and mirroring are refused. Note that the device's
/// intrinsics and camera-to-IMU rotation hold for one orientation only: `info.rotation` says what was done.
///
/// Decoding stops at the first damaged picture, never delivers one, and a file that ends before its index does is an error after its last
/// good frame.
/// Containers without an index (MPEG-TS, fragmented MP4, some Matroska) cannot be checked for a missing end.
public final class VideoReader: FrameSource {
    public struct Options: Codable, Sendable, Equatable {
        public enum Format: String, Codable, Sendable {
            case rgb
            case gray
        }

        /// Default `rgb`.
        public var format = Format.rgb
        /// Decoder threads, 1 to 16; default 1, because recordings are processed side by side. The pictures do not depend on it.
        public var threads = 1
        /// Turns pictures as the file's display matrix asks; default true.
        public var appliesRotation = true

        public init() {}

        public init(_ format: Format, threads: Int = 1) {
            self.format = format
            self.threads = threads
        }
    }

    public let url: URL
    public let options: Options
    public let info: VideoInfo
    public var width: Int { info.width }
    public var height: Int { info.height }
    /// Frames handed out so far, the skipped ones among them. After the end it is the measured frame count.
    public private(set) var frameCount = 0

    private let handle: OpaquePointer
    private var failure: ImagingError?
    private var ended = false

    /// Opens a file and decodes its first frame. A missing, empty or foreign file, one without a video track, and one whose first frame
    /// does not decode are errors.
    public init(_ url: URL, options: Options = Options()) throws(ImagingError) {
        self.url = url
        self.options = options
        var opened: OpaquePointer?
        let status = gt_video_open(
            url.path, options.format == .gray ? 1 : 0, Int32(clamping: options.threads), options.appliesRotation ? 1 : 0, &opened)
        guard status.code == GT_OK, let opened else { throw .file(path: url.path, reason: status.text) }
        do {
            info = try VideoInfo(describing: opened, path: url.path)
        } catch {
            gt_video_close(opened)
            throw error
        }
        handle = opened
        DecodeLog.shared.add(to: url)
    }

    deinit { gt_video_close(handle) }

    public func nextFrame() throws(ImagingError) -> VideoFrame? {
        guard try ready() else { return nil }
        var time: Int64 = 0
        let (image, status) = picture(options.format, width, height) { gt_video_next(handle, $0.baseAddress, $0.count, &time) }
        guard try advanced(status), let image else { return nil }
        return VideoFrame(index: frameCount - 1, time: Timestamp(nanoseconds: time), image: image)
    }

    public func skipFrame() throws(ImagingError) -> Timestamp<VideoClock>? {
        var time: Int64 = 0
        guard try ready(), try advanced(gt_video_next(handle, nil, 0, &time)) else { return nil }
        return Timestamp(nanoseconds: time)
    }

    public func lastFrame(_ format: Options.Format) throws(ImagingError) -> Image {
        let (image, status) = picture(format, width, height) { gt_video_last(handle, format == .gray ? 1 : 0, $0.baseAddress, $0.count) }
        guard let image else { throw .file(path: url.path, reason: status.text) }
        return image
    }

    /// Colours are made at the size that is asked for: of a wide picture in a part of the time.
    public func lastFrame(width: Int, height: Int) throws(ImagingError) -> Image {
        precondition(width > 0 && height > 0, "a picture has pixels")
        let (image, status) = picture(.rgb, width, height) {
            gt_video_last_resized(handle, Int32(clamping: width), Int32(clamping: height), $0.baseAddress, $0.count)
        }
        guard let image else { throw .file(path: url.path, reason: status.text) }
        return image
    }

    /// A picture that a native call fills; nil where it fails.
    private func picture(
        _ format: Options.Format, _ width: Int, _ height: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> gt_status
    ) -> (Image?, gt_status) {
        let channels = format == .gray ? 1 : 3
        let size = width * height * channels
        var status = gt_status()
        let pixels = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            status = fill(UnsafeMutableBufferPointer(rebasing: buffer[..<size]))
            count = status.code == GT_OK ? size : 0
        }
        return (status.code == GT_OK ? Image(width: width, height: height, channels: channels, pixels: pixels) : nil, status)
    }

    /// The presentation times of all frames, read from the file's packets without decoding any; the first is 0.
    public static func frameTimes(of url: URL) throws(ImagingError) -> [Timestamp<VideoClock>] { try packets(of: url).times }

    /// What a file's packets say of its frames.
    struct Packets {
        /// Presentation times; the first is 0.
        var times: [Timestamp<VideoClock>]
        /// Frames that the index states beyond what the file holds.
        var missing: Int
        /// Where the last frame ends, in ticks since the first frame, and a tick in seconds.
        var end: Int64
        var tick: Rational
    }

    static func packets(of url: URL) throws(ImagingError) -> Packets {
        var missing: Int64 = 0
        var end = gt_video_end()
        var times: UnsafeMutablePointer<Int64>?
        var count = 0
        let status = gt_video_times(url.path, &times, &count, &missing, &end)
        defer { gt_free(times) }
        guard status.code == GT_OK, let times else { throw .file(path: url.path, reason: status.text) }
        return Packets(
            times: UnsafeBufferPointer(start: times, count: count).map { Timestamp(nanoseconds: $0) }, missing: Int(missing),
            end: end.ticks, tick: Rational(Int(end.numerator), Int(end.denominator)))
    }

    private func ready() throws(ImagingError) -> Bool {
        if let failure { throw failure }
        return !ended
    }

    private func advanced(_ status: gt_status) throws(ImagingError) -> Bool {
        switch status.code {
        case Int32(GT_OK):
            // The first frame was decoded, and counted, at opening.
            if frameCount > 0 { DecodeLog.shared.add(to: url) }
            frameCount += 1
            return true
        case Int32(GT_END):
            ended = true
            return false
        default:
            let error = ImagingError.truncated(path: url.path, decodedFrames: frameCount, reason: status.text)
            failure = error
            throw error
        }
    }
}

extension VideoInfo {
    /// A file's description without keeping it open; the first frame is decoded to be sure that it can be.
    public init(contentsOf url: URL) throws(ImagingError) {
        self = try VideoReader(url, options: VideoReader.Options(.gray)).info
    }

    init(describing handle: OpaquePointer, path: String) throws(ImagingError) {
        var raw = gt_video_info()
        let status = gt_video_describe(handle, &raw)
        guard status.code == GT_OK else { throw .file(path: path, reason: status.text) }
        var streams: [Stream] = []
        for index in 0..<raw.streams {
            var stream = gt_stream_info()
            let status = gt_video_describe_stream(handle, index, &stream)
            guard status.code == GT_OK else { throw .file(path: path, reason: status.text) }
            let kind: Stream.Kind =
                switch Int(stream.kind) {
                case GT_STREAM_VIDEO: .video
                case GT_STREAM_AUDIO: .audio
                case GT_STREAM_DATA: .data
                default: .other
                }
            streams.append(
                Stream(
                    kind: kind, codec: text(stream.codec), tag: text(stream.tag),
                    handler: text(stream.handler).filter { !($0.isASCII && $0 < " ") },
                    timeBase: Rational(Int(stream.time_base_numerator), Int(stream.time_base_denominator)),
                    statedPackets: Int(stream.packets), duration: stream.duration))
        }
        let creation = text(raw.creation_time)
        let timecode = text(raw.timecode)
        self.init(
            width: Int(raw.width), height: Int(raw.height), rotation: Int(raw.rotation),
            averageRate: Rational(Int(raw.rate_numerator), Int(raw.rate_denominator)),
            statedFrameCount: raw.stated_frames > 0 ? Int(raw.stated_frames) : nil, duration: raw.duration,
            presentationStart: Timestamp(nanoseconds: raw.start_ns), codec: text(raw.codec), pixelFormat: text(raw.pixel_format),
            isFullRange: raw.full_range != 0, creationTime: creation.isEmpty ? nil : creation, timecode: timecode.isEmpty ? nil : timecode,
            container: text(raw.container), streams: streams, telemetryTrackCount: Int(raw.telemetry_streams))
    }
}

/// A C array of characters as text, up to its terminating zero.
func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
}
