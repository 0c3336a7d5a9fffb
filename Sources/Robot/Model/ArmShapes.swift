internal import CMuJoCo
internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// Triangles of one geometry, with a normal for each vertex.
struct TriangleShape {
    var vertices: [Vector3] = []
    var normals: [Vector3] = []
    var triangles: [Int32] = []

    /// Parts around the axis of what is round: silhouettes stay within half a percent of the radius.
    static let around = 40

    mutating func add(_ v: Vector3, _ n: Vector3) -> Int32 {
        vertices.append(v)
        normals.append(n)
        return Int32(vertices.count - 1)
    }

    /// A surface of revolution about z through rings (radius, height, slope's normal as radial and axial part), from the bottom up.
    mutating func revolve(_ rings: [(radius: Double, z: Double, normal: Vector2)]) {
        let n = Self.around
        let first = Int32(vertices.count)
        for ring in rings {
            for k in 0..<n {
                let a = 2 * Double.pi * Double(k) / Double(n)
                let (c, s) = (cos(a), sin(a))
                _ = add(Vector3(ring.radius * c, ring.radius * s, ring.z), Vector3(ring.normal.x * c, ring.normal.x * s, ring.normal.y))
            }
        }
        for r in 0..<rings.count - 1 {
            for k in 0..<n {
                let (a, b) = (first + Int32(r * n + k), first + Int32(r * n + (k + 1) % n))
                let (c, d) = (a + Int32(n), b + Int32(n))
                triangles += [a, b, d, a, d, c]
            }
        }
    }

    static func ellipsoid(_ size: Vector3) -> TriangleShape {
        var shape = TriangleShape()
        shape.revolve(
            (0...Self.around / 2).map { k in
                let a = Double.pi * (Double(k) / Double(Self.around / 2) - 0.5)
                return (cos(a), sin(a), Vector2(cos(a), sin(a)))
            })
        shape.vertices = shape.vertices.map { $0 * size }
        shape.normals = shape.normals.map { ($0 / size).normalized }
        return shape
    }

    static func capsule(radius: Double, half: Double) -> TriangleShape {
        var shape = TriangleShape()
        let steps = Self.around / 4
        let low = (0...steps).map { k in
            let a = 0.5 * Double.pi * (Double(k) / Double(steps) - 1)
            return (radius * cos(a), radius * sin(a) - half, Vector2(cos(a), sin(a)))
        }
        shape.revolve(low + low.reversed().map { ($0.0, -$0.1, Vector2($0.2.x, -$0.2.y)) })
        return shape
    }

    static func cylinder(radius: Double, half: Double) -> TriangleShape {
        var shape = TriangleShape()
        shape.revolve([(0, -half, Vector2(0, -1)), (radius, -half, Vector2(0, -1))])
        shape.revolve([(radius, -half, Vector2(1, 0)), (radius, half, Vector2(1, 0))])
        shape.revolve([(radius, half, Vector2(0, 1)), (0, half, Vector2(0, 1))])
        return shape
    }

    static func box(_ h: Vector3) -> TriangleShape {
        var shape = TriangleShape()
        for axis in 0..<3 {
            for sign in [-1.0, 1.0] {
                var (n, u, v) = (Vector3.zero, Vector3.zero, Vector3.zero)
                n[axis] = sign
                u[(axis + 1) % 3] = sign
                v[(axis + 2) % 3] = 1
                let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map { shape.add((n + u * $0.0 + v * $0.1) * h, n) }
                shape.triangles += [corners[0], corners[1], corners[2], corners[0], corners[2], corners[3]]
            }
        }
        return shape
    }

    func surface(_ body: String, _ kind: ArmSurface.Kind, _ colour: Vector3) -> ArmSurface {
        ArmSurface(body: body, kind: kind, vertices: vertices, normals: normals, triangles: triangles, colour: colour)
    }
}

extension ModelHandle {
    /// A geometry's surface in its body's frame; nil for planes, height fields and what has no surface.
    func surface(ofGeometry g: Int) -> TriangleShape? {
        let m = model.pointee
        let size = Vector3(m.geom_size[3 * g], m.geom_size[3 * g + 1], m.geom_size[3 * g + 2])
        var shape: TriangleShape
        switch mjtGeom(UInt32(m.geom_type[g])) {
        case mjGEOM_SPHERE: shape = .ellipsoid(Vector3(repeating: size.x))
        case mjGEOM_ELLIPSOID: shape = .ellipsoid(size)
        case mjGEOM_CAPSULE: shape = .capsule(radius: size.x, half: size.y)
        case mjGEOM_CYLINDER: shape = .cylinder(radius: size.x, half: size.y)
        case mjGEOM_BOX: shape = .box(size)
        case mjGEOM_MESH: shape = mesh(Int(m.geom_dataid[g]))
        default: return nil
        }
        guard !shape.triangles.isEmpty else { return nil }
        let (p, q) = (m.geom_pos + 3 * g, m.geom_quat + 4 * g)
        let rotation = Rotation(xyzw: Vector4(q[1], q[2], q[3], q[0]))
        let origin = Vector3(p[0], p[1], p[2])
        shape.vertices = shape.vertices.map { rotation * $0 + origin }
        shape.normals = shape.normals.map { rotation * $0 }
        return shape
    }

    private func mesh(_ id: Int) -> TriangleShape {
        let m = model.pointee
        var shape = TriangleShape()
        let (vertices, normals) = (m.mesh_vert + 3 * Int(m.mesh_vertadr[id]), m.mesh_normal + 3 * Int(m.mesh_normaladr[id]))
        let (faces, faceNormals) = (m.mesh_face + 3 * Int(m.mesh_faceadr[id]), m.mesh_facenormal + 3 * Int(m.mesh_faceadr[id]))
        var known: [Int64: Int32] = [:]
        for k in 0..<3 * Int(m.mesh_facenum[id]) {
            let (v, n) = (Int(faces[k]), Int(faceNormals[k]))
            let key = Int64(v) << 32 | Int64(n)
            if let index = known[key] {
                shape.triangles.append(index)
                continue
            }
            let index = shape.add(
                Vector3(Double(vertices[3 * v]), Double(vertices[3 * v + 1]), Double(vertices[3 * v + 2])),
                Vector3(Double(normals[3 * n]), Double(normals[3 * n + 1]), Double(normals[3 * n + 2])))
            known[key] = index
            shape.triangles.append(index)
        }
        return shape
    }

    /// A geometry's colour as MuJoCo would draw it without its textures.
    func colour(ofGeometry g: Int) -> Vector3 {
        let m = model.pointee
        let material = Int(m.geom_matid[g])
        let p = material >= 0 ? m.mat_rgba + 4 * material : m.geom_rgba + 4 * g
        return Vector3(Double(p[0]), Double(p[1]), Double(p[2]))
    }
}
