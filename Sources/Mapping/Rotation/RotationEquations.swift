internal import Estimation
internal import Geometry

/// Three-row residuals in the normal equations of rotations along a clip.
extension BandedSystem {
    /// Adds a residual with its Jacobians by two states of the chain and some of the border.
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
            for k in 0..<3 { right[at + k] -= g[k] }
            for block in blocks {
                let m = by.transposed * block.by * weight
                for r in 0..<3 { for c in 0..<3 { side[(at + r) * border + block.at + c] += m[r, c] } }
            }
        }
        for p in blocks {
            let g = p.by.transposed * residual * weight
            for k in 0..<3 { borderRight[p.at + k] -= g[k] }
            for q in blocks {
                let m = p.by.transposed * q.by * weight
                for r in 0..<3 { for c in 0..<3 { corner[(p.at + r) * border + q.at + c] += m[r, c] } }
            }
        }
    }

    /// Adds what is known beforehand of three unknowns of the border, `g` being the cost's gradient.
    mutating func addBorderPrior(_ at: Int, _ weight: Double, _ g: Vector3) {
        for k in 0..<3 {
            corner[(at + k) * border + at + k] += weight
            borderRight[at + k] -= g[k]
        }
    }

    private mutating func addBlock(_ row: Int, _ column: Int, _ m: Matrix3) {
        for r in 0..<3 { for c in 0..<3 where row + r >= column + c { matrix[index(row + r, column + c)] += m[r, c] } }
    }
}
