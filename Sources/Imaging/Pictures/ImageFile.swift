internal import CNative
public import Foundation
internal import Session

extension Image {
    /// This picture as a PNG file's bytes: lossless, the same for the same picture.
    public func pngBytes() throws(ImagingError) -> [UInt8] { try encoded(GT_PICTURE_PNG, quality: 100) }

    /// This picture as a JPEG file's bytes, without chroma subsampling; `quality` is 1 (worst) to 100.
    public func jpegBytes(quality: Int = 85) throws(ImagingError) -> [UInt8] { try encoded(GT_PICTURE_JPEG, quality: quality) }

    /// Decodes a PNG or JPEG file's bytes: gray where the file is gray, else RGB. 16-bit values are narrowed to 8, transparency is dropped.
    public init(decoding bytes: [UInt8], path: String = "picture") throws(ImagingError) {
        var width: Int32 = 0
        var height: Int32 = 0
        var channels: Int32 = 0
        var pixels: UnsafeMutablePointer<UInt8>?
        let status = bytes.withUnsafeBufferPointer { gt_picture_decode($0.baseAddress, $0.count, &width, &height, &channels, &pixels) }
        defer { gt_free(pixels) }
        guard status.code == GT_OK, let pixels else { throw .file(path: path, reason: status.text) }
        let count = Int(width) * Int(height) * Int(channels)
        self.init(
            width: Int(width), height: Int(height), channels: Int(channels), pixels: Array(UnsafeBufferPointer(start: pixels, count: count))
        )
    }

    /// Reads a PNG or JPEG file.
    public init(contentsOf url: URL) throws(ImagingError) {
        let bytes: [UInt8]
        do { bytes = try FileBytes.read(url) } catch { throw ImagingError(error) }
        try self.init(decoding: bytes, path: url.path)
    }

    private func encoded(_ format: Int, quality: Int) throws(ImagingError) -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        let status = pixels.withUnsafeBufferPointer {
            gt_picture_encode(
                Int32(format), Int32(clamping: quality), Int32(clamping: width), Int32(clamping: height), Int32(clamping: channels),
                $0.baseAddress,
                $0.count,
                &bytes, &count)
        }
        defer { gt_free(bytes) }
        guard status.code == GT_OK, let bytes else { throw .operation("encode \(width)x\(height)x\(channels)", reason: status.text) }
        return Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}
