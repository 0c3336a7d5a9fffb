internal import Geometry
#if canImport(Glibc)
    internal import Glibc
#endif

/// A camera's projection in single precision, eight points at once: within 0.01 pixels of `CameraModel.project`.
struct FloatLens: Sendable {
    private let isFisheye: Bool
    private let fx, fy, cx, cy: Float
    private let k1, k2, k3, k4: Float
    private let maximumAngle: Float
    /// Of the largest angle; beyond a right angle nothing limits a pinhole but the plane of the lens.
    private let maximumTangent: Float

    init(_ camera: CameraModel) {
        isFisheye = camera.lens == .kannalaBrandt
        (fx, fy) = (Float(camera.focalLength.x), Float(camera.focalLength.y))
        (cx, cy) = (Float(camera.principalPoint.x), Float(camera.principalPoint.y))
        let d = camera.distortion
        (k1, k2, k3, k4) = (Float(d.x), Float(d.y), Float(d.z), Float(d.w))
        maximumAngle = Float(camera.maximumAngle)
        maximumTangent = camera.maximumAngle < 1.57 ? Float(tan(camera.maximumAngle)) : .infinity
    }

    /// Pixels of points in the camera frame (any scale); u is NaN beyond the lens's reach and where a coordinate is NaN.
    @inline(__always) func project(_ x: SIMD8<Float>, _ y: SIMD8<Float>, _ z: SIMD8<Float>) -> (u: SIMD8<Float>, v: SIMD8<Float>) {
        let nowhere = SIMD8<Float>(repeating: .nan)
        if isFisheye {
            let r = (x * x + y * y).squareRoot()
            let theta = Self.angle(r, z)
            let t = theta * theta
            let rho = theta * (1 + t * (k1 + t * (k2 + t * (k3 + t * k4))))
            let scale = (rho / r).replacing(with: 1 / z, where: r .< 1e-9)
            return (nowhere.replacing(with: cx + fx * x * scale, where: theta .<= maximumAngle), cy + fy * y * scale)
        }
        let (a, b) = (x / z, y / z)
        let s = a * a + b * b
        let radial = 1 + s * (k1 + s * k2)
        let u = cx + fx * (a * radial + 2 * k3 * a * b + k4 * (s + 2 * a * a))
        let seen = (z .> 1e-9) .& (s .<= maximumTangent * maximumTangent)
        return (nowhere.replacing(with: u, where: seen), cy + fy * (b * radial + k3 * (s + 2 * b * b) + 2 * k4 * a * b))
    }

    /// atan2(r, z) for r ≥ 0 (M. Abramowitz, I. Stegun, "Handbook of Mathematical Functions", 4.4.49), to 1e-6 radians.
    @inline(__always) static func angle(_ r: SIMD8<Float>, _ z: SIMD8<Float>) -> SIMD8<Float> {
        let depth = z.replacing(with: -z, where: z .< 0)
        let isWide = r .> depth
        let a = r.replacing(with: depth, where: isWide) / depth.replacing(with: r, where: isWide)
        let s = a * a
        var p = 0.106_562_639_3 + s * (-0.075_289_640_0 + s * (0.042_909_613_8 + s * (-0.016_165_736_7 + s * 0.002_866_225_7)))
        p = 1 + s * (-0.333_331_452_8 + s * (0.199_935_508_5 + s * (-0.142_088_994_4 + s * p)))
        var angle = a * p
        angle = angle.replacing(with: Float.pi / 2 - angle, where: isWide)
        return angle.replacing(with: Float.pi - angle, where: z .< 0)
    }
}

/// A rigid motion in single precision, for many points.
struct FloatMotion: Sendable {
    private let a, b, c, t: SIMD3<Float>

    init<To, From>(_ motion: Transform<To, From>) {
        func column(_ v: Vector3) -> SIMD3<Float> { SIMD3(Float(v.x), Float(v.y), Float(v.z)) }
        a = column(motion.rotation * Vector3(1, 0, 0))
        b = column(motion.rotation * Vector3(0, 1, 0))
        c = column(motion.rotation * Vector3(0, 0, 1))
        t = column(motion.translation)
    }

    @inline(__always) func apply(
        _ x: SIMD8<Float>, _ y: SIMD8<Float>, _ z: SIMD8<Float>
    ) -> (x: SIMD8<Float>, y: SIMD8<Float>, z: SIMD8<Float>) {
        (a.x * x + b.x * y + c.x * z + t.x, a.y * x + b.y * y + c.y * z + t.y, a.z * x + b.z * y + c.z * z + t.z)
    }
}
