internal import CNative
internal import Foundation

/// Videos put one after another into one MP4 file, without coding again. The same videos give the same bytes.
final class VideoJoin {
    private let url: URL
    private let handle: OpaquePointer

    /// - Parameter fps: pictures a second of all videos, a whole number.
    init(_ url: URL, fps: Int) throws(DatasetError) {
        self.url = url
        var out: OpaquePointer?
        try check(gt_join_open(url.path, Int32(clamping: fps), &out), path: url.path)
        guard let out else { throw .file(path: url.path, reason: "the joiner of videos gave no handle") }
        handle = out
    }

    deinit { gt_join_close(handle) }

    /// Appends all pictures of a video and returns how many; nil, with nothing appended, where it does not fit what is there: other
    /// parameters of the codec, further tracks, pictures that are not at exactly `fps` from 0 on, or damage.
    func append(_ video: URL) throws(DatasetError) -> Int? {
        var pictures: Int64 = 0
        let status = gt_join_append(handle, video.path, &pictures)
        if status.code == Int32(GT_UNSUPPORTED) { return nil }
        try check(status, path: "\(url.path), from \(video.path)")
        return Int(pictures)
    }

    /// Writes the index; the file is complete after it and not before.
    func finish() throws(DatasetError) { try check(gt_join_finish(handle), path: url.path) }
}
