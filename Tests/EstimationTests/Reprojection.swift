import Estimation
import Geometry

/// `RowReprojection` as a residual of blocks: body pose (7), landmark (3) and, where it is given, the shared correction (13).
struct Reprojection: ResidualFunction {
    var camera: CameraModel
    var bodyFromCamera = Transform<Body, Camera>.identity
    var motion = RowMotion(rate: .zero, velocity: .zero)
    var rowShare = 0.0
    var readout = 0.0
    var pixel: Vector2
    var sigma: Double
    var isCorrected = true

    var dimension: Int { 2 }

    func evaluate(
        _ parameters: UnsafePointer<UnsafePointer<Double>?>, residuals: UnsafeMutablePointer<Double>,
        jacobians: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) -> Bool {
        guard let pose = parameters[0], let landmark = parameters[1] else { return false }
        var correction = CameraCorrection()
        if isCorrected, let shared = parameters[2] { for i in 0..<CameraCorrection.count { correction.values[i] = shared[i] } }
        let kernel = RowReprojection(camera: camera, bodyFromCamera: bodyFromCamera, readout: readout, correction: correction)
        guard
            let l = kernel.linearized(
                landmark.vector(), rotation: pose.poseRotation.matrix, position: pose.vector(), motion: motion, rowShare: rowShare,
                pixel: pixel)
        else { return false }
        for (r, e) in [l.error.x, l.error.y].enumerated() { residuals[r] = e / sigma }
        guard let j = jacobians else { return true }
        for (r, (point, turn)) in [(l.landmark.u, l.rotation.u), (l.landmark.v, l.rotation.v)].enumerated() {
            if let p = j[0] {
                p.setRow(-point / sigma, row: r, column: 0, stride: 7)
                p.setRow(turn / sigma, row: r, column: 3, stride: 7)
                p[7 * r + 6] = 0
            }
            if let p = j[1] { p.setRow(point / sigma, row: r, column: 0, stride: 3) }
        }
        if isCorrected, let k = j[2] {
            kernel.correctionRows(l, into: k)
            for i in 0..<(2 * CameraCorrection.count) { k[i] /= sigma }
        }
        return true
    }
}
