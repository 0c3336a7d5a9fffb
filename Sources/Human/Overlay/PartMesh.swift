internal import Geometry

/// A corner of a triangle on its way to the picture.
struct DrawnVertex {
    /// In the camera's frame, metres.
    var point: SIMD3<Float>
    /// In samples.
    var u: Float
    var v: Float
    /// Distance from the camera, metres.
    var distance: Float
    /// Light that falls on it, 0 to 1, and its highlight.
    var light: Float
    var highlight: Float
    /// From the optical axis, radians.
    var angle: Float
}

/// Corners and normals of a part by coordinate, padded to whole eights.
struct PartMesh: Sendable {
    let count: Int
    private let x, y, z, normalX, normalY, normalZ: [Float]

    init(_ part: OverlayPart) {
        func padded(_ points: [Vector3], _ k: Int) -> [Float] {
            points.map { Float($0[k]) } + [Float](repeating: 0, count: (points.count + 7) / 8 * 8 - points.count)
        }
        count = part.vertices.count
        (x, y, z) = (padded(part.vertices, 0), padded(part.vertices, 1), padded(part.vertices, 2))
        (normalX, normalY, normalZ) = (padded(part.normals, 0), padded(part.normals, 1), padded(part.normals, 2))
    }

    /// Its corners as a camera sees them, lit.
    func place(_ pose: Transform<Camera, OverlayPart.Frame>, _ light: SceneLight, _ options: OverlayOptions, _ raster: Rasterizer)
        -> [DrawnVertex]
    {
        func single(_ v: Vector3) -> SIMD3<Float> { SIMD3(Float(v.x), Float(v.y), Float(v.z)) }
        let motion = FloatMotion(pose)
        let back = pose.rotation.inverse
        let (towards, eye) = (single(back * light.direction), single(back * -pose.translation))
        let (ambient, strength) = (Float(options.ambientShare), Float(options.highlight))
        let zero = SIMD8<Float>(repeating: 0)
        var out: [DrawnVertex] = []
        out.reserveCapacity(x.count)
        for k in stride(from: 0, to: count, by: 8) {
            let (px, py, pz) = (Self.eight(x, k), Self.eight(y, k), Self.eight(z, k))
            let (nx, ny, nz) = (Self.eight(normalX, k), Self.eight(normalY, k), Self.eight(normalZ, k))
            let facing = nx * towards.x + ny * towards.y + nz * towards.z
            // From everywhere, more from above; and from the light.
            let lit = ambient * (0.75 + 0.25 * facing) + (1 - ambient) * facing.replacing(with: zero, where: facing .< 0)
            let (ex, ey, ez) = (eye.x - px, eye.y - py, eye.z - pz)
            let range = (ex * ex + ey * ey + ez * ez).squareRoot()
            let (hx, hy, hz) = (towards.x + ex / range, towards.y + ey / range, towards.z + ez / range)
            let along = (nx * hx + ny * hy + nz * hz) / (hx * hx + hy * hy + hz * hz).squareRoot()
            let shine = along.replacing(with: zero, where: .!(along .> 0))
            let s2 = shine * shine
            let s4 = s2 * s2
            let s8 = s4 * s4
            let highlight = strength * s8 * s8 * s4 * s2
            let (cx, cy, cz) = motion.apply(px, py, pz)
            raster.project(cx, cy, cz, lit, highlight, first: min(8, count - k), into: &out)
        }
        return out
    }

    @inline(__always) private static func eight(_ values: [Float], _ k: Int) -> SIMD8<Float> {
        values.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4 * k, as: SIMD8<Float>.self) }
    }
}
