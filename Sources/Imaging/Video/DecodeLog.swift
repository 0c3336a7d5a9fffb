public import Foundation
internal import Synchronization

/// How many pictures this process has decoded, by file: a recording's decodes are this number over its frames.
///
/// Opening a video decodes its first frame, which counts once, whether or not it is then handed out. A folder of pictures counts every
/// file read, under the folder's own path. Safe to use from any thread.
public final class DecodeLog: Sendable {
    public static let shared = DecodeLog()

    private let counts = Mutex<[String: Int]>([:])

    public init() {}

    /// Frames decoded from a file, all readers together; 0 for one that nobody opened.
    public func frames(of path: String) -> Int {
        let key = Self.key(path)
        return counts.withLock { $0[key, default: 0] }
    }

    public func frames(of url: URL) -> Int { frames(of: url.path) }

    func add(_ frames: Int = 1, to url: URL) {
        let key = Self.key(url.path)
        counts.withLock { $0[key, default: 0] += frames }
    }

    /// One name for one file: absolute, without `.` and `..`.
    private static func key(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
