internal import CNative
public import Foundation
public import Session

/// What a camera recorded beside its pictures: GPMF, as GoPro cameras write it into a `gpmd` track.
///
/// Every `DEVC` becomes a `TelemetryDevice` by its id, every `STRM` a `TelemetryStream` with its samples divided by SCAL. Complex
/// structures (TYPE),
/// SCAL for all or each column, UNIT and SIUN, ORIN, ORIO and MTRX, STMP, TSMP, TIMO, EMPT, TICK and TOCK are understood; unknown keys
/// are passed by.
/// Compressed streams (type `#`) and broken payloads are errors that name the payload and byte.
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
    public init?(contentsOf url: URL) throws(ImagingError) {
        let payloads = try Self.payloads(of: url)
        guard !payloads.isEmpty else { return nil }
        let info = try VideoInfo(contentsOf: url)
        try self.init(payloads: payloads, presentationStart: info.presentationStart, path: url.path)
        if info.telemetryTrackCount > 1 { problems.append("\(info.telemetryTrackCount) telemetry tracks: the first is used") }
    }

    /// Parses payloads; `presentationStart` is the first video frame's time on the line the payloads' times are on.
    public init(payloads: [TelemetryPayload], presentationStart: Timestamp<VideoClock> = Timestamp(nanoseconds: 0), path: String)
        throws(ImagingError)
    {
        var builders: [DeviceBuilder] = []
        for (index, payload) in payloads.enumerated() {
            let source = GPMFBytes(bytes: payload.bytes, path: path, payload: index)
            let time = TelemetryClock.whole(payload.time.nanoseconds) - TelemetryClock.whole(presentationStart.nanoseconds)
            for item in try source.items(in: 0..<payload.bytes.count) where item.key == "DEVC" {
                let device = try DeviceBuilder.header(source, item)
                var found = builders.firstIndex { $0.id == device.id }
                if found == nil {
                    builders.append(device)
                    found = builders.count - 1
                }
                if let found { try builders[found].add(source, item, time: time, duration: TelemetryClock.whole(payload.duration * 1e9)) }
            }
        }
        payloadCount = payloads.count
        problems = []
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

    /// The packets of a file's first `gpmd` track; empty where it has none.
    public static func payloads(of url: URL) throws(ImagingError) -> [TelemetryPayload] {
        var opened: OpaquePointer?
        let status = gt_packets_open(url.path, "gpmd", &opened)
        if status.code == Int32(GT_END) { return [] }
        guard status.code == GT_OK, let opened else { throw .file(path: url.path, reason: status.text) }
        defer { gt_packets_close(opened) }
        var out: [TelemetryPayload] = []
        while true {
            var bytes: UnsafePointer<UInt8>?
            var count = 0
            var time: Int64 = 0
            var duration: Int64 = 0
            let status = gt_packets_next(opened, &bytes, &count, &time, &duration)
            if status.code == Int32(GT_END) { return out }
            guard status.code == GT_OK else {
                throw .format(path: url.path, location: "telemetry payload \(out.count)", reason: status.text)
            }
            out.append(
                TelemetryPayload(
                    bytes: Array(UnsafeBufferPointer(start: bytes, count: count)), time: Timestamp(nanoseconds: time),
                    duration: Double(duration) * 1e-9))
        }
    }
}
