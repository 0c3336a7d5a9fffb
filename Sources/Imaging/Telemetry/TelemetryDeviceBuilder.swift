internal import Session

/// Collects one device's streams over the payloads.
struct DeviceBuilder {
    var id: UInt32
    var name: String
    var streams: [StreamBuilder] = []
    var empty: [String] = []

    /// Keys that describe data and are never data themselves.
    static let descriptive: Set<String> = [
        "STMP", "TSMP", "TICK", "TOCK", "STNM", "TMPC", "SIUN", "UNIT", "SCAL", "TYPE", "MTRX", "ORIN", "ORIO", "EMPT", "TIMO", "RMRK",
        "VERS", "QUAN",
    ]

    /// Streams that hold one sample for each video frame, the surest first.
    static let perFrame = ["CORI", "SHUT", "ISOE", "IORI", "GRAV"]

    /// DVID and DVNM of a DEVC.
    static func header(_ source: GPMFBytes, _ device: GPMFItem) throws(ImagingError) -> DeviceBuilder {
        var id: UInt32 = 0
        var name = ""
        for item in try source.items(in: device.range) {
            if item.key == "DVNM" { name = source.text(item.range) }
            if item.key == "DVID", item.range.count >= 4 { id = UInt32(source.unsigned(at: item.range.lowerBound, bytes: 4)) }
        }
        return DeviceBuilder(id: id, name: name)
    }

    /// Adds one payload's streams; one that cannot be read is noted and left out.
    mutating func add(_ source: GPMFBytes, _ device: GPMFItem, time: Int64, duration: Int64, _ damage: inout TelemetryDamage) {
        var seen: [String: Int] = [:]
        for strm in damage.surviving({ () throws(ImagingError) in try source.items(in: device.range) }) ?? [] where strm.key == "STRM" {
            guard let items = damage.surviving({ () throws(ImagingError) in try source.items(in: strm.range) }) else { continue }
            // The data come last, and may repeat their key; what is before them describes them.
            guard let key = items.last?.key, !Self.descriptive.contains(key) else {
                let name = items.first { $0.key == "STNM" }.map { source.text($0.range) } ?? "unnamed"
                if !empty.contains(name) { empty.append(name) }
                continue
            }
            let occurrence = seen[key, default: 0]
            seen[key] = occurrence + 1
            var at = streams.firstIndex { $0.stream.fourCC == key && $0.occurrence == occurrence }
            if at == nil {
                streams.append(StreamBuilder(fourCC: key, occurrence: occurrence))
                at = streams.count - 1
            }
            guard let at else { continue }
            do throws(ImagingError) {
                try streams[at].add(
                    metadata: items.filter { $0.key != key }, data: items.filter { $0.key == key }, from: source, time: time,
                    duration: duration)
            } catch {
                damage.note(error)
            }
        }
    }

    /// Gives every sample its time.
    func built(_ problems: inout [String]) -> TelemetryDevice {
        let stamped = streams.filter { TelemetryClock.isStamped($0.blocks) }
        let frames = Self.perFrame.lazy.compactMap { key in stamped.first { $0.stream.fourCC == key } }.first
        let reference = frames ?? stamped.first { $0.stream.fourCC == "GYRO" } ?? stamped.first
        // STMP of the first video frame.
        let zero = reference?.blocks.first.flatMap { block in block.stamp.map { $0 - block.time } } ?? 0
        var device = TelemetryDevice(
            id: id, name: name, clockSource: frames != nil ? .frameStamps : reference != nil ? .sensorStamps : .payloadTimes, streams: [],
            emptyStreams: empty)
        for builder in streams {
            var stream = builder.stream
            let label = "device \(name): \(stream.fourCC)"
            if stream.values.isEmpty, stream.texts.isEmpty {
                device.emptyStreams.append(stream.name.isEmpty ? stream.fourCC : stream.name)
                continue
            }
            if builder.lostSamples > 0 {
                problems.append("\(label): \(builder.lostSamples) samples are missing by the recorder's own count (TSMP)")
            }
            let isStamped = TelemetryClock.isStamped(builder.blocks)
            if !isStamped, builder.blocks.contains(where: { $0.stamp != nil }) {
                problems.append("\(label): its stamps (STMP) are incomplete or go back: payload times are used")
            }
            let shift = builder.delay + (isStamped ? zero : 0)
            let times = TelemetryClock.times(builder.blocks, isStamped: isStamped)
            let rows = builder.blocks.flatMap { $0.rows ?? [Int](repeating: 1, count: $0.samples) }
            stream.times.reserveCapacity(rows.count)
            for (time, count) in zip(times, rows) {
                for _ in 0..<count { stream.times.append(Timestamp(nanoseconds: time - shift)) }
            }
            device.streams.append(stream)
        }
        return device
    }
}
