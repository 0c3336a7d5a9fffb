#if canImport(Glibc)
    internal import Glibc
#endif

/// A rotation, held as a unit quaternion (Hamilton, stored x y z w).
///
/// `a * b` applies `b` first. Angles are radians. The tangent space is on the right: `r * Rotation(vector: δ)`.
/// Formulas after Solà, Deray, Atchuthan, "A micro Lie theory for state estimation in robotics" (2018), appendix B.
@frozen
public struct Rotation: Sendable, Equatable {
    /// x y z w, of unit length; q and −q are the same rotation.
    public var xyzw: Vector4

    /// Takes a quaternion in the order x y z w and scales it to unit length.
    /// - Precondition: the quaternion is finite and not zero.
    @inlinable public init(xyzw: Vector4) {
        let n = (xyzw * xyzw).sum().squareRoot()
        precondition(n > 0 && n.isFinite, "a rotation needs a finite quaternion that is not zero")
        self.xyzw = xyzw / n
    }

    /// A quaternion out of a file, in the order x y z w; nil where it is not finite or its length is not between 1e-6 and 1e6.
    public init?(checkedXYZW xyzw: Vector4) {
        let n = (xyzw * xyzw).sum().squareRoot()
        guard n >= 1e-6, n <= 1e6 else { return nil }
        self.init(xyzw: xyzw)
    }

    /// A rotation vector out of a file, radians; nil where it is not finite or longer than 1000 rad.
    public init?(checkedVector vector: Vector3) {
        guard vector.length <= 1e3 else { return nil }
        self.init(vector: vector)
    }

    @inlinable init(unitXYZW: Vector4) { xyzw = unitXYZW }

    @inlinable public static var identity: Rotation { Rotation(unitXYZW: Vector4(0, 0, 0, 1)) }

    /// The exponential map: a rotation about `vector` by its length in radians.
    public init(vector: Vector3) {
        let angle = vector.length
        let half = 0.5 * angle
        // sin(x/2)/x near zero by its series; the error at 1e-4 is below 1e-18.
        let k = angle < 1e-4 ? 0.5 - angle * angle / 48 : sin(half) / angle
        let v = vector * k
        self.init(xyzw: Vector4(v.x, v.y, v.z, cos(half)))
    }

    public init(axis: Vector3, angle: Double) { self.init(vector: axis.normalized * angle) }

    /// The nearest rotation to a matrix that is orthonormal up to rounding (Shepperd's method).
    public init(matrix m: Matrix3) {
        let t = m.trace
        var q = Vector4.zero
        if t > 0 {
            let s = (t + 1).squareRoot() * 2
            q = Vector4((m[2, 1] - m[1, 2]) / s, (m[0, 2] - m[2, 0]) / s, (m[1, 0] - m[0, 1]) / s, 0.25 * s)
        } else if m[0, 0] > m[1, 1] && m[0, 0] > m[2, 2] {
            let s = (1 + m[0, 0] - m[1, 1] - m[2, 2]).squareRoot() * 2
            q = Vector4(0.25 * s, (m[0, 1] + m[1, 0]) / s, (m[0, 2] + m[2, 0]) / s, (m[2, 1] - m[1, 2]) / s)
        } else if m[1, 1] > m[2, 2] {
            let s = (1 + m[1, 1] - m[0, 0] - m[2, 2]).squareRoot() * 2
            q = Vector4((m[0, 1] + m[1, 0]) / s, 0.25 * s, (m[1, 2] + m[2, 1]) / s, (m[0, 2] - m[2, 0]) / s)
        } else {
            let s = (1 + m[2, 2] - m[0, 0] - m[1, 1]).squareRoot() * 2
            q = Vector4((m[0, 2] + m[2, 0]) / s, (m[1, 2] + m[2, 1]) / s, 0.25 * s, (m[1, 0] - m[0, 1]) / s)
        }
        self.init(xyzw: q)
    }

