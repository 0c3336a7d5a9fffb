public import Geometry

/// Where landmarks are seen against where they should be, through a rolling shutter and a camera with shared corrections: the only
/// reprojection with derivatives by a pose.
///
/// The row's pose follows from the frame's own motion, so that clock and readout have exact derivatives; the motion itself is held (its
/// error acts over half a readout: below 0.05 px at 0.5 m and 10 m/s²). One value serves all observations of a linearisation.
public struct RowReprojection: Sendable {
    let lens: CameraModel
    let bodyFromCamera: Matrix3
    let cameraInBody: Vector3
    let readout: Double
    let clock: Double
    let focalGain: Vector2

    /// - Parameter readout: as stated, seconds; `correction` corrects it.
    public init(
        camera: CameraModel, bodyFromCamera: Transform<Body, Camera>, readout: Double, correction: CameraCorrection = CameraCorrection()
    ) {
        lens = correction.corrected(camera)
        self.bodyFromCamera = (bodyFromCamera.rotation * correction.rotation).matrix
        cameraInBody = bodyFromCamera.translation
        self.readout = readout + correction.readout
        clock = correction.clock
        focalGain = Vector2(1 + correction.values[5], 1 + correction.values[6])
    }

    /// Pixels by which a landmark that cannot be projected is said to be off.
    public static let unprojectable = 100.0

    /// One observation: the difference in pixels and its derivatives.
    public struct Linear {
        /// Seen by the model less seen in the picture, pixels.
        public var error: Vector2
        /// Rows of d(pixel) by the landmark in the map; by the body's position they are the opposite.
        public var landmark: (u: Vector3, v: Vector3)
        /// By the body's rotation, on the right.
        public var rotation: (u: Vector3, v: Vector3)
        /// Rows of d(pixel) by the body's tangent [δp δθ], six numbers each, for u and for v.
        @inlinable public func withPoseRows(_ body: (_ u: UnsafePointer<Double>, _ v: UnsafePointer<Double>) -> Void) {
            let u = (-landmark.u.x, -landmark.u.y, -landmark.u.z, rotation.u.x, rotation.u.y, rotation.u.z)
            let v = (-landmark.v.x, -landmark.v.y, -landmark.v.z, rotation.v.x, rotation.v.y, rotation.v.z)
            withUnsafeBytes(of: u) { u in
                withUnsafeBytes(of: v) { v in
                    guard let u = u.assumingMemoryBound(to: Double.self).baseAddress,
                        let v = v.assumingMemoryBound(to: Double.self).baseAddress
                    else { return }
                    body(u, v)
                }
            }
        }

        var inCamera: (point: Vector3, du: Vector3, dv: Vector3)
        var atRow: (point: Vector3, du: Vector3, dv: Vector3)
        var velocity: Vector3
        /// The turn from the frame's time to the row's, and its derivative by time.
        var turn: Vector3
        var turnRate: Vector3
        var rowShare: Double
        var seen: Vector2
    }

    /// - Parameters:
    ///   - rotation: of the body in the map, at the frame's time; `position` likewise.
    ///   - rowShare: where the row lies in the readout, -½ to ½.
    /// - Returns: nil where the landmark cannot be projected.
    public func linearized(
        _ landmark: Vector3, rotation: Matrix3, position: Vector3, motion: RowMotion, rowShare: Double, pixel: Vector2
    ) -> Linear? {
        let dt = rowShare * readout + clock
        let row = motion.body(after: dt)
        let rowRotation = row.rotation.matrix
        let y = rotation.transposed * (landmark - position)
        let q = rowRotation.transposed * (y - row.translation)
        let p = bodyFromCamera.transposed * (q - cameraInBody)
        guard let (seen, du, dv) = lens.projectWithJacobian(p) else { return nil }
        let (cu, cv) = (bodyFromCamera * du, bodyFromCamera * dv)
        let (bu, bv) = (rowRotation * cu, rowRotation * cv)
        return Linear(
            // dy/dθ = [y]×, so a row b gives bᵀ[y]× = (b × y)ᵀ.
            error: seen - pixel, landmark: (rotation * bu, rotation * bv), rotation: (bu.cross(y), bv.cross(y)), inCamera: (p, du, dv),
            atRow: (q, cu, cv), velocity: rowRotation.transposed * (motion.velocity + motion.acceleration * dt),
            turn: motion.turn(after: dt), turnRate: motion.rate + motion.rateSlope * dt, rowShare: rowShare, seen: seen)
    }

    /// Rows of d(pixel) by the 13 numbers of `CameraCorrection`: 13 for u, then 13 for v.
    public func correctionRows(_ l: Linear, into rows: UnsafeMutablePointer<Double>) {
        let n = CameraCorrection.count
        // dq/dt = −ω × q − R_rowᵀ v.
        let dq = l.atRow.point.cross(Rotation.rightJacobian(l.turn) * l.turnRate) - l.velocity
        let distortion = lens.distortionJacobian(l.inCamera.point)
        let reach = l.seen - lens.principalPoint
        rows.update(repeating: 0, count: 2 * n)
        for (r, (c, d, s)) in [(l.atRow.du, l.inCamera.du, distortion.du), (l.atRow.dv, l.inCamera.dv, distortion.dv)].enumerated() {
            let at = rows + r * n
            let byTime = c.dot(dq)
            at[0] = byTime
            at[1] = byTime * l.rowShare
            // d(exp(−r) x)/dr, the block being small: [p]×.
            at.setRow(d.cross(l.inCamera.point), row: 0, column: 2, stride: n)
            at[5 + r] = reach[r] / focalGain[r]
            at[7 + r] = 1
            for i in 0..<4 { at[9 + i] = s[i] }
        }
    }
}
