internal import Geometry
public import Session

/// Packs inertial readings and frame exposures into GPMF payloads as a GoPro does: one a second, each with ACCL, GYRO and SHUT.
///
/// Every stream carries STMP (µs of its first sample, all on one clock), TSMP (samples so far), STNM and SIUN; ACCL and GYRO carry ORIN
/// and SCAL and
/// are 16-bit integers, so values are rounded to 1/scale and saturate as a sensor does. SHUT holds one exposure time for each
/// video frame: its first stamp is what ties the sensors' clock to the video's. Sample times within a payload are read back as evenly
/// spaced from stamp to stamp.
///
/// Source: the GPMF specification, https://gopro.github.io/gpmf-parser; values as HERO9 to HERO11 write them.
public struct GPMFWriter: Sendable {
    public struct Options: Codable, Sendable, Equatable {
        /// DVID; default 1, a camera's.
        public var deviceID: UInt32 = 1
        /// DVNM; default "Simulated camera".
        public var deviceName = "Simulated camera"
        /// Which `Body` axis each column is, lower case for negative; default `ZXY`, as HERO9 to HERO11 write.
        public var orientation = "ZXY"
        /// Steps per m/s²; default 417 (2.4 mm/s²; saturates at 78 m/s²), GoPro's.
        public var accelerometerScale = 417
        /// Steps per rad/s; default 939 (1.1 mrad/s; saturates at 34.9 rad/s), GoPro's.
        public var gyroscopeScale = 939
        /// What the recorder's clock reads at `InertialClock` 0, µs; default 1 000 000, so that samples from before the first frame can
        /// be stamped.
        public var clockOrigin = 1_000_000
        /// Seconds of video in a payload; default 1.
        public var payloadDuration = 1.0

        public init() {}
    }

    /// A payload with its place on the file's time line, for `VideoWriter.append(telemetry:milliseconds:duration:)`.
    public struct Payload: Sendable, Equatable {
        public var bytes: [UInt8]
        public var milliseconds: Int
        public var duration: Int
    }

    /// Cuts a whole recording into payloads.
    ///
    /// `frames` are the video frames' times on the video clock, the first at 0; the recorder stamps them on its own clock as equal
    /// numbers, so whatever offset
    /// the inertial times carry against the video stays in the file. Each sample goes into the payload of the second it was taken in;
    /// those from before 0 into the
    /// first, those after the last frame into the last.
    public static func payloads(
        _ inertial: InertialRecording, frames: [Timestamp<VideoClock>], exposure: Double, options: Options = Options()
    ) throws(ImagingError) -> [Payload] {
        guard let channels = TelemetryStream.axes(options.orientation)?.transposed else {
            throw .operation(
                "GPMF writer", reason: "orientation '\(options.orientation)': X, Y and Z once each, lower case for negative, are accepted")
        }
        guard options.payloadDuration > 0, let last = frames.last, options.accelerometerScale > 0, options.gyroscopeScale > 0 else {
            throw .operation("GPMF writer", reason: "at least one frame, a positive payload duration and positive scales are needed")
        }
        let period = frames.count > 1 ? (last - frames[0]) / Double(frames.count - 1) : 1 / 30
        let end = last.seconds + period
        guard let count = Int(checked: (end / options.payloadDuration).rounded(.up)), count <= 1_000_000, end < 1e9 else {
            throw .operation(
                "GPMF writer", reason: "\(end) s in payloads of \(options.payloadDuration) s: at most a million payloads are written")
        }
        func slot(_ seconds: Double) -> Int {
            Int(min(max((seconds / options.payloadDuration).rounded(.down), 0), Double(max(count, 1) - 1)))
        }
        var accelerometer = Packer(samples: inertial.accelerometer, slots: max(count, 1), slot: slot)
        var gyroscope = Packer(samples: inertial.gyroscope, slots: max(count, 1), slot: slot)
        var frameCount = 0
        var out: [Payload] = []
        for k in 0..<max(count, 1) {
            let start = Int((Double(k) * options.payloadDuration * 1000).rounded())
            let stop = k + 1 < count ? Int((Double(k + 1) * options.payloadDuration * 1000).rounded()) : Int((end * 1000).rounded())
            var device: [UInt8] = []
            device += entry("DVID", "L", size: 4, bigEndian(options.deviceID))
            device += text("DVNM", options.deviceName)
            device += accelerometer.stream(k, "ACCL", "Accelerometer", "m/s²", options.accelerometerScale, channels, options)
            device += gyroscope.stream(k, "GYRO", "Gyroscope", "rad/s", options.gyroscopeScale, channels, options)
            let mine = frames.filter { slot($0.seconds) == k }
            if let first = mine.first {
                frameCount += mine.count
                var stream = entry("STMP", "J", size: 8, bigEndian(stamp(first.nanoseconds, options)))
                stream += entry("TSMP", "L", size: 4, bigEndian(UInt32(truncatingIfNeeded: frameCount)))
                stream += text("STNM", "Exposure time (shutter speed)")
                stream += text("SIUN", "s")
                stream += entry("SHUT", "f", size: 4, mine.flatMap { _ in bigEndian(Float(exposure).bitPattern) })
                device += entry("STRM", nil, size: 1, stream)
            }
            out.append(Payload(bytes: entry("DEVC", nil, size: 1, device), milliseconds: start, duration: max(stop - start, 1)))
        }
        return out
    }

