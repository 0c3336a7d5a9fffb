public import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// A small dense matrix, row-major, for the blocks of a smoother and for covariances.
public struct DenseMatrix: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    public var values: [Double]

    @inlinable public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        values = [Double](repeating: 0, count: rows * columns)
    }

    public init(identity n: Int, scale: Double = 1) {
        self.init(rows: n, columns: n)
        for i in 0..<n { self[i, i] = scale }
    }

    @inlinable public subscript(row: Int, column: Int) -> Double {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    @inlinable public var transposed: DenseMatrix {
        var t = DenseMatrix(rows: columns, columns: rows)
        for i in 0..<rows { for j in 0..<columns { t[j, i] = self[i, j] } }
        return t
    }

    /// The block of the first `n` rows and columns, times a number.
    public func leading(_ n: Int, times factor: Double = 1) -> DenseMatrix {
        precondition(n <= rows && n <= columns, "a block is no larger than its matrix")
        var m = DenseMatrix(rows: n, columns: n)
        for i in 0..<n { for j in 0..<n { m[i, j] = self[i, j] * factor } }
        return m
    }

    /// The 3×3 block that begins at a row and a column.
    public func block3(_ row: Int, _ column: Int) -> Matrix3 {
        func line(_ i: Int) -> Vector3 { Vector3(self[row + i, column], self[row + i, column + 1], self[row + i, column + 2]) }
        return Matrix3(rows: line(0), line(1), line(2))
    }

    public static func * (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
        precondition(a.columns == b.rows, "a product of matrices needs matching sizes")
        var c = DenseMatrix(rows: a.rows, columns: b.columns)
        let (n, m, k) = (a.rows, b.columns, a.columns)
        a.values.withUnsafeBufferPointer { pa in
            b.values.withUnsafeBufferPointer { pb in
                c.values.withUnsafeMutableBufferPointer { pc in
                    for i in 0..<n {
                        for l in 0..<k {
                            let x = pa[i * k + l]
                            if x == 0 { continue }
                            for j in 0..<m { pc[i * m + j] += x * pb[l * m + j] }
                        }
                    }
                }
            }
        }
        return c
    }

    public static func * (a: DenseMatrix, v: [Double]) -> [Double] {
        precondition(a.columns == v.count, "a product of a matrix and a vector needs matching sizes")
        return (0..<a.rows).map { i in
            var s = 0.0
            for j in 0..<a.columns { s += a[i, j] * v[j] }
            return s
        }
    }

    public static func + (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
        var c = a
        for i in c.values.indices { c.values[i] += b.values[i] }
        return c
    }

    public static func - (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
        var c = a
        for i in c.values.indices { c.values[i] -= b.values[i] }
        return c
    }

    /// The lower Cholesky factor of a symmetric positive definite matrix; nil when it is not.
    public func cholesky() -> DenseMatrix? {
        precondition(rows == columns, "only a square matrix has a Cholesky factor")
        let n = rows
        var l = self
        for j in 0..<n {
            var d = l[j, j]
            for k in 0..<j { d -= l[j, k] * l[j, k] }
            guard d > 0, d.isFinite else { return nil }
            let root = d.squareRoot()
            l[j, j] = root
            for i in (j + 1)..<max(n, j + 1) {
                var s = l[i, j]
                for k in 0..<j { s -= l[i, k] * l[j, k] }
                l[i, j] = s / root
            }
            for i in 0..<j { l[i, j] = 0 }
        }
        return l
    }

    /// Solves `self · x = b` where self is a lower Cholesky factor L of L·Lᵀ.
    public func choleskySolve(_ b: DenseMatrix) -> DenseMatrix {
        let n = rows
        let m = b.columns
        var x = b
        values.withUnsafeBufferPointer { l in
            x.values.withUnsafeMutableBufferPointer { p in
                for i in 0..<n {
                    for k in 0..<i {
                        let f = l[i * n + k]
                        for j in 0..<m { p[i * m + j] -= f * p[k * m + j] }
                    }
                    let d = 1 / l[i * n + i]
                    for j in 0..<m { p[i * m + j] *= d }
                }
                for i in stride(from: n - 1, through: 0, by: -1) {
                    for k in (i + 1)..<max(n, i + 1) {
                        let f = l[k * n + i]
                        for j in 0..<m { p[i * m + j] -= f * p[k * m + j] }
                    }
                    let d = 1 / l[i * n + i]
                    for j in 0..<m { p[i * m + j] *= d }
                }
            }
        }
        return x
    }

    /// The inverse of a symmetric positive definite matrix; nil when it is not.
    public var symmetricInverse: DenseMatrix? { cholesky().map { $0.choleskySolve(DenseMatrix(identity: rows)) } }

    /// An upper triangular W with WᵀW = inverse of self (self a covariance): whitens residuals. Nil when self is not positive definite.
    public var whitening: DenseMatrix? {
        guard let information = symmetricInverse, let l = information.cholesky() else { return nil }
        return l.transposed
    }
}
