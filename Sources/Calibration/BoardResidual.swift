internal import Estimation
internal import Geometry

/// A board's corner against where the camera sees it, in standard deviations. Blocks: intrinsics (8), `cameraFromBoard` (7).
///
/// A corner outside the lens's reach gives a large constant without a gradient, for the robust loss to drop.
struct BoardResidual: ResidualFunction {
    var camera: CameraModel
    var point: Vector3
    var pixel: Vector2
    /// 1/σ, per pixel.
    var weight: Double

    var dimension: Int { 2 }

    func evaluate(
        _ parameters: UnsafePointer<UnsafePointer<Double>?>, residuals: UnsafeMutablePointer<Double>,
        jacobians: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) -> Bool {
        guard let k = parameters[0], let pose = parameters[1] else { return false }
        let n = CameraModel.intrinsicsCount
        guard k[0] > 0, k[1] > 0 else { return false }
        var lens = camera
        lens.intrinsics = Array(UnsafeBufferPointer(start: k, count: n))
        let r = pose.poseRotation.matrix
        let x = r * point + pose.vector()
        guard let (seen, du, dv) = lens.projectWithJacobian(x), let (ku, kv) = lens.intrinsicsJacobian(x) else {
            residuals[0] = RowReprojection.unprojectable * weight
            residuals[1] = RowReprojection.unprojectable * weight
            if let j = jacobians {
                j[0]?.update(repeating: 0, count: 2 * n)
                j[1]?.update(repeating: 0, count: 14)
            }
            return true
        }
        residuals[0] = (seen.x - pixel.x) * weight
        residuals[1] = (seen.y - pixel.y) * weight
        guard let j = jacobians else { return true }
        if let c = j[0] {
            for i in 0..<n {
                c[i] = ku[i] * weight
                c[n + i] = kv[i] * weight
            }
        }
        if let p = j[1] {
            for (row, slope) in [du, dv].enumerated() {
                // dx/dθ = −R [X]×, so a row d gives (X × Rᵀ d)ᵀ.
                p.setRow(slope * weight, row: row, column: 0, stride: 7)
                p.setRow(point.cross(r.transposed * slope) * weight, row: row, column: 3, stride: 7)
                p[7 * row + 6] = 0
            }
        }
        return true
    }
}