    /// The smallest rotation that carries the direction of `from` onto that of `to`; for opposite directions about any normal axis.
    public init(carrying from: Vector3, onto to: Vector3) {
        let a = from.normalized
        let b = to.normalized
        let d = a.dot(b)
        if d < -1 + 1e-12 {
            let other = abs(a.x) < 0.9 ? Vector3(1, 0, 0) : Vector3(0, 1, 0)
            self.init(axis: a.cross(other), angle: Double.pi)
        } else {
            let c = a.cross(b)
            self.init(xyzw: Vector4(c.x, c.y, c.z, 1 + d))
        }
    }

    /// The logarithm: axis times angle, the angle in [0, π].
    public var vector: Vector3 {
        let q = xyzw.w < 0 ? -xyzw : xyzw
        let v = Vector3(q.x, q.y, q.z)
        let s = v.length
        if s < 1e-9 { return v * (2 / q.w) }
        return v * (2 * atan2(s, q.w) / s)
    }

    /// The angle of this rotation, in [0, π] radians.
    public var angle: Double { vector.length }

    public var matrix: Matrix3 {
        let (x, y, z, w) = (xyzw.x, xyzw.y, xyzw.z, xyzw.w)
        return Matrix3(
            rows: Vector3(1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
            Vector3(2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
            Vector3(2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)))
    }

    @inlinable public var inverse: Rotation { Rotation(unitXYZW: xyzw * Vector4(-1, -1, -1, 1)) }

    @inlinable public static func * (a: Rotation, b: Rotation) -> Rotation {
        let p = a.xyzw
        let q = b.xyzw
        return Rotation(
            xyzw: Vector4(
                p.w * q.x + p.x * q.w + p.y * q.z - p.z * q.y,
                p.w * q.y - p.x * q.z + p.y * q.w + p.z * q.x,
                p.w * q.z + p.x * q.y - p.y * q.x + p.z * q.w,
                p.w * q.w - p.x * q.x - p.y * q.y - p.z * q.z))
    }

    @inlinable public static func * (r: Rotation, v: Vector3) -> Vector3 {
        let u = Vector3(r.xyzw.x, r.xyzw.y, r.xyzw.z)
        let t = 2 * u.cross(v)
        return v + r.xyzw.w * t + u.cross(t)
    }

    /// Spherical interpolation along the shorter arc; `fraction` 0 gives self, 1 gives `other`.
    public func interpolated(to other: Rotation, fraction: Double) -> Rotation {
        self * Rotation(vector: (inverse * other).vector * fraction)
    }

    /// The angle between two rotations, radians.
    public func angle(to other: Rotation) -> Double { (inverse * other).angle }

    /// The right Jacobian of SO(3): `exp(φ + δ) ≈ exp(φ) · exp(J_r(φ) δ)`.
    public static func rightJacobian(_ phi: Vector3) -> Matrix3 {
        let t2 = phi.squaredLength
        let k = Matrix3.skew(phi)
        if t2 < 1e-8 { return Matrix3.identity - 0.5 * k + (1.0 / 6) * (k * k) }
        let t = t2.squareRoot()
        return Matrix3.identity - ((1 - cos(t)) / t2) * k + ((t - sin(t)) / (t2 * t)) * (k * k)
    }

    /// The inverse of the right Jacobian: `log(exp(φ) · exp(δ)) ≈ φ + J_r⁻¹(φ) δ`.
    public static func inverseRightJacobian(_ phi: Vector3) -> Matrix3 {
        let t2 = phi.squaredLength
        let k = Matrix3.skew(phi)
        if t2 < 1e-8 { return Matrix3.identity + 0.5 * k + (1.0 / 12) * (k * k) }
        let t = t2.squareRoot()
        let c = 1 / t2 - (1 + cos(t)) / (2 * t * sin(t))
        return Matrix3.identity + 0.5 * k + c * (k * k)
    }
}
