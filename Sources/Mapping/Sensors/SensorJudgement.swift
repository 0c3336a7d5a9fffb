/// What was found out about one sensor of a recording, and what became of it.
public struct SensorJudgement: Codable, Sendable, Equatable {
    public enum Sensor: String, Codable, Sendable { case gyroscope, accelerometer }

    /// What can be wrong with a sensor.
    public enum Fault: String, Codable, Sendable, CaseIterable {
        /// It gives one value, or none, from the beginning.
        case dead
        /// It gives one value for part of the recording.
        case frozen
        /// The motion was beyond its range.
        case saturated
        /// Readings are missing.
        case dropped
        /// It is too sensitive, or not enough.
        case gain
        /// Its axes are not those of the device file.
        case axes
        /// Its clock is not the device file's.
        case clock
        /// It is noisier than stated.
        case noise
        /// The pictures contradict it in no way that could be named.
        case contradiction
    }

    public enum Use: String, Codable, Sendable {
        case used
        /// After a correction, or without some readings.
        case corrected
        case leftOut = "left_out"
    }

    public var sensor: Sensor
    public var use: Use
    public var fault: Fault
    /// With the numbers that decided.
    public var reason: String

    /// A sentence for a report.
    public var note: String {
        let what =
            switch use {
            case .used: "used"
            case .corrected: "corrected"
            case .leftOut: "left out"
            }
        return "\(sensor.rawValue) \(what) (\(fault.rawValue)): \(reason)"
    }
}
