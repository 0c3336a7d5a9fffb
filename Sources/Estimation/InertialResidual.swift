public import Geometry

/// The preintegrated IMU between two states, whitened. 15 numbers: rotation, velocity, position, gyroscope bias, accelerometer bias.
///
/// Blocks: pose i (7), motion i (9: velocity in the map, gyroscope bias, accelerometer bias), pose j, motion j, and gravity's tilt (2).
/// With `estimatesGain` a sixth block: the accelerometer's gain (3).
/// Gravity in the map is `−g · n`, n the unit vector along (a, b, 1): the map's z is up but for a small tilt (a, b) that is estimated.
public struct InertialResidual: ResidualFunction {
    public let preintegration: Preintegration
    public let gravity: Double
    public let estimatesGain: Bool
    let whitening: [Double]

    /// Nil when the preintegration's covariance is singular (no span, no noise).
    public init?(_ preintegration: Preintegration, gravity: Double, estimatesGain: Bool = false) {
        guard let w = preintegration.covariance.whitening, preintegration.gyroscopeWalkSigma > 0, preintegration.accelerometerWalkSigma > 0
        else { return nil }
        self.preintegration = preintegration
        self.gravity = gravity
        self.estimatesGain = estimatesGain
        whitening = w.values
    }

    public var dimension: Int { 15 }

    /// Gravity in the map for a tilt, m/s².
    public static func gravityVector(tilt: Vector2, gravity: Double) -> Vector3 {
        Vector3(tilt.x, tilt.y, 1).normalized * -gravity
    }

    public func evaluate(
        _ parameters: UnsafePointer<UnsafePointer<Double>?>, residuals: UnsafeMutablePointer<Double>,
        jacobians: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) -> Bool {
        guard let poseI = parameters[0], let motionI = parameters[1], let poseJ = parameters[2], let motionJ = parameters[3],
            let tilt = parameters[4]
        else { return false }
        let d = preintegration
        let dt = d.duration
        let ri = poseI.poseRotation
        let rj = poseJ.poseRotation
        let rit = ri.inverse.matrix
        let up = Vector3(tilt[0], tilt[1], 1)
        let upLength = up.length
        let g = up * (-gravity / upLength)
        let bg = motionI.vector(3) - d.gyroscopeBias
        let ba = motionI.vector(6) - d.accelerometerBias
        let correction = d.rotationByGyroscope * bg
        let e = ((d.rotation * Rotation(vector: correction)).inverse * (ri.inverse * rj)).vector
        let dv = rit * (motionJ.vector() - motionI.vector() - g * dt)
        let dp = rit * (poseJ.vector() - poseI.vector() - motionI.vector() * dt - g * (0.5 * dt * dt))
        var ev = dv - (d.velocity + d.velocityByGyroscope * bg + d.velocityByAccelerometer * ba)
        var ep = dp - (d.position + d.positionByGyroscope * bg + d.positionByAccelerometer * ba)
        if estimatesGain {
            guard let gain = parameters[5] else { return false }
            let dg = gain.vector() - d.accelerometerGain
            ev -= d.velocityByGain * dg
            ep -= d.positionByGain * dg
        }
        let wg = 1 / d.gyroscopeWalkSigma
        let wa = 1 / d.accelerometerWalkSigma
        let raw = (e.x, e.y, e.z, ev.x, ev.y, ev.z, ep.x, ep.y, ep.z)
        whitening.withUnsafeBufferPointer { w in
            withUnsafeBytes(of: raw) { bytes in
                let x = bytes.bindMemory(to: Double.self)
                for i in 0..<9 {
                    var s = 0.0
                    for k in i..<9 { s += w[9 * i + k] * x[k] }
                    residuals[i] = s
                }
            }
        }
        let walkG = (motionJ.vector(3) - motionI.vector(3)) * wg
        let walkA = (motionJ.vector(6) - motionI.vector(6)) * wa
        for k in 0..<3 {
            residuals[9 + k] = walkG[k]
            residuals[12 + k] = walkA[k]
        }
        guard let j = jacobians else { return true }
        let jri = Rotation.inverseRightJacobian(e)
        if let p = j[0] {
            p.update(repeating: 0, count: 15 * 7)
            p.set(-(jri * (rj.inverse * ri).matrix), row: 0, column: 3, stride: 7)
            p.set(Matrix3.skew(dv), row: 3, column: 3, stride: 7)
            p.set(-rit, row: 6, column: 0, stride: 7)
            p.set(Matrix3.skew(dp), row: 6, column: 3, stride: 7)
            whiten(p, columns: 7)
        }
        if let m = j[1] {
            m.update(repeating: 0, count: 15 * 9)
            let byBias = jri * Rotation(vector: e).inverse.matrix * Rotation.rightJacobian(correction) * d.rotationByGyroscope
            m.set(-byBias, row: 0, column: 3, stride: 9)
            m.set(-rit, row: 3, column: 0, stride: 9)
            m.set(-d.velocityByGyroscope, row: 3, column: 3, stride: 9)
            m.set(-d.velocityByAccelerometer, row: 3, column: 6, stride: 9)
            m.set(-dt * rit, row: 6, column: 0, stride: 9)
            m.set(-d.positionByGyroscope, row: 6, column: 3, stride: 9)
            m.set(-d.positionByAccelerometer, row: 6, column: 6, stride: 9)
            whiten(m, columns: 9)
            for k in 0..<3 {
                m[(9 + k) * 9 + 3 + k] = -wg
                m[(12 + k) * 9 + 6 + k] = -wa
            }
        }
        if let p = j[2] {
            p.update(repeating: 0, count: 15 * 7)
            p.set(jri, row: 0, column: 3, stride: 7)
            p.set(rit, row: 6, column: 0, stride: 7)
            whiten(p, columns: 7)
        }
        if let m = j[3] {
            m.update(repeating: 0, count: 15 * 9)
            m.set(rit, row: 3, column: 0, stride: 9)
            whiten(m, columns: 9)
            for k in 0..<3 {
                m[(9 + k) * 9 + 3 + k] = wg
                m[(12 + k) * 9 + 6 + k] = wa
            }
        }
        if let t = j[4] {
            t.update(repeating: 0, count: 15 * 2)
            for k in 0..<2 {
                var axis = Vector3.zero
                axis[k] = 1
                let n = up / upLength
                let dg = (axis - n * n[k]) * (-gravity / upLength)
                let byV = -dt * (rit * dg)
                let byP = (-0.5 * dt * dt) * (rit * dg)
                for r in 0..<3 {
                    t[(3 + r) * 2 + k] = byV[r]
                    t[(6 + r) * 2 + k] = byP[r]
                }
            }
            whiten(t, columns: 2)
        }
        if estimatesGain, let k = j[5] {
            k.update(repeating: 0, count: 15 * 3)
            k.set(-d.velocityByGain, row: 3, column: 0, stride: 3)
            k.set(-d.positionByGain, row: 6, column: 0, stride: 3)
            whiten(k, columns: 3)
        }
        return true
    }

    /// Multiplies the first nine rows of a Jacobian by the upper triangular whitening matrix, in place.
    @inline(__always) func whiten(_ m: UnsafeMutablePointer<Double>, columns: Int) {
        whitening.withUnsafeBufferPointer { w in
            for i in 0..<9 {
                for c in 0..<columns {
                    var s = 0.0
                    for k in i..<9 { s += w[9 * i + k] * m[k * columns + c] }
                    m[i * columns + c] = s
                }
            }
        }
    }
}
