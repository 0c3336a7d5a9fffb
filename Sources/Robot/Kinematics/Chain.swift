internal import CMuJoCo
internal import Geometry
internal import Glibc

/// The arm's moving joints with everything fixed between them folded away: forward kinematics and the Jacobian, and nothing else.
///
/// Frames are placed after Craig's modified Denavit–Hartenberg convention (z along the joint's axis, x along the common normal to the next axis),
/// so that a joint costs two turns of two columns in place of a product of matrices. About 0.2 µs for a pose of seven joints.
/// Not shared between threads: `place` writes into the chain's own columns.
final class Chain {
    let count: Int
    /// For each joint: cos α, sin α, a, d, θ of the zero position, 1 for a revolute joint.
    private let rows: UnsafeMutablePointer<Double>
    /// For each joint after `place`: its axis (x y z), then a point on it, in the base frame.
    let axes: UnsafeMutablePointer<Double>
    /// Rotation columns and origin in front of the first joint, and of the tool on the last link.
    private let start: Columns
    private let tool: Columns
    /// The tool placed last, in the base frame.
    private(set) var placed: Columns

    struct Columns {
        var x: Vector3
        var y: Vector3
        var z: Vector3
        var origin: Vector3

        init(x: Vector3, y: Vector3, z: Vector3, origin: Vector3) {
            self.x = x
            self.y = y
            self.z = z
            self.origin = origin
        }

        init<A, B>(_ pose: Transform<A, B>) {
            x = pose.rotation * Vector3(1, 0, 0)
            y = pose.rotation * Vector3(0, 1, 0)
            z = pose.rotation * Vector3(0, 0, 1)
            origin = pose.translation
        }
    }

    /// A joint's line in the base frame while every joint stands at zero.
    struct Line {
        var axis: Vector3
        var point: Vector3
        var isRevolute: Bool
    }

    /// - Parameter tool: the tool's pose in the base frame while every joint stands at zero.
    init(lines: [Line], tool toolAtZero: Columns) {
        count = lines.count
        rows = .allocate(capacity: 6 * max(1, count))
        axes = .allocate(capacity: 6 * max(1, count))
        axes.initialize(repeating: 0, count: 6 * max(1, count))
        rows.initialize(repeating: 0, count: 6 * max(1, count))
        var frame = Self.frame(on: lines[0], before: nil)
        start = frame
        for (i, line) in lines.enumerated() {
            // From the frame of the link before (its x the common normal) to this joint's axis, then along it to the next normal.
            let alpha = i == 0 ? 0 : atan2(frame.z.cross(line.axis).dot(frame.x), frame.z.dot(line.axis))
            let a = i == 0 ? 0 : (line.point - frame.origin).dot(frame.x)
            let next = Self.frame(on: line, before: i + 1 < count ? lines[i + 1] : nil, like: frame)
            let along = frame.x * a + frame.origin
            rows[6 * i] = cos(alpha)
            rows[6 * i + 1] = sin(alpha)
            rows[6 * i + 2] = a
            rows[6 * i + 3] = (next.origin - along).dot(line.axis)
            rows[6 * i + 4] = atan2(frame.x.cross(next.x).dot(line.axis), frame.x.dot(next.x))
            rows[6 * i + 5] = line.isRevolute ? 1 : 0
            frame = next
        }
        func inLast(_ v: Vector3) -> Vector3 { Vector3(v.dot(frame.x), v.dot(frame.y), v.dot(frame.z)) }
        tool = Columns(
            x: inLast(toolAtZero.x), y: inLast(toolAtZero.y), z: inLast(toolAtZero.z), origin: inLast(toolAtZero.origin - frame.origin))
        placed = toolAtZero
    }

    deinit {
        rows.deallocate()
        axes.deallocate()
    }

    /// z on the joint's axis, x on the common normal towards the next axis; of parallel axes the normal through `like`'s origin is taken.
    private static func frame(on line: Line, before next: Line?, like: Columns? = nil) -> Columns {
        let z = line.axis
        let near = like.map { line.point + z * ($0.origin - line.point).dot(z) } ?? line.point
        var x = like?.x ?? Vector3(1, 0, 0)
        var origin = near
        if let next {
            let normal = z.cross(next.axis)
            let between = next.point - line.point
            if normal.length > 1e-9 {
                x = normal.normalized
                let s = between.cross(next.axis).dot(normal) / normal.dot(normal)
                origin = line.point + z * s
            } else {
                let offset = next.point - near
                let level = offset - z * offset.dot(z)
                if level.length > 1e-12 { x = level }
            }
        }
        x = x - z * x.dot(z)
        if x.length < 1e-6 { x = z.cross(abs(z.x) < 0.9 ? Vector3(1, 0, 0) : Vector3(0, 1, 0)) }
        x = x.normalized
        return Columns(x: x, y: z.cross(x), z: z, origin: origin)
    }

    /// Puts the chain into a posture.
    @inline(__always) func place(_ q: UnsafePointer<Double>) {
        var x = start.x
        var y = start.y
        var z = start.z
        var p = start.origin
        for i in 0..<count {
            let row = rows + 6 * i
            let turns = row[5] != 0
            let (s, c) = sineAndCosine(turns ? row[4] + q[i] : row[4])
            let y1 = y * row[0] + z * row[1]
            z = z * row[0] - y * row[1]
            p += x * row[2] + z * (turns ? row[3] : row[3] + q[i])
            let x1 = x * c + y1 * s
            y = y1 * c - x * s
            x = x1
            let axis = axes + 6 * i
            axis[0] = z.x
            axis[1] = z.y
            axis[2] = z.z
            axis[3] = p.x
            axis[4] = p.y
            axis[5] = p.z
        }
        @inline(__always) func turned(_ v: Vector3) -> Vector3 {
            var out: Vector3 = x * v.x
            out += y * v.y
            out += z * v.z
            return out
        }
        placed = Columns(x: turned(tool.x), y: turned(tool.y), z: turned(tool.z), origin: p + turned(tool.origin))
    }

    var pose: Transform<Base, Tool> {
        Transform(rotation: Rotation(matrix: Matrix3(columns: placed.x, placed.y, placed.z)), translation: placed.origin)
    }

    /// The 6×n Jacobian of the placed posture, row-major: the tool origin's velocity, then its angular rate, in the base frame.
    @inline(__always) func jacobian(into out: UnsafeMutablePointer<Double>) {
        let o = placed.origin
        for i in 0..<count {
            let a = axes + 6 * i
            if rows[6 * i + 5] != 0 {
                let (rx, ry, rz) = (o.x - a[3], o.y - a[4], o.z - a[5])
                out[i] = a[1] * rz - a[2] * ry
                out[count + i] = a[2] * rx - a[0] * rz
                out[2 * count + i] = a[0] * ry - a[1] * rx
                out[3 * count + i] = a[0]
                out[4 * count + i] = a[1]
                out[5 * count + i] = a[2]
            } else {
                out[i] = a[0]
                out[count + i] = a[1]
                out[2 * count + i] = a[2]
                out[3 * count + i] = 0
                out[4 * count + i] = 0
                out[5 * count + i] = 0
            }
        }
    }
}
