/// A clock is a type: times of different clocks do not mix.
public enum Clock {
    /// The video track's presentation clock: 0 is the first frame's nominal start.
    public enum Video {}
    /// The IMU's own clock, as its recorder stamped it.
    public enum Inertial {}
}

public typealias VideoClock = Clock.Video
public typealias InertialClock = Clock.Inertial

/// A time on one clock, in whole nanoseconds.
@frozen
public struct Timestamp<C>: Sendable, Hashable, Comparable {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Rounds to the nearest nanosecond.
    @inlinable public init(seconds: Double) { nanoseconds = Int64((seconds * 1e9).rounded()) }

    /// A time out of a file; nil where it is not finite or beyond 4e9 s, so that differences and offsets always fit.
    @inlinable public init?(checkedSeconds seconds: Double) {
        guard abs(seconds) <= Self.furthestSeconds else { return nil }
        self.init(seconds: seconds)
    }

    /// A time out of a file that counts whole nanoseconds; nil beyond 4e9 s.
    @inlinable public init?(checkedNanoseconds nanoseconds: Int64) {
        guard nanoseconds.magnitude <= UInt64(Self.furthestSeconds * 1e9) else { return nil }
        self.init(nanoseconds: nanoseconds)
    }

    /// The largest time that is taken from a file, seconds: 126 years.
    @inlinable public static var furthestSeconds: Double { 4e9 }

    /// What a message says of a number that is no time: of one that has the size of a date in another unit, in which.
    public static func refusal(of number: Double?) -> String {
        let accepted = "is no time in seconds on the video clock, within ±4e9"
        guard let number, let unit = TimeUnit(ofDate: number), unit != .seconds else { return accepted }
        return "\(accepted): by its size it counts \(unit.rawValue) since 1970 (\(unit.advice))"
    }

    @inlinable public var seconds: Double { Double(nanoseconds) * 1e-9 }

    @inlinable public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The difference in seconds.
    @inlinable public static func - (a: Self, b: Self) -> Double { Double(a.nanoseconds - b.nanoseconds) * 1e-9 }

    @inlinable public static func + (a: Self, seconds: Double) -> Self {
        Self(nanoseconds: a.nanoseconds + Int64((seconds * 1e9).rounded()))
    }
}

/// Units of time that programs write without saying so, told apart by size.
public enum TimeUnit: String, Sendable {
    case seconds, milliseconds, microseconds, nanoseconds

    /// How many make a second.
    public var perSecond: Double {
        switch self {
        case .seconds: 1
        case .milliseconds: 1e3
        case .microseconds: 1e6
        case .nanoseconds: 1e9
        }
    }

    /// The unit in which a number is a date from 2001 to 2096; nil where it is one in none.
    public init?(ofDate number: Double) {
        let found = [Self.seconds, .milliseconds, .microseconds, .nanoseconds].first { (1e9...4e9).contains(number / $0.perSecond) }
        guard let found else { return nil }
        self = found
    }

    /// The unit in which rows that far apart come at 1 to 1000 a second.
    public init(ofInterval interval: Double) {
        self = interval <= 1 ? .seconds : interval <= 1e3 ? .milliseconds : interval <= 1e6 ? .microseconds : .nanoseconds
    }

    /// What to do with numbers in this unit.
    public var advice: String {
        self == .seconds
            ? "take off the time of the first frame" : "divide by \(perSecond == 1e3 ? "1000" : perSecond == 1e6 ? "1e6" : "1e9")"
    }
}

/// Where the inertial clock stands against the video clock: `inertial = video + offset`.
public struct ClockOffset: Sendable, Hashable {
    /// Added to a video time to get the inertial time of the same instant, nanoseconds.
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    @inlinable public init(seconds: Double) { nanoseconds = Int64((seconds * 1e9).rounded()) }
    @inlinable public var seconds: Double { Double(nanoseconds) * 1e-9 }

    @inlinable public func inertial(_ t: Timestamp<VideoClock>) -> Timestamp<InertialClock> {
        Timestamp(nanoseconds: t.nanoseconds + nanoseconds)
    }

    @inlinable public func video(_ t: Timestamp<InertialClock>) -> Timestamp<VideoClock> {
        Timestamp(nanoseconds: t.nanoseconds - nanoseconds)
    }
}
