internal import CNative
public import Foundation
public import Session

/// What a camera recorded beside its pictures: GPMF, as GoPro cameras write it into a `gpmd` track.
///
/// Every `DEVC` becomes a `TelemetryDevice` by its id, every `STRM` a `TelemetryStream` with its samples divided by SCAL. Complex
/// structures (TYPE),
/// SCAL for all or each column, UNIT and SIUN, ORIN, ORIO and MTRX, STMP, TSMP, TIMO, EMPT, TICK and TOCK are understood; unknown keys
/// are passed by.
/// A stream or payload that cannot be read (compressed, type `#`; cut off) costs what it holds: `problems` names payload and byte. Telemetry of
/// which nothing can be read is an error.
///
/// `InertialClock` is the device's own clock moved so that its 0 is the first video frame, as well as the recorder tells
/// (`TelemetryDevice.ClockSource`);
/// what remains is the device's `clockOffset`.
///
/// Source: the GPMF specification, https://gopro.github.io/gpmf-parser. Where the parser there spreads samples by rate, stamps are used
/// when there are any.
public struct Telemetry: Sendable, Equatable {
    public var devices: [TelemetryDevice]
    public var payloadCount: Int
    /// Shortcomings that do not keep the data from being used: lost samples, stamps that go back, further telemetry tracks.
    public var problems: [String]
    /// By how much the recorder's own clock went on further than the pictures from each chapter to the next, seconds; nil where it does not say.
    var chapterSteps: [Double?] = []

    /// Reads a video's telemetry track; nil where it has none. A missing or foreign file and damaged telemetry are errors.
    public init?(contentsOf url: URL) throws(ImagingError) {
        try self.init(chapters: [(url, Timestamp(nanoseconds: 0), try VideoInfo(contentsOf: url))])
    }

    /// Reads the telemetry of a recording's chapters as one; nil where none has any.
    ///
    /// The recorder goes on over the chapters: a payload of the second may hold what was sensed during the first, so clocks are told
    /// from all payloads together. Where the recorder's stamps begin anew with a chapter, that is remarked and the chapter's are moved so
    /// that they stand to its pictures as those of the first do.
    /// - Parameter chapters: each with the time of its first frame on the recording's clock, and what the file says of itself.
    init?(chapters: [(url: URL, start: Timestamp<VideoClock>, info: VideoInfo)]) throws(ImagingError) {
        var parts: [Part] = []
        var remarks: [String] = []
        for (url, start, info) in chapters {
            let (payloads, problem) = try Self.readable(of: url)
            if let problem { remarks.append(problem) }
            var part = Part(path: url.path, payloads: payloads, shift: start.nanoseconds)
            if !payloads.isEmpty {
                part.shift -= TelemetryClock.whole(info.presentationStart.nanoseconds)
                if info.telemetryTrackCount > 1 { remarks.append("\(info.telemetryTrackCount) telemetry tracks: the first is used") }
            }
            parts.append(part)
        }
        guard !parts.allSatisfy(\.payloads.isEmpty) else { return nil }
        for part in parts where part.payloads.isEmpty { remarks.append("\(part.name) holds no telemetry: the IMU has a gap there") }
        try self.init(parts: parts)
        problems += remarks
    }

    /// Parses payloads; `presentationStart` is the first video frame's time on the line the payloads' times are on.
    public init(payloads: [TelemetryPayload], presentationStart: Timestamp<VideoClock> = Timestamp(nanoseconds: 0), path: String)
        throws(ImagingError)
    {
        try self.init(parts: [Part(path: path, payloads: payloads, shift: -TelemetryClock.whole(presentationStart.nanoseconds))])
    }

    /// The payloads of one file; `shift` is what to add to their times to be on the recording's clock, nanoseconds.
    private struct Part {
        var path: String
        var payloads: [TelemetryPayload]
        var shift: Int64

        var name: String { URL(fileURLWithPath: path).lastPathComponent }
    }

    private init(parts: [Part]) throws(ImagingError) {
        var builders: [DeviceBuilder] = []
        var damage = TelemetryDamage()
        for (chapter, part) in parts.enumerated() {
            for (index, payload) in part.payloads.enumerated() {
                let source = GPMFBytes(bytes: payload.bytes, path: part.path, payload: index)
                Self.add(payload, source, shift: part.shift, chapter: chapter, to: &builders, &damage)
            }
        }
        if builders.allSatisfy({ $0.streams.allSatisfy(\.stream.isEmpty) }), let first = damage.first { throw first }
        payloadCount = parts.reduce(0) { $0 + $1.payloads.count }
        problems = damage.problems
        devices = []
        let inertial = builders.firstIndex { $0.hasInertial }
        for at in builders.indices {
            let joined = builders[at].joinChapters(parts.count)
            for chapter in joined.restarts {
                problems.append("the stamps of \(parts[chapter].name) begin anew: they are put behind those of the chapter before")
            }
            if at == inertial { chapterSteps = joined.steps }
            devices.append(builders[at].built(&problems))
        }
    }

