internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// A camera's projection for drawing, eight points at once: continued beyond the lens's reach, so that triangles across its edge keep their shape.
struct LensProjection: Sendable {
    let camera: CameraModel
    /// Radians; a little inside the lens's own.
    let reach: Float
    private let lens: FloatLens
    private let rim: (sine: Float, cosine: Float)
    /// Pixels per radian at the reach.
    private let slope: SIMD2<Float>

    init(_ camera: CameraModel) {
        self.camera = camera
        let reach = camera.maximumAngle - 1e-4
        func radius(_ angle: Double) -> Double {
            camera.project(Vector3(sin(angle), 0, cos(angle))).map { ($0.x - camera.principalPoint.x) / camera.focalLength.x } ?? angle
        }
        let slope = camera.focalLength * max(0.2, (radius(reach) - radius(reach - 1e-3)) / 1e-3)
        self.reach = Float(reach)
        self.slope = SIMD2(Float(slope.x), Float(slope.y))
        rim = (Float(sin(reach)), Float(cos(reach)))
        lens = FloatLens(camera)
    }

    /// Pixels, and the angles from the optical axis; NaN at the camera itself.
    @inline(__always) func project(
        _ x: SIMD8<Float>, _ y: SIMD8<Float>, _ z: SIMD8<Float>
    ) -> (u: SIMD8<Float>, v: SIMD8<Float>, angle: SIMD8<Float>) {
        let r = (x * x + y * y).squareRoot()
        let angle = FloatLens.angle(r, z)
        let isBeyond = angle .> reach
        // Straight behind the camera no side is the right one.
        let side = (
            x: (x / r).replacing(with: SIMD8(repeating: 1), where: r .< 1e-12),
            y: (y / r).replacing(with: SIMD8(repeating: 0), where: r .< 1e-12)
        )
        let (u, v) = lens.project(
            x.replacing(with: side.x * rim.sine, where: isBeyond), y.replacing(with: side.y * rim.sine, where: isBeyond),
            z.replacing(with: SIMD8(repeating: rim.cosine), where: isBeyond))
        let further = (angle - reach).replacing(with: SIMD8(repeating: 0), where: .!isBeyond)
        return (u + slope.x * side.x * further, v + slope.y * side.y * further, angle)
    }
}
