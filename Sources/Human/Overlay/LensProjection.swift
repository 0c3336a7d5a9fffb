internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// A camera's projection for drawing: continued beyond the lens's reach, so that triangles across its edge keep their shape.
struct LensProjection: Sendable {
    let camera: CameraModel
    /// Radians; a little inside the lens's own.
    let reach: Double
    /// Focal lengths per radian at the reach.
    private let slope: Double

    init(_ camera: CameraModel) {
        self.camera = camera
        let reach = camera.maximumAngle - 1e-6
        func radius(_ angle: Double) -> Double {
            camera.project(Vector3(sin(angle), 0, cos(angle))).map { ($0.x - camera.principalPoint.x) / camera.focalLength.x } ?? angle
        }
        self.reach = reach
        slope = max(0.2, (radius(reach) - radius(reach - 1e-3)) / 1e-3)
    }

    /// Pixel, and the angle from the optical axis.
    @inline(__always) func project(_ p: Vector3) -> (pixel: Vector2, angle: Double) {
        let r = (p.x * p.x + p.y * p.y).squareRoot()
        let angle = atan2(r, p.z)
        if angle <= reach, let pixel = camera.project(p) { return (pixel, angle) }
        let side = r > 1e-12 ? Vector2(p.x / r, p.y / r) : Vector2(1, 0)
        let rim = camera.project(Vector3(side.x * sin(reach), side.y * sin(reach), cos(reach))) ?? camera.principalPoint
        return (rim + camera.focalLength * side * (slope * (angle - reach)), angle)
    }
}

/// Bearings of a camera's pixels, exact on a grid and bilinear between.
struct BearingGrid: Sendable {
    static let step = 4
    private let columns: Int
    private let nodes: [Vector3?]
    private let camera: CameraModel

    init(_ camera: CameraModel) {
        self.camera = camera
        let columns = (camera.width - 1) / Self.step + 2
        let rows = (camera.height - 1) / Self.step + 2
        self.columns = columns
        nodes = (0..<rows * columns).map { camera.unproject(Vector2(Double($0 % columns * Self.step), Double($0 / columns * Self.step))) }
    }

    /// Nil beyond the lens's reach; not quite of unit length.
    @inline(__always) subscript(x: Int, y: Int) -> Vector3? {
        let i = y / Self.step * columns + x / Self.step
        guard let a = nodes[i], let b = nodes[i + 1], let c = nodes[i + columns], let d = nodes[i + columns + 1] else {
            return camera.unproject(Vector2(Double(x), Double(y)))
        }
        let (fx, fy) = (Double(x % Self.step) / Double(Self.step), Double(y % Self.step) / Double(Self.step))
        let top = a + (b - a) * fx
        return top + (c + (d - c) * fx - top) * fy
    }
}
