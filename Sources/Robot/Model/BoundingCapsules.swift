internal import CMuJoCo
internal import Geometry

/// A capsule around every geometry of a model, moved along with it: a lower bound of distances that is far cheaper than the distances.
///
/// Around spheres and capsules it is exact; around others the axis-aligned box in the geometry's own frame is wrapped along its longest side.
final class BoundingCapsules {
    let count: Int
    /// Seven numbers for each geometry: two ends in its frame and the radius.
    private let local: UnsafeMutablePointer<Double>
    /// Seven for each: the ends in the world, half their distance; then the radius is in `radii`.
    private let world: UnsafeMutablePointer<Double>
    private let radii: UnsafeMutablePointer<Double>

    init(_ handle: ModelHandle) {
        count = handle.geometryCount
        local = .allocate(capacity: 6 * max(1, count))
        world = .allocate(capacity: 7 * max(1, count))
        radii = .allocate(capacity: max(1, count))
        world.initialize(repeating: 0, count: 7 * max(1, count))
        let model = handle.model
        for g in 0..<count {
            let size = model.pointee.geom_size + 3 * g
            var (center, half, radius) = (Vector3.zero, Vector3.zero, 0.0)
            switch mjtGeom(UInt32(model.pointee.geom_type[g])) {
            case mjGEOM_SPHERE: radius = size[0]
            case mjGEOM_CAPSULE, mjGEOM_CYLINDER:
                half = Vector3(0, 0, size[1])
                radius = size[0]
            case mjGEOM_PLANE, mjGEOM_HFIELD: radius = .infinity
            default:
                let box = model.pointee.geom_aabb + 6 * g
                center = Vector3(box[0], box[1], box[2])
                let extent = Vector3(box[3], box[4], box[5])
                let longest = (0..<3).max { extent[$0] < extent[$1] } ?? 2
                half[longest] = extent[longest]
                var flat = extent
                flat[longest] = 0
                radius = flat.length
            }
            for k in 0..<3 {
                local[6 * g + k] = center[k] - half[k]
                local[6 * g + 3 + k] = center[k] + half[k]
            }
            world[7 * g + 6] = half.length
            radii[g] = radius
        }
    }

    deinit {
        local.deallocate()
        world.deallocate()
        radii.deallocate()
    }

    /// Follows the geometries to where `mj_kinematics` has put them.
    func move(_ data: UnsafeMutablePointer<mjData>) {
        guard let x = data.pointee.geom_xpos, let r = data.pointee.geom_xmat else { return }
        for g in 0..<count {
            let (p, m, l, w) = (x + 3 * g, r + 9 * g, local + 6 * g, world + 7 * g)
            for k in 0..<3 {
                let row = m + 3 * k
                w[k] = p[k] + row[0] * l[0] + row[1] * l[1] + row[2] * l[2]
                w[3 + k] = p[k] + row[0] * l[3] + row[1] * l[4] + row[2] * l[5]
            }
        }
    }

    /// Whether two geometries are certainly further apart than `reach`.
    @inline(__always) func areApart(_ a: Int, _ b: Int, reach: Double) -> Bool {
        let (p, q) = (world + 7 * a, world + 7 * b)
        let bound = radii[a] + radii[b] + reach
        guard bound.isFinite else { return false }
        let (cx, cy, cz) = (p[0] + p[3] - q[0] - q[3], p[1] + p[4] - q[1] - q[4], p[2] + p[5] - q[2] - q[5])
        let wide = bound + p[6] + q[6]
        if 0.25 * (cx * cx + cy * cy + cz * cz) > wide * wide { return true }
        return Self.squaredDistance(p, q) > max(0, bound) * max(0, bound)
    }

    /// The least height of a geometry's capsule along a direction.
    @inline(__always) func lowest(_ g: Int, along up: Vector3) -> Double {
        let p = world + 7 * g
        return min(up.x * p[0] + up.y * p[1] + up.z * p[2], up.x * p[3] + up.y * p[4] + up.z * p[5]) - radii[g]
    }

    /// Between two line segments (Ericson, "Real-Time Collision Detection", 5.1.9).
    @inline(__always) private static func squaredDistance(_ p: UnsafeMutablePointer<Double>, _ q: UnsafeMutablePointer<Double>) -> Double {
        let (ax, ay, az) = (p[3] - p[0], p[4] - p[1], p[5] - p[2])
        let (bx, by, bz) = (q[3] - q[0], q[4] - q[1], q[5] - q[2])
        let (rx, ry, rz) = (p[0] - q[0], p[1] - q[1], p[2] - q[2])
        let a = ax * ax + ay * ay + az * az
        let e = bx * bx + by * by + bz * bz
        let f = bx * rx + by * ry + bz * rz
        let c = ax * rx + ay * ry + az * rz
        let b = ax * bx + ay * by + az * bz
        var s = 0.0
        var t = 0.0
        if a > 1e-12, e > 1e-12 {
            let d = a * e - b * b
            s = d > 1e-12 ? min(max((b * f - c * e) / d, 0), 1) : 0
            t = (b * s + f) / e
            if t < 0 {
                t = 0
                s = min(max(-c / a, 0), 1)
            } else if t > 1 {
                t = 1
                s = min(max((b - c) / a, 0), 1)
            }
        } else if a > 1e-12 {
            s = min(max(-c / a, 0), 1)
        } else if e > 1e-12 {
            t = min(max(f / e, 0), 1)
        }
        let (dx, dy, dz) = (rx + ax * s - bx * t, ry + ay * s - by * t, rz + az * s - bz * t)
        return dx * dx + dy * dy + dz * dz
    }
}
