/// Normal equations H x = b of a chain of unknowns that meet only their neighbours (a band), with a few unknowns that all meet (a border).
///
/// H is symmetric positive definite; of the band its lower triangle is kept. Factorising costs O(count · band²), each column of the border
/// as much as one more solution.
public struct BandedSystem: Sendable {
    /// Unknowns of the chain.
    public let count: Int
    /// Entries of a row left of and on the diagonal: unknowns i and j meet where |i − j| < `band`.
    public let band: Int
    /// Unknowns that all others meet.
    public let border: Int
    /// Row-major, `band` numbers a row, the diagonal last: see `index`.
    public var matrix: [Double]
    public var right: [Double]
    /// `side[i * border + k]` couples unknown i of the chain with unknown k of the border.
    public var side: [Double]
    /// The border's own block, row-major.
    public var corner: [Double]
    public var borderRight: [Double]

    public init(count: Int, band: Int, border: Int = 0) {
        precondition(count >= 0 && band > 0 && border >= 0, "a banded system has a band")
        self.count = count
        self.band = band
        self.border = border
        matrix = [Double](repeating: 0, count: count * band)
        right = [Double](repeating: 0, count: count)
        side = [Double](repeating: 0, count: count * border)
        corner = [Double](repeating: 0, count: border * border)
        borderRight = [Double](repeating: 0, count: border)
    }

    /// Where H[row, column] lies in `matrix`; `row - band < column <= row`.
    @inlinable public func index(_ row: Int, _ column: Int) -> Int { row * band + band - 1 - row + column }

    /// Adds to H[i, i] and to b[i]: what pulls one unknown to `pull` with a weight.
    @inlinable public mutating func addDiagonal(_ i: Int, _ weight: Double, pull: Double = 0) {
        matrix[index(i, i)] += weight
        right[i] += weight * pull
    }

    /// Adds `weight` · (row · x − value)², the row being of `size` unknowns from `start` on.
    public mutating func addSquare(at start: Int, _ row: UnsafePointer<Double>, size: Int, value: Double, weight: Double) {
        precondition(size <= band && start + size <= count, "a row lies in the band")
        let first = index(start, start)
        // One row further down the same columns lie one place further left.
        let down = band - 1
        matrix.withUnsafeMutableBufferPointer { matrix in
            for i in 0..<size {
                let scaled = weight * row[i]
                for j in 0...i { matrix[first + i * down + j] += scaled * row[j] }
            }
        }
        for i in 0..<size { right[start + i] += weight * row[i] * value }
    }

    /// Adds `weight` · (Σ cₖ x[start + k · stride] + value)².
    public mutating func addStencil(at start: Int, stride: Int, _ c: [Double], value: Double, weight: Double) {
        precondition((c.count - 1) * stride < band && start + (c.count - 1) * stride < count, "a stencil lies in the band")
        for a in c.indices {
            let u = start + a * stride
            right[u] -= weight * c[a] * value
            for b in 0...a { matrix[index(u, start + b * stride)] += weight * c[a] * c[b] }
        }
    }

    /// The chain's unknowns and the border's, by Cholesky factorisation and the border's Schur complement.
    /// - Parameter minimumPivot: smaller pivots are raised to it, so that a direction nothing determines stays where it is; without one, a
    ///   pivot that is not positive gives nil.
    public func solve(minimumPivot: Double? = nil) -> (chain: [Double], border: [Double])? {
        guard let factor = factorized(minimumPivot) else { return nil }
        var chain = right
        solve(factor, &chain)
        guard border > 0 else { return (chain, []) }
        let columns = (0..<border).map { k in
            var x = (0..<count).map { side[$0 * border + k] }
            solve(factor, &x)
            return x
        }
        // (corner − sideᵀ H⁻¹ side) y = b_border − sideᵀ H⁻¹ b
        var complement = DenseMatrix(rows: border, columns: border)
        complement.values = corner
        var y = DenseMatrix(rows: border, columns: 1)
        y.values = borderRight
        for i in 0..<count {
            for r in 0..<border {
                let s = side[i * border + r]
                if s == 0 { continue }
                y.values[r] -= s * chain[i]
                for c in 0..<border { complement[r, c] -= s * columns[c][i] }
            }
        }
        guard let l = complement.cholesky() else { return nil }
        let common = l.choleskySolve(y).values
        for k in 0..<border { for i in 0..<count { chain[i] -= columns[k][i] * common[k] } }
        return (chain, common)
    }

    /// The lower Cholesky factor, laid out as `matrix`.
    private func factorized(_ minimumPivot: Double?) -> [Double]? {
        var factor = matrix
        let isDefinite = factor.withUnsafeMutableBufferPointer { l -> Bool in
            for i in 0..<count {
                let first = max(0, i - band + 1)
                let row = index(i, 0)
                for j in first...i {
                    let other = index(j, 0)
                    let from = max(first, j - band + 1)
                    var sum = l[row + j]
                    for k in from..<max(from, j) { sum -= l[row + k] * l[other + k] }
                    if j < i {
                        l[row + j] = sum / l[other + j]
                        continue
                    }
                    if let minimumPivot { sum = max(sum, minimumPivot) }
                    guard sum > 0 else { return false }
                    l[row + i] = sum.squareRoot()
                }
            }
            return true
        }
        return isDefinite ? factor : nil
    }

    /// Forward and back substitution in place.
    private func solve(_ factor: [Double], _ x: inout [Double]) {
        factor.withUnsafeBufferPointer { l in
            x.withUnsafeMutableBufferPointer { x in
                for i in 0..<count {
                    let row = index(i, 0)
                    var sum = x[i]
                    for k in max(0, i - band + 1)..<i { sum -= l[row + k] * x[k] }
                    x[i] = sum / l[row + i]
                }
                for i in stride(from: count - 1, through: 0, by: -1) {
                    let row = index(i, 0)
                    x[i] /= l[row + i]
                    for k in max(0, i - band + 1)..<i { x[k] -= l[row + k] * x[i] }
                }
            }
        }
    }
}
