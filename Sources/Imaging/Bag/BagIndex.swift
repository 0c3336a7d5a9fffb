internal import Foundation
internal import Geometry
internal import Session

/// What a bag holds, looked through once: the topics that are used, the times of the pictures, the IMU's readings, the first picture.
///
/// Both clocks begin at the first picture's time, so the offset between them is 0 but for what calibration finds: a bag's headers are
/// stamped by one computer, or by a camera for both its sensors.
struct BagIndex {
    /// The program's first line.
    private struct Head: Decodable {
        var error: String?
        var imageTopic: String?
        var imuTopics: [String]?
        var encoding: String?
        var topics: [String]?
        var remarks: [String]?
        var frames: Int?
        var gyroscope: Int?
        var accelerometer: Int?
    }

    let contents: BagContents
    /// The first is 0.
    let frameTimes: [Timestamp<VideoClock>]
    /// Nil where the bag has none.
    let inertial: InertialRecording?
    let first: Image
    let remarks: [String]

    /// Most pictures and readings of a bag: a day at a thousand a second.
    private static let most = 1 << 27

    /// A bag without pictures that are read, a damaged one, and one whose topics are for the user to choose are errors.
    init(_ url: URL, options: Recording.Options) throws(ImagingError) {
        var arguments = ["index", url.path]
        if !options.imageTopic.isEmpty { arguments.append("--image=\(options.imageTopic)") }
        if !options.imuTopic.isEmpty { arguments.append("--imu=\(options.imuTopic)") }
        let child = try BagFile.child(arguments, url, timeout: options.bagTimeout)
        guard let line = try child.line(), let head = try? JSONDecoder().decode(Head.self, from: Data(line)) else {
            throw BagFile.silence(child, url)
        }
        if let error = head.error { throw .file(path: url.path, reason: error) }
        let count = { (n: Int?) throws(ImagingError) -> Int in
            guard let n, (0...Self.most).contains(n) else { throw BagFile.silence(child, url) }
            return n
        }
        let (frames, rates, forces) = (try count(head.frames), try count(head.gyroscope), try count(head.accelerometer))
        let times = try Self.words(8 * frames, child, url)
        let origin = times.first ?? 0
        frameTimes = try times.map { time throws(ImagingError) in Timestamp<VideoClock>(nanoseconds: try Self.since(origin, time, url)) }
        let gyroscope = try Self.samples(rates, child, url, origin, "gyroscope")
        let accelerometer = try Self.samples(forces, child, url, origin, "accelerometer")
        inertial = rates + forces == 0 ? nil : InertialRecording(gyroscope: gyroscope, accelerometer: accelerometer)
        guard let picture = try BagPicture(child, url) else { throw BagFile.silence(child, url) }
        first = try picture.image(path: url.path)
        remarks = head.remarks ?? []
        contents = BagContents(
            imageTopic: head.imageTopic ?? "", encoding: head.encoding ?? "", imuTopics: head.imuTopics ?? [], topics: head.topics ?? [])
    }

    /// Nanoseconds since the first picture; a difference that no recording has is an error.
    private static func since(_ origin: Int64, _ time: Int64, _ url: URL) throws(ImagingError) -> Int64 {
        let (difference, overflows) = time.subtractingReportingOverflow(origin)
        guard !overflows, Timestamp<VideoClock>(checkedNanoseconds: difference) != nil else {
            throw .file(path: url.path, reason: "a message's time, \(time) ns, is no time beside the first picture's, \(origin) ns")
        }
        return difference
    }

    private static func words(_ bytes: Int, _ child: ChildOutput, _ url: URL) throws(ImagingError) -> [Int64] {
        let content = try child.read(bytes)
        guard content.count == bytes else { throw BagFile.silence(child, url) }
        return content.withUnsafeBytes { raw in
            stride(from: 0, to: bytes, by: 8).map { Int64(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: Int64.self)) }
        }
    }

    private static func samples(
        _ count: Int, _ child: ChildOutput, _ url: URL, _ origin: Int64, _ sensor: String
    ) throws(ImagingError) -> [VectorSample] {
        let words = try Self.words(32 * count, child, url)
        var out: [VectorSample] = []
        out.reserveCapacity(count)
        for n in 0..<count {
            let v = (1...3).map { Double(bitPattern: UInt64(bitPattern: words[4 * n + $0])) }
            guard v.allSatisfy({ $0.isFinite && abs($0) < 1e6 }) else {
                throw .file(path: url.path, reason: "reading \(n) of the \(sensor) is \(v): finite numbers are accepted")
            }
            out.append(
                VectorSample(time: Timestamp(nanoseconds: try since(origin, words[4 * n], url)), value: Vector3(v[0], v[1], v[2])))
        }
        return out
    }
}

/// Which of a bag's topics are read.
public struct BagContents: Sendable, Equatable {
    public var imageTopic: String
    /// As the message has it: `rgb8`, `JPEG`.
    public var encoding: String
    /// One, or the gyroscope's and the accelerometer's; none without an IMU.
    public var imuTopics: [String]
    /// All of the bag's: name, type, how many messages.
    public var topics: [String]
}
