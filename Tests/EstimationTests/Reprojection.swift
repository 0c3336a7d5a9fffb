import Estimation
import Geometry

/// `RowReprojection` as a residual of blocks: body pose (7), landmark (3) and, where it is given, the shared calibration (13).
struct Reprojection: ResidualFunction {
    var camera: CameraModel
    var bodyFromCamera = Transform<Body, Camera>.identity
    var motion = RowMotion(rate: .zero, velocity: .zero)
    var rowShare = 0.0
    var readout = 0.0
    var pixel: Vector2
    var sigma: Double
    var isCalibrated = true

    var dimension: Int { 2 }

    func evaluate(
        _ parameters: UnsafePointer<UnsafePointer<Double>?>, residuals: UnsafeMutablePointer<Double>,
        jacobians: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) -> Bool {
        guard let pose = parameters[0], let landmark = parameters[1] else { return false }
        var calibration = CameraCalibration()
        if isCalibrated, let shared = parameters[2] { for i in 0..<CameraCalibration.count { calibration.values[i] = shared[i] } }
        let kernel = RowReprojection(camera: camera, bodyFromCamera: bodyFromCamera, readout: readout, calibration: calibration)
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
        if isCalibrated, let k = j[2] {
            kernel.calibrationRows(l, into: k)
            for i in 0..<(2 * CameraCalibration.count) { k[i] /= sigma }
        }
        return true
    }
}
