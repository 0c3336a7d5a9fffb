internal import CNative
public import Foundation

/// SHA-256 (FIPS 180-4) as lower-case hexadecimal text.
public enum SHA256 {
    public static func hex(of bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        let status = bytes.withUnsafeBufferPointer { gt_sha256($0.baseAddress, $0.count, &digest) }
        precondition(status.code == GT_OK, "hashing bytes in memory does not fail")
        return text(digest)
    }

    public static func hex(of text: String) -> String { hex(of: Array(text.utf8)) }

    /// Hashes a file in blocks; a file that cannot be read is an error.
    public static func hex(ofFile url: URL) throws(ImagingError) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        let status = gt_sha256_file(url.path, &digest)
        guard status.code == GT_OK else { throw .file(path: url.path, reason: status.text) }
        return text(digest)
    }

    private static func text(_ digest: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
