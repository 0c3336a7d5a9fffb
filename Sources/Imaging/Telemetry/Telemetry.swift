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

    /// Reads a video's telemetry track; nil where it has none. A missing or foreign file and damaged telemetry are errors.
    public init?(contentsOf url: URL) throws(ImagingError) { try self.init(contentsOf: url, try VideoInfo(contentsOf: url)) }

    /// The same of a video that was opened before.
    init?(contentsOf url: URL, _ info: VideoInfo) throws(ImagingError) {
        let (payloads, problem) = try Self.readable(of: url)
        guard !payloads.isEmpty else { return nil }
        try self.init(payloads: payloads, presentationStart: info.presentationStart, path: url.path)
        if let problem { problems.append(problem) }
        if info.telemetryTrackCount > 1 { problems.append("\(info.telemetryTrackCount) telemetry tracks: the first is used") }
    }

    /// Parses payloads; `presentationStart` is the first video frame's time on the line the payloads' times are on.
    public init(payloads: [TelemetryPayload], presentationStart: Timestamp<VideoClock> = Timestamp(nanoseconds: 0), path: String)
        throws(ImagingError)
    {
        var builders: [DeviceBuilder] = []
        var damage = TelemetryDamage()
        for (index, payload) in payloads.enumerated() {
            let source = GPMFBytes(bytes: payload.bytes, path: path, payload: index)
            let time = TelemetryClock.whole(payload.time.nanoseconds) - TelemetryClock.whole(presentationStart.nanoseconds)
            for item in damage.surviving({ () throws(ImagingError) in try source.items(in: 0..<payload.bytes.count) }) ?? []
            where item.key == "DEVC" {
                guard let device = damage.surviving({ () throws(ImagingError) in try DeviceBuilder.header(source, item) }) else { continue }
                var found = builders.firstIndex { $0.id == device.id }
                if found == nil {
                    builders.append(device)
                    found = builders.count - 1
                }
                if let found {
                    builders[found].add(source, item, time: time, duration: TelemetryClock.whole(payload.duration * 1e9), &damage)
                }
            }
        }
        if builders.allSatisfy({ $0.streams.allSatisfy(\.stream.isEmpty) }), let first = damage.first { throw first }
        payloadCount = payloads.count
        problems = damage.problems
        devices = []
        for builder in builders { devices.append(builder.built(&problems)) }
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