    /// One vector sensor's samples, cut into payloads.
    private struct Packer {
        var parts: [[VectorSample]]
        var total = 0

        init(samples: [VectorSample], slots: Int, slot: (Double) -> Int) {
            parts = [[VectorSample]](repeating: [], count: slots)
            for sample in samples { parts[slot(sample.time.seconds)].append(sample) }
        }

        mutating func stream(
            _ k: Int, _ key: String, _ name: String, _ unit: String, _ scale: Int, _ channels: Matrix3, _ options: Options
        ) -> [UInt8] {
            guard let first = parts[k].first else { return [] }
            total += parts[k].count
            var stream = entry("STMP", "J", size: 8, bigEndian(stamp(first.time.nanoseconds, options)))
            stream += entry("TSMP", "L", size: 4, bigEndian(UInt32(truncatingIfNeeded: total)))
            stream += text("STNM", name)
            stream += text("ORIN", options.orientation)
            stream += text("SIUN", unit)
            stream += entry("SCAL", "s", size: 2, bigEndian(Int16(clamping: scale)))
            var data: [UInt8] = []
            data.reserveCapacity(parts[k].count * 6)
            for sample in parts[k] {
                let v = channels * sample.value * Double(Int16(clamping: scale))
                for value in [v.x, v.y, v.z] { data += bigEndian(Int16(clamping: Int(min(max(value.rounded(), -40000), 40000)))) }
            }
            stream += entry(key, "s", size: 6, data)
            return entry("STRM", nil, size: 1, stream)
        }
    }

    private static func stamp(_ nanoseconds: Int64, _ options: Options) -> UInt64 {
        UInt64(max(0, Int64(options.clockOrigin) + Int64((Double(nanoseconds) / 1000).rounded())))
    }

    /// Latin-1 text.
    private static func text(_ key: String, _ value: String) -> [UInt8] {
        entry(key, "c", size: 1, value.unicodeScalars.map { UInt8(exactly: $0.value) ?? UInt8(ascii: "?") })
    }

    /// One key-length-value entry, padded to four bytes; a nest (no type) longer than 65535 bytes counts in larger structures.
    private static func entry(_ key: String, _ type: Unicode.Scalar?, size: Int, _ value: [UInt8]) -> [UInt8] {
        var value = value
        var size = size
        if type == nil {
            while value.count % 4 != 0 { value.append(0) }
            if value.count > 65535 { size = 4 }
        }
        let count = value.count / size
        precondition(count <= 65535, "a GPMF entry holds at most 65535 structures: make the payloads shorter")
        var out = Array(key.utf8)
        out += [type.map { UInt8(ascii: $0) } ?? 0, UInt8(size)]
        out += bigEndian(UInt16(count))
        out += value
        while out.count % 4 != 0 { out.append(0) }
        return out
    }

    private static func bigEndian<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
