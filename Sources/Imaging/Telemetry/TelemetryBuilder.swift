internal import Session

/// Collects a stream's payloads before its times can be told.
struct StreamBuilder {
    /// The samples of one payload.
    struct Block {
        /// Samples before this block, since the stream's first.
        var start: Int
        /// Timed samples: structures, or entries where a payload repeats the key.
        var samples: Int
        /// Rows of each timed sample; nil where each has one.
        var rows: [Int]?
        /// STMP, nanoseconds.
        var stamp: Int64?
        /// The chapter that holds the payload, from 0.
        var chapter = 0
        /// The payload's time and duration, nanoseconds since the first video frame.
        var time: Int64
        var duration: Int64
    }

    var stream: TelemetryStream
    /// Which of the device's streams of this key, from 0.
    var occurrence: Int
    var structure: String?
    var scale: [Double] = []
    var blocks: [Block] = []
    /// TSMP of the block before, and of what came before the first block.
    var total: Int?
    var origin = 0
    /// TIMO, nanoseconds: samples were stamped this much too late.
    var delay: Int64 = 0
    var lostSamples = 0
    /// Of the payloads that come.
    var chapter = 0

    init(fourCC: String, occurrence: Int) {
        stream = TelemetryStream(
            fourCC: fourCC, name: "", units: [], columnCount: 0, values: [], times: [], texts: [], inputOrientation: nil,
            outputOrientation: nil,
            matrix: [], payloadCount: 0)
        self.occurrence = occurrence
    }

    /// Adds the data entries of one STRM; `metadata` are the entries before them.
    mutating func add(metadata: [GPMFItem], data: [GPMFItem], from source: GPMFBytes, time: Int64, duration: Int64) throws(ImagingError) {
        var stamp: Int64?
        var stated: Int?
        for item in metadata {
            switch item.key {
            case "STNM": stream.name = source.text(item.range)
            case "SIUN", "UNIT": stream.units = source.texts(item)
            case "TYPE": structure = source.text(item.range)
            case "SCAL": scale = try numbers(item, source)
            case "MTRX": stream.matrix = try numbers(item, source)
            case "ORIN": stream.inputOrientation = source.text(item.range)
            case "ORIO": stream.outputOrientation = source.text(item.range)
            case "STMP": stamp = try bounded(item, source, 0...1e14).map { Int64($0) * 1000 }
            case "TSMP": stated = try bounded(item, source, 0...4_294_967_295).map { Int($0) }
            case "TIMO": delay = Int64((try bounded(item, source, -1e6...1e6) ?? 0) * 1e9)
            default: break
            }
        }
        guard let first = data.first else { return }
        if first.type == UInt8(ascii: "c") {
            stream.texts.append(source.text(first.range))
            stream.payloadCount += 1
            return
        }
        var rows: [Int] = []
        let (values, columns) = (stream.values.count, stream.columnCount)
        do throws(ImagingError) {
            for item in data {
                rows.append(item.count)
                try append(item, source)
            }
        } catch {
            // All of the payload's samples, or none.
            stream.values.removeLast(stream.values.count - values)
            stream.columnCount = columns
            throw error
        }
        let samples = data.count > 1 ? data.count : first.count
        place(samples: samples, stated: stated, stamp: stamp, rows: data.count > 1 ? rows : nil, time: time, duration: duration)
    }

    private mutating func place(samples: Int, stated: Int?, stamp: Int64?, rows: [Int]?, time: Int64, duration: Int64) {
        guard samples > 0 else { return }
        var start = blocks.last.map { $0.start + $0.samples } ?? 0
        if let stated, stated >= samples {
            if let total, stated - samples >= total {
                lostSamples += stated - samples - total
                start += stated - samples - total
            }
            total = stated
        }
        blocks.append(
            Block(
                start: start, samples: samples, rows: rows, stamp: stamp, chapter: chapter, time: time, duration: duration))
        stream.payloadCount += 1
    }

    private mutating func append(_ item: GPMFItem, _ source: GPMFBytes) throws(ImagingError) {
        guard item.count > 0 else { return }
        guard let elements = GPMFElement.layout(type: item.type, size: item.size, structure: structure) else {
            let type = String(UnicodeScalar(item.type))
            throw source.broken(
                at: item.range.lowerBound,
                "\(item.key) of type '\(type)', TYPE '\(structure ?? "")' and \(item.size) bytes is not a layout that can be read"
            )
        }
        guard stream.columnCount == 0 || stream.columnCount == elements.count else {
            throw source.broken(
                at: item.range.lowerBound, "\(item.key) has \(elements.count) columns, earlier payloads have \(stream.columnCount)")
        }
        guard scale.count <= 1 || scale.count == elements.count, scale.allSatisfy({ $0 != 0 }) else {
            throw source.broken(
                at: item.range.lowerBound,
                "\(item.key) has \(elements.count) columns and SCAL \(scale.count): one, or one for each and none 0, is accepted")
        }
        stream.columnCount = elements.count
        stream.values.reserveCapacity(stream.values.count + item.count * elements.count)
        var position = item.range.lowerBound
        for _ in 0..<item.count {
            for (column, element) in elements.enumerated() {
                let value = element.value(source, position)
                stream.values.append(scale.isEmpty ? value : value / (scale.count == 1 ? scale[0] : scale[column]))
                position += element.size
            }
        }
    }

    /// One number of an entry, nil where it has none; one outside the range is damage.
    private func bounded(_ item: GPMFItem, _ source: GPMFBytes, _ range: ClosedRange<Double>) throws(ImagingError) -> Double? {
        guard let value = source.number(item) else { return nil }
        guard range.contains(value) else {
            throw source.broken(
                at: item.range.lowerBound, "\(item.key) is \(value): \(range.lowerBound) to \(range.upperBound) is accepted")
        }
        return value
    }

    private func numbers(_ item: GPMFItem, _ source: GPMFBytes) throws(ImagingError) -> [Double] {
        guard let element = GPMFElement(code: item.type) else {
            throw source.broken(at: item.range.lowerBound, "\(item.key) is not numeric")
        }
        return (0..<(item.range.count / element.size)).map { element.value(source, item.range.lowerBound + $0 * element.size) }
    }
}
