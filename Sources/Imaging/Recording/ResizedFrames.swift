public import Session

/// The pictures of another source at another size, means over areas where they are smaller.
public final class ResizedFrames: FrameSource {
    private let source: any FrameSource
    private let format: VideoReader.Options.Format
    public let width: Int
    public let height: Int

    /// - Parameter format: of the pictures that `nextFrame` hands out.
    public init(_ source: any FrameSource, _ format: VideoReader.Options.Format, width: Int, height: Int) {
        (self.source, self.format, self.width, self.height) = (source, format, width, height)
    }

    private var index = -1

    public func nextFrame() throws(ImagingError) -> VideoFrame? {
        guard let time = try skipFrame() else { return nil }
        return VideoFrame(index: index, time: time, image: try lastFrame(format))
    }

    public func skipFrame() throws(ImagingError) -> Timestamp<VideoClock>? {
        guard let time = try source.skipFrame() else { return nil }
        index += 1
        return time
    }

    public func lastFrame(_ format: VideoReader.Options.Format) throws(ImagingError) -> Image {
        switch format {
        case .rgb: try source.lastFrame(width: width, height: height)
        case .gray: try source.lastFrame(.gray).resized(width: width, height: height)
        }
    }

    public func lastFrame(width: Int, height: Int) throws(ImagingError) -> Image { try source.lastFrame(width: width, height: height) }
}
