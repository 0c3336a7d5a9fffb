internal import CNative
public import Imaging

/// JPEG XL pictures: bare lossy codestreams of 8-bit sRGB, as UMI's data sets hold them. One thread; the same picture gives the same bytes.
public enum JPEGXL {
    /// - Parameters:
    ///   - distance: butteraugli distance, 0.01 to 15; below 1 is hard to tell from the original.
    ///   - effort: 1 to 9.
    public static func encode(_ image: Image, distance: Float, effort: Int) throws(DatasetError) -> [UInt8] {
        guard image.channels == 3 else { throw .layout(key: "picture", reason: "\(image.channels) channels; JPEG XL is written from 3") }
        var out: UnsafeMutablePointer<UInt8>?
        var size = 0
        try check(
            gt_jxl_encode(image.pixels, image.pixels.count, Int32(image.width), Int32(image.height), distance, Int32(effort), &out, &size),
            path: "JPEG XL picture of \(image.width)x\(image.height)")
        defer { gt_bytes_free(out) }
        return Array(UnsafeBufferPointer(start: out, count: size))
    }

    /// Decodes a picture; `path` says in errors where the bytes came from.
    public static func decode(_ bytes: [UInt8], path: String) throws(DatasetError) -> Image {
        var width: Int32 = 0
        var height: Int32 = 0
        try check(gt_jxl_size(bytes, bytes.count, &width, &height), path: path)
        guard Int(width) * Int(height) <= 1 << 28 else { throw .file(path: path, reason: "a picture of \(width)x\(height) is too large") }
        var pixels = [UInt8](repeating: 0, count: Int(width) * Int(height) * 3)
        try check(gt_jxl_decode(bytes, bytes.count, &pixels, pixels.count), path: path)
        return Image(width: Int(width), height: Int(height), channels: 3, pixels: pixels)
    }
}
