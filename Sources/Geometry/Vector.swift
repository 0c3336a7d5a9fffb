public typealias Vector2 = SIMD2<Double>
public typealias Vector3 = SIMD3<Double>
public typealias Vector4 = SIMD4<Double>

extension SIMD3<Double> {
    /// Inner product.
    @inlinable public func dot(_ other: Self) -> Double { (self * other).sum() }

    /// Right-handed cross product.
    @inlinable public func cross(_ other: Self) -> Self {
        Self(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
    }

    @inlinable public var squaredLength: Double { dot(self) }
    @inlinable public var length: Double { dot(self).squareRoot() }

    /// The unit vector of the same direction. A zero vector has none: precondition failure is left to the caller, the result is NaN.
    @inlinable public var normalized: Self { self / length }

    @inlinable public var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}

extension SIMD2<Double> {
    @inlinable public func dot(_ other: Self) -> Double { (self * other).sum() }
    @inlinable public var length: Double { dot(self).squareRoot() }
}

/// A 3×3 matrix held by columns.
@frozen
public struct Matrix3: Sendable, Equatable {
    public var c0: Vector3
    public var c1: Vector3
    public var c2: Vector3

    @inlinable public init(columns c0: Vector3, _ c1: Vector3, _ c2: Vector3) {
        self.c0 = c0
        self.c1 = c1
        self.c2 = c2
    }

    @inlinable public init(rows r0: Vector3, _ r1: Vector3, _ r2: Vector3) {
        self.init(columns: Vector3(r0.x, r1.x, r2.x), Vector3(r0.y, r1.y, r2.y), Vector3(r0.z, r1.z, r2.z))
    }

    @inlinable public init(diagonal d: Vector3) {
        self.init(columns: Vector3(d.x, 0, 0), Vector3(0, d.y, 0), Vector3(0, 0, d.z))
    }

    @inlinable public static var identity: Matrix3 { Matrix3(diagonal: Vector3(1, 1, 1)) }
    @inlinable public static var zero: Matrix3 { Matrix3(diagonal: .zero) }

    /// The matrix of the cross product: `skew(a) * b == a.cross(b)`.
    @inlinable public static func skew(_ v: Vector3) -> Matrix3 {
        Matrix3(rows: Vector3(0, -v.z, v.y), Vector3(v.z, 0, -v.x), Vector3(-v.y, v.x, 0))
    }

    /// The outer product a·bᵀ.
    @inlinable public static func outer(_ a: Vector3, _ b: Vector3) -> Matrix3 {
        Matrix3(columns: a * b.x, a * b.y, a * b.z)
    }

    @inlinable public subscript(row: Int, column: Int) -> Double {
        get { self[column: column][row] }
        set {
            switch column {
            case 0: c0[row] = newValue
            case 1: c1[row] = newValue
            case 2: c2[row] = newValue
            default: preconditionFailure("column \(column) of a 3×3 matrix")
            }
        }
    }

    @inlinable public subscript(column column: Int) -> Vector3 {
        switch column {
        case 0: c0
        case 1: c1
        case 2: c2
        default: preconditionFailure("column \(column) of a 3×3 matrix")
        }
    }

    @inlinable public var transposed: Matrix3 { Matrix3(rows: c0, c1, c2) }
    @inlinable public var determinant: Double { c0.dot(c1.cross(c2)) }
    @inlinable public var trace: Double { c0.x + c1.y + c2.z }
    @inlinable public var diagonal: Vector3 { Vector3(c0.x, c1.y, c2.z) }

    /// The inverse, by cofactors. A singular matrix gives non-finite entries.
    @inlinable public var inverse: Matrix3 {
        let a = c1.cross(c2)
        let b = c2.cross(c0)
        let c = c0.cross(c1)
        let d = c0.dot(a)
        return Matrix3(rows: a / d, b / d, c / d)
    }

    @inlinable public static func * (m: Matrix3, v: Vector3) -> Vector3 { m.c0 * v.x + m.c1 * v.y + m.c2 * v.z }
    @inlinable public static func * (a: Matrix3, b: Matrix3) -> Matrix3 { Matrix3(columns: a * b.c0, a * b.c1, a * b.c2) }
    @inlinable public static func * (m: Matrix3, s: Double) -> Matrix3 { Matrix3(columns: m.c0 * s, m.c1 * s, m.c2 * s) }
    @inlinable public static func * (s: Double, m: Matrix3) -> Matrix3 { m * s }
    @inlinable public static func + (a: Matrix3, b: Matrix3) -> Matrix3 { Matrix3(columns: a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2) }
    @inlinable public static func - (a: Matrix3, b: Matrix3) -> Matrix3 { Matrix3(columns: a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2) }
    @inlinable public static prefix func - (m: Matrix3) -> Matrix3 { Matrix3(columns: -m.c0, -m.c1, -m.c2) }
}
