public import Foundation
public import Session

/// The pictures of a bag's topic in the order of their times, the first at 0.
///
/// The bag is read once from its begin to its end while pictures are asked for; a picture is decoded when it is asked for. Damage, and a
/// picture of another size than the first, end the sequence with an error after the pictures before it.
public final class BagReader: FrameSource {
    public let url: URL
    /// Name of the topic.
    public let topic: String
    public let width: Int
    public let height: Int
    private let format: VideoReader.Options.Format
    private let child: ChildOutput
    private let origin: Int64
    private var pending: BagPicture?
    private var last: BagPicture?
    private var decoded: Image?
    private var count = 0
    private var ended = false
    private var failure: ImagingError?

    /// Opens the bag and decodes the first picture.
    /// - Parameter timeout: `Recording.Options.bagTimeout`.
    public init(_ url: URL, topic: String, format: VideoReader.Options.Format, timeout: Double) throws(ImagingError) {
        (self.url, self.topic, self.format) = (url, topic, format)
        child = try BagFile.child(["frames", url.path, "--image=\(topic)"], url, timeout: timeout)
        guard let first = try BagPicture(child, url) else { throw .file(path: url.path, reason: "\(topic) has no picture") }
        let image = try first.image(path: url.path)
        DecodeLog.shared.add(to: url)
        (width, height, origin) = (image.width, image.height, first.time)
        (pending, decoded) = (first, image)
    }

    public func nextFrame() throws(ImagingError) -> VideoFrame? {
        guard let time = try skipFrame() else { return nil }
        return VideoFrame(index: count - 1, time: time, image: try lastFrame(format))
    }

    public func skipFrame() throws(ImagingError) -> Timestamp<VideoClock>? {
        if let failure { throw failure }
        if ended { return nil }
        if count > 0 {
            do { pending = try BagPicture(child, url) } catch { throw broken("\(error)", after: count) }
        }
        guard let picture = pending else {
            ended = true
            return nil
        }
        // The first is decoded already.
        if count > 0 { decoded = nil }
        (last, pending) = (picture, nil)
        count += 1
        return Timestamp(nanoseconds: picture.time &- origin)
    }

    public func lastFrame(_ format: VideoReader.Options.Format) throws(ImagingError) -> Image {
        guard let last else { throw .file(path: url.path, reason: "no frame has been handed out or skipped yet") }
        if decoded == nil {
            let image: Image
            do { image = try last.image(path: url.path) } catch { throw broken("\(error)", after: count - 1) }
            DecodeLog.shared.add(to: url)
            guard image.width == width, image.height == height else {
                throw broken("it is \(image.width)x\(image.height), the pictures before it \(width)x\(height)", after: count - 1)
            }
            decoded = image
        }
        guard let decoded else { throw .file(path: url.path, reason: "has no picture") }
        return format == .gray ? decoded.gray : decoded.rgb
    }

    private func broken(_ reason: String, after frames: Int) -> ImagingError {
        let error = ImagingError.truncated(path: url.path, decodedFrames: frames, reason: reason)
        failure = error
        return error
    }
}
