public import Geometry

/// One vector reading on the inertial clock: angular rate (rad/s) or specific force (m/s²), in the frame `Body`.
public struct VectorSample: Sendable, Equatable {
    public var time: Timestamp<InertialClock>
    public var value: Vector3

    @inlinable public init(time: Timestamp<InertialClock>, value: Vector3) {
        self.time = time
        self.value = value
    }
}

/// A gyroscope's and an accelerometer's readings, each at its own times, never joined by index.
public struct InertialRecording: Sendable, Equatable {
    /// Angular rate, rad/s, frame `Body`; times strictly increasing.
    public var gyroscope: [VectorSample]
    /// Specific force, m/s² (at rest it points up with 9.81), frame `Body`; times strictly increasing.
    public var accelerometer: [VectorSample]

    public init(gyroscope: [VectorSample], accelerometer: [VectorSample]) {
        self.gyroscope = gyroscope
        self.accelerometer = accelerometer
    }

    public var isEmpty: Bool { gyroscope.isEmpty || accelerometer.isEmpty }
}
