internal import Session

/// Collects one device's streams over the payloads.
struct DeviceBuilder {
    var id: UInt32
    var name: String
    var streams: [StreamBuilder] = []
    var empty: [String] = []
    /// Of the payloads that come.
    var chapter = 0

    var hasInertial: Bool { ["ACCL", "GYRO"].allSatisfy { key in streams.contains { $0.stream.fourCC == key } } }

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
            streams[at].chapter = chapter
            do throws(ImagingError) {
                try streams[at].add(
                    metadata: items.filter { $0.key != key }, data: items.filter { $0.key == key }, from: source, time: time,
                    duration: duration)
            } catch {
                damage.note(error)
            }
        }
    }

    /// Makes the stamps of all chapters one clock's.
    ///
    /// The stream that is stamped in both chapters, one for each frame if there is any, tells whether the recorder's clock went on. Where it
    /// went back, the chapter's stamps are moved so that they stand to its payloads' times as those of the first chapter.
    /// - Returns: chapters whose stamps begin anew, and by how much the clock went on further than the pictures before each further chapter,
    ///   seconds.
    mutating func joinChapters(_ count: Int) -> (restarts: [Int], steps: [Double?]) {
        var restarts: [Int] = []
        var steps: [Double?] = []
        var shift: Int64 = 0
        let rank = { (key: String) in Self.perFrame.firstIndex(of: key) ?? (key == "GYRO" ? Self.perFrame.count : Self.perFrame.count + 1) }
        let order = streams.indices.sorted { (rank(streams[$0].stream.fourCC), $0) < (rank(streams[$1].stream.fourCC), $1) }
        let blocks = streams.map(\.blocks)
        for chapter in 1..<max(count, 1) {
            let ends = order.lazy.compactMap { at in Self.ends(blocks[at], around: chapter) }.first
            if let ends, ends.next.stamp <= ends.last.stamp {
                restarts.append(chapter)
                steps.append(nil)
                shift = ends.next.zero - ends.first.zero
            } else {
                steps.append(ends.map { Double($0.next.zero - $0.last.zero) * 1e-9 })
            }
            guard shift != 0 else { continue }
            for at in streams.indices {
                for k in streams[at].blocks.indices where streams[at].blocks[k].chapter == chapter {
                    streams[at].blocks[k].stamp = streams[at].blocks[k].stamp.map { $0 - shift }
                }
            }
        }
        return (restarts, steps)
    }

    /// A stamp as the recorder wrote it, and what its clock read at the recording's 0 by that.
    private typealias End = (stamp: Int64, zero: Int64)

    /// The stream's first block, its last one before a chapter and the chapter's first; nil where one has no stamp.
    private static func ends(_ blocks: [StreamBuilder.Block], around chapter: Int) -> (first: End, last: End, next: End)? {
        func end(_ block: StreamBuilder.Block?) -> End? { block.flatMap { b in b.stamp.map { ($0, $0 - b.time) } } }
        guard let first = end(blocks.first), let last = end(blocks.last { $0.chapter < chapter }),
            let next = end(blocks.first { $0.chapter == chapter })
        else { return nil }
        return (first, last, next)
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
