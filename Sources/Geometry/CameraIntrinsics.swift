#if canImport(Glibc)
    internal import Glibc
#endif

extension CameraModel {
    /// fx fy cx cy and the four distortion terms, as an estimator takes them.
    public var intrinsics: [Double] {
        get {
            [
                focalLength.x, focalLength.y, principalPoint.x, principalPoint.y, distortion.x, distortion.y, distortion.z,
                distortion.w,
            ]
        }
        set {
            precondition(newValue.count == Self.intrinsicsCount, "a camera has eight intrinsics")
            focalLength = Vector2(newValue[0], newValue[1])
            principalPoint = Vector2(newValue[2], newValue[3])
            distortion = Vector4(newValue[4], newValue[5], newValue[6], newValue[7])
        }
    }

    public static let intrinsicsCount = 8

    /// Two rows of eight: how a projected pixel moves with fx fy cx cy and the distortion terms; nil where the point is not projected.
    public func intrinsicsJacobian(_ p: Vector3) -> (du: SIMD8<Double>, dv: SIMD8<Double>)? {
        guard project(p) != nil else { return nil }
        switch lens {
        case .kannalaBrandt:
            let r = (p.x * p.x + p.y * p.y).squareRoot()
            let theta = atan2(r, p.z)
            let direction = r < 1e-12 ? Vector2.zero : Vector2(p.x, p.y) / r
            let rho = radius(theta)
            let t2 = theta * theta
            let powers = Vector4(t2 * theta, t2 * t2 * theta, t2 * t2 * t2 * theta, t2 * t2 * t2 * t2 * theta)
            let u = focalLength.x * direction.x * powers
            let v = focalLength.y * direction.y * powers
            return (
                SIMD8(rho * direction.x, 0, 1, 0, u.x, u.y, u.z, u.w), SIMD8(0, rho * direction.y, 0, 1, v.x, v.y, v.z, v.w)
            )
        case .pinhole:
            let m = Vector2(p.x / p.z, p.y / p.z)
            let d = distorted(m)
            let r2 = m.dot(m)
            let f = focalLength
            return (
                SIMD8(d.x, 0, 1, 0, f.x * m.x * r2, f.x * m.x * r2 * r2, f.x * 2 * m.x * m.y, f.x * (r2 + 2 * m.x * m.x)),
                SIMD8(0, d.y, 0, 1, f.y * m.y * r2, f.y * m.y * r2 * r2, f.y * (r2 + 2 * m.y * m.y), f.y * 2 * m.x * m.y)
            )
        }
    }
}

extension CameraModel {
    /// The angle up to which the lens's radius grows, radians, to a thousandth: beyond it two directions share a pixel.
    public var monotoneAngle: Double {
        guard lens == .kannalaBrandt else { return maximumAngle }
        var theta = 0.0
        while theta < Double.pi, radiusSlope(theta) > 0 { theta += 1e-3 }
        return max(0, theta - 1e-3)
    }
}
