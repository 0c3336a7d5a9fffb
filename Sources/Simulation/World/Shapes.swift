typealias Float3 = SIMD3<Float>

extension SIMD3<Float> {
    @inline(__always) func dot(_ o: Self) -> Float { x * o.x + y * o.y + z * o.z }
    @inline(__always) var length: Float { dot(self).squareRoot() }
    @inline(__always) var unit: Self { self / length }
    @inline(__always) func cross(_ o: Self) -> Self { Self(y * o.z - z * o.y, z * o.x - x * o.z, x * o.y - y * o.x) }
}

/// A rotation and translation in single precision: `columns` carry a point's coordinates over.
struct FloatTransform: Sendable {
    var c0: Float3
    var c1: Float3
    var c2: Float3
    var translation: Float3

    @inline(__always) func direction(_ v: Float3) -> Float3 { c0 * v.x + c1 * v.y + c2 * v.z }
    @inline(__always) func point(_ v: Float3) -> Float3 { direction(v) + translation }
}

/// A box along the axes of its frame.
struct Slab: Sendable {
    var low: Float3
    var high: Float3

    /// Entry and exit of a ray, and the axes of the faces it goes through; nil when it misses or the box lies behind.
    @inline(__always) func hit(_ o: Float3, _ inverse: Float3) -> (near: Float, far: Float, nearAxis: Int, farAxis: Int)? {
        let ax = (low.x - o.x) * inverse.x
        let bx = (high.x - o.x) * inverse.x
        let ay = (low.y - o.y) * inverse.y
        let by = (high.y - o.y) * inverse.y
        let az = (low.z - o.z) * inverse.z
        let bz = (high.z - o.z) * inverse.z
        var near = min(ax, bx)
        var nearAxis = 0
        var far = max(ax, bx)
        var farAxis = 0
        let ny = min(ay, by)
        let fy = max(ay, by)
        if ny > near { (near, nearAxis) = (ny, 1) }
        if fy < far { (far, farAxis) = (fy, 1) }
        let nz = min(az, bz)
        let fz = max(az, bz)
        if nz > near { (near, nearAxis) = (nz, 2) }
        if fz < far { (far, farAxis) = (fz, 2) }
        return near <= far && far > 0 ? (near, far, nearAxis, farAxis) : nil
    }
}

/// A box that stands upright, turned about z.
struct StandingBox: Sendable {
    var centre: Float3
    var half: Float3
    var cosine: Float
    var sine: Float
    var texture: Int32

    @inline(__always) func local(_ v: Float3) -> Float3 { Float3(cosine * v.x + sine * v.y, cosine * v.y - sine * v.x, v.z) }
}

/// A cylinder with rounded ends.
struct Capsule: Sendable {
    var a: Float3
    var b: Float3
    var radius: Float
    var colour: Float3
    /// Darker rings across the axis, metres apart; 0 for none.
    var rings: Float = 0
    /// How the surface varies: 0 flat, 1 skin, 2 cloth, 3 checked cloth.
    var pattern: UInt8 = 0
    /// How much, 0 to 1.
    var variation: Float = 0
    /// Seeds the pattern.
    var seed: UInt64 = 0

    /// Where a ray of unit direction enters; nil when it misses. After I. Quilez.
    @inline(__always) func hit(_ o: Float3, _ d: Float3) -> Float? {
        let ba = b - a
        let oa = o - a
        let baba = ba.dot(ba)
        let bard = ba.dot(d)
        let baoa = ba.dot(oa)
        let qa = baba - bard * bard
        let qb = baba * d.dot(oa) - baoa * bard
        let qc = baba * oa.dot(oa) - baoa * baoa - radius * radius * baba
        let h = qb * qb - qa * qc
        guard h >= 0 else { return nil }
        let t = (-qb - h.squareRoot()) / qa
        let y = baoa + t * bard
        if y > 0, y < baba { return t > 0 ? t : nil }
        let oc = y <= 0 ? oa : o - b
        let sb = d.dot(oc)
        let sh = sb * sb - (oc.dot(oc) - radius * radius)
        guard sh > 0 else { return nil }
        let s = -sb - sh.squareRoot()
        return s > 0 ? s : nil
    }

    @inline(__always) func along(_ p: Float3) -> Float {
        let ba = b - a
        return min(max((p - a).dot(ba) / ba.dot(ba), 0), 1)
    }
}
