public import Geometry

/// Small corrections of a camera and its clock that a whole batch shares.
///
/// As a block of 13 numbers: clock (s: pictures were taken so much later than stated), readout (s), rotation of the camera in the body (3,
/// radians, on the right), relative focal lengths (2), principal point (2, pixels), distortion (4).
public struct CameraCorrection: Sendable, Equatable {
    public static let count = 13

    public var values: [Double]

    public init(values: [Double] = [Double](repeating: 0, count: CameraCorrection.count)) {
        precondition(values.count == Self.count, "a camera correction has 13 numbers")
        self.values = values
    }

    public var clock: Double { values[0] }
    public var readout: Double { values[1] }
    public var rotation: Rotation { Rotation(vector: Vector3(values[2], values[3], values[4])) }

    /// A camera with the corrections applied.
    @inlinable public func corrected(_ camera: CameraModel) -> CameraModel { values.withUnsafeBufferPointer { Self.corrected(camera, $0) } }

    @usableFromInline static func corrected(_ camera: CameraModel, _ x: UnsafeBufferPointer<Double>) -> CameraModel {
        var c = camera
        c.focalLength = Vector2(camera.focalLength.x * (1 + x[5]), camera.focalLength.y * (1 + x[6]))
        c.principalPoint = camera.principalPoint + Vector2(x[7], x[8])
        c.distortion = camera.distortion + Vector4(x[9], x[10], x[11], x[12])
        return c
    }
}

/// How the body moves around a frame's time: enough for the rows of a rolling shutter and a clock that is a little off.
public struct RowMotion: Sendable, Equatable {
    /// Angular rate (rad/s) and its derivative, body frame.
    public var rate: Vector3
    public var rateSlope: Vector3
    /// Velocity and acceleration of the body's origin, in the body frame at the frame's time, m/s and m/s².
    public var velocity: Vector3
    public var acceleration: Vector3

    @inlinable public init(rate: Vector3, rateSlope: Vector3 = .zero, velocity: Vector3, acceleration: Vector3 = .zero) {
        self.rate = rate
        self.rateSlope = rateSlope
        self.velocity = velocity
        self.acceleration = acceleration
    }

    /// The body so much later, in the body frame of the frame's time: constant angular and linear acceleration.
    @inlinable public func body(after dt: Double) -> Transform<Body, Body> {
        Transform(rotation: Rotation(vector: turn(after: dt)), translation: (velocity + acceleration * (0.5 * dt)) * dt)
    }

    /// Its rotation vector, radians.
    @inlinable public func turn(after dt: Double) -> Vector3 { (rate + rateSlope * (0.5 * dt)) * dt }
}