    private static func add(
        _ payload: TelemetryPayload, _ source: GPMFBytes, shift: Int64, chapter: Int, to builders: inout [DeviceBuilder],
        _ damage: inout TelemetryDamage
    ) {
        let time = TelemetryClock.whole(payload.time.nanoseconds) + shift
        for item in damage.surviving({ () throws(ImagingError) in try source.items(in: 0..<payload.bytes.count) }) ?? []
        where item.key == "DEVC" {
            guard let device = damage.surviving({ () throws(ImagingError) in try DeviceBuilder.header(source, item) }) else { continue }
            let found = builders.firstIndex { $0.id == device.id } ?? builders.count
            if found == builders.count { builders.append(device) }
            builders[found].chapter = chapter
            builders[found].add(source, item, time: time, duration: TelemetryClock.whole(payload.duration * 1e9), &damage)
        }
    }

    /// Parses a file of bare payloads one after the other, as extractors save them; each takes `payloadDuration` seconds.
    public init(rawFile url: URL, payloadDuration: Double = 1.001) throws(ImagingError) {
        let bytes: [UInt8]
        do { bytes = try FileBytes.read(url) } catch { throw ImagingError(error) }
        let source = GPMFBytes(bytes: bytes, path: url.path, payload: 0)
        var starts: [Int] = []
        var firstDevice: UInt32?
        for item in try source.items(in: 0..<bytes.count) where item.key == "DEVC" {
            let id = try DeviceBuilder.header(source, item).id
            if firstDevice == nil { firstDevice = id }
            if id == firstDevice { starts.append(item.range.lowerBound - 8) }
        }
        let ends = starts.dropFirst() + [bytes.count]
        let payloads = zip(starts, ends).enumerated().map { k, span in
            TelemetryPayload(
                bytes: Array(bytes[span.0..<span.1]), time: Timestamp(seconds: Double(k) * payloadDuration), duration: payloadDuration)
        }
        try self.init(payloads: payloads, path: url.path)
    }

    public func device(_ id: UInt32) -> TelemetryDevice? { devices.first { $0.id == id } }

    /// The packets of a file's first `gpmd` track on the file's time line; empty where it has none.
    public static func payloads(of url: URL) throws(ImagingError) -> [TelemetryPayload] { try readable(of: url).payloads }

    /// The packets up to the first that cannot be read, and what is to be said of them; an error where none can.
    private static func readable(of url: URL) throws(ImagingError) -> (payloads: [TelemetryPayload], problem: String?) {
        var opened: OpaquePointer?
        let status = gt_packets_open(url.path, "gpmd", &opened)
        if status.code == Int32(GT_END) { return ([], nil) }
        guard status.code == GT_OK, let opened else { throw .file(path: url.path, reason: status.text) }
        defer { gt_packets_close(opened) }
        let edits = try MP4Movie(contentsOf: url)?.edits(ofTrack: "gpmd")
        var problem: String?
        if let edits, edits.count > 1 {
            problem = "the telemetry track is spliced of \(edits.count) stretches: the first one's times are used"
        }
        var out: [TelemetryPayload] = []
        while true {
            var bytes: UnsafePointer<UInt8>?
            var count = 0
            var time: Int64 = 0
            var duration: Int64 = 0
            let status = gt_packets_next(opened, &bytes, &count, &time, &duration)
            if status.code == Int32(GT_END) { return (out, problem) }
            guard status.code == GT_OK else {
                let damage = ImagingError.format(path: url.path, location: "telemetry payload \(out.count)", reason: status.text)
                if out.isEmpty { throw damage }
                return (out, "\(damage); what comes after is lost")
            }
            let shifted = Double(time) * 1e-9 + (edits?.shift ?? 0)
            out.append(
                TelemetryPayload(
                    bytes: Array(UnsafeBufferPointer(start: bytes, count: count)),
                    time: edits == nil ? Timestamp(nanoseconds: time) : Timestamp(checkedSeconds: shifted) ?? Timestamp(nanoseconds: time),
                    duration: Double(duration) * 1e-9))
        }
    }
}

/// What could not be read of telemetry, the first few in words.
struct TelemetryDamage {
    private(set) var first: ImagingError?
    private var said: [String] = []
    private var count = 0

    /// Most that is listed singly.
    private static let listed = 5

    /// The value, or nil where it throws, which is noted.
    mutating func surviving<T>(_ body: () throws(ImagingError) -> T) -> T? {
        do { return try body() } catch {
            note(error)
            return nil
        }
    }

    mutating func note(_ error: ImagingError) {
        if first == nil { first = error }
        count += 1
        guard said.count < Self.listed else { return }
        if case .format(_, let location, let reason) = error {
            said.append("\(location): \(reason); it is left out")
        } else {
            said.append("\(error)")
        }
    }

    var problems: [String] { said + (count > said.count ? ["\(count - said.count) more parts of the telemetry cannot be read"] : []) }
}
