internal import Geometry

/// Normal equations of a chain of states (a band) with a few states common to all (a border): H x = −g.
struct BandedSystem {
    private let count: Int
    private let band: Int
    private let border: Int
    /// `lower[i * band + k]` is H[i, i − k].
    private var lower: [Double]
    /// `side[i * border + k]` is H[i, count + k].
    private var side: [Double]
    private var corner: [Double]
    private var gradient: [Double]
    private var borderGradient: [Double]

    init(count: Int, band: Int, border: Int) {
        self.count = count
        self.band = band
        self.border = border
        lower = [Double](repeating: 0, count: count * band)
        side = [Double](repeating: 0, count: count * border)
        corner = [Double](repeating: 0, count: border * border)
        gradient = [Double](repeating: 0, count: count)
        borderGradient = [Double](repeating: 0, count: border)
    }

    /// Adds a three-row residual with its Jacobians by two chain states and some border states.
    mutating func add(
        _ residual: Vector3, _ weight: Double, _ a: (at: Int, by: Matrix3), _ b: (at: Int, by: Matrix3),
        border blocks: [(at: Int, by: Matrix3)] = []
    ) {
        addBlock(a.at, a.at, a.by.transposed * a.by * weight)
        addBlock(b.at, b.at, b.by.transposed * b.by * weight)
        if a.at < b.at {
            addBlock(b.at, a.at, b.by.transposed * a.by * weight)
        } else {
            addBlock(a.at, b.at, a.by.transposed * b.by * weight)
        }
        for (at, by) in [a, b] {
            let g = by.transposed * residual * weight
            for k in 0..<3 { gradient[at + k] += g[k] }
            for block in blocks {
                let m = by.transposed * block.by * weight
                for r in 0..<3 { for c in 0..<3 { side[(at + r) * border + block.at + c] += m[r, c] } }
            }
        }
        for p in blocks {
            let g = p.by.transposed * residual * weight
            for k in 0..<3 { borderGradient[p.at + k] += g[k] }
            for q in blocks {
                let m = p.by.transposed * q.by * weight
                for r in 0..<3 { for c in 0..<3 { corner[(p.at + r) * border + q.at + c] += m[r, c] } }
            }
        }
    }

    mutating func addDiagonal(_ range: Range<Int>, _ weight: Double) {
        for i in range { lower[i * band] += weight }
    }

    mutating func addBorderPrior(_ at: Int, _ weight: Double, _ g: Vector3) {
        for k in 0..<3 {
            corner[(at + k) * border + at + k] += weight
            borderGradient[at + k] += g[k]
        }
    }

    private mutating func addBlock(_ row: Int, _ column: Int, _ m: Matrix3) {
        for r in 0..<3 {
            for c in 0..<3 where row + r >= column + c { lower[(row + r) * band + row + r - column - c] += m[r, c] }
        }
    }

    /// Banded Cholesky and the border's Schur complement; nil where a pivot is not positive. O(count · band²).
    func solve() -> (main: [Double], border: [Double])? {
        var l = lower
        for i in 0..<count {
            let first = max(0, i - band + 1)
            for j in first...i {
                var sum = l[i * band + i - j]
                for k in max(first, j - band + 1)..<j { sum -= l[i * band + i - k] * l[j * band + j - k] }
                if i == j {
                    guard sum > 0 else { return nil }
                    l[i * band] = sum.squareRoot()
                } else {
                    l[i * band + i - j] = sum / l[j * band]
                }
            }
        }
        // Columns: −g, then the border's.
        let columns = border + 1
        var x = [Double](repeating: 0, count: count * columns)
        for i in 0..<count {
            x[i * columns] = -gradient[i]
            for k in 0..<border { x[i * columns + 1 + k] = side[i * border + k] }
        }
        for i in 0..<count {
            for k in max(0, i - band + 1)..<i { for c in 0..<columns { x[i * columns + c] -= l[i * band + i - k] * x[k * columns + c] } }
            for c in 0..<columns { x[i * columns + c] /= l[i * band] }
        }
        for i in stride(from: count - 1, through: 0, by: -1) {
            for k in (i + 1)..<max(i + 1, min(count, i + band)) {
                for c in 0..<columns { x[i * columns + c] -= l[k * band + k - i] * x[k * columns + c] }
            }
            for c in 0..<columns { x[i * columns + c] /= l[i * band] }
        }
        // (corner − sideᵀ H⁻¹ side) y = −g_b − sideᵀ H⁻¹ (−g)
        var a = corner
        var y = borderGradient.map { -$0 }
        for i in 0..<count {
            for r in 0..<border {
                let s = side[i * border + r]
                if s == 0 { continue }
                y[r] -= s * x[i * columns]
                for c in 0..<border { a[r * border + c] -= s * x[i * columns + 1 + c] }
            }
        }
        guard let common = Self.dense(a, y) else { return nil }
        let main = (0..<count).map { i in (0..<border).reduce(x[i * columns]) { $0 - x[i * columns + 1 + $1] * common[$1] } }
        return (main, common)
    }

    /// Gaussian elimination with pivoting.
    private static func dense(_ matrix: [Double], _ right: [Double]) -> [Double]? {
        let n = right.count
        var a = matrix
        var b = right
        for k in 0..<n {
            var pivot = k
            for i in (k + 1)..<max(k + 1, n) where abs(a[i * n + k]) > abs(a[pivot * n + k]) { pivot = i }
            guard abs(a[pivot * n + k]) > 1e-300 else { return nil }
            if pivot != k {
                for c in 0..<n { a.swapAt(k * n + c, pivot * n + c) }
                b.swapAt(k, pivot)
            }
            for i in (k + 1)..<max(k + 1, n) {
                let f = a[i * n + k] / a[k * n + k]
                for c in k..<n { a[i * n + c] -= f * a[k * n + c] }
                b[i] -= f * b[k]
            }
        }
        for i in stride(from: n - 1, through: 0, by: -1) {
            for c in (i + 1)..<max(i + 1, n) { b[i] -= a[i * n + c] * b[c] }
            b[i] /= a[i * n + i]
        }
        return b
    }
}
