public import Geometry

/// Small corrections of a camera and its clock that a whole batch shares.
///
/// As a block of 13 numbers: clock (s: pictures were taken so much later than stated), readout (s), rotation of the camera in the body (3,
/// radians, on the right), relative focal lengths (2), principal point (2, pixels), distortion (4).
public struct CameraCalibration: Sendable, Equatable {
    public static let count = 13

    public var values: [Double]

    public init(values: [Double] = [Double](repeating: 0, count: CameraCalibration.count)) {
        precondition(values.count == Self.count, "a calibration has 13 numbers")
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
        Transform(
            rotation: Rotation(vector: (rate + rateSlope * (0.5 * dt)) * dt), translation: (velocity + acceleration * (0.5 * dt)) * dt)
    }
}

/// A reprojection that also reads a shared `CameraCalibration`. Blocks: body pose in the map (7), landmark in the map (3), calibration (13).
///
/// The row's pose follows from the frame's own `motion`, so that clock and readout have exact derivatives; the motion itself is held (its
/// error acts over half a readout). A landmark that cannot be projected gives a constant residual as in `ReprojectionResidual`.
public struct CalibratedReprojectionResidual: ResidualFunction {
    public var camera: CameraModel
    public var bodyFromCamera: Transform<Body, Camera>
    public var motion: RowMotion
    /// Where the row lies in the readout, -½ to ½, and the stated readout, seconds.
    public var rowShare: Double
    public var readout: Double
    public var pixel: Vector2
    /// 1/σ, per pixel.
    public var weight: Double

    public init(
        camera: CameraModel, bodyFromCamera: Transform<Body, Camera>, motion: RowMotion, rowShare: Double, readout: Double, pixel: Vector2,
        sigma: Double
    ) {
        self.camera = camera
        self.bodyFromCamera = bodyFromCamera
        self.motion = motion
        self.rowShare = rowShare
        self.readout = readout
        self.pixel = pixel
        weight = 1 / sigma
    }

    public var dimension: Int { 2 }

    public func evaluate(
        _ parameters: UnsafePointer<UnsafePointer<Double>?>, residuals: UnsafeMutablePointer<Double>,
        jacobians: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) -> Bool {
        guard let pose = parameters[0], let landmark = parameters[1], let shared = parameters[2] else { return false }
        let n = CameraCalibration.count
        let lens = CameraCalibration.corrected(camera, UnsafeBufferPointer(start: shared, count: n))
        let dt = rowShare * (readout + shared[1]) + shared[0]
        let row = motion.body(after: dt)
        let r = pose.poseRotation.matrix
        let y = r.transposed * (landmark.vector() - pose.vector())
        let rowRotation = row.rotation.matrix
        let q = rowRotation.transposed * (y - row.translation)
        let c = bodyFromCamera.rotation.matrix * Rotation(vector: shared.vector(2)).matrix
        let p = c.transposed * (q - bodyFromCamera.translation)
        guard let (seen, du, dv) = lens.projectWithJacobian(p) else {
            residuals[0] = ReprojectionResidual.unprojectable * weight
            residuals[1] = ReprojectionResidual.unprojectable * weight
            if let j = jacobians {
                j[0]?.update(repeating: 0, count: 14)
                j[1]?.update(repeating: 0, count: 6)
                j[2]?.update(repeating: 0, count: 2 * n)
            }
            return true
        }
        residuals[0] = (seen.x - pixel.x) * weight
        residuals[1] = (seen.y - pixel.y) * weight
        guard let j = jacobians else { return true }
        // Rows of d(pixel) by the point in the body at the row's time, at the frame's time, and in the map.
        let (cu, cv) = (c * du * weight, c * dv * weight)
        let (bu, bv) = (rowRotation * cu, rowRotation * cv)
        let (mu, mv) = (r * bu, r * bv)
        if let p = j[0] {
            p.setRow(-mu, row: 0, column: 0, stride: 7)
            p.setRow(bu.cross(y), row: 0, column: 3, stride: 7)
            p[6] = 0
            p.setRow(-mv, row: 1, column: 0, stride: 7)
            p.setRow(bv.cross(y), row: 1, column: 3, stride: 7)
            p[13] = 0
        }
        if let l = j[1] {
            l.setRow(mu, row: 0, column: 0, stride: 3)
            l.setRow(mv, row: 1, column: 0, stride: 3)
        }
        if let k = j[2] {
            // dq/dt = −ω × q − R_rowᵀ v.
            let rate = motion.rate + motion.rateSlope * dt
            let velocity = rowRotation.transposed * (motion.velocity + motion.acceleration * dt)
            let dq = q.cross(rate) - velocity
            let (tu, tv) = (cu.dot(dq), cv.dot(dq))
            let (wu, wv) = (du * weight, dv * weight)
            let (a, b) = lens.distortionJacobian(p)
            for (r, (t, w, d, s)) in [(tu, wu, seen.x - lens.principalPoint.x, a), (tv, wv, seen.y - lens.principalPoint.y, b)].enumerated() {
                let at = k + r * n
                at[0] = t
                at[1] = t * rowShare
                // d(exp(−r) x)/dr, the block being small: [p]×.
                let turn = w.cross(p)
                for i in 0..<3 { at[2 + i] = turn[i] }
                at[5] = r == 0 ? d * weight / (1 + shared[5]) : 0
                at[6] = r == 1 ? d * weight / (1 + shared[6]) : 0
                at[7] = r == 0 ? weight : 0
                at[8] = r == 1 ? weight : 0
                for i in 0..<4 { at[9 + i] = s[i] * weight }
            }
        }
        return true
    }
}
