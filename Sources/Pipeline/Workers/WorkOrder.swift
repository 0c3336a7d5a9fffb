internal import Dataset
internal import Foundation
internal import Glibc
internal import Session

/// What a worker is told to make, and what it answers: a line of JSON each.
struct WorkOrder: Codable, Sendable {
    var stage: String
    var unit: String
    var board: Board
    var inputs: [String: String]
    /// The store's folder, and the one that several arms share.
    var root: URL
    var shared: URL?
    /// The arm that it is made for.
    var arm: String
    var identity: SessionIdentity
    var isAlone: Bool
    var mapping: RecordingFile?
    var samples: [SampleFeature]
    /// A unit that may be forgotten before this.
    var release: String?
}

enum WorkAnswer: Codable, Sendable {
    case advanced(stage: String, unit: String, fraction: Double)
    case note(String)
    case made(Artefact, StageUsage)
    case stopped(Stop)
    case recordingsFailed([String: Stop])
    case usage(String, accepted: String)
    case failed(stage: String, String)
}

/// Lines over a pair of file descriptors.
/// Used by one thread at a time: reading and writing each.
final class LinePipe: @unchecked Sendable {
    private let input: Int32
    private let output: Int32
    private var buffer: [UInt8] = []
    private var start = 0

    init(input: Int32, output: Int32) { (self.input, self.output) = (input, output) }

    /// The next line without its end; nil when the other side is gone.
    func readLine() -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 10) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            searched = buffer.count - start
            buffer.removeFirst(start)
            start = 0
            let count = Glibc.read(input, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            buffer += chunk[0..<count]
        }
    }

    /// False when the other side is gone.
    func write<T: Encodable>(_ value: T) -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Numbers that JSON has no word for do not occur in orders and answers; a fault of ours is the worker's end.
        guard let data = try? encoder.encode(value) else { return false }
        let bytes = [UInt8](data) + [10]
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
