public import Geometry

/// Where a landmark is seen against where it should be, in standard deviations. Blocks: body pose in the map (7), landmark in the map
/// (3).
///
/// A rolling shutter enters as `bodyFromRowCamera`: the camera at the time of the observation's row, in the body frame of the frame's own
/// time (constant velocity and rate over half a readout, at most 8 ms: its error is below 0.05 px at 0.5 m and 10 m/s²).
/// A landmark behind the lens gives a large constant residual without a gradient, for the robust loss to drop.
public struct ReprojectionResidual: ResidualFunction {
    public var camera: CameraModel
    public var bodyFromRowCamera: Transform<Body, Camera>
    public var pixel: Vector2
    /// 1/σ, per pixel.
    public var weight: Double

    public init(camera: CameraModel, bodyFromRowCamera: Transform<Body, Camera>, pixel: Vector2, sigma: Double) {
        self.camera = camera
        self.bodyFromRowCamera = bodyFromRowCamera
        self.pixel = pixel
        weight = 1 / sigma
    }

    public var dimension: Int { 2 }

    /// Pixels by which a landmark that cannot be projected is said to be off.
    public static let unprojectable = 100.0

    public func evaluate(
        _ parameters: UnsafePointer<UnsafePointer<Double>?>, residuals: UnsafeMutablePointer<Double>,
        jacobians: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) -> Bool {
        guard let pose = parameters[0], let landmark = parameters[1] else { return false }
        let r = pose.poseRotation.matrix
        let y = r.transposed * (landmark.vector() - pose.vector())
        let c = bodyFromRowCamera.rotation.matrix
        let x = c.transposed * (y - bodyFromRowCamera.translation)
        guard let (seen, du, dv) = camera.projectWithJacobian(x) else {
            residuals[0] = Self.unprojectable * weight
            residuals[1] = Self.unprojectable * weight
            if let j = jacobians {
                j[0]?.update(repeating: 0, count: 14)
                j[1]?.update(repeating: 0, count: 6)
            }
            return true
        }
        residuals[0] = (seen.x - pixel.x) * weight
        residuals[1] = (seen.y - pixel.y) * weight
        guard let j = jacobians else { return true }
        // Rows of d(pixel)/d(point in body) and d(pixel)/d(point in map).
        let (bu, bv) = (c * du * weight, c * dv * weight)
        let (mu, mv) = (r * bu, r * bv)
        if let p = j[0] {
            // dy/dθ = [y]×, so a row b gives bᵀ[y]× = (b × y)ᵀ.
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
        return true
    }
}
