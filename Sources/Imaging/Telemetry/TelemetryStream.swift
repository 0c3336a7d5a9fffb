public import Session

/// One sensor's samples, scaled, each row with its time.
public struct TelemetryStream: Sendable, Equatable {
    /// The data's key, such as `GYRO`.
    public var fourCC: String
    /// The stream's own description, such as `Gyroscope (z,x,y)`; empty where it has none.
    public var name: String
    /// One unit for all columns, or one for each; empty where none is stated.
    public var units: [String]
    /// Values in a row.
    public var columnCount: Int
    /// Row after row, divided by SCAL, in the order the recorder wrote them (axes not permuted).
    public var values: [Double]
    /// One for each row; rows that the recorder put into one sample share its time.
    public var times: [Timestamp<InertialClock>]
    /// Text data (type `c`), one entry for each payload; such a stream has no rows.
    public var texts: [String]
    /// ORIN: which axis each column is, lower case for the negative one.
    public var inputOrientation: String?
    /// ORIO: which axis each row of `matrix` makes.
    public var outputOrientation: String?
    /// MTRX, row-major: output = matrix · input. Empty where none is stated.
    public var matrix: [Double]
    /// Payloads that held samples of this stream.
    public var payloadCount: Int

    public var rowCount: Int { times.count }

    /// Whether it holds neither numbers nor texts.
    var isEmpty: Bool { values.isEmpty && texts.isEmpty }

    /// The values of one row.
    public func row(_ index: Int) -> ArraySlice<Double> { values[(index * columnCount)..<((index + 1) * columnCount)] }

    /// Rows a second on average; 0 for fewer than two.
    public var rate: Double {
        guard let first = times.first, let last = times.last, last > first else { return 0 }
        return Double(times.count - 1) / (last - first)
    }
}

/// One `DEVC`: a camera, a gimbal, a paired sensor. Streams of different devices are never joined.
public struct TelemetryDevice: Sendable, Equatable {
    /// How the device's `InertialClock` stands on the video's clock.
    public enum ClockSource: String, Sendable {
        /// The recorder stamped sensors and frames on one clock (STMP): 0 is the first frame's stamp. What is left as an offset are
        /// sensor latency and exposure, tens of milliseconds at most.
        case frameStamps
        /// The recorder stamped sensors (STMP) but not frames: 0 is where the first gyroscope sample would be at its payload's time.
        /// Known to a payload's
        /// delay only, up to some 100 ms.
        case sensorStamps
        /// No stamps: a line through the sample counts over the payloads' times. Known to a payload's delay only, up to some 100 ms.
        case payloadTimes
    }

    /// DVID.
    public var id: UInt32
    /// DVNM.
    public var name: String
    public var clockSource: ClockSource
    public var streams: [TelemetryStream]
    /// Descriptions of streams that were announced and never held a sample.
    public var emptyStreams: [String]

    /// The first stream with that key.
    public func stream(_ fourCC: String) -> TelemetryStream? { streams.first { $0.fourCC == fourCC } }
}

/// One packet of a telemetry track.
public struct TelemetryPayload: Sendable, Equatable {
    public var bytes: [UInt8]
    /// On the file's own time line.
    public var time: Timestamp<VideoClock>
    /// Seconds.
    public var duration: Double

    public init(bytes: [UInt8], time: Timestamp<VideoClock>, duration: Double) {
        self.bytes = bytes
        self.time = time
        self.duration = duration
    }
}
