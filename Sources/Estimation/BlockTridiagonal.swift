/// A symmetric block-tridiagonal system H x = b, as a smoother over time has it: linear cost in the number of blocks.
public struct BlockTridiagonal: Sendable {
    public let size: Int
    public let count: Int
    /// Diagonal blocks, row-major, one after another.
    public var diagonal: [Double]
    /// `upper[i]` couples block i (rows) with block i + 1 (columns).
    public var upper: [Double]
    public var right: [Double]

    public init(count: Int, size: Int) {
        self.count = count
        self.size = size
        diagonal = [Double](repeating: 0, count: count * size * size)
        upper = [Double](repeating: 0, count: max(count - 1, 0) * size * size)
        right = [Double](repeating: 0, count: count * size)
    }

    /// The solution and, if asked for, the diagonal blocks of the inverse; nil when a pivot is not positive definite.
    ///
    /// Block Cholesky forward; Rauch-Tung-Striebel style recursion backward (Takahashi for the inverse's blocks). O(count · size³).
    public func solve(withCovariance: Bool) -> (solution: [Double], covariances: [DenseMatrix])? {
        let n = size
        let nn = n * n
        var factors: [DenseMatrix] = []
        factors.reserveCapacity(count)
        var gains: [DenseMatrix] = []  // S_i⁻¹ U_i
        gains.reserveCapacity(max(count - 1, 0))
        var rhs: [DenseMatrix] = []
        for i in 0..<count {
            var s = DenseMatrix(rows: n, columns: n)
            for k in 0..<nn { s.values[k] = diagonal[i * nn + k] }
            var b = DenseMatrix(rows: n, columns: 1)
            for k in 0..<n { b.values[k] = right[i * n + k] }
            if i > 0 {
                var u = DenseMatrix(rows: n, columns: n)
                for k in 0..<nn { u.values[k] = upper[(i - 1) * nn + k] }
                let ut = u.transposed
                s = s - ut * gains[i - 1]
                b = b - ut * factors[i - 1].choleskySolve(rhs[i - 1])
            }
            guard let l = s.cholesky() else { return nil }
            factors.append(l)
            rhs.append(b)
            if i + 1 < count {
                var u = DenseMatrix(rows: n, columns: n)
                for k in 0..<nn { u.values[k] = upper[i * nn + k] }
                gains.append(l.choleskySolve(u))
            }
        }
        var solution = [Double](repeating: 0, count: count * n)
        var covariances = withCovariance ? [DenseMatrix](repeating: DenseMatrix(rows: n, columns: n), count: count) : []
        for i in stride(from: count - 1, through: 0, by: -1) {
            var x = factors[i].choleskySolve(rhs[i])
            if i + 1 < count {
                var next = DenseMatrix(rows: n, columns: 1)
                for k in 0..<n { next.values[k] = solution[(i + 1) * n + k] }
                x = x - gains[i] * next
            }
            for k in 0..<n { solution[i * n + k] = x.values[k] }
            if withCovariance {
                var c = factors[i].choleskySolve(DenseMatrix(identity: n))
                if i + 1 < count { c = c + gains[i] * covariances[i + 1] * gains[i].transposed }
                covariances[i] = c
            }
        }
        return (solution, covariances)
    }
}
